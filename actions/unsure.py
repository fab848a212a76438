"""Put a message whose fate nobody can know before staff: ring, or send again by hand."""

from __future__ import annotations

from datetime import datetime

from store import tasks
from store.database import Transaction
from store.outbox import OutboundRow, Status
from store.tasks import TaskKind, TaskRow

_ARRIVED = (Status.DELIVERED, Status.READ)


async def put_before_staff(session: Transaction, row: OutboundRow, now: datetime) -> None:
    """Raise the task once; a late receipt settles it by itself."""
    await tasks.raise_task(
        session,
        TaskRow(
            school_id=row.school_id,
            kind=TaskKind.UNCERTAIN,
            dedupe_key=_key(row),
            contact_id=row.contact_id,
            outbound_id=row.key,
            note=f"a message by {row.channel} may or may not have arrived: please ring",
            raised_at=now,
        ),
    )


async def settle_if_arrived(session: Transaction, row: OutboundRow, now: datetime) -> None:
    """Close the task of a message that a receipt shows to have arrived: nobody need ring."""
    if row.status not in _ARRIVED:
        return
    for task in await tasks.open_tasks(session, row.school_id):
        if task.dedupe_key == _key(row):
            task.closed_at = now
            task.closed_by = "Firstday"
            task.outcome = "it arrived"
            session.add(task)


def _key(row: OutboundRow) -> str:
    return f"uncertain:{row.key}"
