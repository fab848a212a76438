"""The first-day run: claim each class once, decide, and queue the messages, all in one commit."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from actions.ask_contact import ask, asked_for, have_somebody_ring, rules
from actions.errors import NotPossibleError
from school.codes import is_absence
from school.first_day import Absence, LeftOut, Plan, is_due, plan
from school.people import Session
from store import contacts, registers, reports, runs, schools, suppressions
from store.database import Database, Transaction
from store.runs import RunRow
from store.schools import SchoolRow
from store.tasks import TaskKind

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RunResult:
    """What one run did.

    ``classes`` counts those run for the first time; a child marked absent later is asked about all
    the same. ``held`` are the classes whose register is not in.
    """

    school: str
    day: date
    session: Session
    classes: int
    messages: int
    children: int
    left_out: tuple[tuple[int, LeftOut], ...]
    held: tuple[str, ...]


async def run_due(db: Database, now: datetime, languages: tuple[str, ...]) -> list[RunResult]:
    """Make every run whose time has come; the clock calls this each minute.

    Two clocks, a late start or a change of the clocks do no harm: a class's run is claimed by a
    unique key in the same transaction as its messages. A school whose run fails stops no other.
    """
    async with db.read() as session:
        rows = await schools.all_schools(session)
    results: list[RunResult] = []
    for school in rows:
        try:
            results += await _run_school(db, school, now, languages)
        except Exception as wrong:  # noqa: BLE001 - whatever it is, the next school must be run
            log.error("the run of school %d failed: %s", school.key, type(wrong).__name__)  # noqa: TRY400
    return results


async def _run_school(
    db: Database, school: SchoolRow, now: datetime, languages: tuple[str, ...]
) -> list[RunResult]:
    policy, local = school.rules(), _local(school, now)
    if not school.days().is_school_day(local.date()):
        return []
    made = [
        await run(db, school.key, half, now=now, started_by="clock", languages=languages)
        for half in Session
        if is_due(policy, half, local)
    ]
    return [result for result in made if result.classes or result.messages]


async def run(
    db: Database,
    school_id: int,
    half: Session,
    *,
    now: datetime,
    started_by: str,
    languages: tuple[str, ...],
) -> RunResult:
    """Run one session of one school for the classes whose register is in.

    A class that was run before is looked at again: a mark may have been put right since.
    """
    async with db.work() as session:
        await runs.one_at_a_time(session, school_id)
        school = await schools.by_id(session, school_id)
        day = _local(school, now).date()
        claimed = await _claim(session, school_id, day, half, now=now, started_by=started_by)
        decided = await _decide(session, school, day, half)
        asks = [
            question
            for question in decided.asks
            if await ask(
                session, school, question, day=day, half=half, now=now, languages=languages
            )
        ]
        for pupil, why in decided.left_out:
            if why is LeftOut.NO_CONTACT:
                await have_somebody_ring(
                    session, school_id, pupil, day, half, now, TaskKind.NO_CONTACT
                )
        return RunResult(
            school=school.name,
            day=day,
            session=half,
            classes=len(claimed),
            messages=len(asks),
            children=sum(len(a.pupils) for a in asks),
            left_out=tuple((pupil.id, why) for pupil, why in decided.left_out),
            held=tuple(await registers.missing(session, school_id, day, half)),
        )


async def run_by_hand(
    db: Database, school_id: int, half: Session, *, now: datetime, languages: tuple[str, ...]
) -> RunResult:
    """Run a session because a person says so, at any time of a school day (S0-03).

    Raises:
        NotPossibleError: the school is closed today.
    """
    async with db.read() as session:
        school = await schools.by_id(session, school_id)
    day = _local(school, now).date()
    if not school.days().is_school_day(day):
        raise NotPossibleError(f"{day:%A %d %B %Y} is not a school day in this school's calendar.")
    return await run(db, school_id, half, now=now, started_by="by hand", languages=languages)


def _local(school: SchoolRow, now: datetime) -> datetime:
    return now.astimezone(ZoneInfo(school.rules().time_zone))


async def _claim(
    session: Transaction,
    school_id: int,
    day: date,
    half: Session,
    *,
    now: datetime,
    started_by: str,
) -> set[int]:
    """Take the classes that are ready; the unique key refuses whoever comes second."""
    ready = await registers.classes_in(session, school_id, day, half)
    ready -= await runs.done(session, school_id, day, half)
    rows = (
        RunRow(
            school_id=school_id,
            class_id=class_id,
            day=day,
            session=half,
            started_by=started_by,
            started_at=now,
        )
        for class_id in sorted(ready)
    )
    return await runs.claim(session, rows)


async def _decide(session: Transaction, school: SchoolRow, day: date, half: Session) -> Plan:
    ready = await registers.classes_in(session, school.key, day, half)
    marks = {
        row.pupil_id: row.code
        for row in await registers.marks(session, school.key, day, half)
        if row.class_id in ready and is_absence(row.code)
    }
    told = {r.pupil_id for r in await reports.on_day(session, school.key, day) if r.covers(half)}
    asked = await asked_for(session, school.key, day, half)
    stopped = await suppressions.stopped(session, school.key)
    pupils = await contacts.with_contacts(session, marks, stopped=stopped)
    absences = [
        Absence(
            pupil=pupil,
            code=marks[pupil.id],
            reported=pupil.id in told,
            asked=asked.contacts(pupil.id),
        )
        for pupil in pupils
    ]
    return plan(absences, rules(school), classes=ready)
