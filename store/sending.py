"""The outbox while it is being sent: what is due, the fence, the outcomes, the open questions.

Rows are changed many at a time with plain statements: the fence of a hundred messages is one
commit, and so is the record of their outcomes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, exists, insert, or_, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from store.outbox import AttemptRow, OutboundRow, Status

CHECKS = (20, 60, 300, 600)
"""Seconds after the fenced call at which an unknown outcome is asked about."""

_ASKING_TAKES = timedelta(seconds=60)
"""So long a question belongs to the worker that took it; then its process is taken for dead."""


@dataclass(frozen=True, slots=True)
class Fenced:
    """One message with the attempt that fences its call."""

    row: OutboundRow
    attempt_id: int
    called_at: datetime
    checks: int = 0


@dataclass(frozen=True, slots=True)
class Ended:
    """How one attempt ended, and where its message stands after it."""

    outbound_id: int
    attempt_id: int
    status: Status
    outcome: str
    provider_id: str | None = None
    code: str = ""
    again_at: datetime | None = None
    """When to try again (status QUEUED) or to ask again (status RECONCILING)."""
    checks: int = 0
    """How often the provider has been asked about this attempt."""


async def due(
    session: AsyncSession, now: datetime, channels: Iterable[str], limit: int
) -> list[OutboundRow]:
    """Take queued messages whose time has come, oldest first, locked for this transaction.

    One that is too old is given on every channel, set up or not: its end has to be seen.
    """
    return list(
        await session.exec(
            select(OutboundRow)
            .where(
                OutboundRow.status == Status.QUEUED,
                OutboundRow.not_before <= now,
                col(OutboundRow.channel).in_(list(channels)) | (col(OutboundRow.expires_at) <= now),
            )
            .order_by(col(OutboundRow.not_before), col(OutboundRow.id))
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
    )


async def fence(
    session: AsyncSession, rows: Sequence[OutboundRow], bodies: dict[int, str], now: datetime
) -> list[Fenced]:
    """Write down that these calls are about to be made; after the commit they may be.

    The open attempt is unique for each message, so nobody else can fence the same one.
    """
    if not rows:
        return []
    made = await session.exec(
        insert(AttemptRow).returning(col(AttemptRow.id), col(AttemptRow.outbound_id)),
        params=[
            {
                "school_id": row.school_id,
                "outbound_id": row.key,
                "n": row.tries + 1,
                "call_started_at": now,
                "outcome": "",
                "code": "",
                "checks": 0,
            }
            for row in rows
        ],
    )
    attempt_ids = {outbound_id: attempt_id for attempt_id, outbound_id in made}
    await _change(
        session,
        [
            {
                "row_id": row.key,
                "status": Status.SENDING,
                "body": bodies[row.key],
                "tries": row.tries + 1,
            }
            for row in rows
        ],
        ("status", "body", "tries"),
    )
    return [Fenced(row, attempt_ids[row.key], now) for row in rows]


async def settle(session: AsyncSession, rows: Iterable[tuple[int, Status, str]]) -> None:
    """End messages that will not be sent: cancelled, suppressed, expired, with the reason."""
    await _change(
        session,
        [{"row_id": n, "status": status, "trouble": why} for n, status, why in rows],
        ("status", "trouble"),
    )


async def postpone(session: AsyncSession, ids: Iterable[int], until: datetime) -> None:
    """Hold messages until a time; they are judged again then."""
    await _change(session, [{"row_id": n, "not_before": until} for n in ids], ("not_before",))


async def finish(session: AsyncSession, ended: Iterable[Ended], now: datetime) -> set[int]:
    """Record how calls ended. A message that a receipt has moved further stays where it is.

    What comes late, about an attempt that somebody else has ended, no longer counts: the message
    may be on its way again. Only "accepted" does, so that nothing is sent once more.

    Returns:
        The ids of the attempts whose end was recorded.
    """
    given = list(ended)
    still_open = await _still_open(session, [e.attempt_id for e in given])
    await _accept_late(session, [e for e in given if e.attempt_id not in still_open])
    every = [e for e in given if e.attempt_id in still_open]
    if not every:
        return still_open
    known = [e for e in every if e.status is not Status.RECONCILING]
    await _finish_attempts(session, known, now)
    await _keep_asking(session, [e for e in every if e.status is Status.RECONCILING])
    table = OutboundRow.__table__  # type: ignore[attr-defined]
    statement = (
        update(table)
        .where(
            table.c.id == bindparam("row_id"),
            # One bound value each: an IN list cannot be bound for many rows at once.
            or_(
                table.c.status == Status.SENDING,
                table.c.status == Status.RECONCILING,
                table.c.status == Status.UNCERTAIN,
            ),
        )
        .values({name: bindparam(f"new_{name}") for name in ("status", "trouble")})
    )
    connection = await session.connection()
    await connection.execute(
        statement,
        [{"row_id": e.outbound_id, "new_status": e.status, "new_trouble": e.code} for e in every],
    )
    await _change(
        session,
        [{"row_id": e.outbound_id, "provider_id": e.provider_id} for e in known if e.provider_id],
        ("provider_id",),
    )
    await _change(
        session,
        [
            {"row_id": e.outbound_id, "not_before": e.again_at}
            for e in known
            if e.status is Status.QUEUED and e.again_at
        ],
        ("not_before",),
    )
    return still_open


async def open_questions(
    session: AsyncSession, now: datetime, channels: Iterable[str], limit: int = 100
) -> list[Fenced]:
    """Take the fenced calls whose end is unknown and whose time to be asked about has come.

    Each is taken by one worker only: two answers to one question could make two new attempts.
    A call that was fenced two minutes ago and never finished belongs here too: its process died.
    """
    lost = now - timedelta(seconds=120)
    found = await session.exec(
        select(OutboundRow, AttemptRow)
        .where(
            AttemptRow.outbound_id == OutboundRow.id,
            col(AttemptRow.finished_at).is_(None),
            col(OutboundRow.channel).in_(list(channels)),
            (col(AttemptRow.next_check) <= now)
            | (col(AttemptRow.next_check).is_(None) & (col(AttemptRow.call_started_at) <= lost)),
        )
        .order_by(col(AttemptRow.id))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    questions = [Fenced(row, a.id or 0, a.call_started_at, a.checks) for row, a in found]
    if questions:
        await session.exec(
            update(AttemptRow)
            .where(col(AttemptRow.id).in_([q.attempt_id for q in questions]))
            .values(next_check=now + _ASKING_TAKES)
        )
    return questions


async def _still_open(session: AsyncSession, attempt_ids: Sequence[int]) -> set[int]:
    """Lock those of these attempts that nobody has ended, each message before its attempt.

    A receipt locks in the same order, so the two never wait for each other in a ring.
    """
    if not attempt_ids:
        return set()
    found = await session.exec(
        select(OutboundRow.id, AttemptRow.id)
        .where(
            OutboundRow.id == AttemptRow.outbound_id,
            col(AttemptRow.id).in_(attempt_ids),
            col(AttemptRow.finished_at).is_(None),
        )
        .order_by(col(OutboundRow.id))
        .with_for_update()
    )
    return {attempt_id for _, attempt_id in found if attempt_id is not None}


async def _accept_late(session: AsyncSession, ended: Sequence[Ended]) -> None:
    """An ended attempt was accepted after all: do not send again what is not under way again."""
    table = OutboundRow.__table__  # type: ignore[attr-defined]
    under_way = exists().where(
        col(AttemptRow.outbound_id) == table.c.id, col(AttemptRow.finished_at).is_(None)
    )
    waiting = (Status.QUEUED, Status.SENDING, Status.RECONCILING, Status.UNCERTAIN)
    for e in ended:
        if e.status is Status.ACCEPTED:
            await session.exec(
                update(table)
                .where(table.c.id == e.outbound_id, table.c.status.in_(waiting), ~under_way)
                .values(status=e.status, trouble=e.code, provider_id=e.provider_id)
            )


async def _finish_attempts(session: AsyncSession, ended: Sequence[Ended], now: datetime) -> None:
    if not ended:
        return
    table = AttemptRow.__table__  # type: ignore[attr-defined]
    statement = (
        update(table)
        .where(table.c.id == bindparam("row_id"), table.c.finished_at.is_(None))
        .values(
            finished_at=bindparam("new_at"),
            outcome=bindparam("new_outcome"),
            provider_id=bindparam("new_provider_id"),
            code=bindparam("new_code"),
        )
    )
    connection = await session.connection()
    await connection.execute(
        statement,
        [
            {
                "row_id": e.attempt_id,
                "new_at": now,
                "new_outcome": e.outcome,
                "new_provider_id": e.provider_id,
                "new_code": e.code,
            }
            for e in ended
        ],
    )


async def _keep_asking(session: AsyncSession, ended: Sequence[Ended]) -> None:
    table = AttemptRow.__table__  # type: ignore[attr-defined]
    for e in ended:
        await session.exec(
            update(table)
            .where(table.c.id == e.attempt_id)
            .values(next_check=e.again_at, checks=e.checks, code=e.code)
        )


async def _change(
    session: AsyncSession, rows: Sequence[dict[str, Any]], names: tuple[str, ...]
) -> None:
    if not rows:
        return
    table = OutboundRow.__table__  # type: ignore[attr-defined]
    statement = (
        update(table)
        .where(table.c.id == bindparam("row_id"))
        .values({name: bindparam(f"new_{name}") for name in names})
    )
    connection = await session.connection()
    await connection.execute(
        statement,
        [{"row_id": row["row_id"], **{f"new_{name}": row[name] for name in names}} for row in rows],
    )
