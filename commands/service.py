"""One running Firstday: the database, the channels that are set up, and the loops of its process.

Which loops run decides what a process is: web, worker, clock, or all of them in one.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import logging
from collections.abc import Callable
from datetime import datetime
from enum import Flag, auto
from typing import Any
from urllib.parse import urlsplit

from fastapi import APIRouter, FastAPI

from actions import hear, receive_receipt
from actions.inbound import Inbound, Receipt
from bot.email import EmailHook
from bot.email import read as read_mail
from bot.mailbox import Mailbox
from bot.web import hooks
from commands.clock import Clock
from commands.settings import Settings, mail_server
from notifier.catalogues import languages
from notifier.deliver import Delivery
from notifier.dispatch import Bell, worker
from notifier.sender import Sender
from office.headers import protect
from office.site import Options, site
from school.people import Channel
from store import inbox, schools
from store.database import Database

log = logging.getLogger(__name__)

_ADDRESSES_SECONDS = 30.0


class Part(Flag):
    """What a process does."""

    WEB = auto()
    WORKER = auto()
    CLOCK = auto()
    ALL = WEB | WORKER | CLOCK


class Service:
    """Everything one process needs, built from its settings.

    The heavy libraries of a channel are imported only where that channel is set up: a Telegram
    bot costs seconds and a hundred megabytes that nobody else should pay.
    """

    def __init__(self, settings: Settings, clock: Callable[[], datetime], parts: Part) -> None:
        self.settings = settings
        self.clock = clock
        self.parts = parts
        self.bell = Bell()
        self.db = Database(settings.database)
        self.delivery = Delivery(self.db, _senders(settings), languages())
        self.ticker = Clock(self.db, clock, languages(), self.bell, settings.tick_seconds)
        self._addresses: set[str] = set()
        self._stop = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    async def keep(self, message: Inbound) -> None:
        """Store a message from outside and wake whoever thinks; a repeat changes nothing."""
        if await hear.keep(self.db, message, self.clock()) is not None:
            self.bell.ring()

    async def receipt(self, receipt: Receipt) -> None:
        """Take what a provider reports about a message."""
        await receive_receipt.receive(self.db, receipt, self.clock(), languages())
        self.bell.ring()

    def web(self) -> FastAPI:
        """Build the web side: the providers' hooks, the office pages, the health page."""
        app = FastAPI(title="Firstday", docs_url=None, redoc_url=None, openapi_url=None)
        app.include_router(self._hooks())
        options = Options(
            public_url=self.settings.public_url,
            secure_cookies=self.settings.is_https,
            frame_ancestors=self.settings.frame_ancestors,
        )
        app.include_router(site(self.db, clock=self.clock, options=options))
        protect(app, options)

        @app.get("/health")
        async def health() -> dict[str, str]:
            async with self.db.read() as session:
                await schools.all_schools(session)
            return {"status": "ok"}

        return app

    def _hooks(self) -> APIRouter:
        settings = self.settings
        twilio = telegram = None
        if settings.twilio_account:
            twilio = importlib.import_module("bot.sms").TwilioHook(
                settings.twilio_token.split(","), settings.twilio_account, settings.public_url
            )
        if settings.telegram_secret:
            telegram = importlib.import_module("bot.telegram").TelegramHook(
                settings.telegram_secret, settings.telegram_token.partition(":")[0]
            )
        email = None
        if settings.mail_secret:
            email = EmailHook(settings.mail_secret, account="hook", addresses=self._addresses)
        return hooks(
            twilio=twilio,
            telegram=telegram,
            email=email,
            keep=self.keep,
            receipt=self.receipt,
            clock=self.clock,
        )

    async def start(self) -> None:
        """Start the loops of this process."""
        self._go(self._know_addresses())
        if Part.WORKER in self.parts:
            self._go(worker(self.delivery, self.clock, self.bell, self._stop))
            self._go_mailbox()
            self._go_telegram()
        if Part.CLOCK in self.parts:
            self._go(self.ticker.run(self._stop))

    async def stop(self) -> None:
        """Let every loop end its round, then give connections back."""
        self._stop.set()
        self.bell.ring()
        done, late = await asyncio.wait(self._tasks, timeout=15) if self._tasks else (set(), set())
        for task in late:
            task.cancel()
        await asyncio.gather(*done, *late, return_exceptions=True)
        for sender in self.delivery.senders.values():
            await sender.close()
        await self.db.close()

    async def _know_addresses(self) -> None:
        """Keep knowing the schools' e-mail addresses, so that a new school needs no restart."""
        while not self._stop.is_set():
            try:
                async with self.db.read() as session:
                    every = await schools.all_schools(session)
                self._addresses |= {s.email_address for s in every if s.email_address}
            except Exception as wrong:  # noqa: BLE001 - the database comes back; so must this loop
                log.error("reading the schools' addresses failed: %s", type(wrong).__name__)  # noqa: TRY400
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stop.wait(), _ADDRESSES_SECONDS)

    def _go(self, job: Any) -> None:
        self._tasks.append(asyncio.create_task(job))

    def _go_mailbox(self) -> None:
        if not self.settings.imap:
            return
        server = mail_server("IMAP", self.settings.imap)
        account = f"{server.username}@{server.host}/{server.folder}"
        mailbox = Mailbox(
            server.host,
            server.port,
            server.username,
            server.password,
            server.folder,
            tls=server.secure,
            since=self.clock().replace(hour=0, minute=0, second=0, microsecond=0),
        )

        async def seen() -> tuple[int, int]:
            async with self.db.read() as session:
                return await inbox.newest_mail(session, account)

        async def handle(uidvalidity: int, uid: int, raw: bytes) -> None:
            await self.keep(
                read_mail(
                    raw,
                    account=account,
                    provider_id=f"{uidvalidity}:{uid}",
                    addresses=self._addresses,
                )
            )

        self._go(mailbox.watch(handle, seen, self.settings.imap_seconds, self._stop))

    def _go_telegram(self) -> None:
        settings = self.settings
        if not settings.telegram_token:
            return
        polling = importlib.import_module("bot.telegram_polling")
        telegram = importlib.import_module("bot.telegram")
        url = settings.telegram_url or None
        if settings.telegram_secret:
            hook = f"{settings.public_url}/hooks/telegram"
            self._go(
                polling.ensure_webhook(
                    settings.telegram_token, hook, settings.telegram_secret, url=url
                )
            )
            return
        account = telegram.bot_id(settings.telegram_token)

        async def handle(update: dict[str, Any]) -> None:
            message = telegram.read(update, account)
            if message is not None:
                await self.keep(message)

        self._go(polling.Polling(settings.telegram_token, url).run(handle, self._stop))


def _senders(settings: Settings) -> dict[Channel, Sender]:
    senders: dict[Channel, Sender] = {}
    if settings.twilio_account:
        senders[Channel.SMS] = importlib.import_module("notifier.sms_twilio").TwilioSms(
            settings.twilio_account,
            settings.twilio_token.split(",")[0],
            base_url=settings.twilio_url or None,
            callback_url=f"{settings.public_url}/hooks/twilio/status",
        )
    if settings.telegram_token:
        senders[Channel.TELEGRAM] = importlib.import_module("notifier.telegram").TelegramSender(
            settings.telegram_token, settings.telegram_url or None
        )
    if settings.smtp:
        server = mail_server("SMTP", settings.smtp)
        senders[Channel.EMAIL] = importlib.import_module("notifier.email").SmtpSender(
            server.host,
            server.port,
            server.username,
            server.password,
            starttls="required" if server.secure else "off",
            message_id_domain=urlsplit(settings.public_url).hostname or "localhost",
        )
    return senders
