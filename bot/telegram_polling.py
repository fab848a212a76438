"""Asks Telegram for updates, for where it cannot reach us. Costs seconds to import."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import TelegramRetryAfter
from aiogram.methods.base import TelegramMethod

from bot.telegram import WANTED

log = logging.getLogger(__name__)

REAL_SERVER = "https://api.telegram.org"
Handle = Callable[[dict[str, Any]], Awaitable[object]]

_FIRST_WAIT, _LONGEST_WAIT = 1.0, 60.0
_SPARE_SECONDS = 10
_MOST_UPDATES = 100


class _GetUpdates(TelegramMethod[list[dict[str, Any]]]):
    """Asks for updates as they are: one of a new kind must not spoil the others."""

    __returning__ = list[dict[str, Any]]
    __api_method__ = "getUpdates"

    offset: int | None = None
    timeout: int
    limit: int = _MOST_UPDATES
    allowed_updates: tuple[str, ...] = WANTED


class Polling:
    """Long polling of one bot.

    Args:
        url: the Bot API server; None for the real one.
        wait: how long Telegram holds a question while nothing happens, in seconds (at most 50).
    """

    def __init__(self, token: str, url: str | None = None, *, wait: int = 50) -> None:
        self._bot = _bot(token, url)
        self._wait = wait
        self._offset: int | None = None

    async def run(self, handle: Handle, stop: asyncio.Event) -> None:
        """Hand over every update in turn until ``stop`` is set.

        An update is confirmed to Telegram only after ``handle`` returned for it. One whose
        handling raised comes again after a pause, and so does everything behind it. After a
        stop, the last ones may come again at the next start.
        """
        stopping = asyncio.ensure_future(stop.wait())
        pause = _FIRST_WAIT
        webhook_gone = False
        try:
            while not stop.is_set():
                try:
                    # Telegram answers no polling while a webhook is set.
                    webhook_gone = webhook_gone or await self._bot.delete_webhook()
                    await self._round(handle, stopping)
                    pause = _FIRST_WAIT
                except Exception as trouble:  # noqa: BLE001 - whatever it was, polling goes on
                    pause = await _rest(trouble, pause, stopping)
        finally:
            stopping.cancel()
            await self._bot.session.close()

    async def _round(self, handle: Handle, stopping: asyncio.Future[Any]) -> None:
        asking = asyncio.ensure_future(self._ask())
        try:
            await asyncio.wait({asking, stopping}, return_when=asyncio.FIRST_COMPLETED)
            for update in asking.result() if asking.done() else ():
                if stopping.done():
                    return
                await handle(update)
                self._offset = int(update["update_id"]) + 1
        finally:
            asking.cancel()

    async def _ask(self) -> list[dict[str, Any]]:
        method = _GetUpdates(offset=self._offset, timeout=self._wait)
        return await self._bot(method, request_timeout=self._wait + _SPARE_SECONDS)


async def ensure_webhook(
    token: str, webhook_url: str, secret: str, *, url: str | None = None
) -> None:
    """Tell Telegram where to send updates, and with which secret.

    Raises:
        aiogram.exceptions.AiogramError: Telegram refused, or cannot be reached.
    """
    bot = _bot(token, url)
    try:
        await bot.set_webhook(webhook_url, secret_token=secret, allowed_updates=list(WANTED))
    finally:
        await bot.session.close()


async def _rest(trouble: Exception, pause: float, stopping: asyncio.Future[Any]) -> float:
    """Wait before the next question; gives the pause that comes after one more failure."""
    log.warning("polling Telegram: %s, again in %.0f s", type(trouble).__name__, pause)
    asked = float(trouble.retry_after) if isinstance(trouble, TelegramRetryAfter) else 0.0
    await asyncio.wait({stopping}, timeout=max(pause, asked))
    return min(pause * 2, _LONGEST_WAIT)


def _bot(token: str, url: str | None) -> Bot:
    server = TelegramAPIServer.from_base(url or REAL_SERVER)
    return Bot(token, session=AiohttpSession(api=server, timeout=10))
