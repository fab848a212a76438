"""Pupils and their classes."""

from __future__ import annotations

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession


class ClassRow(SQLModel, table=True):
    """A registration class of one school."""

    __tablename__ = "school_class"
    __table_args__ = (UniqueConstraint("school_id", "name"),)

    id: int | None = Field(default=None, primary_key=True)
    school_id: int = Field(foreign_key="school.id")
    name: str


class PupilRow(SQLModel, table=True):
    """A pupil on the roll; ``external_id`` is the admission number of the school's own system."""

    __tablename__ = "pupil"
    __table_args__ = (UniqueConstraint("school_id", "external_id"),)

    id: int | None = Field(default=None, primary_key=True)
    school_id: int = Field(foreign_key="school.id")
    external_id: str
    first: str
    last: str
    year: str = ""
    class_id: int = Field(foreign_key="school_class.id", index=True)
    on_roll: bool = True


async def of_school(session: AsyncSession, school_id: int) -> list[PupilRow]:
    """Give every pupil on the roll, by last and first name."""
    return list(
        await session.exec(
            select(PupilRow)
            .where(PupilRow.school_id == school_id, col(PupilRow.on_roll).is_(True))
            .order_by(PupilRow.last, PupilRow.first)
        )
    )


async def classes(session: AsyncSession, school_id: int) -> list[ClassRow]:
    """Give the classes of a school, by name."""
    return list(
        await session.exec(
            select(ClassRow).where(ClassRow.school_id == school_id).order_by(ClassRow.name)
        )
    )
