"""Texts and delivery reports that Twilio posts to us: is it Twilio, and what does it say."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from urllib.parse import parse_qsl, urlsplit

from twilio.request_validator import (  # type: ignore[import-untyped]
    HMAC_SHA1,
    HMAC_SHA256,
    RequestValidator,
    get_signature_algorithm,
)

from actions.inbound import Inbound, Receipt
from bot.request import E164, BadRequest, Request
from school.people import Channel
from school.text import clean

_MOST_FIELDS = 500
_MOST_MEDIA = 10
_SID = re.compile(r"(SM|MM)[0-9a-fA-F]{32}")
_OTHER_SENDER = re.compile(r"[A-Za-z0-9 ]{1,11}")
_ATTEMPT = re.compile(r"\d{1,18}")
_ATTACHMENTS = {"image": "photo", "audio": "voice"}


class _Fields(dict[str, list[str]]):
    """A form with every value of a repeated field, in the shape the validator asks for."""

    def getlist(self, name: str) -> list[str]:
        return self[name]

    def one(self, name: str) -> str:
        return clean(self.get(name, [""])[0])


class TwilioHook:
    """One Twilio account's webhooks.

    Args:
        auth_tokens: secrets that may sign; two while one replaces the other.
        public_url: the address Twilio was given, up to our paths. Whatever proxies write into
            a request's headers is not believed.

    Raises:
        ValueError: there is no token, or an empty one.
    """

    def __init__(self, auth_tokens: Sequence[str], account_sid: str, public_url: str) -> None:
        if not auth_tokens or not all(auth_tokens):
            raise ValueError("a Twilio webhook needs the account's token to be checked with")
        self._validators = [RequestValidator(token) for token in auth_tokens]
        self._account = account_sid
        self._public_url = public_url.rstrip("/")

    def verify(self, request: Request) -> bool:
        """Tell whether our account at Twilio sent this. Never raises; takes its time in any case.

        Form posts must name our account, since an account may sign for its subaccounts.
        """
        signed = self.is_signed(request)
        if _is_json(request):
            return signed
        try:
            named = _fields(request).one("AccountSid")
        except ValueError:
            return False
        return signed and named == self._account

    def is_signed(self, request: Request) -> bool:
        """Tell whether the signature fits one of the tokens."""
        given = request.headers.get("x-twilio-signature", "")
        settings = request.headers.get("x-twilio-webhooks-signature-settings", "")
        algorithm = get_signature_algorithm(settings).upper()
        if algorithm not in {HMAC_SHA1, HMAC_SHA256}:
            return False
        try:
            content = request.body.decode() if _is_json(request) else _fields(request)
            verdicts = [
                bool(validator.validate(url, content, given, algorithm))
                for url in self._urls(request)
                for validator in self._validators
            ]
        # Without a body's hash in the query the validator stumbles over a JSON body.
        except (ValueError, TypeError):
            return False
        return any(verdicts)

    def read(self, request: Request) -> Inbound:
        """Read a parent's text.

        Raises:
            BadRequest: it is none.
        """
        fields = _form(request)
        sender, to = fields.one("From"), fields.one("To")
        a_person = E164.fullmatch(sender) is not None
        if not (a_person or _OTHER_SENDER.fullmatch(sender)):
            raise BadRequest("the sender is no telephone number")
        opt_out = fields.one("OptOutType")
        return Inbound(
            channel=Channel.SMS,
            account=fields.one("AccountSid"),
            provider_id=_sid(fields),
            sender=sender,
            addressed_to=to,
            text=fields.one("Body"),
            attachments=tuple(_attachments(fields)),
            automated=not a_person,  # a service's name or short code: nobody to answer
            extra={"opt_out": opt_out} if opt_out else {},
        )

    def read_receipt(self, request: Request) -> Receipt:
        """Read what became of a text of ours; the attempt is None where the address has none.

        Raises:
            BadRequest: it is no report.
        """
        fields = _form(request)
        status = fields.one("MessageStatus") or fields.one("SmsStatus")
        if not status:
            raise BadRequest("a report without a status")
        attempt = dict(parse_qsl(request.query)).get("a", "")
        return Receipt(
            provider_id=_sid(fields),
            status=status.lower()[:40],
            code=fields.one("ErrorCode")[:20],
            attempt_id=int(attempt) if _ATTEMPT.fullmatch(attempt) else None,
        )

    def _urls(self, request: Request) -> Iterator[str]:
        """Give the addresses Twilio may have signed: a proxy may or may not take a prefix off."""
        query = f"?{request.query}" if request.query else ""
        yield f"{self._public_url}{request.path}{query}"
        prefix = urlsplit(self._public_url).path
        if prefix and request.path.startswith(f"{prefix}/"):
            yield f"{self._public_url.removesuffix(prefix)}{request.path}{query}"


def _is_json(request: Request) -> bool:
    return request.headers.get("content-type", "").lower().startswith("application/json")


def _fields(request: Request) -> _Fields:
    """Read the form, empty fields included: they are signed too.

    Raises:
        ValueError: it is no form, or far too long.
    """
    fields = _Fields()
    pairs = parse_qsl(
        request.body.decode("ascii"), keep_blank_values=True, max_num_fields=_MOST_FIELDS
    )
    for name, value in pairs:
        fields.setdefault(name, []).append(value)
    return fields


def _form(request: Request) -> _Fields:
    try:
        return _fields(request)
    except ValueError as wrong:
        raise BadRequest("the form cannot be read") from wrong


def _sid(fields: _Fields) -> str:
    sid = fields.one("MessageSid")
    if not _SID.fullmatch(sid):
        raise BadRequest("a message without an id")
    return sid


def _attachments(fields: _Fields) -> Iterator[str]:
    for place in range(_MOST_MEDIA):
        kind = fields.one(f"MediaContentType{place}")
        if not kind:
            return
        yield _ATTACHMENTS.get(kind.partition("/")[0].lower(), "document")
