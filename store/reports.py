"""Reports: what a parent told us about one child's absence, waiting for a person to code it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Column, UniqueConstraint
from sqlmodel import Field, SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from store import registers


class ReportStatus(StrEnum):
    """Where a report stands; the names of the command-line contract, and two of our own."""

    ASKING = "asking"
    AWAITING = "awaiting_staff_confirmation"
    INSUFFICIENT = "reason_insufficient"
    HANDED_OVER = "handed_to_office"
    SAFEGUARDING = "escalated_safeguarding"
    CANCELLED = "cancelled"
    CODED = "coded"


OPEN = (
    ReportStatus.ASKING,
    ReportStatus.AWAITING,
    ReportStatus.INSUFFICIENT,
    ReportStatus.HANDED_OVER,
    ReportStatus.SAFEGUARDING,
)


class ReportRow(SQLModel, table=True):
    """One child, one outcome. ``words`` is the parent's own text, never changed."""

    __tablename__ = "report"
    __table_args__ = (UniqueConstraint("school_id", "pupil_id", "first_day", "told_by"),)

    id: int | None = Field(default=None, primary_key=True)
    school_id: int = Field(foreign_key="school.id", index=True)
    pupil_id: int = Field(foreign_key="pupil.id", index=True)
    contact_id: int | None = Field(default=None, foreign_key="contact.id")
    told_by: str
    """The channel and address it came from: two parents may say different things."""
    inbox_id: int | None = Field(default=None, foreign_key="inbox.id")
    reference: str
    channel: str
    words: str
    lang: str
    kind: str
    detailed: bool | None = None
    codes: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    evidence: list[Any] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    confidence: float = 0.0
    first_day: date = Field(index=True)
    last_day: date = Field(index=True)
    days: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    sessions: str = "AM+PM"
    late: str | None = None
    expected_return: date | None = None
    on_time: bool | None = None
    safeguarding: bool = False
    status: str = Field(index=True)
    asked: int = 0
    status_before: str = ""
    told_at: datetime
    changed_at: datetime
    version: int = 0

    def covers(self, half: str) -> bool:
        """Tell whether it is about this half of its days."""
        return half in self.sessions.split("+")

    @property
    def key(self) -> int:
        """The id of a report that is stored."""
        if self.id is None:
            raise ValueError("this report is not stored yet")
        return self.id


async def on_day(session: AsyncSession, school_id: int, day: date) -> list[ReportRow]:
    """Give the reports that cover a day and were not cancelled, oldest first."""
    return list(
        await session.exec(
            select(ReportRow)
            .where(
                ReportRow.school_id == school_id,
                ReportRow.first_day <= day,
                ReportRow.last_day >= day,
                ReportRow.status != ReportStatus.CANCELLED,
            )
            .order_by(col(ReportRow.id))
        )
    )


async def about(
    session: AsyncSession, pupil_ids: Iterable[int], day: date, told_by: str
) -> list[ReportRow]:
    """Give what one address told us about pupils for a day and later."""
    return list(
        await session.exec(
            select(ReportRow).where(
                col(ReportRow.pupil_id).in_(list(pupil_ids)),
                ReportRow.last_day >= day,
                ReportRow.told_by == told_by,
            )
        )
    )


async def one(
    session: AsyncSession, school_id: int, report_id: int, *, lock: bool = False
) -> ReportRow | None:
    """Give one report of this school; None where it is not this school's."""
    question = select(ReportRow).where(ReportRow.id == report_id, ReportRow.school_id == school_id)
    return (await session.exec(question.with_for_update() if lock else question)).first()


async def every(session: AsyncSession, school_id: int) -> list[ReportRow]:
    """Give all reports of a school, cancelled ones too, oldest first."""
    return list(
        await session.exec(
            select(ReportRow).where(ReportRow.school_id == school_id).order_by(col(ReportRow.id))
        )
    )


async def told(session: AsyncSession, pupil_ids: Iterable[int], day: date) -> set[int]:
    """Give those of these pupils about whom somebody told us something for a day.

    A report of one half tells nothing about the other: it counts only while the newest mark of
    the day belongs to the half it is about, or there is no mark yet.
    """
    ids = list(pupil_ids)
    newest = await registers.newest_session(session, ids, day)
    found = await session.exec(
        select(ReportRow.pupil_id, ReportRow.sessions).where(
            col(ReportRow.pupil_id).in_(ids),
            ReportRow.first_day <= day,
            ReportRow.last_day >= day,
            ReportRow.status != ReportStatus.CANCELLED,
        )
    )
    return {n for n, halves in found if newest.get(n, halves[:2]) in halves.split("+")}
