"""What the office's pages ask of the store: today's list, one child's codes, who is signed in.

Each answer takes a fixed number of questions, however many families have written.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import delete, func
from sqlmodel import and_, col, or_, select

from school.codes import UNEXPLAINED
from school.people import Pupil
from store import contacts, pupils, registers, runs, schools, suppressions, tasks
from store.codings import AmendmentRow, CodingRow
from store.database import Transaction
from store.inbox import InboxRow
from store.outbox import OutboundRow
from store.pupils import ClassRow, PupilRow
from store.registers import MarkRow
from store.reports import OPEN, ReportRow, ReportStatus
from store.runs import AskedRow, RunRow
from store.schools import SchoolRow
from store.staff import SignInRow, SignInTryRow, StaffRow
from store.tasks import TaskRow

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
    codes = await session.exec(
        select(CodingRow).where(
            CodingRow.school_id == school_id,
            CodingRow.pupil_id == pupil_id,
            col(CodingRow.day).in_(wanted),
        )
    )
    marks = await session.exec(
        select(MarkRow).where(
            MarkRow.school_id == school_id,
            MarkRow.pupil_id == pupil_id,
            col(MarkRow.day).in_(wanted),
        )
    )
    changed = await session.exec(
        select(AmendmentRow)
        .where(
            AmendmentRow.school_id == school_id,
            AmendmentRow.pupil_id == pupil_id,
            col(AmendmentRow.day).in_(wanted),
        )
        .order_by(col(AmendmentRow.id))
    )
    return Desk(
        {(row.day, row.session): row for row in codes},
        {(row.day, row.session): row.code for row in marks},
        list(changed),
    )


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
    question = (
        select(ReportRow)
        .where(ReportRow.school_id == school_id, col(ReportRow.status).in_(OPEN) | done_today)
        .order_by(col(ReportRow.told_at), col(ReportRow.id))
    )
    return list(await session.exec(question))


async def _unexplained(session: Transaction, school_id: int, day: date) -> list[MarkRow]:
    question = select(MarkRow).where(
        MarkRow.school_id == school_id, MarkRow.day == day, MarkRow.code == UNEXPLAINED
    )
    return list(await session.exec(question.order_by(col(MarkRow.id))))


async def _runs(session: Transaction, school_id: int, day: date, half: str) -> list[RunRow]:
    question = select(RunRow).where(
        RunRow.school_id == school_id, RunRow.day == day, RunRow.session == half
    )
    return list(await session.exec(question.order_by(col(RunRow.started_at))))


async def _outbound(
    session: Transaction, school_id: int, adults: Iterable[int], since: datetime
) -> dict[int, list[OutboundRow]]:
    found = await session.exec(
        select(OutboundRow)
        .where(
            OutboundRow.school_id == school_id,
            col(OutboundRow.contact_id).in_(sorted(adults)),
            OutboundRow.created_at >= since,
        )
        .order_by(col(OutboundRow.id))
    )
    by_contact: dict[int, list[OutboundRow]] = {}
    for row in found:
        by_contact.setdefault(row.contact_id or 0, []).append(row)
    return by_contact


async def _codings(
    session: Transaction, school_id: int, told: list[ReportRow]
) -> dict[tuple[int, date, str], CodingRow]:
    children = {row.pupil_id for row in told if row.status == ReportStatus.CODED}
    earliest = min((row.first_day for row in told), default=date.max)
    found = await session.exec(
        select(CodingRow).where(
            CodingRow.school_id == school_id,
            col(CodingRow.pupil_id).in_(sorted(children)),
            CodingRow.day >= earliest,
        )
    )
    return {(row.pupil_id, row.day, row.session): row for row in found}


async def _confirmations(
    session: Transaction, school_id: int, told: list[ReportRow]
) -> dict[int, AmendmentRow]:
    done = [row.key for row in told if row.status == ReportStatus.CODED]
    found = await session.exec(
        select(AmendmentRow)
        .where(AmendmentRow.school_id == school_id, col(AmendmentRow.report_id).in_(done))
        .order_by(col(AmendmentRow.id))
    )
    return {row.report_id or 0: row for row in standing(list(found))}


def standing(amendments: list[AmendmentRow]) -> list[AmendmentRow]:
    """Give the amendments that nobody took back, in the order given."""
    undone = {row.undoes for row in amendments}
    return [row for row in amendments if row.undoes is None and row.id not in undone]


async def _inbox(
    session: Transaction, school_id: int, todo: Iterable[TaskRow]
) -> dict[int, InboxRow]:
    ids = sorted({row.inbox_id for row in todo if row.inbox_id})
    question = select(InboxRow).where(InboxRow.school_id == school_id, col(InboxRow.id).in_(ids))
    return {row.key: row for row in await session.exec(question)}


async def thread(
    session: Transaction, school_id: int, addresses: Iterable[str], since: datetime
) -> tuple[list[InboxRow], list[OutboundRow]]:
    """Give what was said between a school and an adult's addresses since a time, oldest first."""
    known = sorted(set(addresses))
    heard = await session.exec(
        select(InboxRow)
        .where(
            InboxRow.school_id == school_id,
            col(InboxRow.sender).in_(known),
            InboxRow.received_at >= since,
        )
        .order_by(col(InboxRow.id))
    )
    said = await session.exec(
        select(OutboundRow)
        .where(
            OutboundRow.school_id == school_id,
            col(OutboundRow.address).in_(known),
            OutboundRow.created_at >= since,
        )
        .order_by(col(OutboundRow.id))
    )
    return list(heard), list(said)


async def task_to_close(session: Transaction, school_id: int, task_id: int) -> TaskRow | None:
    """Give one task of this school, locked for this transaction."""
    question = select(TaskRow).where(TaskRow.id == task_id, TaskRow.school_id == school_id)
    return (await session.exec(question.with_for_update())).first()


async def failed_tries(session: Transaction, key: str, since: datetime) -> int:
    """Count the failed tries to sign in under a key since a time."""
    question = select(func.count()).where(
        SignInTryRow.key == key, col(SignInTryRow.tried_at) > since
    )
    return (await session.exec(question)).one()


async def forget_tries(session: Transaction, before: datetime) -> None:
    """Delete failed tries too old to count."""
    await session.exec(delete(SignInTryRow).where(col(SignInTryRow.tried_at) < before))


async def signed_in(session: Transaction, token: str) -> tuple[SignInRow, StaffRow] | None:
    """Give the sign-in of a hashed token with its person, who must still be active."""
    question = select(SignInRow, StaffRow).where(
        SignInRow.token == token, SignInRow.staff_id == StaffRow.id, col(StaffRow.active).is_(True)
    )
    return (await session.exec(question)).first()
