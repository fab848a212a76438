"""What a talk can hear, silence included, and the facts it may look at. Frozen data only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from conversations.understanding.meaning import Meaning
from school.calendar import Calendar
from school.people import Channel, Session
from school.policy import Policy


@dataclass(frozen=True, slots=True)
class Said:
    """The other side wrote something, by whichever channel."""

    meaning: Meaning
    text: str
    attachments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class WentQuiet:
    """Nobody answered by the time the talk asked to be woken."""


@dataclass(frozen=True, slots=True)
class SchoolAsked:
    """The first-day run asks this address about absent children."""

    pupils: tuple[int, ...]
    day: date
    session: Session


Heard = Said | WentQuiet | SchoolAsked


@dataclass(frozen=True, slots=True)
class Child:
    """A pupil whom the person at this address may be spoken to about."""

    id: int
    first: str
    last: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """The snapshot a turn decides on.

    Attributes:
        school: the school's name as parents know it.
        office: the office's phone number, as printed.
        language: the language on record for this address, BCP-47.
        languages: the languages our sentences exist in.
        known: whether the address is on record; an unknown one is told nothing about any child.
        children: the pupils this address may be spoken to about.
        now: local time at the school, with its zone.
        provider_stops: whether the channel's provider answers STOP by itself.
    """

    school: str
    office: str
    channel: Channel
    policy: Policy
    calendar: Calendar
    now: datetime
    children: tuple[Child, ...] = ()
    known: bool = True
    language: str = "en"
    languages: tuple[str, ...] = ("en",)
    provider_stops: bool = False

    @property
    def today(self) -> date:
        """The date at the school."""
        return self.now.date()

    def child(self, pupil_id: int) -> Child | None:
        """Give a child on record by id."""
        return next((c for c in self.children if c.id == pupil_id), None)

    def named(self, firsts: tuple[str, ...]) -> tuple[Child, ...]:
        """Give the children on record with these first names, in the order on record."""
        return tuple(c for c in self.children if c.first in firsts)
