"""Record the code a person chose for a report, and take it back within ten minutes.

Every changed session leaves an amendment: original entry, amended entry, reason, date, name and
role (S3-43). A confirmed code changes only with a reason (S3-44).
"""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from actions.errors import NotPossibleError
from school.codes import CODES, UNEXPLAINED, FromReport, is_code, staff_may_set
from school.people import Session
from store import codings, reports, schools, today
from store.codings import AmendmentRow, CodingRow
from store.database import Transaction
from store.reports import ReportRow, ReportStatus
from store.today import Desk, Slot

UNDO_FOR = timedelta(minutes=10)
"""How long a confirmation can be taken back without a reason."""

_COMMENT_LENGTH = 60


class RefusedError(NotPossibleError):
    """What staff asked for cannot be done.

    ``words`` say it on the page and may name a colleague; the message itself names nobody.
    """

    def __init__(self, plain: str, words: str = "") -> None:
        super().__init__(plain)
        self.words = words or plain


class UnknownReportError(RefusedError):
    """No such report at this school."""


class CodeError(RefusedError):
    """Not a code, or not one that staff may set here, or none chosen."""


class ReasonNeededError(RefusedError):
    """The register must say why (S3-44), and nothing was given."""


class StaleError(RefusedError):
    """Somebody or something else was quicker."""


class CannotUndoError(RefusedError):
    """There is nothing to take back, or it is too late for it."""


@dataclass(frozen=True, slots=True)
class Person:
    """Who decides: the name and role that stand in the amendment record."""

    name: str
    role: str


@dataclass(frozen=True, slots=True)
class Confirmed:
    """What stands after a confirmation.

    Attributes:
        slots: the days and halves the code covers.
        changed: how many sessions this call changed; 0 for a second click on the same thing.
        by: who confirmed it, this person or the one who was quicker.
        at: when, UTC.
    """

    report_id: int
    code: str
    slots: tuple[Slot, ...]
    changed: int
    by: str
    at: datetime


@dataclass(slots=True)
class _Change:
    """One press of a button: everything an amendment needs besides the session itself."""

    session: Transaction
    report: ReportRow
    desk: Desk
    person: Person
    now: datetime
    reason: str
    made: int = 0

    def amend(self, slot: Slot, original: str, amended: str, undoes: int | None = None) -> None:
        """Append to the amendment record."""
        self.made += 1
        self.session.add(
            AmendmentRow(
                school_id=self.report.school_id,
                pupil_id=self.report.pupil_id,
                day=slot[0],
                session=slot[1],
                original=original,
                amended=amended,
                reason=self.reason,
                amended_at=self.now,
                staff_name=self.person.name,
                staff_role=self.person.role,
                report_id=self.report.id,
                undoes=undoes,
            )
        )

    def put(self, slot: Slot, code: str, report_id: int | None, comment: str) -> None:
        """Write the code of one session, over the one that stood or anew."""
        row = self.desk.codes.get(slot)
        if row is None:
            row = CodingRow(
                school_id=self.report.school_id,
                pupil_id=self.report.pupil_id,
                day=slot[0],
                session=slot[1],
                code=code,
                version=0,
            )
        row.code, row.report_id, row.comment = code, report_id, comment
        row.version += 1
        self.desk.codes[slot] = row
        self.session.add(row)

    async def clear(self, slot: Slot) -> str:
        """Take a session's code away and give what stands then.

        A code that the school's own system has had is set back there; another simply goes.
        """
        mark = self.desk.marks.get(slot) or UNEXPLAINED
        row = self.desk.codes.get(slot)
        if row is not None and row.exported_version:
            self.put(slot, mark, None, "")
        elif row is not None:
            await self.session.delete(row)
            del self.desk.codes[slot]
        return mark

    async def finish(self, status: ReportStatus | str) -> None:
        """Note on the report that it changed."""
        self.report.status = status
        self.report.changed_at = self.now
        self.report.version += 1
        self.session.add(self.report)
        await self.session.flush()


