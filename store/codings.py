"""Codes that a person confirmed, the amendment record, and what was handed to the MIS."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession


class CodingRow(SQLModel, table=True):
    """The code of one pupil's session as staff decided it.

    ``version`` grows with each change; a row whose ``exported_version`` is smaller still has to
    go back to the school's own system.
    """

    __tablename__ = "coding"
    __table_args__ = (UniqueConstraint("pupil_id", "day", "session"),)

    id: int | None = Field(default=None, primary_key=True)
    school_id: int = Field(foreign_key="school.id", index=True)
    pupil_id: int = Field(foreign_key="pupil.id")
    day: date = Field(index=True)
    session: str
    code: str
    report_id: int | None = Field(default=None, foreign_key="report.id", index=True)
    comment: str = ""
    version: int = 1
    exported_version: int = 0
    exported_at: datetime | None = None


class AmendmentRow(SQLModel, table=True):
    """One change of a session's code; appended, never changed.

    The five elements: original entry, amended entry, reason, date, name and role (TRJS policy,
    register amendments; national guidance).
    """

    __tablename__ = "amendment"

    id: int | None = Field(default=None, primary_key=True)
    school_id: int = Field(foreign_key="school.id", index=True)
    pupil_id: int = Field(foreign_key="pupil.id", index=True)
    day: date
    session: str
    original: str
    amended: str
    reason: str
    amended_at: datetime
    staff_name: str
    staff_role: str
    report_id: int | None = Field(default=None, foreign_key="report.id", index=True)
    undoes: int | None = Field(default=None, foreign_key="amendment.id")


async def for_session(
    session: AsyncSession, school_id: int, pupil_id: int, day: date, half: str
) -> CodingRow | None:
    """Give the code staff decided for one session, if any."""
    return (
        await session.exec(
            select(CodingRow).where(
                CodingRow.school_id == school_id,
                CodingRow.pupil_id == pupil_id,
                CodingRow.day == day,
                CodingRow.session == half,
            )
        )
    ).first()


async def of_report(session: AsyncSession, report_id: int) -> list[CodingRow]:
    """Give the codes that were decided from one report."""
    return list(
        await session.exec(
            select(CodingRow).where(CodingRow.report_id == report_id).order_by(col(CodingRow.id))
        )
    )


async def amendments(session: AsyncSession, report_id: int) -> list[AmendmentRow]:
    """Give the amendment record of one report, oldest first."""
    return list(
        await session.exec(
            select(AmendmentRow)
            .where(AmendmentRow.report_id == report_id)
            .order_by(col(AmendmentRow.id))
        )
    )


async def to_export(session: AsyncSession, school_id: int) -> list[CodingRow]:
    """Give the codes that changed since they were last handed over."""
    return list(
        await session.exec(
            select(CodingRow)
            .where(
                CodingRow.school_id == school_id,
                col(CodingRow.exported_version) < col(CodingRow.version),
            )
            .order_by(col(CodingRow.day), col(CodingRow.pupil_id), col(CodingRow.session))
        )
    )
