"""Messages by a Telegram bot. Importing this costs seconds: only where a bot is set up."""

from __future__ import annotations

import asyncio
import logging

from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import (
    ClientDecodeError,
    TelegramAPIError,
    TelegramBadRequest,
    TelegramConflictError,
    TelegramEntityTooLarge,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramNetworkError,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramServerError,
    TelegramUnauthorizedError,
)
from aiogram.types import KeyboardButton, LinkPreviewOptions, ReplyKeyboardMarkup
from aiohttp import ClientSession

from notifier import phase
from notifier.sender import Found, Outcome, Parcel, Result
from school.people import Channel

log = logging.getLogger(__name__)

REAL_SERVER = "https://api.telegram.org"
_NOBODY_THERE = ("chat not found", "user is deactivated", "peer_id_invalid", "chat_id is empty")
_DROPPED_SECONDS = 5.0


class _TracedSession(AiohttpSession):
    """The library's session, which also tells how far a call has come."""

    async def create_session(self) -> ClientSession:
        self._connector_init["keepalive_timeout"] = phase.KEPT_SECONDS
        session = await super().create_session()
        if not session.trace_configs:
            config = phase.tracer()
            config.freeze()
            session.trace_configs.append(config)
        return session


class TelegramSender:
    """Sends by one bot, as plain text without link previews.

    Args:
        url: the Bot API server; None for the real one.
        timeout: for one whole call, in seconds.

    Raises:
        aiogram.utils.token.TokenValidationError: the token has not the form of a bot's token.
    """

    channel = Channel.TELEGRAM

    def __init__(
        self, token: str, url: str | None = None, *, timeout: float = 10.0, at_once: int = 20
    ) -> None:
        self.at_once = at_once
        server = TelegramAPIServer.from_base(url or REAL_SERVER)
        self._bot = Bot(token, session=_TracedSession(api=server, timeout=timeout))

    async def send(self, parcel: Parcel) -> Result:
        """Hand one message to Telegram. Never raises for what Telegram or a network can do."""
        try:
            chat = int(parcel.address)
        except ValueError:
            return Result(Outcome.PERMANENT, code="not a chat")
        clock = asyncio.get_running_loop().time
        began = clock()
        with phase.watched() as call:
            try:
                sent = await self._bot.send_message(
                    chat,
                    parcel.body,
                    link_preview_options=LinkPreviewOptions(is_disabled=True),
                    reply_markup=_share_number(parcel.button) if parcel.button else None,
                )
            except TelegramAPIError as refused:
                return _classified(refused, call.connected, clock() - began)
            except ClientDecodeError:
                return Result(Outcome.UNKNOWN, code="not the provider's answer")
            except Exception as trouble:  # noqa: BLE001 - whatever it was, it may be on its way
                return _broken(type(trouble).__name__, connected=call.connected)
        return Result(Outcome.ACCEPTED, f"{sent.chat.id}:{sent.message_id}")

    async def find(self, parcel: Parcel) -> tuple[Found, str | None]:  # noqa: ARG002
        """Say that nobody can tell: a bot cannot look at what it sent."""
        return Found.CANNOT_TELL, None

    async def close(self) -> None:
        """Give connections back."""
        await self._bot.session.close()


def _share_number(label: str) -> ReplyKeyboardMarkup:
    """Offer the one button by which a person hands over their own number."""
    button = KeyboardButton(text=label, request_contact=True)
    return ReplyKeyboardMarkup(keyboard=[[button]], one_time_keyboard=True, resize_keyboard=True)


_FIXED: tuple[tuple[type[TelegramAPIError], Result], ...] = (
    (TelegramMigrateToChat, Result(Outcome.NOT_SENT, code="migrated")),
    (TelegramForbiddenError, Result(Outcome.PERMANENT, code="403")),
    (TelegramUnauthorizedError, Result(Outcome.ACCOUNT, code="401")),
    (TelegramConflictError, Result(Outcome.ACCOUNT, code="409")),
    (TelegramNotFound, Result(Outcome.ACCOUNT, code="404")),
    (TelegramEntityTooLarge, Result(Outcome.NOT_SENT, code="413")),
    (TelegramServerError, Result(Outcome.UNKNOWN, code="5xx")),
)
"""The refusals that mean one thing whatever they say."""


def _classified(error: TelegramAPIError, connected: bool, seconds: float) -> Result:
    if isinstance(error, TelegramRetryAfter):
        # The server also says "too many" when it drops a request that it had begun.
        if seconds > _DROPPED_SECONDS:
            return Result(Outcome.UNKNOWN, code="429 late")
        return Result(Outcome.THROTTLED, code="429", wait=float(error.retry_after))
    if isinstance(error, TelegramBadRequest):
        return _bad_request(error.message.casefold())
    if isinstance(error, TelegramNetworkError):
        return _broken(type(error.__cause__).__name__, connected=connected)
    unknown = Result(Outcome.UNKNOWN, code=type(error).__name__)
    return next((result for kind, result in _FIXED if isinstance(error, kind)), unknown)


def _bad_request(why: str) -> Result:
    # The description may repeat words of the message, so only its kind is kept.
    if any(words in why for words in _NOBODY_THERE):
        return Result(Outcome.PERMANENT, code="400 nobody there")
    if "logged out" in why:
        return Result(Outcome.ACCOUNT, code="400 logged out")
    return Result(Outcome.NOT_SENT, code="400")


def _broken(kind: str, *, connected: bool) -> Result:
    log.warning("a call to Telegram ended with %s, connected: %s", kind, connected)
    return Result(Outcome.UNKNOWN if connected else Outcome.NOT_SENT, code=kind)