async def confirm(
    session: Transaction,
    *,
    school_id: int,
    report_id: int,
    code: str | None,
    person: Person,
    now: datetime,
    version: int | None = None,
    reason: str = "",
    sessions: str | None = None,
) -> Confirmed:
    """Record the code of every session a report covers.

    A second press of the same thing changes nothing and is no error.

    Args:
        session: the transaction to work in.
        school_id: the school of the person.
        report_id: which report.
        code: the letter; None takes the report's first suggestion.
        person: who decides.
        now: UTC.
        version: the report's version the person saw; None does not compare.
        reason: why; needed to change a confirmed code (S3-44) and for leave that somebody
            granted (C, C1, J1). Otherwise the parent's report is the reason.
        sessions: AM, PM or AM+PM where staff know better than the report.

    Raises:
        UnknownReportError: not a report of this school.
        CodeError: no code chosen and none suggested, or one that staff may not set.
        StaleError: the report has changed since the person saw it.
        ReasonNeededError: a reason is needed and missing.
    """
    report = await _report(session, school_id, report_id)
    letter = _letter(report, code)
    slots = _covered(report, sessions)
    desk = await _desk(session, report, slots)
    dropped = _dropped(desk, report, slots)
    stands = {desk.codes[slot].code if slot in desk.codes else "" for slot in slots}
    by, at = _decided(desk, report)
    if report.status == ReportStatus.CODED and stands == {letter} and not dropped:
        return Confirmed(report.key, letter, slots, 0, by or person.name, at)
    if version is not None and version != report.version:
        raise await _stale(session, report, by, at, min(stands))
    _check_reason(report, letter, stands, reason.strip())
    why = reason.strip() or f"parent's report {report.reference}"
    change = _Change(session, report, desk, person, now, why)
    for slot in slots:
        _record(change, slot, letter, reason.strip() or _own_words(report))
    for slot in dropped:
        change.amend(slot, desk.codes[slot].code, await change.clear(slot))
    if report.status != ReportStatus.CODED:
        report.status_before = report.status
    await change.finish(ReportStatus.CODED)
    return Confirmed(report.key, letter, slots, change.made, person.name, now)


async def undo(
    session: Transaction,
    *,
    school_id: int,
    report_id: int,
    person: Person,
    now: datetime,
    version: int | None = None,
) -> None:
    """Take back the newest confirmation of a report, within ten minutes of it.

    The codes become what they were, through further amendments; nothing of the record is
    deleted. A code that had gone to the school's own system is set back there too.

    Raises:
        UnknownReportError: not a report of this school.
        StaleError: the report has changed since the person saw it.
        CannotUndoError: nothing to take back, too late, or changed again from another report.
    """
    report = await _report(session, school_id, report_id)
    if report.status != ReportStatus.CODED:
        raise CannotUndoError("There is nothing to undo here: no code stands.")
    desk = await _desk(session, report, ())
    mine = [row for row in desk.standing() if row.report_id == report.id]
    by, at = _decided(desk, report)
    if version is not None and version != report.version:
        raise await _stale(session, report, by, at, mine[-1].amended if mine else "")
    if now - at > UNDO_FOR:
        raise CannotUndoError(
            "This was confirmed more than ten minutes ago. Choose the right code and say why."
        )
    change = _Change(session, report, desk, person, now, "confirmation taken back")
    newest = _newest(mine)
    for row in newest:
        await _take_back(change, row)
    if len(newest) == len(mine):
        for slot in [s for s, row in desk.codes.items() if row.report_id == report.id]:
            await change.clear(slot)  # was already the mark in the register: nothing to amend
    await change.finish(ReportStatus.CODED if len(newest) < len(mine) else report.status_before)


async def _report(session: Transaction, school_id: int, report_id: int) -> ReportRow:
    report = await reports.one(session, school_id, report_id, lock=True)
    if report is None:
        raise UnknownReportError("There is no such report at this school.")
    return report


async def _desk(session: Transaction, report: ReportRow, slots: tuple[Slot, ...]) -> Desk:
    """The child's codes on every day this report covers or was ever coded for."""
    before = await codings.amendments(session, report.key)
    days = {day for day, _ in (*slots, *_covered(report, None))} | {row.day for row in before}
    return await today.desk(session, report.school_id, report.pupil_id, days, lock=True)


