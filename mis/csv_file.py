"""Reads any CSV that a school saves: finds the separator and the header, keeps line numbers true.

Rows that carry no data (titles above the header, repeated headers, group rows, page and count
lines) are set apart; everything else is handed on, so that nothing disappears unseen.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from mis.decoding import UnreadableFileError, decode

MAX_COLUMNS = 200
MAX_ROWS = 100_000

_SEPARATORS = (",", ";", "\t", "|")
_LONGEST_LINE = 100_000
_HEADER_WITHIN = 50
_HEADER_NEEDS = 2
_FOOTER_CELLS = 3
_FOOTER = re.compile(
    r"(number of|total\b.*[:\d]|count\b.*[:\d]|printed|page \d|report |run (on|at|date)|generated|"
    r"produced|exported|end of)",
    re.IGNORECASE,
)
_GROUP = re.compile(
    r"(reg|registration|class|form|year|tutor)[^:]*:\s*\S|(class|year|form) \w+$", re.IGNORECASE
)


class Vocabulary(Protocol):
    """What the reader has to know about headings to find the header row."""

    def knows(self, cell: str) -> bool:
        """Tell whether a cell is a heading we know."""

    def none_found(self) -> str:
        """Say that no heading was found, which ones we know, and how to mend it."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row; ``line`` is the line of the file on which it starts, counted from 1."""

    line: int
    cells: tuple[str, ...]

    def cell(self, column: int) -> str:
        """Give a cell without the blanks around it; a row may be shorter than the header."""
        return self.cells[column] if column < len(self.cells) else ""

    @property
    def filled(self) -> list[str]:
        """The cells that hold something."""
        return [cell for cell in self.cells if cell]


@dataclass(frozen=True, slots=True)
class Table:
    """A file taken apart: the rows above the header, the header, and the rows of data."""

    titles: tuple[Row, ...]
    header: Row
    rows: tuple[Row, ...]


def read(data: bytes, headings: Vocabulary) -> Table:
    """Read a file.

    Args:
        data: the bytes as they are on disk.
        headings: which headings may stand in the header.

    Raises:
        UnreadableFileError: with the line and the remedy.
    """
    text = decode(data)
    rows = list(_rows(text, _separator(text, headings)))
    if not rows:
        raise UnreadableFileError("the file is empty: export it again and check that it has rows")
    at = _header(rows, headings)
    header = rows[at]
    body = tuple(row for row in rows[at + 1 :] if not _is_no_data(row, header))
    return Table(tuple(rows[:at]), header, body)


def _rows(text: str, separator: str) -> Iterator[Row]:
    """Parse strictly, so that a stray quote mark is found on its own line."""
    lines = io.StringIO(text.removeprefix("\ufeff"), newline="")
    reader = csv.reader(_short(lines), delimiter=separator, strict=True)
    start, count = 1, 0
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as wrong:
            raise UnreadableFileError(_csv_trouble(wrong), start) from None
        row = Row(start, _tidy(cells))
        start = reader.line_num + 1
        if not row.filled:
            continue
        count += 1
        if len(row.cells) > MAX_COLUMNS:
            raise UnreadableFileError(
                f"more than {MAX_COLUMNS} columns: export only the columns needed", row.line
            )
        if count > MAX_ROWS:
            raise UnreadableFileError(f"more than {MAX_ROWS} rows: split the file", row.line)
        yield row


def _short(lines: Iterator[str]) -> Iterator[str]:
    """A line of many thousands of cells would be taken apart before it could be counted."""
    for number, line in enumerate(lines, start=1):
        if len(line) > _LONGEST_LINE:
            raise UnreadableFileError(
                f"longer than {_LONGEST_LINE} characters: this is not a table of pupils", number
            )
        yield line


def _tidy(cells: list[str]) -> tuple[str, ...]:
    tidy = [cell.replace("\u00a0", " ").strip() for cell in cells]
    while tidy and not tidy[-1]:
        tidy.pop()
    return tuple(tidy)


def _csv_trouble(wrong: csv.Error) -> str:
    if "field larger" in str(wrong) or "unexpected end" in str(wrong):
        return 'a quote mark (") is opened here and never closed: add the missing one, or remove it'
    return (
        'a quote mark (") stands inside a quoted cell: write it twice (""), or save the file '
        "again from Excel as CSV"
    )


def _separator(text: str, headings: Vocabulary) -> str:
    """Choose the separator under which one row shows most known headings, then most cells."""
    start = text[:65_536]

    def score(separator: str) -> tuple[int, int]:
        rows = csv.reader(
            io.StringIO(start.removeprefix("\ufeff"), newline=""), delimiter=separator
        )
        best = (0, 0)
        try:
            for _, cells in zip(range(_HEADER_WITHIN), rows, strict=False):
                tidy = _tidy(cells)
                best = max(best, (sum(map(headings.knows, tidy)), len(tidy)))
        except csv.Error:
            pass  # the strict reading reports it with its line
        return best

    return max(_SEPARATORS, key=score)


def _header(rows: list[Row], headings: Vocabulary) -> int:
    known = [sum(map(headings.knows, row.cells)) for row in rows[:_HEADER_WITHIN]]
    best = max(known)
    if best < min(_HEADER_NEEDS, max(len(row.cells) for row in rows)):
        raise UnreadableFileError(headings.none_found(), rows[0].line)
    return known.index(best)


def _is_no_data(row: Row, header: Row) -> bool:
    if [cell.casefold() for cell in row.cells] == [cell.casefold() for cell in header.cells]:
        return True
    filled = row.filled
    if len(filled) <= _FOOTER_CELLS and _FOOTER.match(filled[0]):
        return True
    return len(header.cells) > _HEADER_NEEDS and len(filled) == 1 and bool(_GROUP.match(filled[0]))
