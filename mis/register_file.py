"""Reads a register file: one row a mark (long), or one row a pupil with AM and PM (wide).

The date stands in a column, or for a file of one day in a title row above the header.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from actions.changes import Problem
from actions.import_register import RegisterRecord
from mis import cells, marks
from mis.cells import CellError
from mis.csv_file import Row, Table, read
from mis.heading_names import REGISTER_FIELDS, Field
from mis.headings import Columns, Headings
from school.people import Session

_WIDE = {Field.AM: Session.AM, Field.PM: Session.PM}
_SESSIONS = {
    "am": Session.AM,
    "morning": Session.AM,
    "a": Session.AM,
    "1": Session.AM,
    "pm": Session.PM,
    "afternoon": Session.PM,
    "p": Session.PM,
    "2": Session.PM,
}
_TITLE_DATE = re.compile(
    r"\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}|\d{4}-\d{2}-\d{2}|\d{1,2} [A-Z][a-z]{2,8} \d{4}"
)
_NOT_THE_DAY = re.compile(r"(printed|generated|produced|exported|run|report run)\b", re.IGNORECASE)


@dataclass(slots=True)
class RegisterFile:
    """What a file says, and what is wrong with it; with problems it must not be applied."""

    records: list[RegisterRecord] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def read_register(data: bytes, own: Mapping[str, Field] | None = None) -> RegisterFile:
    """Read a file.

    Args:
        data: the bytes as they are on disk.
        own: the school's own headings.

    Raises:
        UnreadableFileError: it is no CSV, or has no heading that we know.
    """
    headings = Headings(REGISTER_FIELDS, own)
    table = read(data, headings)
    columns = headings.resolve(table.header)
    found = RegisterFile()
    found.problems += [
        Problem(headings.missing(missing), table.header.line) for missing in _missing(columns)
    ]
    if found.problems:
        return found
    titled = None
    if not columns.has(Field.DATE):
        titled = _day_of_title(table, found)
        if titled is None:
            return found
    for row in table.rows:
        _read_row(row, columns, titled, found)
    if not found.records and not found.problems:
        found.problems.append(Problem("the file has headings but no pupils", table.header.line))
    return found


def _missing(columns: Columns) -> list[Field]:
    missing = []
    if not columns.has(Field.ADMISSION, Field.UPN, Field.PUPIL_ID):
        missing.append(Field.ADMISSION)
    if not columns.has(Field.AM, Field.PM):
        missing += [part for part in (Field.SESSION, Field.MARK) if not columns.has(part)]
    return missing


def _day_of_title(table: Table, found: RegisterFile) -> date | None:
    """Find the one date in the title rows; the day of printing does not count."""
    texts = [
        (row.line, text)
        for row in table.titles
        for cell in row.filled
        if not _NOT_THE_DAY.match(cell)
        for text in _TITLE_DATE.findall(cell)
    ]
    line = texts[0][0] if texts else table.header.line
    if len({text for _, text in texts}) != 1:
        how = "more than one date" if texts else "no date"
        what = f"{how} above the headings and no Date column: add a Date column to the report"
        found.problems.append(Problem(what, line))
        return None
    try:
        return cells.day(texts[0][1])
    except CellError as wrong:
        found.problems.append(Problem(f'the date "{texts[0][1]}" in the title {wrong}', line))
        return None


def _read_row(row: Row, columns: Columns, titled: date | None, found: RegisterFile) -> None:
    number = _number(row, columns, found)
    day = titled or _day(row, columns, found)
    for half, cell, heading in _halves(row, columns, found):
        try:
            mark = marks.read(cell)
        except CellError as wrong:
            found.problems.append(Problem(f'{heading}: "{cell[:20]}" {wrong}', row.line))
            continue
        if number and day:
            class_name = cells.name(columns.text(row, Field.CLASS))
            found.records.append(RegisterRecord(row.line, number, day, half, mark, class_name))


def _number(row: Row, columns: Columns, found: RegisterFile) -> str:
    number = columns.text(row, Field.ADMISSION) or cells.upn(columns.text(row, Field.UPN))
    if not columns.has(Field.ADMISSION, Field.UPN):
        number = columns.text(row, Field.PUPIL_ID)
    if not number:
        found.problems.append(Problem("no admission number: give every pupil one", row.line))
    try:
        return cells.identifier(number)
    except CellError as wrong:
        found.problems.append(Problem(f'the number "{number[:20]}" {wrong}', row.line))
        return ""


def _day(row: Row, columns: Columns, found: RegisterFile) -> date | None:
    cell = columns.text(row, Field.DATE)
    heading = columns.heading(Field.DATE)
    try:
        return cells.day(cell)
    except CellError as wrong:
        found.problems.append(Problem(f'{heading}: "{cell[:20]}" {wrong}', row.line))
        return None


def _halves(row: Row, columns: Columns, found: RegisterFile) -> Iterator[tuple[Session, str, str]]:
    """Give each session of a row with its mark and the heading above it."""
    if columns.has(Field.AM, Field.PM):
        for which, half in _WIDE.items():
            if columns.has(which):
                yield half, columns.text(row, which), columns.heading(which)
        return
    cell = columns.text(row, Field.SESSION)
    session = _SESSIONS.get(cell.casefold())
    if session is None:
        heading = columns.heading(Field.SESSION)
        found.problems.append(Problem(f'{heading}: "{cell[:20]}" is neither AM nor PM', row.line))
        return
    yield session, columns.text(row, Field.MARK), columns.heading(Field.MARK)
