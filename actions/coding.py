"""What confirming a code and taking it back have in common.

Every changed session leaves an amendment: original entry, amended entry, reason, date, name and
role (S3-43).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from actions.errors import NotPossibleError
from school.codes import UNEXPLAINED
from school.people import Session
from store import codings, reports, schools, today
from store.codings import AmendmentRow, CodingRow
from store.database import Transaction
from store.reports import ReportRow, ReportStatus
from store.today import Desk, Slot


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


class StaleError(RefusedError):
    """Somebody or something else was quicker."""


@dataclass(frozen=True, slots=True)
class Person:
    """Who decides: the name and role that stand in the amendment record."""

    name: str
    role: str


@dataclass(slots=True)
class Change:
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


async def report_of(session: Transaction, school_id: int, report_id: int) -> ReportRow:
    """Give a report of this school, locked for this transaction.

    Raises:
        UnknownReportError: it is not this school's.
    """
    report = await reports.one(session, school_id, report_id, lock=True)
    if report is None:
        raise UnknownReportError("There is no such report at this school.")
    return report


async def desk_of(session: Transaction, report: ReportRow, slots: tuple[Slot, ...]) -> Desk:
    """The child's codes on every day this report covers or was ever coded for."""
    before = await codings.amendments(session, report.key)
    days = {day for day, _ in (*slots, *covered(report, None))} | {row.day for row in before}
    return await today.desk(session, report.school_id, report.pupil_id, days, lock=True)


def covered(report: ReportRow, sessions: str | None) -> tuple[Slot, ...]:
    """Give the sessions a report is about, or those that staff chose of its days.

    Raises:
        CodeError: neither half of the day is chosen.
    """
    halves = [half for half in (sessions or report.sessions).split("+") if half in set(Session)]
    if not halves:
        raise CodeError("Choose the morning, the afternoon or both.")
    days = [date.fromisoformat(day) for day in report.days] or [report.first_day]
    return tuple((day, half) for day in days for half in halves)


def decided(desk: Desk, report: ReportRow) -> tuple[str, datetime]:
    """Who decided the code that stands, and when."""
    mine = [row for row in desk.standing() if row.report_id == report.id]
    return (mine[-1].staff_name, mine[-1].amended_at) if mine else ("", report.changed_at)


async def stale(
    session: Transaction, report: ReportRow, by: str, at: datetime, code: str
) -> StaleError:
    """Give the refusal that names who was quicker, for the page only."""
    if report.status != ReportStatus.CODED:
        return StaleError("This has changed since you opened it. Read it again, then confirm.")
    school = await schools.by_id(session, report.school_id)
    local = at.astimezone(ZoneInfo(school.rules().time_zone))
    rest = f"has already confirmed this as {code} at {local:%H:%M}"
    return StaleError(f"Somebody {rest}", f"{by or 'Somebody'} {rest}")
