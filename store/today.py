"""What the office's pages ask of the store: today's list, one child's codes, what was said.

Each answer takes a fixed number of questions, however many families have written.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar

from sqlalchemy import func, literal, union_all
from sqlalchemy import select as select_columns
from sqlmodel import and_, col, or_, select

from school.codes import UNEXPLAINED
from school.people import Pupil
from store import contacts, pupils, registers, runs, schools, suppressions, tasks
from store.codings import AmendmentRow, CodingRow
from store.database import Transaction
from store.inbox import InboxRow
from store.outbox import OutboundRow
from store.pupils import ClassRow, PupilRow
from store.registers import MarkRow, RegisterRow
from store.reports import OPEN, ReportRow, ReportStatus
from store.runs import AskedRow, RunRow
from store.schools import SchoolRow
from store.suppressions import SuppressionRow
from store.tasks import TaskRow

_Row = TypeVar("_Row")

Slot = tuple[date, str]
"""One session: the day and its half, AM or PM."""


@dataclass(frozen=True, slots=True)
class Desk:
    """One child's codes, marks and amendments over some days."""

    codes: dict[Slot, CodingRow]
    marks: dict[Slot, str]
    amendments: list[AmendmentRow]

    def standing(self) -> list[AmendmentRow]:
        """Give the amendments that nobody took back, oldest first."""
        return standing(self.amendments)


async def desk(
    session: Transaction, school_id: int, pupil_id: int, days: Iterable[date], *, lock: bool = False
) -> Desk:
    """Give what is recorded about one child on some days.

    Args:
        session: the transaction to read in.
        school_id: the school; another school's child has an empty desk.
        pupil_id: the child.
        days: which days.
        lock: let no other transaction change this child's codes until this one ends.
    """
    if lock:
        await session.exec(select(PupilRow.id).where(PupilRow.id == pupil_id).with_for_update())
    wanted = sorted(set(days))

    async def of_child(table: type[_Row], day: Any) -> list[_Row]:
        pupil: Any = table
        return await _rows(session, table, school_id, pupil.pupil_id == pupil_id, day.in_(wanted))

    codes = await of_child(CodingRow, col(CodingRow.day))
    marks = await of_child(MarkRow, col(MarkRow.day))
    return Desk(
        {(row.day, row.session): row for row in codes},
        {(row.day, row.session): row.code for row in marks},
        await of_child(AmendmentRow, col(AmendmentRow.day)),
    )


async def _rows(session: Transaction, table: type[_Row], school_id: int, *which: Any) -> list[_Row]:
    """Give rows of one school, oldest first: no question of these pages can forget the school."""
    columns: Any = table
    question = select(table).where(columns.school_id == school_id, *which).order_by(columns.id)
    return list(await session.exec(question))


@dataclass(frozen=True, slots=True)
class Morning:
    """Everything the Today page shows of one school, as read in one transaction."""

    school: SchoolRow
    day: date
    classes: list[ClassRow]
    registers_in: set[int]
    runs: list[RunRow]
    unexplained: list[MarkRow]
    reports: list[ReportRow]
    tasks: list[TaskRow]
    asked: list[AskedRow]
    pupils: dict[int, Pupil]
    outbound: dict[int, list[OutboundRow]]
    """What we wrote since the day began, by contact, oldest first."""
    codings: dict[tuple[int, date, str], CodingRow]
    confirmations: dict[int, AmendmentRow]
    """The newest amendment of each report that still stands."""
    inbox: dict[int, InboxRow]
    stopped: frozenset[tuple[str, str]]


async def morning(
    session: Transaction, school_id: int, *, day: date, half: str, since: datetime
) -> Morning:
    """Read one school's day.

    Args:
        session: the transaction to read in.
        school_id: the school of the person who looks.
        day: the date at the school.
        half: AM or PM, for the registers and the first-day run.
        since: when the day began at the school, UTC.
    """
    told = await _reports(session, school_id, day, since)
    todo = await tasks.open_tasks(session, school_id)
    asked = await runs.asked_on(session, school_id, day)
    unexplained = await _unexplained(session, school_id, day)
    ids = {row.pupil_id for rows in (told, asked, unexplained) for row in rows}
    ids |= {row.pupil_id for row in todo if row.pupil_id}
    children = {p.id: p for p in await contacts.with_contacts(session, sorted(ids))}
    adults = {c.id for p in children.values() for c in p.contacts}
    return Morning(
        school=await schools.by_id(session, school_id),
        day=day,
        classes=await pupils.classes(session, school_id),
        registers_in=await registers.classes_in(session, school_id, day, half),
        runs=await _runs(session, school_id, day, half),
        unexplained=unexplained,
        reports=told,
        tasks=todo,
        asked=asked,
        pupils=children,
        outbound=await _outbound(session, school_id, adults, since),
        codings=await _codings(session, school_id, told),
        confirmations=await _confirmations(session, school_id, told),
        inbox=await _inbox(session, school_id, todo),
        stopped=await suppressions.stopped(session, school_id),
    )


async def _reports(
    session: Transaction, school_id: int, day: date, since: datetime
) -> list[ReportRow]:
    """What nobody has coded yet, of whichever day, and what is done for or on this day."""
    covers = and_(col(ReportRow.first_day) <= day, col(ReportRow.last_day) >= day)
    done_today = and_(
        col(ReportRow.status) == ReportStatus.CODED, or_(covers, col(ReportRow.changed_at) >= since)
    )
    which = col(ReportRow.status).in_(OPEN) | done_today
    return sorted(await _rows(session, ReportRow, school_id, which), key=lambda row: row.told_at)


