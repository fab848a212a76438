"""The texts of one invented Twilio account: what the list and the single look-up show."""

import itertools
import secrets
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from email.utils import format_datetime
from typing import Any

API_VERSION = "2010-04-01"
TEXTS_KEPT = 20_000


def new_sid(prefix: str) -> str:
    """Make an identifier in Twilio's form: two letters and 32 hexadecimal digits."""
    return prefix + secrets.token_hex(16)


@dataclass(slots=True, eq=False)
class Text:
    """One text, inbound or outbound, as Twilio remembers it."""

    sid: str
    account: str
    to: str
    from_: str | None
    body: str
    status: str
    direction: str
    segments: int
    created: datetime
    updated: datetime
    sent: datetime | None = None
    error_code: int | None = None
    service: str | None = None
    media: int = 0

    def as_json(self) -> dict[str, Any]:
        """Write every documented field in its documented type: counts are strings."""
        uri = f"/{API_VERSION}/Accounts/{self.account}/Messages/{self.sid}"
        return {
            "account_sid": self.account,
            "api_version": API_VERSION,
            "body": self.body,
            "date_created": format_datetime(self.created),
            "date_sent": format_datetime(self.sent) if self.sent else None,
            "date_updated": format_datetime(self.updated),
            "direction": self.direction,
            "error_code": self.error_code,
            "error_message": None if self.error_code is None else f"Failed: {self.error_code}",
            "from": self.from_,
            "messaging_service_sid": self.service,
            "num_media": str(self.media),
            "num_segments": str(self.segments if self.from_ else 0),
            "price": None,
            "price_unit": "GBP" if self.sent else None,
            "sid": self.sid,
            "status": self.status,
            "subresource_uris": {"media": f"{uri}/Media.json"},
            "to": self.to,
            "uri": f"{uri}.json",
        }


@dataclass(frozen=True, slots=True)
class Filter:
    """What a listing asked for; dates are compared with the day a text was sent, in UTC."""

    to: str | None = None
    from_: str | None = None
    sent_on: date | None = None
    sent_since: date | datetime | None = None
    sent_until: date | datetime | None = None

    def fits(self, text: Text) -> bool:
        """Tell whether this text belongs in the list; one not sent yet has no date at all."""
        if self.to not in {None, text.to} or self.from_ not in {None, text.from_}:
            return False
        if not (self.sent_on or self.sent_since or self.sent_until):
            return True
        if text.sent is None:
            return False
        if self.sent_on and text.sent.date() != self.sent_on:
            return False
        if self.sent_since and _like(text.sent, self.sent_since) < self.sent_since:
            return False
        return not (self.sent_until and _like(text.sent, self.sent_until) > self.sent_until)


class Texts:
    """The newest texts of the account, in the order they came."""

    def __init__(self) -> None:
        self._texts: deque[Text] = deque(maxlen=TEXTS_KEPT)
        self._by_sid: dict[str, Text] = {}

    def add(self, text: Text) -> None:
        """Remember a text, forgetting the oldest one where there are too many."""
        if len(self._texts) == TEXTS_KEPT:
            self._by_sid.pop(self._texts[0].sid, None)
        self._texts.append(text)
        self._by_sid[text.sid] = text

    def get(self, sid: str) -> Text | None:
        """Find a text by its identifier."""
        return self._by_sid.get(sid)

    def last(self) -> Text | None:
        """Return the newest text."""
        return self._texts[-1] if self._texts else None

    def remove(self, text: Text) -> None:
        """Forget a text."""
        self._texts.remove(text)
        self._by_sid.pop(text.sid, None)

    def newest_first(self) -> Iterator[Text]:
        """Walk back in time."""
        return reversed(list(self._texts))

    def page(
        self, wanted: Filter, size: int, after: str | None, now: datetime, lag: float
    ) -> tuple[list[Text], bool]:
        """Return a page of the list behind the text `after`, and whether there is more.

        A text shows up only `lag` seconds after it was made, as lists of large services do.
        """
        ripe = now - timedelta(seconds=lag)
        texts: Iterator[Text] = (
            t for t in self.newest_first() if t.created <= ripe and wanted.fits(t)
        )
        if after is not None:
            texts = itertools.islice(
                itertools.dropwhile(lambda text: text.sid != after, texts), 1, None
            )
        found = list(itertools.islice(texts, size + 1))
        return found[:size], len(found) > size


def _like(moment: datetime, limit: date | datetime) -> Any:
    # A limit without a time means the whole day.
    return moment if isinstance(limit, datetime) else moment.date()
