"""``firstday replay``: scripted conversations through the real flows, in a database in memory."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, timedelta
from typing import Any, TextIO

from actions import ask_contact, hear, wake
from actions.inbound import Inbound
from commands.json_lines import BadLineError, Row, answer_lines_async, field
from commands.rehearsal import ZONE, Stage, set_stage
from conversations.effects import Act
from notifier.catalogues import languages
from notifier.render import render
from school.first_day import Ask
from school.people import Session
from school.text import clean
from store import contacts, outbox, reports, suppressions, tasks
from store.database import MEMORY, Database
from store.reports import ReportRow
from store.tasks import TaskKind

_AFTER = re.compile(r"(\d+)\s*([smhd])")
_LONGEST_AFTER = timedelta(days=366)
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_FLAGS = {
    TaskKind.SAFEGUARDING: "urgent",
    TaskKind.CHECK_REGISTER: "whereabouts_unverified",
    TaskKind.CALL: "contact_by_phone",
    TaskKind.UNKNOWN_SENDER: "unknown_sender",
    TaskKind.WRONG_NUMBER: "contact_next_person",
    TaskKind.OPTED_OUT: "contact_next_person",
}


async def run(lines: Iterable[str], out: TextIO) -> int:
    """Answer each dialogue with what the service would do; gives the exit status."""
    return await answer_lines_async(lines, out, play)


async def play(dialogue: Row) -> Row:
    """Play one dialogue.

    Raises:
        BadLineError: a field is missing or of the wrong kind.
    """
    db = Database(MEMORY)
    try:
        await db.create_all()
        try:
            stage = await set_stage(db, dialogue)
            await _open(db, stage, dialogue)
        except (ValueError, TypeError, AttributeError, KeyError) as wrong:
            raise BadLineError(str(wrong)) from wrong
        turns = [await _turn(db, stage, turn) for turn in field(dialogue, "turns", list)]
        return {"id": dialogue.get("id"), "turns": turns, "final": await _final(db, stage)}
    finally:
        await db.close()


async def _open(db: Database, stage: Stage, dialogue: Row) -> None:
    """The school's own first words, where it speaks first."""
    opening = field(dialogue, "opening", dict)
    if opening.get("type") != "absence_text":
        return
    local = stage.now.astimezone(ZONE)
    if opening.get("at"):
        hour, _, minute = str(opening["at"]).partition(":")
        local = local.replace(hour=int(hour), minute=int(minute))
    asked_at = local.astimezone(UTC)
    stage.now = max(stage.now, asked_at)
    names = opening.get("about") or [p.first for p in stage.pupils]
    about = tuple(p for p in stage.pupils if p.first in names)
    async with db.work() as session:
        pupils = await contacts.with_contacts(session, [p.id for p in about])
        contact = pupils[0].contacts[0] if pupils and pupils[0].contacts else None
        if contact is None:
            return
        question = Ask(contact, stage.channel, stage.address, tuple(pupils))
        await ask_contact.ask(
            session,
            await stage.school(session),
            question,
            day=local.date(),
            half=Session.AM,
            now=asked_at,
            languages=languages(),
        )


async def _turn(db: Database, stage: Stage, turn: object) -> Row:
    if not isinstance(turn, dict):
        raise BadLineError(f"each of 'turns' must be an object, not {type(turn).__name__}")
    attachments = turn.get("attachments") or []
    if not isinstance(attachments, list) or not all(isinstance(a, str) for a in attachments):
        raise BadLineError("'attachments' must be a list of words such as photo")
    stage.now += _after(str(turn.get("after") or "1m"))
    await wake.wake_due(db, stage.now, languages())
    who = clean(str(turn.get("from") or "parent"))
    message = Inbound(
        channel=stage.channel,
        account="rehearsal",
        provider_id=f"{turn.get('n')}:{stage.now.isoformat()}",
        sender=await stage.address_of(db, who),
        addressed_to=stage.addressed_to,
        text=clean(str(turn.get("text") or "")),
        attachments=tuple(attachments),
    )
    inbox_id = await hear.keep(db, message, stage.now)
    if inbox_id is None:
        return {"n": turn.get("n"), "did": [str(Act.NO_REPLY)], "replies": []}
    taken = await hear.think(db, inbox_id, stage.now, languages())
    did = [str(act) for act in taken.did] if taken else [str(Act.NO_REPLY)]
    return {"n": turn.get("n"), "did": did, "replies": await _replies(db, inbox_id, who)}


async def _replies(db: Database, inbox_id: int, who: str) -> list[Row]:
    async with db.read() as session:
        rows = await outbox.answers_to(session, inbox_id)
    return [
        {"to": who, "lang": row.language, "text": render(row.sentence, row.words, row.language)}
        for row in rows
    ]


def _after(text: str) -> timedelta:
    """Read a time since the turn before: ``2m``, ``3h``, ``1d``, or several together."""
    parts = _AFTER.findall(text)
    if not parts:
        raise BadLineError(f"'after' must look like 2m, 3h or 1d, not '{text}'")
    try:
        after = sum((timedelta(**{_UNITS[u]: int(n)}) for n, u in parts), timedelta())
    except (ValueError, OverflowError):  # more digits than Python reads, more days than it knows
        after = timedelta.max
    if after > _LONGEST_AFTER:
        raise BadLineError(f"'after' must be at most {_LONGEST_AFTER.days}d")
    return after


async def _final(db: Database, stage: Stage) -> Row:
    async with db.read() as session:
        rows = await reports.every(session, stage.school_id)
        raised = await tasks.open_tasks(session, stage.school_id)
        stopped = await suppressions.reasons(session, stage.school_id)
    names = {p.id: p.first for p in stage.pupils}
    state = _contact_state(stage, stopped)
    flags = sorted({_FLAGS[TaskKind(t.kind)] for t in raised if TaskKind(t.kind) in _FLAGS})
    return {
        "reports": [_report(row, names) for row in rows],
        "leave_requests": [],
        "flags": flags,
        "contact_state": state,
    }


def _contact_state(stage: Stage, stopped: dict[tuple[str, str], str]) -> str:
    reason = stopped.get((str(stage.channel), stage.address))
    if reason == "opted out":
        return "opted_out"
    if reason == "wrong number":
        return "suppressed_wrong_number"
    return "active" if stage.is_known else "unknown"


def _report(row: ReportRow, names: dict[int, str]) -> dict[str, Any]:
    return {
        "child": names.get(row.pupil_id, ""),
        "dates": list(row.days),
        "sessions": row.sessions,
        "kind": row.kind,
        "detailed": row.detailed,
        "suggested_codes": list(row.codes),
        "status": row.status,
        "expected_return": row.expected_return.isoformat() if row.expected_return else None,
    }
