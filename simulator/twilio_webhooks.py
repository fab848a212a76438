"""Twilio's webhooks: signature, connection overrides and retries, as the real engine has them."""

import base64
import hmac
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl, urldefrag, urlencode

from simulator.postman import Answer, Postman

Params = Sequence[tuple[str, str]]


def sign(token: str, url: str, params: Iterable[tuple[str, str]] = (), digest: str = "sha1") -> str:
    """Return the `X-Twilio-Signature` of a request, the URL's fragment left out.

    Repeated parameters count once for each different value, in sorted order.
    """
    values: dict[str, set[str]] = {}
    for name, value in params:
        values.setdefault(name, set()).add(value)
    signed = urldefrag(url).url + "".join(
        name + value for name in sorted(values) for value in sorted(values[name])
    )
    return base64.b64encode(hmac.digest(token.encode(), signed.encode(), digest)).decode()


@dataclass(frozen=True, slots=True)
class Overrides:
    """Connection overrides from a webhook URL's fragment; times in seconds."""

    connect: float = 5.0
    read: float = 15.0
    total: float = 15.0
    retries: int = 1
    retried: frozenset[str] = frozenset({"ct"})

    @classmethod
    def of(cls, url: str) -> "Overrides":
        """Read `#ct=…&rt=…&tt=…&rc=…&rp=…`; a value out of range keeps its default."""
        asked = dict(parse_qsl(urldefrag(url).fragment))
        policy = frozenset(asked.get("rp", "ct").split(","))
        return cls(
            connect=_in_range(asked.get("ct"), 100, 10_000, 5_000) / 1000,
            read=_in_range(asked.get("rt"), 100, 15_000, 15_000) / 1000,
            total=_in_range(asked.get("tt"), 100, 15_000, 15_000) / 1000,
            retries=_in_range(asked.get("rc"), 0, 5, 1),
            retried=frozenset({"4xx", "5xx", "ct", "rt"}) if "all" in policy else policy,
        )

    def again(self, answer: Answer) -> bool:
        """Tell whether such an answer is worth another attempt."""
        what = answer.trouble or f"{(answer.status or 0) // 100}xx"
        return not answer.taken and what in self.retried


class Webhooks:
    """Posts signed forms to the product, with one token for all attempts of a request."""

    def __init__(self, postman: Postman, auth_token: str) -> None:
        self._postman = postman
        self._auth_token = auth_token

    async def post(self, url: str, params: Params) -> list[Answer]:
        """Deliver this form and return the answer of each attempt, the deciding one last."""
        overrides = Overrides.of(url)
        target = urldefrag(url).url
        headers = {
            "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
            "Accept": "*/*",
            "User-Agent": "TwilioProxy/1.1",
            "I-Twilio-Idempotency-Token": secrets.token_hex(18),
            "X-Twilio-Signature": sign(self._auth_token, target, params),
        }
        body = urlencode(params).encode()
        answers: list[Answer] = []
        for _ in range(1 + overrides.retries):
            answers.append(
                await self._postman.post(
                    target,
                    body,
                    headers,
                    connect_seconds=min(overrides.connect, overrides.total),
                    read_seconds=min(overrides.read, overrides.total),
                )
            )
            if not overrides.again(answers[-1]):
                break
        return answers


def _in_range(written: str | None, low: int, high: int, default: int) -> int:
    if written is None or not written.isdigit() or not low <= int(written) <= high:
        return default
    return int(written)
