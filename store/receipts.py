"""Receipts: kept once each, applied by rank, never moving a message down."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from store.insert import insert_once
from store.outbox import RANK, AttemptRow, OutboundRow, ReceiptRow, Status


async def keep(session: AsyncSession, row: ReceiptRow) -> bool:
    """Store a receipt; False when the same one is here already."""
    statement = (
        insert_once(session, ReceiptRow, ["provider_id", "status"])
        .values(**row.model_dump(exclude={"id"}))
        .returning(col(ReceiptRow.id))
    )
    return (await session.exec(statement)).first() is not None


async def message_of(
    session: AsyncSession, provider_id: str, attempt_id: int | None
) -> OutboundRow | None:
    """Find the message a receipt is about: by the provider's id, else by our attempt.

    A receipt can come before we have recorded the provider's answer; then the attempt tells.
    """
    row = (
        await session.exec(
            select(OutboundRow).where(OutboundRow.provider_id == provider_id).with_for_update()
        )
    ).first()
    if row is not None or attempt_id is None:
        return row
    attempt = await session.get(AttemptRow, attempt_id)
    if attempt is None or attempt.provider_id not in {None, provider_id}:
        return None
    return (
        await session.exec(
            select(OutboundRow).where(OutboundRow.id == attempt.outbound_id).with_for_update()
        )
    ).first()


async def end_attempt(
    session: AsyncSession, attempt_id: int, provider_id: str, now: datetime
) -> None:
    """A receipt proves that an unfinished call was accepted."""
    attempt = await session.get(AttemptRow, attempt_id)
    if attempt is not None and attempt.finished_at is None:
        attempt.finished_at = now
        attempt.outcome = "accepted"
        attempt.provider_id = provider_id
        session.add(attempt)


def moves_up(before: str, status: str) -> bool:
    """Tell whether a reported status stands above where a message is."""
    if status not in RANK:
        return False
    return RANK[Status(status)] > RANK.get(Status(before), 0)


async def parked(session: AsyncSession, provider_id: str) -> list[ReceiptRow]:
    """Give the receipts that came for a provider's id, in the order they came."""
    return list(
        await session.exec(
            select(ReceiptRow)
            .where(ReceiptRow.provider_id == provider_id)
            .order_by(col(ReceiptRow.id))
        )
    )
