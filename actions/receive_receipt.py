"""Take what a provider reports about a message, in any order, twice, or before our own commit."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from actions.inbound import Receipt
from actions.undelivered import undelivered
from actions.unsure import settle_if_arrived
from store import receipts
from store.database import Database, Transaction
from store.outbox import OutboundRow, ReceiptRow, Status

_DID_NOT_ARRIVE = (Status.UNDELIVERED, Status.FAILED)


async def receive(
    db: Database, receipt: Receipt, now: datetime, languages: tuple[str, ...]
) -> None:
    """Keep a receipt and move its message up, never down; a repeat changes nothing."""
    async with db.work() as session:
        row = await receipts.message_of(session, receipt.provider_id, receipt.attempt_id)
        kept = ReceiptRow(
            school_id=row.school_id if row else None,
            provider_id=receipt.provider_id,
            status=receipt.status,
            code=receipt.code,
            attempt_id=receipt.attempt_id,
            received_at=now,
        )
        if await receipts.keep(session, kept) and row is not None:
            await _apply(session, row, kept, now, languages)


async def catch_up(
    session: Transaction, rows: Iterable[OutboundRow], now: datetime, languages: tuple[str, ...]
) -> None:
    """Apply receipts that came before we had recorded the provider's answer."""
    for row in rows:
        if row.provider_id:
            for kept in await receipts.parked(session, row.provider_id):
                await _apply(session, row, kept, now, languages)


async def _apply(
    session: Transaction,
    row: OutboundRow,
    kept: ReceiptRow,
    now: datetime,
    languages: tuple[str, ...],
) -> None:
    if row.provider_id is None:
        row.provider_id = kept.provider_id
    if kept.attempt_id is not None:
        await receipts.end_attempt(session, kept.attempt_id, kept.provider_id, now)
    if receipts.moves_up(row.status, kept.status):
        row.status = kept.status
        row.trouble = kept.code
        session.add(row)
        await session.flush()
        await settle_if_arrived(session, row, now)
        if kept.status in _DID_NOT_ARRIVE:
            await undelivered(session, row, now=now, languages=languages, code=kept.code)
    session.add(row)
