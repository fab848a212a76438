"""Put a message whose fate nobody can know before staff: ring, or send again by hand."""

from __future__ import annotations

from datetime import datetime

from store import tasks
from store.database import Transaction
from store.outbox import OutboundRow
from store.tasks import TaskKind, TaskRow


async def put_before_staff(session: Transaction, row: OutboundRow, now: datetime) -> None:
    """Raise the task once; a late receipt or a reply settles the message by itself."""
    await tasks.raise_task(
        session,
        TaskRow(
            school_id=row.school_id,
            kind=TaskKind.UNCERTAIN,
            dedupe_key=f"uncertain:{row.key}",
            contact_id=row.contact_id,
            outbound_id=row.key,
            note=f"a message by {row.channel} may or may not have arrived: please ring",
            raised_at=now,
        ),
    )
