"""First-day runs that were made: one for each class and session, and whom they asked about whom."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from store.insert import insert_once
from store.outbox import OutboundRow
from store.schools import SchoolRow


class RunRow(SQLModel, table=True):
    """The run of one class and session. Its unique key makes a second run impossible."""

    __tablename__ = "first_day_run"
    __table_args__ = (UniqueConstraint("class_id", "day", "session"),)

    id: int | None = Field(default=None, primary_key=True)
    school_id: int = Field(foreign_key="school.id")
    class_id: int = Field(foreign_key="school_class.id")
    day: date = Field(index=True)
    session: str
    started_by: str
    started_at: datetime


class AskedRow(SQLModel, table=True):
    """One contact was asked about one pupil on one day; never twice."""

    __tablename__ = "asked"
    __table_args__ = (UniqueConstraint("pupil_id", "contact_id", "day", "session"),)

    id: int | None = Field(default=None, primary_key=True)
    school_id: int = Field(foreign_key="school.id", index=True)
    pupil_id: int = Field(foreign_key="pupil.id")
    contact_id: int = Field(foreign_key="contact.id")
    outbound_id: int = Field(foreign_key="outbound.id", index=True)
    day: date = Field(index=True)
    session: str


async def one_at_a_time(session: AsyncSession, school_id: int) -> None:
    """Make a second run of the same school wait until this transaction ends.

    ``key_share`` leaves alone the transactions that only refer to the school: a parent's answer
    need not wait, and cannot deadlock with the run over a talk.
    """
    await session.exec(
        select(SchoolRow.id).where(SchoolRow.id == school_id).with_for_update(key_share=True)
    )


async def claim(session: AsyncSession, rows: Iterable[RunRow]) -> set[int]:
    """Claim the run of classes; gives those that nobody claimed before, in this commit."""
    claimed = set()
    for row in rows:
        statement = (
            insert_once(session, RunRow, ["class_id", "day", "session"])
            .values(**row.model_dump(exclude={"id"}))
            .returning(col(RunRow.class_id))
        )
        claimed |= {int(found[0]) for found in await session.exec(statement)}
    return claimed


async def done(session: AsyncSession, school_id: int, day: date, half: str) -> set[int]:
    """Give the classes whose run for a session was made."""
    return set(
        await session.exec(
            select(RunRow.class_id).where(
                RunRow.school_id == school_id, RunRow.day == day, RunRow.session == half
            )
        )
    )


async def asked_on(session: AsyncSession, school_id: int, day: date) -> list[AskedRow]:
    """Give who was asked about whom on a day."""
    return list(
        await session.exec(
            select(AskedRow).where(AskedRow.school_id == school_id, AskedRow.day == day)
        )
    )


async def asked_where(
    session: AsyncSession, school_id: int, day: date
) -> list[tuple[AskedRow, str, str]]:
    """Give who was asked about whom on a day, with the channel and the address it went to."""
    found = await session.exec(
        select(AskedRow, OutboundRow.channel, OutboundRow.address).where(
            AskedRow.outbound_id == OutboundRow.id,
            AskedRow.school_id == school_id,
            AskedRow.day == day,
        )
    )
    return list(found)


async def about(session: AsyncSession, outbound_ids: Iterable[int]) -> list[AskedRow]:
    """Give whom these messages asked about."""
    return list(
        await session.exec(
            select(AskedRow)
            .where(col(AskedRow.outbound_id).in_(list(outbound_ids)))
            .order_by(col(AskedRow.id))
        )
    )
