"""Which school a message is for, and who may have written it."""

from __future__ import annotations

from dataclasses import dataclass

from school.people import Channel
from store import contacts, schools
from store.contacts import ContactRow
from store.database import Transaction
from store.inbox import InboxRow
from store.schools import SchoolRow


@dataclass(frozen=True, slots=True)
class Who:
    """The school and the people at an address; nobody for a stranger."""

    school: SchoolRow
    people: tuple[ContactRow, ...]


async def who_is(session: Transaction, row: InboxRow) -> Who | None:
    """Find the school and the people; None where no school can be told.

    A message to a school's own number belongs to that school. A bot serves every school, so
    there the contact on record tells the school; the first by id where several have one.
    """
    channel = Channel(row.channel)
    school = None
    if row.addressed_to:
        school = await schools.speaking_from(session, row.addressed_to)
    people = await contacts.speaking_from(
        session, school.key if school else None, channel, row.sender
    )
    if school is None and people:
        school = await schools.by_id(session, people[0].school_id)
        people = [p for p in people if p.school_id == school.key]
    if school is None:
        every = await schools.all_schools(session)
        school = every[0] if len(every) == 1 else None
    return Who(school, tuple(people)) if school else None
