"""Talks under way: one saved state for each address at each school."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import UniqueConstraint, update
from sqlmodel import Field, SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from store.insert import insert_once


class TalkRow(SQLModel, table=True):
    """The memory of one talk as text; a talk belongs to an address, not to a person."""

    __tablename__ = "talk"
    __table_args__ = (UniqueConstraint("school_id", "channel", "address"),)

    id: int | None = Field(default=None, primary_key=True)
    school_id: int = Field(foreign_key="school.id")
    channel: str
    address: str
    state: str = ""
    wake_at: datetime | None = Field(default=None, index=True)
    changed_at: datetime
    version: int = 0


async def load(
    session: AsyncSession, school_id: int, channel: str, address: str, now: datetime
) -> TalkRow:
    """Give the talk of an address, locked for this transaction; a new one where none is."""
    question = (
        select(TalkRow)
        .where(
            TalkRow.school_id == school_id,
            TalkRow.channel == channel,
            TalkRow.address == address,
        )
        .with_for_update()
    )
    row = (await session.exec(question)).first()
    if row is None:
        new = TalkRow(school_id=school_id, channel=channel, address=address, changed_at=now)
        await session.exec(
            insert_once(session, TalkRow, ["school_id", "channel", "address"]).values(
                **new.model_dump(exclude={"id"})
            )
        )
        row = (await session.exec(question)).one()  # ours, or that of whoever was quicker
    return row


async def due(session: AsyncSession, now: datetime, limit: int = 200) -> list[int]:
    """Give the talks that asked to be woken by now."""
    found = await session.exec(
        select(TalkRow.id)
        .where(col(TalkRow.wake_at).is_not(None), col(TalkRow.wake_at) <= now)
        .order_by(col(TalkRow.wake_at))
        .limit(limit)
    )
    return [row_id for row_id in found if row_id is not None]


async def take(session: AsyncSession, talk_id: int, now: datetime) -> TalkRow | None:
    """Take one due talk; None when another process woke it first."""
    return (
        await session.exec(
            select(TalkRow)
            .where(TalkRow.id == talk_id, col(TalkRow.wake_at) <= now)
            .with_for_update(skip_locked=True)
        )
    ).first()


async def postpone(session: AsyncSession, talk_id: int, now: datetime, until: datetime) -> None:
    """Let a due talk that could not be woken sleep a little longer."""
    await session.exec(
        update(TalkRow)
        .where(col(TalkRow.id) == talk_id, col(TalkRow.wake_at) <= now)
        .values(wake_at=until)
    )
