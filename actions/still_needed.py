"""Judge messages just before they are fenced: has anybody told us? may this address be used?

Runs inside the fence's own transaction, so that an answer that arrived a second ago counts.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from actions.ask_contact import have_somebody_ring
from school.codes import is_absence
from school.people import Session
from school.policy import PolicyError
from store import contacts, inbox, registers, reports, runs, schools, suppressions
from store.database import Transaction
from store.outbox import OutboundRow, Status, Urgency
from store.runs import AskedRow

log = logging.getLogger(__name__)

_HOLD_STEP = timedelta(seconds=20)
_MAY_STILL_GO = frozenset({"opted_out", "wrong_number"})
"""The one answer to a stop goes out to the address that was just stopped."""
_NOT_ALLOWED = "contact is not allowed any more"


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
        school_id: await suppressions.reasons(session, school_id)
        for school_id in {row.school_id for row in rows}
    }
    alerts = [row for row in rows if row.urgency == Urgency.ALERT]
    knowledge = await _what_we_know(session, alerts, now)
    may_hear = await _may_hear_of(session, rows)
    for row in rows:
        if row.expires_at <= now:
            judged.end.append((row.key, Status.EXPIRED, "too late to be of use"))
        elif _is_stopped(row, stopped[row.school_id].get((row.channel, row.address))):
            judged.end.append((row.key, Status.SUPPRESSED, "this address may not be used"))
        elif row.urgency == Urgency.ALERT:
            _judge_alert(judged, row, knowledge, now)
        elif _names_somebody(row) and not set(row.words["children"]) <= may_hear[row.contact_id]:
            judged.end.append((row.key, Status.CANCELLED, _NOT_ALLOWED))
        else:
            judged.send.append(row)
    await _ring_instead(session, [r for r in alerts if r.expires_at <= now], knowledge, now)
    return judged


def _is_stopped(row: OutboundRow, reason: str | None) -> bool:
    """Tell whether a message may not go to an address that was stopped for this reason."""
    if reason is None or row.sentence in _MAY_STILL_GO:
        return False
    # A child's safety goes first: a colleague who once texted STOP must still be reached.
    return row.urgency != Urgency.STAFF or reason != suppressions.OPTED_OUT


def _names_somebody(row: OutboundRow) -> bool:
    """Tell whether a message names children to one known contact."""
    is_answer = row.urgency == Urgency.CONVERSATION and row.contact_id is not None
    return is_answer and bool(row.words.get("children"))


async def _may_hear_of(
    session: Transaction, rows: Sequence[OutboundRow]
) -> dict[int | None, set[str]]:
    """Give the first names that each contact of these answers may read now.

    An answer can wait for hours, and an order against its reader may come meanwhile.
    """
    names: dict[int | None, set[str]] = {r.contact_id: set() for r in rows if _names_somebody(r)}
    people = [contact_id for contact_id in names if contact_id is not None]
    if not people:
        return names
    for pupil in await contacts.with_contacts(session, await contacts.pupils_of(session, people)):
        for contact in pupil.contacts:
            if contact.id in names and not contact.no_contact:
                names[contact.id].add(pupil.first)
    return names


async def _ring_instead(
    session: Transaction, late: Sequence[OutboundRow], known: _Known, now: datetime
) -> None:
    """Have somebody ring about the children whose question was never sent, unless told."""
    if not late:
        return
    asked = await runs.about(session, [row.key for row in late])
    unknown = [row for row in asked if row.pupil_id not in known.settled]
    ids = {row.pupil_id for row in unknown}
    pupils = {p.id: p for p in await contacts.with_contacts(session, ids)}
    for row in unknown:
        await have_somebody_ring(
            session,
            row.school_id,
            pupils[row.pupil_id],
            day=row.day,
            half=Session(row.session),
            now=now,
        )


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
    addresses: dict[int, set[tuple[str, str]]]
    """(channel, address) that each contact has now."""
    hold_minutes: dict[int, int]
    unreadable: set[int]
    """Schools whose stored policy cannot be read."""


async def _what_we_know(
    session: Transaction, alerts: Sequence[OutboundRow], now: datetime
) -> _Known:
    known = _Known({}, set(), set(), set(), {}, {}, set())
    if not alerts:
        return known
    unread = await inbox.unread_senders(session)
    for school_id in {row.school_id for row in alerts}:
        try:
            policy = (await schools.by_id(session, school_id)).rules()
        except PolicyError:
            log.error("the policy of school %d cannot be read: its alerts wait", school_id)  # noqa: TRY400
            known.unreadable.add(school_id)
            continue
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
        for who in pupil.contacts:
            known.addresses[who.id] = {(str(c), a) for c, a in who.addresses}
        if any(known.addresses[who.id] & unread for who in pupil.contacts):
            known.may_be_answered.add(pupil.id)


def _judge_alert(judged: Judged, row: OutboundRow, known: _Known, now: datetime) -> None:
    if row.school_id in known.unreadable:
        judged.hold.append(row.key)
        return
    children = known.children.get(row.key, [])
    left = [(n, name) for n, name in children if n not in known.settled]
    if not left:
        judged.end.append((row.key, Status.CANCELLED, "somebody has told us"))
        return
    left = [(n, name) for n, name in left if (n, row.contact_id or 0) not in known.forbidden]
    if not left:
        judged.end.append((row.key, Status.CANCELLED, _NOT_ALLOWED))
        return
    if (row.channel, row.address) not in known.addresses.get(row.contact_id or 0, set()):
        judged.end.append((row.key, Status.CANCELLED, "the address has changed"))
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
