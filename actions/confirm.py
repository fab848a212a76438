"""Record the code a person chose for a report.

A confirmed code changes only with a reason (S3-44).
"""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from datetime import datetime

from actions.coding import (
    Change,
    CodeError,
    Person,
    RefusedError,
    covered,
    decided,
    desk_of,
    report_of,
    stale,
)
from school.codes import CODES, UNEXPLAINED, FromReport, is_code, staff_may_set
from store.database import Transaction
from store.reports import ReportRow, ReportStatus
from store.today import Desk, Slot

_COMMENT_LENGTH = 60


class ReasonNeededError(RefusedError):
    """The register must say why (S3-44), and nothing was given."""


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
    source: str = "",
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
        source: who told us and how, where it was no message of a parent; the record names it.

    Raises:
        UnknownReportError: not a report of this school.
        CodeError: no code chosen and none suggested, or one that staff may not set.
        StaleError: the report has changed since the person saw it.
        ReasonNeededError: a reason is needed and missing.
    """
    report = await report_of(session, school_id, report_id)
    letter = _letter(report, code)
    slots = covered(report, sessions)
    desk = await desk_of(session, report, slots)
    dropped = _dropped(desk, report, slots)
    stands = {desk.codes[slot].code if slot in desk.codes else "" for slot in slots}
    by, at = decided(desk, report)
    if report.status == ReportStatus.CODED and stands == {letter} and not dropped:
        return Confirmed(report.key, letter, slots, 0, by or person.name, at)
    if version is not None and version != report.version:
        raise await stale(session, report, by, at, min(stands))
    _check_reason(report, letter, stands, reason.strip())
    given = "; ".join(filter(None, [reason.strip(), source]))
    why = given or f"parent's report {report.reference}"
    change = Change(session, report, desk, person, now, why)
    for slot in slots:
        _record(change, slot, letter, reason.strip() or _own_words(report))
    for slot in dropped:
        change.amend(slot, desk.codes[slot].code, await change.clear(slot))
    if report.status != ReportStatus.CODED:
        report.status_before = report.status
    await change.finish(ReportStatus.CODED)
    return Confirmed(report.key, letter, slots, change.made, person.name, now)


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


def _dropped(desk: Desk, report: ReportRow, slots: tuple[Slot, ...]) -> list[Slot]:
    """Sessions coded from this report that it covers no longer; days gone by stay as they are."""
    return [
        slot
        for slot, row in desk.codes.items()
        if row.report_id == report.id and slot[0] >= report.first_day and slot not in slots
    ]


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
    others = stands - {"", letter}
    if report.status != ReportStatus.CODED:
        others -= {UNEXPLAINED}
    if others:
        raise ReasonNeededError(f"{min(others)} is already confirmed. Say why it becomes {letter}.")


def _own_words(report: ReportRow) -> str:
    """The parent's words that gave the code, short enough for a register's comment."""
    spans = [report.words[a:b] for a, b, what in report.evidence if str(what).startswith("code")]
    return textwrap.shorten(max(spans, key=len, default=report.words), _COMMENT_LENGTH)


def _record(change: Change, slot: Slot, letter: str, comment: str) -> None:
    before = change.desk.codes.get(slot)
    if before is not None and before.code == letter:
        return
    original = before.code if before else change.desk.marks.get(slot, "")
    change.put(slot, letter, change.report.id, comment)
    if original != letter:
        change.amend(slot, original, letter)
