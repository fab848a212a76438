"""Takes over registers from the school's own system: which classes are in, and every mark.

A blank is no absence: it means that nobody has taken the register yet.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from actions.changes import Changes, Problem, Tally
from actions.register_records import (
    Mark,
    RegisterRecord,
    closed,
    contradictions,
    match,
    not_yet,
)
from store import roll, schools
from store.database import Transaction
from store.registers import MarkRow, RegisterRow

__all__ = ["RegisterRecord", "import_register"]

_Register = tuple[int, date, str]


async def import_register(
    session: Transaction,
    *,
    school_id: int,
    records: Sequence[RegisterRecord],
    now: datetime,
    apply: bool,
) -> Changes:
    """Take over the marks of a file, all of them or none.

    A class counts as in for a session when the file has at least one mark for it. In such a class
    a blank takes an earlier mark away; in a class without any mark what is stored stays.

    Args:
        session: the transaction; the caller commits it.
        school_id: whose registers.
        records: one for each pupil, day and session, blanks too.
        now: when the registers came in; marks for a later day are refused.
        apply: False gives the same answer and writes nothing.
    """
    if apply:
        await roll.take(session, school_id)
    have = await roll.everything(session, school_id)
    changes = Changes(tallies={"registers": Tally(), "marks": Tally()})
    school = await schools.by_id(session, school_id)
    today = now.astimezone(ZoneInfo(school.rules().time_zone)).date()
    changes.problems += [*contradictions(records), *not_yet(records, today)]
    changes.warnings += closed(records, school.days())
    marks = match(records, have, changes)
    if not marks:
        return changes
    write = apply and not changes.problems
    taken = {mark.register for mark in marks if mark.record.mark}
    first, last = min(m.record.day for m in marks), max(m.record.day for m in marks)
    known = await roll.registers_between(session, school_id, first, last)
    stored = await roll.marks_between(session, school_id, first, last)
    changes.warnings += _missing(marks, taken, known, have)
    for register in sorted(taken):
        changes.tallies["registers"].count([] if register in known else None)
        if write and register not in known:
            session.add(_register(school_id, register, now))
    for mark in marks:
        if mark.record.mark or mark.register in taken:
            await _take(session, school_id, mark, stored.get(mark.key), changes, write=write)
    if write:
        await session.flush()
    changes.applied = write
    return changes


def _register(school_id: int, register: _Register, now: datetime) -> RegisterRow:
    class_id, day, half = register
    return RegisterRow(
        school_id=school_id, class_id=class_id, day=day, session=half, received_at=now
    )


async def _take(
    session: Transaction,
    school_id: int,
    mark: Mark,
    row: MarkRow | None,
    changes: Changes,
    *,
    write: bool,
) -> None:
    """Take over one mark; a blank takes away what was there."""
    tally, record = changes.tallies["marks"], mark.record
    if record.mark is None:
        if row is not None:
            tally.leaving += 1
            changes.notes.append(
                Problem(f"{record.session} mark {row.code} taken away", record.line)
            )
        if row is not None and write:
            await session.delete(row)
        return
    if row is None:
        tally.count(None)
        if write:
            session.add(_mark(school_id, mark, record.mark))
        return
    if row.code != record.mark:
        changed = f"{row.code} -> {record.mark}"
        changes.notes.append(Problem(f"{record.session} mark changed {changed}", record.line))
        tally.count([changed])
    else:
        tally.count([])
    if write:
        row.code, row.class_id = record.mark, mark.class_id


def _mark(school_id: int, mark: Mark, code: str) -> MarkRow:
    return MarkRow(
        school_id=school_id,
        pupil_id=mark.pupil_id,
        class_id=mark.class_id,
        day=mark.record.day,
        session=str(mark.record.session),
        code=code,
    )


def _missing(
    marks: Sequence[Mark],
    taken: Collection[_Register],
    known: Collection[_Register],
    have: roll.Roll,
) -> list[Problem]:
    """Name the classes without any mark in a session that others have begun."""
    names = {row.id: row.name for row in have.classes.values()}
    begun = {(day, half) for _, day, half in taken}
    blank: dict[_Register, int] = {}
    for mark in marks:
        if mark.register not in taken and mark.register[1:] in begun:
            blank.setdefault(mark.register, mark.record.line)
    warnings = [
        Problem(
            f"{names[class_id]} has no {half} mark for {day:%d/%m/%Y}: "
            + (
                "what came in earlier stays"
                if (class_id, day, half) in known
                else "its register is not in yet, and nobody in it is asked about"
            ),
            line,
        )
        for (class_id, day, half), line in blank.items()
    ]
    return warnings if taken else [Problem("no mark at all in this file: no register is in yet")]
