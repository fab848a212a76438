"""End the calls that a reason makes needless: nobody rings about what is known."""

from __future__ import annotations

from datetime import datetime

from store import tasks
from store.database import Transaction
from store.tasks import TaskKind

_ENDED_BY_A_REASON = (TaskKind.CALL, TaskKind.NO_CONTACT)


async def end_calls(
    session: Transaction, *, school_id: int, pupil_id: int, by: str, outcome: str, now: datetime
) -> None:
    """Close the open calls about a child, and say who or what ended them and why."""
    for task in await tasks.open_tasks(session, school_id):
        if task.pupil_id == pupil_id and task.kind in _ENDED_BY_A_REASON:
            task.closed_at = now
            task.closed_by = by
            task.outcome = outcome
            session.add(task)
    await session.flush()