def _letter(report: ReportRow, code: str | None) -> str:
    if report.status == ReportStatus.CANCELLED:
        raise CodeError("The parent has taken this back; there is nothing to code.")
    letter = (code or "").strip().upper() or next(iter(report.codes), "")
    if not letter:
        raise CodeError("There is no suggestion for this one. Choose a code.")
    if not is_code(letter):
        raise CodeError(f"{letter[:4]} is not a code of the register.")
    if not staff_may_set(letter):
        raise CodeError(f"{letter} is set in the register itself, not here.")
    return letter


def _covered(report: ReportRow, sessions: str | None) -> tuple[Slot, ...]:
    halves = [half for half in (sessions or report.sessions).split("+") if half in set(Session)]
    if not halves:
        raise CodeError("Choose the morning, the afternoon or both.")
    days = [date.fromisoformat(day) for day in report.days] or [report.first_day]
    return tuple((day, half) for day in days for half in halves)


def _dropped(desk: Desk, report: ReportRow, slots: tuple[Slot, ...]) -> list[Slot]:
    """Sessions coded from this report that it covers no longer; days gone by stay as they are."""
    return [
        slot
        for slot, row in desk.codes.items()
        if row.report_id == report.id and slot[0] >= report.first_day and slot not in slots
    ]


def _decided(desk: Desk, report: ReportRow) -> tuple[str, datetime]:
    """Who decided the code that stands, and when."""
    mine = [row for row in desk.standing() if row.report_id == report.id]
    return (mine[-1].staff_name, mine[-1].amended_at) if mine else ("", report.changed_at)


async def _stale(
    session: Transaction, report: ReportRow, by: str, at: datetime, code: str
) -> StaleError:
    if report.status != ReportStatus.CODED:
        return StaleError("This has changed since you opened it. Read it again, then confirm.")
    school = await schools.by_id(session, report.school_id)
    local = at.astimezone(ZoneInfo(school.rules().time_zone))
    rest = f"has already confirmed this as {code} at {local:%H:%M}"
    return StaleError(f"Somebody {rest}", f"{by or 'Somebody'} {rest}")


def _check_reason(report: ReportRow, letter: str, stands: set[str], reason: str) -> None:
    """Ask for a reason where the parent's report cannot be one.

    N is no decision: finding out why a child was away is what the report is for.
    """
    if reason:
        return
    if CODES[letter].from_report is FromReport.LEAVE:
        raise ReasonNeededError(
            f"{letter} is leave that the school grants. Say who decided it, and why."
        )
    decided = stands - {"", letter}
    if report.status != ReportStatus.CODED:
        decided -= {UNEXPLAINED}
    if decided:
        raise ReasonNeededError(
            f"{min(decided)} is already confirmed. Say why it becomes {letter}."
        )


def _own_words(report: ReportRow) -> str:
    """The parent's words that gave the code, short enough for a register's comment."""
    spans = [report.words[a:b] for a, b, what in report.evidence if str(what).startswith("code")]
    return textwrap.shorten(max(spans, key=len, default=report.words), _COMMENT_LENGTH)


def _record(change: _Change, slot: Slot, letter: str, comment: str) -> None:
    before = change.desk.codes.get(slot)
    if before is not None and before.code == letter:
        return
    original = before.code if before else change.desk.marks.get(slot, "")
    change.put(slot, letter, change.report.id, comment)
    if original != letter:
        change.amend(slot, original, letter)


def _newest(mine: list[AmendmentRow]) -> list[AmendmentRow]:
    """The amendments of one press: one for each session at most, all of one time, newest first."""
    press: list[AmendmentRow] = []
    for row in reversed(mine):
        again = any((row.day, row.session) == (one.day, one.session) for one in press)
        if again or (press and row.amended_at != press[0].amended_at):
            break
        press.append(row)
    return press


async def _take_back(change: _Change, row: AmendmentRow) -> None:
    """Give one session the code it had before one amendment, and the report it had it from."""
    slot = (row.day, row.session)
    now_there = change.desk.codes.get(slot)
    if now_there is not None and now_there.code != row.amended:
        raise CannotUndoError("The code was changed again from another report. Look there first.")
    earlier = [
        one
        for one in change.desk.standing()
        if (one.day, one.session) == slot and (one.id or 0) < (row.id or 0)
    ]
    if earlier and row.original:
        change.put(slot, row.original, earlier[-1].report_id, earlier[-1].reason)
        stands = row.original
    else:
        stands = await change.clear(slot)
    change.amend(slot, row.amended, stands, undoes=row.id)
