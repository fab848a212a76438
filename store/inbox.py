"""The inbox: every message as it came, kept before anybody thinks about it.

A provider's repeat meets the unique key and leaves no second row.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import JSON, Column, UniqueConstraint, update
from sqlmodel import Field, SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from store.insert import insert_once

MAX_TRIES = 5
"""After so many failures a message is put before staff and leaves the others' way."""


class InboxRow(SQLModel, table=True):
    """One message from outside. ``account`` and ``provider_id`` name it at its provider."""

    __tablename__ = "inbox"
    __table_args__ = (UniqueConstraint("channel", "account", "provider_id"),)

    id: int | None = Field(default=None, primary_key=True)
    channel: str
    account: str
    provider_id: str
    school_id: int | None = Field(default=None, foreign_key="school.id", index=True)
    sender: str
    addressed_to: str
    text: str
    extra: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    received_at: datetime
    done_at: datetime | None = Field(default=None, index=True)
    tries: int = 0
    next_try: datetime | None = None
    trouble: str = ""

    @property
    def key(self) -> int:
        """The id of a message that is stored."""
        if self.id is None:
            raise ValueError("this message is not stored yet")
        return self.id


async def keep(session: AsyncSession, row: InboxRow) -> int | None:
    """Store a message.

    Returns:
        Its id, or None when this very message is here already.
    """
    statement = (
        insert_once(session, InboxRow, ["channel", "account", "provider_id"])
        .values(**row.model_dump(exclude={"id"}))
        .returning(col(InboxRow.id))
    )
    found = (await session.exec(statement)).first()
    return None if found is None else int(found[0])


async def unthought(session: AsyncSession, now: datetime, limit: int = 50) -> list[int]:
    """Give the messages that nobody has thought about, oldest first."""
    found = await session.exec(
        select(InboxRow.id)
        .where(
            col(InboxRow.done_at).is_(None),
            InboxRow.tries < MAX_TRIES,
            col(InboxRow.next_try).is_(None) | (col(InboxRow.next_try) <= now),
        )
        .order_by(col(InboxRow.id))
        .limit(limit)
    )
    return [row_id for row_id in found if row_id is not None]


async def take(session: AsyncSession, inbox_id: int) -> InboxRow | None:
    """Take one message for thinking; None when another process was quicker."""
    return (
        await session.exec(
            select(InboxRow)
            .where(InboxRow.id == inbox_id, col(InboxRow.done_at).is_(None))
            .with_for_update(skip_locked=True)
        )
    ).first()


async def failed(session: AsyncSession, inbox_id: int, now: datetime, trouble: str) -> int:
    """Note that thinking failed, and when to try again; gives the number of tries so far."""
    row = await session.get_one(InboxRow, inbox_id)
    row.tries += 1
    row.next_try = now + timedelta(seconds=10 * 2**row.tries)
    row.trouble = trouble
    session.add(row)
    return row.tries


async def unread_senders(session: AsyncSession) -> set[tuple[str, str]]:
    """Give (channel, address) of every message not yet thought about: each may be an answer."""
    found = await session.exec(
        select(InboxRow.channel, InboxRow.sender).where(
            # A dead letter is before staff; it must not hold this sender's messages for ever.
            col(InboxRow.done_at).is_(None),
            InboxRow.tries < MAX_TRIES,
        )
    )
    return {(channel, sender) for channel, sender in found}


async def done(session: AsyncSession, inbox_id: int, now: datetime) -> None:
    """Mark a message as thought about."""
    await session.exec(update(InboxRow).where(col(InboxRow.id) == inbox_id).values(done_at=now))


async def newest_mail(session: AsyncSession, account: str) -> tuple[int, int]:
    """Give (UIDVALIDITY, UID) of the newest message kept from a mailbox; zeros for none."""
    found = await session.exec(
        select(InboxRow.provider_id)
        .where(InboxRow.channel == "email", InboxRow.account == account)
        .order_by(col(InboxRow.id).desc())
        .limit(200)
    )
    ids = [tuple(int(n) for n in name.split(":")) for name in found if name.count(":") == 1]
    return max(((v, u) for v, u in ids), default=(0, 0))


async def is_letter_again(session: AsyncSession, row: InboxRow) -> bool:
    """Tell whether this e-mail was heard before: a moved mailbox numbers every letter anew."""
    letter = row.extra.get("message_id")
    if row.channel != "email" or not letter:
        return False
    earlier = await session.exec(
        select(InboxRow.extra).where(
            InboxRow.channel == "email",
            InboxRow.sender == row.sender,
            col(InboxRow.id) < row.key,
        )
    )
    return any(extra.get("message_id") == letter for extra in earlier)


async def reopen(session: AsyncSession, channel: str, sender: str, since: datetime) -> None:
    """Let messages whose school could not be told be thought about again: now it can."""
    await session.exec(
        update(InboxRow)
        .where(
            col(InboxRow.channel) == channel,
            col(InboxRow.sender) == sender,
            col(InboxRow.school_id).is_(None),
            col(InboxRow.done_at).is_not(None),
            col(InboxRow.received_at) >= since,
        )
        .values(done_at=None)
    )
