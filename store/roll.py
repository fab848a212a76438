"""The whole roll of a school at once, for imports and exports, which compare all of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from store.codings import CodingRow
from store.contacts import ContactRow, PupilContactRow
from store.pupils import ClassRow, PupilRow
from store.registers import MarkRow, RegisterRow
from store.schools import SchoolRow


@dataclass(frozen=True, slots=True)
class Roll:
    """Everything stored about who belongs to a school, leavers too."""

    classes: dict[str, ClassRow]
    pupils: dict[str, PupilRow]
    contacts: dict[str, ContactRow]
    links: dict[tuple[int, int], PupilContactRow]


async def take(session: AsyncSession, school_id: int) -> None:
    """Make a second import into the same school wait until this transaction ends."""
    await session.exec(select(SchoolRow.id).where(SchoolRow.id == school_id).with_for_update())


async def everything(session: AsyncSession, school_id: int) -> Roll:
    """Give the roll: classes by name, pupils and contacts by external id, links by both ids."""
    classes = await session.exec(select(ClassRow).where(ClassRow.school_id == school_id))
    pupils = await session.exec(select(PupilRow).where(PupilRow.school_id == school_id))
    contacts = await session.exec(select(ContactRow).where(ContactRow.school_id == school_id))
    links = await session.exec(
        select(PupilContactRow)
        .where(PupilContactRow.school_id == school_id)
        .order_by(col(PupilContactRow.id))
    )
    return Roll(
        {row.name: row for row in classes},
        {row.external_id: row for row in pupils},
        {row.external_id: row for row in contacts},
        {(row.pupil_id, row.contact_id): row for row in links},
    )


async def marks_between(
    session: AsyncSession, school_id: int, first: date, last: date
) -> dict[tuple[int, date, str], MarkRow]:
    """Give the marks of some days by pupil, day and session."""
    rows = await session.exec(
        select(MarkRow).where(
            MarkRow.school_id == school_id, MarkRow.day >= first, MarkRow.day <= last
        )
    )
    return {(row.pupil_id, row.day, row.session): row for row in rows}


async def registers_between(
    session: AsyncSession, school_id: int, first: date, last: date
) -> set[tuple[int, date, str]]:
    """Give which registers of some days are in: class, day and session."""
    rows = await session.exec(
        select(RegisterRow).where(
            RegisterRow.school_id == school_id, RegisterRow.day >= first, RegisterRow.day <= last
        )
    )
    return {(row.class_id, row.day, row.session) for row in rows}


async def handed_over(
    session: AsyncSession, school_id: int, since: datetime, until: datetime
) -> list[CodingRow]:
    """Give the codes last exported in a span of time, its end not counted."""
    return list(
        await session.exec(
            select(CodingRow)
            .where(
                CodingRow.school_id == school_id,
                col(CodingRow.exported_at) >= since,
                col(CodingRow.exported_at) < until,
            )
            .order_by(col(CodingRow.id))
        )
    )


async def owners(
    session: AsyncSession, codes: list[CodingRow]
) -> dict[int, tuple[PupilRow, ClassRow]]:
    """Give the pupils of codes with their classes, by the pupil's id."""
    ids = {row.pupil_id for row in codes}
    rows = await session.exec(
        select(PupilRow, ClassRow).where(
            PupilRow.class_id == ClassRow.id, col(PupilRow.id).in_(ids)
        )
    )
    return {pupil.id or 0: (pupil, school_class) for pupil, school_class in rows}
