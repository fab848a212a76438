"""Schools and the addresses they speak from. Every other row knows its school."""

from __future__ import annotations

import functools
from collections.abc import Collection
from datetime import date, datetime

from sqlmodel import Field, SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from school.calendar import Calendar
from school.policy import Policy, read


class SchoolRow(SQLModel, table=True):
    """One school: its name to parents, its office number, its policy as TOML text."""

    __tablename__ = "school"

    id: int | None = Field(default=None, primary_key=True)
    slug: str = Field(unique=True)
    name: str
    office_phone: str
    policy: str
    calendar: str = ""
    sms_number: str | None = Field(default=None, index=True)
    email_address: str | None = Field(default=None, index=True)
    held_until: datetime | None = None
    created_at: datetime

    @property
    def key(self) -> int:
        """The id of a school that is stored."""
        if self.id is None:
            raise ValueError("this school is not stored yet")
        return self.id

    def rules(self) -> Policy:
        """The policy as data; it was checked when the school was added."""
        return read(self.policy)

    def days(self) -> Calendar:
        """The calendar: one line a term (``2027-01-04..2027-03-25``) or a closed day."""
        return read_calendar(self.calendar)


@functools.lru_cache(maxsize=512)
def read_calendar(text: str) -> Calendar:
    """Read a calendar text: lines of ``first..last`` for a term, or one date for a closed day."""
    terms, closed = [], set()
    for line in filter(None, (line.strip() for line in text.splitlines())):
        first, dots, last = line.partition("..")
        if dots:
            terms.append((date.fromisoformat(first), date.fromisoformat(last)))
        else:
            closed.add(date.fromisoformat(first))
    return Calendar(tuple(terms), frozenset(closed))


async def all_schools(session: AsyncSession) -> list[SchoolRow]:
    """Give every school, by name."""
    return list(await session.exec(select(SchoolRow).order_by(SchoolRow.name)))


async def by_slug(session: AsyncSession, slug: str) -> SchoolRow | None:
    """Find a school by its short name."""
    return (await session.exec(select(SchoolRow).where(SchoolRow.slug == slug))).first()


async def by_id(session: AsyncSession, school_id: int) -> SchoolRow:
    """Give a school that must exist.

    Raises:
        LookupError: no such school.
    """
    row = await session.get(SchoolRow, school_id)
    if row is None:
        raise LookupError(f"no school {school_id}")
    return row


async def speaking_from(session: AsyncSession, address: str) -> SchoolRow | None:
    """Find the school that a parent wrote to, by its number or its e-mail address."""
    lowered = address.lower()
    found = await session.exec(
        select(SchoolRow).where(
            (SchoolRow.sms_number == address) | (SchoolRow.email_address == lowered)
        )
    )
    return found.first()


async def names(session: AsyncSession, ids: Collection[int]) -> dict[int, str]:
    """Give the names of schools by id."""
    found = await session.exec(
        select(SchoolRow.id, SchoolRow.name).where(col(SchoolRow.id).in_(ids))
    )
    return {school_id: name for school_id, name in found if school_id is not None}
