"""Hands confirmed codes back to the school's own system, each version of a code once."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from store import codings, roll, schools
from store.codings import CodingRow
from store.database import Transaction


@dataclass(frozen=True, slots=True)
class ExportRow:
    """One code as it goes back: whose, which session, which letter, and the comment."""

    external_id: str
    last: str
    first: str
    class_name: str
    day: date
    session: str
    mark: str
    comment: str


@dataclass(frozen=True, slots=True)
class Reprint:
    """What was handed over on a day; ``newer`` codes of that day wait for the next export."""

    rows: list[ExportRow]
    newer: int


async def export_codes(session: Transaction, *, school_id: int, now: datetime) -> list[ExportRow]:
    """Give every code that changed since it was last handed over, and mark it as handed over.

    The mark is part of the caller's transaction: the caller keeps the rows safe before it
    commits, so that a crash at any point loses no code.

    Returns:
        By class, surname, date and session; empty when there is nothing new.
    """
    await roll.take(session, school_id)
    codes = await codings.to_export(session, school_id)
    rows = await _rows(session, codes)
    for code in codes:
        code.exported_version = code.version
        code.exported_at = now
    await session.flush()
    return rows


async def exported_on(session: Transaction, *, school_id: int, day: date) -> Reprint:
    """Give again what was last handed over on a day of the school, and mark nothing.

    A code that was handed over again later belongs to that later day.
    """
    zone = ZoneInfo((await schools.by_id(session, school_id)).rules().time_zone)
    since = datetime.combine(day, time(), zone).astimezone(UTC)
    until = datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC)
    codes = await roll.handed_over(session, school_id, since, until)
    same = [code for code in codes if code.exported_version == code.version]
    return Reprint(await _rows(session, same), len(codes) - len(same))


async def _rows(session: Transaction, codes: Iterable[CodingRow]) -> list[ExportRow]:
    codes = list(codes)
    owners = await roll.owners(session, codes)
    rows = []
    for code in codes:
        pupil, school_class = owners[code.pupil_id]
        rows.append(
            ExportRow(
                external_id=pupil.external_id,
                last=pupil.last,
                first=pupil.first,
                class_name=school_class.name,
                day=code.day,
                session=code.session,
                mark=code.code,
                comment=code.comment,
            )
        )
    return sorted(rows, key=_order)


def _order(row: ExportRow) -> tuple[object, ...]:
    """Sort as a register is read: class 9B before 10A, then surname, date and session."""
    parts = re.split(r"(\d+)", row.class_name.casefold())
    natural = [(int(part) if part.isdigit() else 0, part) for part in parts if part]
    return natural, row.last.casefold(), row.first.casefold(), row.external_id, row.day, row.session
