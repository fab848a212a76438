"""Take the newest confirmation of a report back, within ten minutes of it."""

from __future__ import annotations

from datetime import datetime, timedelta

from actions.coding import Change, Person, RefusedError, decided, desk_of, report_of, stale
from store.codings import AmendmentRow
from store.database import Transaction
from store.reports import ReportStatus

UNDO_FOR = timedelta(minutes=10)
"""How long a confirmation can be taken back without a reason."""


class CannotUndoError(RefusedError):
    """There is nothing to take back, or it is too late for it."""


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
    report = await report_of(session, school_id, report_id)
    if report.status != ReportStatus.CODED:
        raise CannotUndoError("There is nothing to undo here: no code stands.")
    desk = await desk_of(session, report, ())
    mine = [row for row in desk.standing() if row.report_id == report.id]
    by, at = decided(desk, report)
    if version is not None and version != report.version:
        raise await stale(session, report, by, at, mine[-1].amended if mine else "")
    if now - at > UNDO_FOR:
        raise CannotUndoError(
            "This was confirmed more than ten minutes ago. Choose the right code and say why."
        )
    change = Change(session, report, desk, person, now, "confirmation taken back")
    newest = _newest(mine)
    for row in newest:
        await _take_back(change, row)
    if len(newest) == len(mine):
        for slot in [s for s, row in desk.codes.items() if row.report_id == report.id]:
            await change.clear(slot)  # was already the mark in the register: nothing to amend
    await change.finish(ReportStatus.CODED if len(newest) < len(mine) else report.status_before)


def _newest(mine: list[AmendmentRow]) -> list[AmendmentRow]:
    """The amendments of one press: one for each session at most, all of one time, newest first."""
    press: list[AmendmentRow] = []
    for row in reversed(mine):
        again = any((row.day, row.session) == (one.day, one.session) for one in press)
        if again or (press and row.amended_at != press[0].amended_at):
            break
        press.append(row)
    return press


async def _take_back(change: Change, row: AmendmentRow) -> None:
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
