"""E-mails that come in: who wrote, to which of our addresses, what, and whether it was a person."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from email.utils import parseaddr, parsedate_to_datetime
from typing import Any

from actions.inbound import Inbound
from bot.mime import Opened, open_mail, readable
from bot.quoted import without_quotes
from bot.request import BadRequest, Request
from school.people import Channel

OWN_MARK = "x-firstday"
"""The header that our own letters carry."""

_LONGEST_SENDER = 2_000
_ADDRESS = re.compile(r"[^\s<>,;:\"()\[\]@]{1,128}@[^\s<>,;:\"()\[\]@]{1,255}")
_OWN_MESSAGE_ID = re.compile(r"<fd-[0-9a-f]+@")
_MESSAGE_ID = re.compile(r"<[^<>\s]{1,500}>")
_REPLY = re.compile(
    r"\s*(?:re|fwd?|aw|wg|odp|pd|sv|vs|tr|rv|antw|rif)\s*(?:\[\d{1,3}\])?\s*:", re.IGNORECASE
)
"""What mail programs of many languages put before the subject of an answer or a forwarded mail."""

_AUTO_REPLY = frozenset({"x-autoreply", "x-autorespond"})
_BULK = frozenset({"bulk", "auto_reply", "auto-reply", "junk"})
_MACHINES = frozenset({"mailer-daemon", "postmaster"})
_WINDOW = timedelta(minutes=5)
_SECONDS = re.compile(r"\d{1,12}", re.ASCII)


class EmailHook:
    """E-mails that a provider posts whole, signed with a secret we share.

    ``X-Firstday-Signature: sha256=<hex>`` is the HMAC of the timestamp, a full stop and the body;
    ``X-Firstday-Timestamp`` is in seconds since 1970, UTC.

    Args:
        account: names the mailbox or provider in the inbox.
        addresses: the schools' addresses.

    Raises:
        ValueError: there is no secret.
    """

    def __init__(self, secret: str, *, account: str, addresses: Collection[str]) -> None:
        if not secret:
            raise ValueError("the e-mail hook needs a secret to be checked with")
        self._secret = secret.encode()
        self._account = account
        self._addresses = addresses

    def verify(self, request: Request, now: datetime) -> bool:
        """Tell whether the provider signed this within five minutes of ``now``. Never raises."""
        stamp = request.headers.get("x-firstday-timestamp", "")
        given = request.headers.get("x-firstday-signature", "")
        known = hmac.new(
            self._secret, f"{stamp}.".encode("utf-8", "replace") + request.body, hashlib.sha256
        )
        signed = hmac.compare_digest(
            given.encode("utf-8", "replace"), f"sha256={known.hexdigest()}".encode()
        )
        if not _SECONDS.fullmatch(stamp):
            return False
        age = abs(now.timestamp() - int(stamp))
        return signed and age <= _WINDOW.total_seconds()

    def read(self, request: Request) -> Inbound:
        """Read the posted e-mail. Its content is its id, so that a repeat is known.

        Raises:
            BadRequest: it is too large, made to hurt, or says not who wrote it.
        """
        content_id = hashlib.sha256(request.body).hexdigest()
        return read(
            request.body,
            account=self._account,
            provider_id=content_id,
            addresses=self._addresses,
        )


def read(raw: bytes, *, account: str, provider_id: str, addresses: Collection[str]) -> Inbound:
    """Read an e-mail as it came.

    Takes up to about a second for the worst of those it accepts, so a server calls it in a
    thread. Which of the schools' ``addresses`` it was written to, is looked for in its headers;
    ``extra`` has its ``subject``, its ``message_id``, when its writer's program says it was sent
    (``sent_at``, ISO in UTC) and the ``tag`` behind our address's plus.

    Raises:
        BadRequest: it is too large, made to hurt, or says not who wrote it. Nothing else.
    """
    try:
        return _read(open_mail(raw), account, provider_id, {a.lower() for a in addresses})
    except BadRequest:
        raise
    except Exception as odd:  # noqa: BLE001 - the parser raises most kinds of errors for odd mail
        raise BadRequest(f"the e-mail cannot be read: {type(odd).__name__}") from None


def _read(mail: Opened, account: str, provider_id: str, ours: set[str]) -> Inbound:
    sender = _sender(mail)
    to, tag = _addressed_to(mail, ours)
    subject = readable(mail.headers.get("subject", ""))
    message_id = _MESSAGE_ID.search(mail.headers.get("message-id", "")[:_LONGEST_SENDER])
    extra: dict[str, Any] = {
        "subject": subject,
        "message_id": message_id[0] if message_id else "",
    }
    if sent_at := _sent_at(mail):
        extra["sent_at"] = sent_at
    if tag:
        extra["tag"] = tag
    return Inbound(
        channel=Channel.EMAIL,
        account=account,
        provider_id=provider_id,
        sender=sender,
        addressed_to=to,
        text=_words(mail, subject),
        attachments=mail.attachments(),
        automated=_is_automated(mail, sender, ours),
        extra=extra,
    )


def _words(mail: Opened, subject: str) -> str:
    """Give what was written now. A new letter may say the most in its subject, or all of it.

    The subject of a reply is what the other side wrote, so it counts only where nothing else does.
    """
    own = without_quotes(mail.text())
    is_reply = "in-reply-to" in mail.headers or _REPLY.match(subject)
    return own if own and is_reply else f"{subject}\n{own}".strip()


def _sent_at(mail: Opened) -> str:
    """Read the Date header; empty where there is none or it cannot be read."""
    try:
        sent = parsedate_to_datetime(mail.headers.get("date", "")[:_LONGEST_SENDER])
        # Without a zone (-0000) it is UTC already.
        return sent.replace(tzinfo=sent.tzinfo or UTC).astimezone(UTC).isoformat()
    except (ValueError, TypeError, IndexError, OverflowError):
        return ""


def _sender(mail: Opened) -> str:
    for name in ("from", "sender", "return-path"):
        _, address = parseaddr(mail.headers.get(name, "")[:_LONGEST_SENDER])
        address = readable(address).lower()
        if _ADDRESS.fullmatch(address) or address in _MACHINES:
            return address
    raise BadRequest("the e-mail does not say who wrote it")


def _addressed_to(mail: Opened, ours: set[str]) -> tuple[str, str]:
    """Find which of our addresses it was written to, and the part behind a plus sign.

    A blind copy names none of them; with one school there is no doubt.
    """
    for name in ("to", "delivered-to", "cc"):
        for found in _ADDRESS.findall(mail.headers.get(name, "")):
            box, _, host = found.partition("@")
            name_only, _, tag = box.partition("+")
            if found.lower() in ours:
                return found.lower(), ""
            if f"{name_only}@{host}".lower() in ours:
                return f"{name_only}@{host}".lower(), tag
    return (next(iter(ours)) if len(ours) == 1 else ""), ""


def _is_automated(mail: Opened, sender: str, ours: set[str]) -> bool:
    """Tell whether a machine wrote this, ours included: it is filed and never answered.

    ``X-Auto-Response-Suppress`` is no sign: Exchange and Outlook put it on letters of people.
    """
    headers = mail.headers
    submitted = headers.get("auto-submitted", "no").partition(";")[0].strip().lower()
    return (
        submitted != "no"
        or not _AUTO_REPLY.isdisjoint(headers)
        or headers.get("precedence", "").strip().lower() in _BULK
        or headers.get("return-path", "-").strip() in {"", "<>"}
        or mail.kind == "multipart/report"
        or sender.partition("@")[0] in _MACHINES
        or OWN_MARK in headers
        or sender in ours
        or _OWN_MESSAGE_ID.match(headers.get("message-id", "").strip()) is not None
    )
