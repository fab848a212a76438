"""Note what somebody told the office about a child whom nobody had reported, and code it.

It enters the same list as every other report, with the channel "in person" (S0-37).
"""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from actions.coding import CodeError, Person, RefusedError, StaleError
from actions.confirm import Confirmed, confirm
from actions.end_calls import end_calls
from conversations.reference import reference
from school.codes import UNEXPLAINED
from school.people import Channel, Session
from store import reports, schools, today
from store.database import Transaction
from store.pupils import PupilRow
from store.reports import ReportRow, ReportStatus
from store.today import Desk


class UnknownChildError(RefusedError):
    """No such child at this school."""


class WordsNeededError(RefusedError):
    """A code without what was said is no report."""


async def tell_in_person(
    session: Transaction,
    *,
    school_id: int,
    pupil_id: int,
    teller: str,
    words: str,
    code: str,
    person: Person,
    now: datetime,
    reason: str = "",
    sessions: str | None = None,
) -> Confirmed:
    """File a report for today as it was told at the desk or by phone, and confirm its code.

    A second press of the same thing changes nothing and is no error.

    Args:
        session: the transaction to work in.
        school_id: the school of the person.
        pupil_id: the child, marked N today.
        teller: who told us, as typed; may be empty.
        words: what they said, kept as typed.
        code: the letter.
        person: who noted it and decides.
        now: UTC.
        reason: why; needed for leave that somebody granted.
        sessions: AM, PM or AM+PM; else what the register does not explain.

    Raises:
        UnknownChildError: not a child of this school.
        WordsNeededError: no words.
        CodeError: no code chosen, or one that staff may not set.
        ReasonNeededError: a reason is needed and missing.
        StaleError: somebody has reported the child meanwhile, or the register has changed.
    """
    pupil = await session.get(PupilRow, pupil_id)
    if pupil is None or pupil.school_id != school_id:
        raise UnknownChildError("There is no such child at this school.")
    if not words.strip():
        raise WordsNeededError("Write down what they said.")
    if not code.strip():
        raise CodeError("Choose a code.")
    policy = (await schools.by_id(session, school_id)).rules()
    local = now.astimezone(ZoneInfo(policy.time_zone))
    desk = await today.desk(session, school_id, pupil_id, [local.date()], lock=True)
    row = await _told_already(session, pupil, person, words, local.date())
    if row is None:
        unexplained = _unexplained(desk, local.date())
        deadline = policy.report_deadline
        row = ReportRow(
            school_id=school_id,
            pupil_id=pupil_id,
            told_by=_told_by(person),
            reference=reference(pupil_id, local.date()),
            channel=Channel.IN_PERSON,
            words=words,
            lang="en",
            kind="reason",
            detailed=True,
            codes=[code.strip().upper()],
            first_day=local.date(),
            last_day=local.date(),
            days=[local.date().isoformat()],
            sessions=sessions or unexplained,
            on_time=None if deadline is None else local.time() <= deadline,
            status=ReportStatus.AWAITING,
            told_at=now,
            changed_at=now,
        )
        session.add(row)
        await session.flush()
    confirmed = await confirm(
        session,
        school_id=school_id,
        report_id=row.key,
        code=code,
        person=person,
        now=now,
        reason=reason,
        source=_source(teller, row.reference),
    )
    await end_calls(
        session,
        school_id=school_id,
        pupil_id=pupil_id,
        by=person.name,
        outcome="told in person or by phone",
        now=now,
    )
    return confirmed


async def _told_already(
    session: Transaction, pupil: PupilRow, person: Person, words: str, day: date
) -> ReportRow | None:
    """The report of the same press, if this is the second; None where nobody told us anything."""
    told = [
        r for r in await reports.on_day(session, pupil.school_id, day) if r.pupil_id == pupil.id
    ]
    row = next((r for r in told if (r.told_by, r.words) == (_told_by(person), words)), None)
    if told and row is None:
        raise StaleError("Somebody has reported this child meanwhile. Look at that first.")
    return row


def _told_by(person: Person) -> str:
    return f"{Channel.IN_PERSON}:{person.name}"


def _unexplained(desk: Desk, day: date) -> str:
    """The halves marked N, and those after it whose register is not in yet."""
    marks = [desk.marks.get((day, half)) for half in Session]
    if UNEXPLAINED not in marks:
        raise StaleError("The register has this child as N no longer. Look at it again.")
    first = marks.index(UNEXPLAINED)
    return "+".join(
        half for n, half in enumerate(Session) if n >= first and marks[n] in {UNEXPLAINED, None}
    )


def _source(teller: str, reference_of_it: str) -> str:
    by = f" by {who}" if (who := " ".join(teller.split())) else ""
    return f"told in person or by phone{by}, report {reference_of_it}"