async def _unexplained(session: Transaction, school_id: int, day: date) -> list[MarkRow]:
    which = (MarkRow.day == day, MarkRow.code == UNEXPLAINED)
    return await _rows(session, MarkRow, school_id, *which)


async def _runs(session: Transaction, school_id: int, day: date, half: str) -> list[RunRow]:
    rows = await _rows(session, RunRow, school_id, RunRow.day == day, RunRow.session == half)
    return sorted(rows, key=lambda row: row.started_at)


async def _outbound(
    session: Transaction, school_id: int, adults: Iterable[int], since: datetime
) -> dict[int, list[OutboundRow]]:
    which = (col(OutboundRow.contact_id).in_(sorted(adults)), OutboundRow.created_at >= since)
    by_contact: dict[int, list[OutboundRow]] = {}
    for row in await _rows(session, OutboundRow, school_id, *which):
        by_contact.setdefault(row.contact_id or 0, []).append(row)
    return by_contact


async def _codings(
    session: Transaction, school_id: int, told: list[ReportRow]
) -> dict[tuple[int, date, str], CodingRow]:
    children = {row.pupil_id for row in told if row.status == ReportStatus.CODED}
    earliest = min((row.first_day for row in told), default=date.max)
    which = (col(CodingRow.pupil_id).in_(sorted(children)), CodingRow.day >= earliest)
    found = await _rows(session, CodingRow, school_id, *which)
    return {(row.pupil_id, row.day, row.session): row for row in found}


async def _confirmations(
    session: Transaction, school_id: int, told: list[ReportRow]
) -> dict[int, AmendmentRow]:
    done = [row.key for row in told if row.status == ReportStatus.CODED]
    found = await _rows(session, AmendmentRow, school_id, col(AmendmentRow.report_id).in_(done))
    return {row.report_id or 0: row for row in standing(found)}


def standing(amendments: list[AmendmentRow]) -> list[AmendmentRow]:
    """Give the amendments that nobody took back, in the order given."""
    undone = {row.undoes for row in amendments}
    return [row for row in amendments if row.undoes is None and row.id not in undone]


async def _inbox(
    session: Transaction, school_id: int, todo: Iterable[TaskRow]
) -> dict[int, InboxRow]:
    ids = sorted({row.inbox_id for row in todo if row.inbox_id})
    found = await _rows(session, InboxRow, school_id, col(InboxRow.id).in_(ids))
    return {row.key: row for row in found}


async def thread(
    session: Transaction, school_id: int, addresses: Iterable[str], since: datetime
) -> tuple[list[InboxRow], list[OutboundRow]]:
    """Give what was said between a school and an adult's addresses since a time, oldest first."""
    known = sorted(set(addresses))
    heard = (col(InboxRow.sender).in_(known), InboxRow.received_at >= since)
    said = (col(OutboundRow.address).in_(known), OutboundRow.created_at >= since)
    return (
        await _rows(session, InboxRow, school_id, *heard),
        await _rows(session, OutboundRow, school_id, *said),
    )


async def task_to_close(session: Transaction, school_id: int, task_id: int) -> TaskRow | None:
    """Give one task of this school, locked for this transaction."""
    question = select(TaskRow).where(TaskRow.id == task_id, TaskRow.school_id == school_id)
    return (await session.exec(question.with_for_update())).first()


async def changes(session: Transaction, school_id: int, day: date, since: datetime) -> str:
    """Give a text that differs whenever something of a school's day was added, moved or closed.

    It costs one question. What changes without any of this, such as a child's name in the
    nightly import, is not in it: a page that stays open looks in full once a minute besides.

    Args:
        session: the transaction to read in.
        school_id: the school of the person who looks.
        day: the date at the school.
        since: when the day began at the school, UTC.
    """

    def counted(name: str, table: Any, *which: Any, by: Any = None, weight: Any = None) -> Any:
        kind = literal("") if by is None else by
        total = func.sum(table.id if weight is None else weight)
        numbers = (func.count(table.id), func.max(table.id), total)
        asked = select_columns(literal(name), kind, *numbers).where(
            table.school_id == school_id, *which
        )
        return asked if by is None else asked.group_by(by)

    unexplained = (MarkRow.day == day, MarkRow.code == UNEXPLAINED)
    lately = OutboundRow.created_at >= since
    question: Any = union_all(
        counted("told", ReportRow, by=col(ReportRow.status), weight=col(ReportRow.version) + 1),
        counted("to do", TaskRow, col(TaskRow.closed_at).is_(None)),
        counted("unexplained", MarkRow, *unexplained, by=col(MarkRow.session)),
        counted("registers", RegisterRow, RegisterRow.day == day),
        counted("runs", RunRow, RunRow.day == day),
        counted("said", OutboundRow, lately, by=col(OutboundRow.status)),
        counted("heard", InboxRow, InboxRow.received_at >= since),
        counted("coded", CodingRow, CodingRow.day >= day, weight=col(CodingRow.version)),
        counted("amended", AmendmentRow),
        counted("stopped", SuppressionRow),
    )
    found = await session.exec(question)
    return "|".join(sorted(":".join(map(str, row)) for row in found))
