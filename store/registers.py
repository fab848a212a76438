"""Registers as they came in, and the marks in them. Dates are the school's own."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from store.pupils import ClassRow


class RegisterRow(SQLModel, table=True):
    """The register of one class for one session is in."""

    __tablename__ = "register"
    __table_args__ = (UniqueConstraint("class_id", "day", "session"),)

    id: int | None = Field(default=None, primary_key=True)
    school_id: int = Field(foreign_key="school.id")
    class_id: int = Field(foreign_key="school_class.id")
    day: date = Field(index=True)
    session: str
    received_at: datetime


class MarkRow(SQLModel, table=True):
    """One pupil's mark for one session, as last imported from the school's own system."""

    __tablename__ = "mark"
    __table_args__ = (UniqueConstraint("pupil_id", "day", "session"),)

    id: int | None = Field(default=None, primary_key=True)
    school_id: int = Field(foreign_key="school.id", index=True)
    pupil_id: int = Field(foreign_key="pupil.id")
    class_id: int = Field(foreign_key="school_class.id")
    day: date = Field(index=True)
    session: str
    code: str


async def classes_in(session: AsyncSession, school_id: int, day: date, half: str) -> set[int]:
    """Give the classes whose register for a session is in."""
    return set(
        await session.exec(
            select(RegisterRow.class_id).where(
                RegisterRow.school_id == school_id,
                RegisterRow.day == day,
                RegisterRow.session == half,
            )
        )
    )


async def missing(session: AsyncSession, school_id: int, day: date, half: str) -> list[str]:
    """Give the names of the classes whose register is not in."""
    have = await classes_in(session, school_id, day, half)
    rows = await session.exec(
        select(ClassRow).where(ClassRow.school_id == school_id).order_by(ClassRow.name)
    )
    return [row.name for row in rows if row.id not in have]


async def marks(
    session: AsyncSession, school_id: int, day: date, half: str | None = None
) -> list[MarkRow]:
    """Give the marks of a day, or of one session of it."""
    question = select(MarkRow).where(MarkRow.school_id == school_id, MarkRow.day == day)
    if half:
        question = question.where(MarkRow.session == half)
    return list(await session.exec(question.order_by(col(MarkRow.id))))


async def latest(session: AsyncSession, pupil_ids: Iterable[int], day: date) -> dict[int, str]:
    """Give each pupil's newest mark of a day: the afternoon's where there is one."""
    found = await session.exec(
        select(MarkRow.pupil_id, MarkRow.code)
        .where(col(MarkRow.pupil_id).in_(list(pupil_ids)), MarkRow.day == day)
        .order_by(col(MarkRow.session))  # AM comes before PM
    )
    return dict(found.all())


async def newest_session(
    session: AsyncSession, pupil_ids: Iterable[int], day: date
) -> dict[int, str]:
    """Give the session of each pupil's newest mark of a day."""
    found = await session.exec(
        select(MarkRow.pupil_id, MarkRow.session)
        .where(col(MarkRow.pupil_id).in_(list(pupil_ids)), MarkRow.day == day)
        .order_by(col(MarkRow.session))  # AM comes before PM
    )
    return dict(found.all())
