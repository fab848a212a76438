"""Updates that Telegram sends us, by webhook or by polling. Needs no Telegram library."""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from actions.inbound import Inbound
from bot.request import E164, Request
from school.people import Channel
from school.text import clean

WANTED = ("message", "edited_message", "callback_query", "my_chat_member")
"""The kinds of update that are read; no other is asked for."""

SAY = "say:"
"""Begins the data of a button whose rest counts as written by the person."""

_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
_START = re.compile(r"/start(?:@\w+)?\s+([A-Za-z0-9_-]{1,64})\s*", re.ASCII)
_ATTACHMENTS = {
    "photo": "photo",
    "voice": "voice", "audio": "voice", "video_note": "voice",
    "document": "document", "video": "document", "animation": "document",
}  # fmt: skip
_LATEST = 2**32  # seconds since 1970: in the year 2106
_BLOCKED = {"kicked": True, "member": False}

Json = Mapping[str, Any]


class TelegramHook:
    """One bot's webhook.

    Args:
        secret: the word Telegram repeats in a header of every update.
        account: the bot's id, the part of its token before the colon.

    Raises:
        ValueError: Telegram takes no such secret, an empty one least of all.
    """

    def __init__(self, secret: str, account: str) -> None:
        if not _SECRET.fullmatch(secret):
            raise ValueError("the webhook's secret is 1 to 256 letters, digits, _ or -")
        self._secret = secret.encode()
        self._account = account

    def verify(self, request: Request) -> bool:
        """Tell whether Telegram sent this, in the same time whatever the answer."""
        given = request.headers.get("x-telegram-bot-api-secret-token", "")
        return hmac.compare_digest(given.encode("utf-8", "replace"), self._secret)

    def read(self, update: object) -> Inbound | None:
        """Read one update; None for what is no person's message to this bot."""
        return read(update, self._account)


def bot_id(token: str) -> str:
    """Give the bot's id, which its token begins with."""
    return token.partition(":")[0]


def read(update: object, account: str) -> Inbound | None:
    """Read one update of the bot ``account``; None for what is no person's message to it.

    Never raises, whatever an update holds. Only private chats count: in a group, anybody could
    read about a child.
    """
    whole = _part({"": update}, "")
    update_id = whole.get("update_id")
    if not _is_number(update_id):
        return None
    envelope = _Envelope(account, str(update_id))
    if message := _part(whole, "message"):
        return _message(message, envelope, {})
    if edited := _part(whole, "edited_message"):
        return _message(edited, envelope, {"edited": True})
    if pressed := _part(whole, "callback_query"):
        return _button(pressed, envelope)
    return _membership(_part(whole, "my_chat_member"), envelope)


class _Envelope:
    """What every message of an update shares."""

    def __init__(self, account: str, update_id: str) -> None:
        self._account, self._update_id = account, update_id

    def around(self, chat: int, text: str = "", **more: Any) -> Inbound:
        return Inbound(
            channel=Channel.TELEGRAM,
            account=self._account,
            provider_id=self._update_id,
            sender=str(chat),
            addressed_to="",
            text=clean(text),
            **more,
        )


def _message(message: Json, envelope: _Envelope, extra: dict[str, Any]) -> Inbound | None:
    person = _person(message)
    if person is None:
        return None
    if _is_number(message.get("message_id")):
        extra["message_id"] = message["message_id"]
    if sent_at := _sent_at(message):
        extra["sent_at"] = sent_at
    text = _text(message, "text") or _text(message, "caption")
    start = _START.fullmatch(text)
    if start:
        # The payload opens one door once; it does not belong among the things people wrote.
        return envelope.around(person, "/start", start=start[1], extra=extra)
    if contact := _part(message, "contact"):
        return _contact(contact, person, envelope, extra)
    attachments = tuple(kind for name, kind in _ATTACHMENTS.items() if message.get(name))
    if not (text or attachments):
        return None
    return envelope.around(person, text, attachments=attachments[:1], extra=extra)


def _contact(contact: Json, person: int, envelope: _Envelope, extra: dict[str, Any]) -> Inbound:
    """Read a shared card: only one's own counts, since any card can be forwarded."""
    digits = re.sub(r"[\s()-]", "", _text(contact, "phone_number"))
    phone = digits if digits.startswith("+") else f"+{digits}"
    if contact.get("user_id") != person or not E164.fullmatch(phone):
        return envelope.around(person, extra=extra | {"contact": "not their own"})
    return envelope.around(person, shared_phone=phone, extra=extra)


def _button(pressed: Json, envelope: _Envelope) -> Inbound | None:
    # The message may be too old to be shown again, but its chat is still named.
    chat = _part(_part(pressed, "message"), "chat")
    person = _person({"chat": chat, "from": _part(pressed, "from")})
    data = _text(pressed, "data")
    if person is None or not data.startswith(SAY):
        return None
    extra = {"callback_query": clean(_text(pressed, "id"))}
    return envelope.around(person, data.removeprefix(SAY), extra=extra)


def _membership(change: Json, envelope: _Envelope) -> Inbound | None:
    person = _person(change)
    status = _text(_part(change, "new_chat_member"), "status")
    if person is None or status not in _BLOCKED:
        return None
    return envelope.around(person, blocked=_BLOCKED[status])


def _sent_at(message: Json) -> str:
    """Give when this was written, ISO in UTC; of an edited message, when it was edited."""
    seconds = message.get("edit_date") or message.get("date")
    if not isinstance(seconds, int) or not 0 < seconds < _LATEST:
        return ""
    return datetime.fromtimestamp(seconds, UTC).isoformat()


def _person(message: Json) -> int | None:
    """Give the private chat this is from, which has the number of the person in it."""
    chat, sender = _part(message, "chat"), _part(message, "from")
    number: object = chat.get("id")
    if chat.get("type") != "private" or sender.get("is_bot") or number != sender.get("id"):
        return None
    return number if isinstance(number, int) and _is_number(number) else None


def _part(whole: Json, name: str) -> Json:
    part = whole.get(name)
    return part if isinstance(part, dict) else {}


def _text(whole: Json, name: str) -> str:
    text = whole.get(name)
    return text if isinstance(text, str) else ""


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**63
