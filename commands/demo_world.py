"""The demo's world: an invented school, its families' phones, and the real service between them.

Nothing here is a special path of the product: it is set up with the same commands and settings
as any school, only that the providers' addresses are those of the look-alikes on this computer.
"""

from __future__ import annotations

import logging
import socket
import tempfile
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self, TextIO

from actions import link_telegram
from actions.sign_in import add_staff
from commands import clock, demo_clerk, imports, schools
from commands.demo_families import HANDSETS, JOANNE
from commands.serve import Web
from commands.service import Part, Service
from commands.settings import Settings
from notifier.catalogues import languages
from school.people import Channel
from simulator.street import DEMO_ACCOUNT, DEMO_BOT, DEMO_MAIL, Street
from store import contacts
from store.database import Database
from store.schools import by_slug
from store.upgrade import upgrade

SCHOOL = "larkmead"
NAME = "Larkmead Juniors"
OFFICE = "01632 960123"
MORNING = datetime(2027, 1, 12, 8, 15, tzinfo=UTC)
"""Tuesday 12 January 2027; in January the school's clock is UTC."""
SAMPLES = Path(__file__).parents[1] / "mis" / "samples"
POLICY = Path(__file__).parents[1] / "school" / "policies" / "trjs.toml"

_LEAD_PHONE = "+447700900190"


class DemoClock:
    """The demo's own time: it starts on a school morning and can be pushed forward."""

    def __init__(self, real: Callable[[], datetime], start: datetime = MORNING) -> None:
        self._real = real
        self._ahead = start - real()

    def __call__(self) -> datetime:
        """The demo's time, UTC."""
        return self._real() + self._ahead

    def push(self, by: timedelta) -> None:
        """Move on."""
        self._ahead += by


class DemoWorld:
    """Everything the demo needs, started together and ended together."""

    def __init__(
        self,
        real: Callable[[], datetime],
        *,
        port: int = 0,
        out: TextIO,
        database: str | None = None,
    ) -> None:
        self.clock = DemoClock(real)
        self._port = port
        self._database = database
        self._out = out
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        folder = self._stack.enter_context(tempfile.TemporaryDirectory(prefix="firstday-demo-"))
        self.folder = Path(folder)
        database = self._database or f"sqlite:///{self.folder / 'demo.sqlite3'}"
        invitation = await self._found_the_school(database)
        self.handsets = [*HANDSETS, replace(JOANNE, invitation=invitation)]
        office_port = _free_port()
        self.office_url = f"http://127.0.0.1:{office_port}"
        self.street = await self._stack.enter_async_context(
            Street(
                port=self._port,
                clock=self.clock,
                handsets=self.handsets,
                office_url=f"{self.office_url}/today",
                demo_clock=self,
            )
        )
        self.service = Service(self._settings(database, office_port), self.clock, Part.ALL)
        self.web = await self._stack.enter_async_context(Web(self.service))
        self.street.twilio.webhook_url = f"{self.office_url}/hooks/twilio/sms#rc=2&rp=all"
        await self.service.start()
        self._stack.push_async_callback(self.service.stop)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    async def now(self) -> datetime:
        """The demo's time, for its page."""
        return self.clock()

    async def advance(self, minutes: int) -> None:
        """Push the time on, and let happen at once what is due by then."""
        self.clock.push(timedelta(minutes=minutes))
        await self.tick()

    async def tick(self) -> None:
        """Let the clock look at the time now."""
        await clock.tick(self.service.db, self.clock(), languages())
        self.service.bell.ring()

    async def take_register(self) -> int:
        """The registers come in from the school's own system, as a SIMS report."""
        return await imports.import_register_file(
            self.service.db,
            school=SCHOOL,
            path=SAMPLES / "sims-register-am.csv",
            mapping=(),
            dry_run=False,
            now=self.clock(),
            out=self._out,
            err=self._out,
        )

    def _settings(self, database: str, port: int) -> Settings:
        mail = f"{_quoted(DEMO_MAIL.user)}:{DEMO_MAIL.password}@127.0.0.1"
        return Settings(
            database=database,
            public_url=self.office_url,
            port=port,
            twilio_account=DEMO_ACCOUNT.sid,
            twilio_token=DEMO_ACCOUNT.auth_token,
            twilio_url=self.street.twilio_url,
            telegram_token=DEMO_BOT.token,
            telegram_bot=DEMO_BOT.username,
            telegram_url=self.street.telegram_url,
            smtp=f"smtp://127.0.0.1:{self.street.smtp_port}?starttls=off",
            imap=f"imap://{mail}:{self.street.imap_port}/INBOX",
            imap_seconds=1.0,
            tick_seconds=1.0,
            frame_ancestors=f"'self' {self.street.url}",
        )

    async def _found_the_school(self, database: str) -> str:
        """Add the school, its pupils and its clerk; gives a Telegram invitation for one parent."""
        logging.getLogger("actions").setLevel(logging.WARNING)
        db = Database(database)
        try:
            await upgrade(db)
            await self._fill(db)
            return await self._invite(db)
        finally:
            await db.close()

    async def _fill(self, db: Database) -> None:
        await schools.add(
            db,
            slug=SCHOOL,
            name=NAME,
            office_phone=OFFICE,
            policy=POLICY,
            sms_number=DEMO_ACCOUNT.numbers[0],
            email_address=DEMO_MAIL.address,
            calendar=None,
            now=self.clock(),
            out=self._out,
            err=self._out,
        )
        await imports.import_pupils_file(
            db,
            school=SCHOOL,
            path=SAMPLES / "sims-pupils.csv",
            mapping=(),
            dry_run=False,
            allow_leavers=False,
            out=self._out,
            err=self._out,
        )
        async with db.work() as session:
            school = await by_slug(session, SCHOOL)
            clerk = await add_staff(
                session,
                school_id=school.key if school else 0,
                name="Jo Marsh",
                email=demo_clerk.EMAIL,
                role="safeguarding_lead",
                password=demo_clerk.PASSWORD,
            )
            clerk.phone = _LEAD_PHONE
            session.add(clerk)

    async def _invite(self, db: Database) -> str:
        """The office hands a one-use link to a mother who would rather use Telegram."""
        async with db.work() as session:
            school = await by_slug(session, SCHOOL)
            people = await contacts.speaking_from(
                session, school.key if school else 0, Channel.SMS, JOANNE.phone
            )
            return await link_telegram.make_link(session, people[0], self.clock())


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _quoted(text: str) -> str:
    return text.replace("@", "%40")
