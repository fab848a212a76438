"""Tasks for people: what the service will not or cannot do by itself."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlmodel import Field, SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from store.insert import insert_once


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


async def raise_task(session: AsyncSession, row: TaskRow, *, is_news: bool = False) -> bool:
    """Put a task on the list; False when the same one is there already.

    Args:
        session: the transaction to write in.
        row: the task.
        is_news: something new was heard. It joins the same task where that is open; where a person
            has closed it, a new one is made, since nobody looks at a closed task again.
    """
    if await _insert(session, row):
        return True
    if not is_news:
        return False
    newest = (
        await session.exec(
            select(TaskRow)
            .where(
                (col(TaskRow.dedupe_key) == row.dedupe_key)
                | col(TaskRow.dedupe_key).startswith(f"{row.dedupe_key}#", autoescape=True)
            )
            .order_by(col(TaskRow.id).desc())
            .limit(1)
            .with_for_update()
        )
    ).one()
    if newest.closed_at is not None:
        row.dedupe_key = f"{row.dedupe_key}#{row.inbox_id or row.raised_at.isoformat()}"
        return await _insert(session, row)
    if row.inbox_id and row.inbox_id != newest.inbox_id:
        more = f"message {row.inbox_id}"
        newest.note = f"{newest.note}; {more}" if newest.note else f"also {more}"
        session.add(newest)
        await session.flush()
    return False


async def _insert(session: AsyncSession, row: TaskRow) -> bool:
    made = await session.exec(
        insert_once(session, TaskRow, ["dedupe_key"])
        .values(**row.model_dump(exclude={"id"}))
        .returning(col(TaskRow.id))
    )
    row.id = made.scalar_one_or_none()
    return row.id is not None


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
