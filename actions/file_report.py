"""Put on record what one address told us about one child; later words are added, none replaced."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from actions.cause import Cause
from actions.end_calls import end_calls
from conversations.effects import RecordReport
from conversations.reference import reference
from conversations.understanding.meaning import Evidence
from store import reports
from store.database import Transaction
from store.reports import ReportRow, ReportStatus

_WHEN = ("first_day", "last_day", "days", "sessions", "expected_return")
_WHOLE_DAY = "AM+PM"


async def file(session: Transaction, cause: Cause, told: RecordReport) -> str:
    """Add a report or add to the one that stands, and end the calls it makes needless.

    Returns:
        The report's reference, as it was first given.
    """
    teller = str(cause.where)
    today = cause.local.date()
    row = _same(await reports.about(session, [told.child], told.days[0], teller), told)
    if row is None:
        row = _new(cause, told, teller, today)
    else:
        _add_to(row, cause, told)
    session.add(row)
    await session.flush()
    if told.detailed:
        await end_calls(
            session,
            school_id=cause.school.key,
            pupil_id=told.child,
            by="Firstday",
            outcome="the reason arrived",
            now=cause.now,
        )
    return row.reference


def _same(standing: Sequence[ReportRow], told: RecordReport) -> ReportRow | None:
    """Find the report that these words belong to: the same first day, else days in common."""
    live = [r for r in standing if r.status != ReportStatus.CANCELLED]
    exact = (r for r in live if r.first_day == told.days[0])
    common = (r for r in live if r.first_day <= told.days[-1] and r.last_day >= told.days[0])
    return next(exact, None) or next(common, None)


def _new(cause: Cause, told: RecordReport, teller: str, today: date) -> ReportRow:
    deadline = cause.policy.report_deadline
    first = told.days[0]
    on_time = None
    if deadline is not None:
        on_time = first > today or (first == today and cause.local.time() <= deadline)
    return ReportRow(
        school_id=cause.school.key,
        pupil_id=told.child,
        contact_id=cause.contact_id,
        told_by=teller,
        inbox_id=cause.inbox_id,
        reference=reference(told.child, today),
        channel=cause.where.channel,
        words=told.words,
        evidence=_spans(told.evidence, 0),
        on_time=on_time,
        told_at=cause.now,
        changed_at=cause.now,
        **_understood(told),
    )


def _add_to(row: ReportRow, cause: Cause, told: RecordReport) -> None:
    """The parent's words grow; what was understood is what the newest detailed words say.

    A concern for the child's safety stays, whatever is said later.
    """
    before = f"{row.words}\n"
    row.words = before + told.words
    if told.detailed or not row.detailed:
        row.evidence = _spans(told.evidence, len(before))
        understood = _understood(told) | _days_that_stand(row, cause, told)
        is_concern = row.safeguarding
        was_escalated = row.status == ReportStatus.SAFEGUARDING
        for name, value in understood.items():
            setattr(row, name, value)
        row.safeguarding = row.safeguarding or is_concern
        if was_escalated:
            row.status = ReportStatus.SAFEGUARDING
    if told.safeguarding:
        row.safeguarding = True
        row.status = ReportStatus.SAFEGUARDING
    row.changed_at = cause.now
    row.version += 1


def _days_that_stand(row: ReportRow, cause: Cause, told: RecordReport) -> dict[str, Any]:
    """Keep the days first named, where the newest words name none and so mean today.

    A half of the day may still be named for a report of this one day; and whoever writes in the
    afternoon without naming a half writes about the afternoon too.
    """
    today = cause.local.date()
    if told.days != (today,) or told.expected_return or today.isoformat() not in row.days:
        return {}
    stand = {name: getattr(row, name) for name in _WHEN}
    is_afternoon = cause.local.time() >= cause.policy.pm_opens
    if len(row.days) == 1 and (told.sessions != _WHOLE_DAY or is_afternoon):
        stand["sessions"] = told.sessions
    return stand


def _understood(told: RecordReport) -> dict[str, Any]:
    return {
        "lang": told.lang,
        "kind": told.kind,
        "detailed": told.detailed,
        "codes": list(told.codes),
        "confidence": told.confidence,
        "first_day": told.days[0],
        "last_day": told.days[-1],
        "days": [day.isoformat() for day in told.days],
        "sessions": told.sessions,
        "late": told.late,
        "expected_return": told.expected_return,
        "safeguarding": told.safeguarding,
        "status": told.status,
        "asked": told.asked,
    }


def _spans(evidence: tuple[Evidence, ...], shift: int) -> list[list[int | str]]:
    return [[e.start + shift, e.end + shift, e.what] for e in evidence]
