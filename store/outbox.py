"""The outbox: every message we owe somebody, its attempts, and what the provider said of them.

The words are kept as a sentence's name and its words; the text is written when the message is
fenced for sending, and kept from then on.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Column, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from store.insert import insert_once


class Status(StrEnum):
    """Where a message stands."""

    QUEUED = "queued"
    SENDING = "sending"
    RECONCILING = "reconciling"
    ACCEPTED = "accepted"
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    UNDELIVERED = "undelivered"
    FAILED = "failed"
    SUPPRESSED = "suppressed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    UNCERTAIN = "uncertain"


RANK = {
    Status.QUEUED: 0,
    Status.SENDING: 1,
    Status.RECONCILING: 1,
    Status.UNCERTAIN: 1,
    Status.ACCEPTED: 2,
    Status.SENT: 3,
    Status.UNDELIVERED: 4,
    Status.FAILED: 4,
    Status.DELIVERED: 5,
    Status.READ: 6,
}
"""A receipt moves a message up this table, never down."""


class Urgency(StrEnum):
    """What a message is for: it decides whether a lost one may be sent again blindly."""

    ALERT = "alert"
    CONVERSATION = "conversation"
    STAFF = "staff"


class OutboundRow(SQLModel, table=True):
    """One message to one address. ``dedupe_key`` makes a second one impossible."""

    __tablename__ = "outbound"

    id: int | None = Field(default=None, primary_key=True)
    school_id: int = Field(foreign_key="school.id", index=True)
    contact_id: int | None = Field(default=None, foreign_key="contact.id", index=True)
    channel: str
    address: str
    sender: str = ""
    urgency: str
    dedupe_key: str = Field(unique=True)
    sentence: str
    words: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    language: str = "en"
    body: str | None = None
    reply_to: str | None = None
    not_before: datetime = Field(index=True)
    expires_at: datetime
    created_at: datetime
    status: str = Field(default=Status.QUEUED, index=True)
    provider_id: str | None = Field(default=None, index=True)
    trouble: str = ""
    tries: int = 0

    @property
    def key(self) -> int:
        """The id of a message that is stored."""
        if self.id is None:
            raise ValueError("this message is not stored yet")
        return self.id


class AttemptRow(SQLModel, table=True):
    """One call to a provider, fenced: ``call_started_at`` is on disk before the call."""

    __tablename__ = "attempt"
    __table_args__ = (
        UniqueConstraint("outbound_id", "n"),
        Index(
            "one_open_attempt",
            "outbound_id",
            unique=True,
            sqlite_where=text("finished_at IS NULL"),
            postgresql_where=text("finished_at IS NULL"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    school_id: int = Field(foreign_key="school.id")
    outbound_id: int = Field(foreign_key="outbound.id")
    n: int
    call_started_at: datetime
    finished_at: datetime | None = None
    outcome: str = ""
    provider_id: str | None = None
    code: str = ""
    checks: int = 0
    next_check: datetime | None = None


class ReceiptRow(SQLModel, table=True):
    """What a provider reported later about a message; appended, never changed."""

    __tablename__ = "receipt"
    __table_args__ = (UniqueConstraint("provider_id", "status"),)

    id: int | None = Field(default=None, primary_key=True)
    school_id: int | None = Field(default=None, foreign_key="school.id")
    provider_id: str
    status: str
    code: str = ""
    attempt_id: int | None = None
    received_at: datetime


async def add(session: AsyncSession, row: OutboundRow) -> bool:
    """Queue a message; False when one with the same key is here already."""
    made = await session.exec(
        insert_once(session, OutboundRow, ["dedupe_key"])
        .values(**row.model_dump(exclude={"id"}))
        .returning(col(OutboundRow.id))
    )
    row.id = made.scalar_one_or_none()
    return row.id is not None


async def thread(
    session: AsyncSession, school_id: int, address: str, channel: str
) -> list[OutboundRow]:
    """Give what we wrote to an address, oldest first."""
    return list(
        await session.exec(
            select(OutboundRow)
            .where(
                OutboundRow.school_id == school_id,
                OutboundRow.address == address,
                OutboundRow.channel == channel,
            )
            .order_by(col(OutboundRow.id))
        )
    )


async def waiting(session: AsyncSession) -> int:
    """Count the messages that are queued or under way."""
    found = await session.exec(
        select(OutboundRow.id).where(
            col(OutboundRow.status).in_([Status.QUEUED, Status.SENDING, Status.RECONCILING])
        )
    )
    return len(found.all())


async def with_early_receipts(session: AsyncSession, ids: Sequence[int]) -> list[OutboundRow]:
    """Give those of these messages for which a receipt came before we knew their provider's id."""
    if not ids:
        return []
    return list(
        await session.exec(
            select(OutboundRow).where(
                col(OutboundRow.id).in_(ids),
                col(OutboundRow.provider_id).in_(select(ReceiptRow.provider_id)),
            )
        )
    )


async def answers_to(session: AsyncSession, inbox_id: int) -> list[OutboundRow]:
    """Give what was said in answer to one message, in order."""
    return list(
        await session.exec(
            select(OutboundRow)
            .where(col(OutboundRow.dedupe_key).startswith(f"reply:{inbox_id}:"))
            .order_by(col(OutboundRow.id))
        )
    )
