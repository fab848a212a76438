"""Tasks for people: what the service will not or cannot do by itself."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlmodel import Field, SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession


class TaskKind(StrEnum):
    """What has to be done."""

    SAFEGUARDING = "safeguarding"
    CHECK_REGISTER = "check_register"
    CALL = "call"
    UNKNOWN_SENDER = "unknown_sender"
    WRONG_NUMBER = "wrong_number"
    OPTED_OUT = "opted_out"
    LEAVE = "leave"
    QUESTION = "question"
    MESSAGE = "message"
    UNDELIVERED = "undelivered"
    UNCERTAIN = "uncertain"
    NO_CONTACT = "no_contact"
    UNREADABLE = "unreadable"


URGENT = (TaskKind.SAFEGUARDING, TaskKind.CHECK_REGISTER)
"""What stands above everything else on the office page."""


class TaskRow(SQLModel, table=True):
    """One thing a person has to do, and what came of it."""

    __tablename__ = "task"

    id: int | None = Field(default=None, primary_key=True)
    school_id: int = Field(foreign_key="school.id", index=True)
    kind: str
    dedupe_key: str = Field(unique=True)
    pupil_id: int | None = Field(default=None, foreign_key="pupil.id")
    contact_id: int | None = Field(default=None, foreign_key="contact.id")
    inbox_id: int | None = Field(default=None, foreign_key="inbox.id")
    outbound_id: int | None = Field(default=None, foreign_key="outbound.id")
    note: str = ""
    raised_at: datetime
    closed_at: datetime | None = Field(default=None, index=True)
    closed_by: str = ""
    outcome: str = ""


async def raise_task(session: AsyncSession, row: TaskRow) -> bool:
    """Put a task on the list; False when the same one is there already."""
    have = await session.exec(select(TaskRow.id).where(TaskRow.dedupe_key == row.dedupe_key))
    if have.first() is not None:
        return False
    session.add(row)
    await session.flush()
    return True


async def open_tasks(session: AsyncSession, school_id: int) -> list[TaskRow]:
    """Give the tasks that are not done, oldest first."""
    return list(
        await session.exec(
            select(TaskRow)
            .where(TaskRow.school_id == school_id, col(TaskRow.closed_at).is_(None))
            .order_by(col(TaskRow.id))
        )
    )


async def one(session: AsyncSession, school_id: int, task_id: int) -> TaskRow | None:
    """Give one task of this school."""
    return (
        await session.exec(
            select(TaskRow).where(TaskRow.id == task_id, TaskRow.school_id == school_id)
        )
    ).first()
