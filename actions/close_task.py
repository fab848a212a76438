"""Close a task with what came of it."""

from __future__ import annotations

from datetime import datetime

from actions.coding import Person, RefusedError
from store import today
from store.database import Transaction


class UnknownTaskError(RefusedError):
    """No such task at this school."""


class TaskClosedError(RefusedError):
    """A colleague was quicker."""


class OutcomeNeededError(RefusedError):
    """A task is done with an outcome, never without."""


async def close_task(
    session: Transaction,
    *,
    school_id: int,
    task_id: int,
    person: Person,
    outcome: str,
    now: datetime,
) -> None:
    """Mark a task as done; a second press of the same person with the same outcome is harmless.

    Args:
        session: the transaction to work in.
        school_id: the school of the person.
        task_id: which task.
        person: who did it.
        outcome: what came of it; not empty.
        now: UTC.

    Raises:
        UnknownTaskError: not a task of this school.
        OutcomeNeededError: the outcome is empty.
        TaskClosedError: somebody else has closed it.
    """
    task = await today.task_to_close(session, school_id, task_id)
    if task is None:
        raise UnknownTaskError("There is no such task at this school.")
    came_of_it = outcome.strip()
    if task.closed_at is not None:
        if (task.closed_by, task.outcome) == (person.name, came_of_it):
            return
        raise TaskClosedError("This is done already.", f"{task.closed_by} has done this already.")
    if not came_of_it:
        raise OutcomeNeededError("Say in a few words what came of it.")
    task.closed_at = now
    task.closed_by = person.name
    task.outcome = came_of_it
    session.add(task)
    await session.flush()
