"""``firstday demo --once``: one school morning, each step checked as it happens.

A step that does not do what it should makes the whole morning fail.
"""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import TextIO

from commands import export
from commands.demo_clerk import Clerk
from commands.demo_families import AGNIESZKA, AMAL, HANNAH, JOANNE, KERRY, LEAD, STRANGER
from commands.demo_world import SCHOOL, DemoWorld
from simulator.handsets import Handset
from store import outbox, tasks
from store.schools import by_slug

_PATIENCE_SECONDS = 15.0


class StepError(Exception):
    """A step of the morning did not do what it should."""


class Morning:
    """Plays both sides: the families with their phones, the clerk with the office page."""

    def __init__(self, world: DemoWorld, out: TextIO) -> None:
        self.world = world
        self.out = out

    async def play(self) -> None:
        """Play the morning through.

        Raises:
            StepError: at the first step that went wrong, with what was expected.
        """
        for step in (
            self.joins_telegram,
            self.writes_before_school,
            self.registers_come_in,
            self.nothing_before_the_register_closes,
            self.first_day_run,
            self.vague_then_detailed,
            self.polish_siblings,
            self.telegram_answer,
            self.stranger_learns_nothing,
            self.dropped_him_off,
            self.office_confirms,
            self.codes_go_back,
            self.everything_left_the_house_once,
        ):
            await step()

    async def joins_telegram(self) -> None:
        """A mother opens the one-use link and is joined to the school's record."""
        chat = int(JOANNE.address)
        handset = self._on_page(JOANNE)
        self.world.street.telegram.start(chat, handset.invitation)
        text = await self._hears(JOANNE, 1)
        self._expect("You will now get messages from Larkmead Juniors" in text, text)
        self._tell("08:15", "Telegram", "Rosie's mother opened her link and is joined.")

    async def writes_before_school(self) -> None:
        """An e-mail before the register: taken at once, and nobody is chased for it."""
        await self._to("08:40")
        self.world.street.mail.mail_in(
            AMAL.address,
            self.world.street.mail.account.address,
            "Layla",
            "Layla has the dentist at 10.30, back by 12",
        )
        text = await self._hears(AMAL, 1)
        self._expect("Layla" in text and "dentist" in text, text)
        self._tell("08:40", "E-mail", f"“Layla has the dentist …” answered: {text}")

    async def registers_come_in(self) -> None:
        """The marks arrive as a SIMS report; one class is missing."""
        await self._to("09:15")
        self._expect(await self.world.take_register() == 0, "the register was not taken")
        self._tell("09:15", "Register", "3A, 3B and 4A are in; 5A is not.")

    async def nothing_before_the_register_closes(self) -> None:
        """At 09:19 the register is still open: a child on the way in must not cause an alarm."""
        await self._to("09:19")
        await self.world.tick()
        await asyncio.sleep(1.5)
        sent = self._texts(HANNAH)
        self._expect(not sent, "a message went out before the register had closed")
        self._tell("09:19", "Clock", "The register is open until 09:20: nothing is sent.")

    async def first_day_run(self) -> None:
        """At 09:20 the clock makes the run."""
        await self._to("09:20")
        text = await self._hears(HANNAH, 1)
        self._expect("Noah is not in school today" in text, text)
        polish = await self._hears(AGNIESZKA, 1)
        self._expect("Jakub" in polish and "Zofia" in polish, polish)
        rosie = await self._hears(JOANNE, 2)
        self._expect("Rosie is not in school today" in rosie, rosie)
        self._expect(len(self._texts(AMAL)) == 1, "a mother who had told us was chased")
        async with self.world.service.db.read() as session:
            school = await by_slug(session, SCHOOL)
            open_tasks = await tasks.open_tasks(session, school.key if school else 0)
        unreachable = [t for t in open_tasks if t.kind == "no_contact"]
        self._expect(len(unreachable) == 1, "the child without a contact is on nobody's list")
        self._tell("09:20", "Run", f"Asked by text: {text}")
        self._tell("09:20", "Run", f"Two siblings, one message, in Polish: {polish}")
        self._tell("09:20", "Run", "Layla is left out (told us), 5A is held, 1 child to ring.")

    async def vague_then_detailed(self) -> None:
        """A vague answer is asked about, a throat infection is taken."""
        await self._to("09:24")
        asked = await self._says(HANNAH, "poorly", 2)
        self._expect("what is wrong with Noah" in asked, asked)
        taken = await self._says(HANNAH, "throat infection", 3)
        self._expect("throat infection" in taken and "off today" in taken, taken)
        self._tell("09:24", "Text", f"“poorly” → {asked}")
        self._tell("09:24", "Text", f"“throat infection” → {taken}")

    async def polish_siblings(self) -> None:
        """One reply for two children, in Polish."""
        taken = await self._says(AGNIESZKA, "oboje wymiotowali w nocy", 2)
        if "O które dziecko" in taken:
            taken = await self._says(AGNIESZKA, "Zofia i Jakub", 3)
        self._expect("wymiotowali" in taken and "Dziękujemy" in taken, taken)
        self._tell("09:25", "Text", f"“oboje wymiotowali w nocy” → {taken}")

    async def telegram_answer(self) -> None:
        """A detailed answer with a day, by Telegram."""
        words = "Rosie has a temperature of 39, back Thursday"
        self.world.street.telegram.say(int(JOANNE.address), words)
        text = await self._hears(JOANNE, 3)
        self._expect("back Thursday 14 January" in text, text)
        self._tell("09:26", "Telegram", f"“{words}” → {text}")

    async def stranger_learns_nothing(self) -> None:
        """An unknown number is told nothing about any child."""
        text = await self._says(STRANGER, "Is Noah in school today?", 1)
        self._expect("Noah" not in text, text)
        self._tell("09:27", "Text", f"A number not on record → {text}")

    async def dropped_him_off(self) -> None:
        """A child who should be there: a person hears of it at once, by two ways."""
        text = await self._says(KERRY, "I dropped him off at 8.40!", 2)
        self._expect("?" not in text and "poorly" not in text, text)
        self._tell("09:28", "Safety", f"“I dropped him off at 8.40!” → {text}")
        alarm = await self._hears(LEAD, 1)
        self._expect("Tyler" not in alarm and "attention" in alarm, alarm)
        self._tell("09:28", "Safety", f"The safeguarding lead: {alarm}")

    async def office_confirms(self) -> None:
        """The clerk confirms each suggestion with one press."""
        async with Clerk(self.world.office_url) as clerk:
            page = await clerk.page("/today?list=urgent")
            self._expect("Tyler" in page, "the child at risk is not on the Urgent list")
            confirmed = await clerk.confirm_all()
        self._expect(confirmed >= 4, f"only {confirmed} presses confirmed something")
        self._tell("09:35", "Office", f"{confirmed} suggestions confirmed, one press each.")

    async def codes_go_back(self) -> None:
        """The codes go back to the school's own system, once."""
        target = self.world.folder / "codes.csv"
        status = await self._export(target)
        rows = list(csv.DictReader(io.StringIO(target.read_text(encoding="utf-8-sig"))))
        codes = {row["Mark"] for row in rows}
        self._expect(status == 0 and {"I", "M"} <= codes, f"exported only {sorted(codes)}")
        again = self.world.folder / "again.csv"
        await self._export(again)
        self._expect(not again.exists(), "the same codes were exported twice")
        self._tell("09:40", "Export", f"{len(rows)} codes written; a second export writes none.")

    async def everything_left_the_house_once(self) -> None:
        """Every message is with its provider, and no phone got one twice."""
        async with self.world.service.db.read() as session:
            owed = await outbox.waiting(session)
        self._expect(owed == 0, f"{owed} messages are still waiting or of unknown end")
        for handset in self.world.handsets:
            texts = self._texts(handset)
            self._expect(len(texts) == len(set(texts)), f"{handset.name} got a message twice")
        self._tell("09:40", "Outbox", "Every message left the house once; none is in doubt.")

    async def _export(self, target: Path) -> int:
        return await export.codes(
            self.world.service.db,
            school=SCHOOL,
            path=target,
            day=None,
            now=self.world.clock(),
            out=io.StringIO(),
            err=io.StringIO(),
        )

    async def _to(self, clock: str) -> None:
        hour, _, minute = clock.partition(":")
        now = self.world.clock()
        target = now.replace(hour=int(hour), minute=int(minute), second=0, microsecond=0)
        self.world.clock.push(max(target - now, timedelta()))
        await asyncio.sleep(0)

    async def _says(self, handset: Handset, words: str, count: int) -> str:
        await self.world.street.twilio.text_in(
            handset.address, self.world.street.twilio.account.numbers[0], words
        )
        return await self._hears(handset, count)

    async def _hears(self, handset: Handset, count: int) -> str:
        """Wait until a phone has so many messages from the school; gives the newest."""

        async def arrived() -> bool:
            return len(self._texts(handset)) >= count

        await _until(arrived, f"{handset.name} got no answer")
        return self._texts(handset)[count - 1]

    def _texts(self, handset: Handset) -> list[str]:
        got = self.world.street.phones.received(handset.channel, handset.address)
        return [" ".join(message.text.split()) for message in got]

    def _on_page(self, handset: Handset) -> Handset:
        return next(h for h in self.world.handsets if h.address == handset.address)

    def _expect(self, holds: bool, otherwise: str) -> None:
        if not holds:
            raise StepError(otherwise)

    def _tell(self, clock: str, who: str, what: str) -> None:
        self.out.write(f"{clock}  {who:<9} {what}\n")
        self.out.flush()


async def _until(holds: Callable[[], Awaitable[bool]], otherwise: str) -> None:
    async with asyncio.timeout(_PATIENCE_SECONDS) as limit:
        try:
            while not await holds():  # noqa: ASYNC110 - phones have no bell of their own
                await asyncio.sleep(0.02)
        except asyncio.CancelledError:
            if limit.expired():
                raise StepError(otherwise) from None
            raise
