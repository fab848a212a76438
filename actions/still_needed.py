"""Judge messages just before they are fenced: has anybody told us? may this address be used?

Runs inside the fence's own transaction, so that an answer that arrived a second ago counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from school.codes import is_absence
from store import contacts, inbox, registers, reports, runs, schools, suppressions
from store.database import Transaction
from store.outbox import OutboundRow, Status, Urgency
from store.runs import AskedRow

_HOLD_STEP = timedelta(seconds=20)
_MAY_STILL_GO = frozenset({"opted_out", "wrong_number"})
"""The one answer to a stop goes out to the address that was just stopped."""


@dataclass(slots=True)
class Judged:
    """What became of a batch: to send, to end, to hold."""

    send: list[OutboundRow] = field(default_factory=list)
    end: list[tuple[int, Status, str]] = field(default_factory=list)
    hold: list[int] = field(default_factory=list)
    hold_until: datetime | None = None


async def judge(session: Transaction, rows: Sequence[OutboundRow], now: datetime) -> Judged:
    """Sort queued messages into those to send, to end and to hold."""
    judged = Judged(hold_until=now + _HOLD_STEP)
    stopped = {
        school_id: await suppressions.stopped(session, school_id)
        for school_id in {row.school_id for row in rows}
    }
    alerts = [row for row in rows if row.urgency == Urgency.ALERT]
    knowledge = await _what_we_know(session, alerts, now) if alerts else None
    for row in rows:
        if row.expires_at <= now:
            judged.end.append((row.key, Status.EXPIRED, "too late to be of use"))
        elif (row.channel, row.address) in stopped[row.school_id] and (
            row.sentence not in _MAY_STILL_GO
        ):
            judged.end.append((row.key, Status.SUPPRESSED, "this address may not be used"))
        elif row.urgency == Urgency.ALERT and knowledge is not None:
            _judge_alert(judged, row, knowledge, now)
        else:
            judged.send.append(row)
    return judged


@dataclass(slots=True)
class _Known:
    """What is known now about the children of a batch of first-day messages."""

    children: dict[int, list[tuple[int, str]]]
    """Pupil id and first name, by message."""
    settled: set[int]
    """Pupils somebody told us about, or whom the register now has as present."""
    may_be_answered: set[int]
    """Pupils one of whose contacts wrote something that nobody has read."""
    forbidden: set[tuple[int, int]]
    """Pupil and contact between whom contact is forbidden or ended since."""
    hold_minutes: dict[int, int]


async def _what_we_know(
    session: Transaction, alerts: Sequence[OutboundRow], now: datetime
) -> _Known:
    known = _Known({}, set(), set(), set(), {})
    unread = await inbox.unread_senders(session)
    for school_id in {row.school_id for row in alerts}:
        policy = (await schools.by_id(session, school_id)).rules()
        known.hold_minutes[school_id] = policy.hold_minutes
        day = now.astimezone(ZoneInfo(policy.time_zone)).date()
        asked = await runs.about(session, [r.key for r in alerts if r.school_id == school_id])
        await _learn(session, known, asked, day, unread)
    return known


async def _learn(
    session: Transaction,
    known: _Known,
    asked: Sequence[AskedRow],
    day: date,
    unread: set[tuple[str, str]],
) -> None:
    """Add what is known about the children of one school's messages."""
    ids = {row.pupil_id for row in asked}
    known.settled |= await reports.told(session, ids, day)
    latest = await registers.latest(session, ids, day)
    known.settled |= {n for n, code in latest.items() if not is_absence(code)}
    people = {p.id: p for p in await contacts.with_contacts(session, ids)}
    for row in asked:
        pupil = people.get(row.pupil_id)
        name = pupil.first if pupil else ""
        known.children.setdefault(row.outbound_id, []).append((row.pupil_id, name))
        reachable = {c.id for c in (pupil.contacts if pupil else ()) if not c.no_contact}
        if row.contact_id not in reachable:
            known.forbidden.add((row.pupil_id, row.contact_id))
    for pupil in people.values():
        addresses = {(str(c), a) for who in pupil.contacts for c, a in who.addresses}
        if addresses & unread:
            known.may_be_answered.add(pupil.id)


def _judge_alert(judged: Judged, row: OutboundRow, known: _Known, now: datetime) -> None:
    children = known.children.get(row.key, [])
    left = [(n, name) for n, name in children if n not in known.settled]
    left = [(n, name) for n, name in left if (n, row.contact_id or 0) not in known.forbidden]
    if not left:
        judged.end.append((row.key, Status.CANCELLED, "somebody has told us"))
        return
    held_since = row.created_at
    may_hold = now - held_since < timedelta(minutes=known.hold_minutes[row.school_id])
    if may_hold and any(n in known.may_be_answered for n, _ in left):
        judged.hold.append(row.key)
        return
    if len(left) < len(children):
        words: dict[str, Any] = dict(row.words)
        words["children"] = [name for _, name in left]
        row.words = words
    judged.send.append(row)
