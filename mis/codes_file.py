"""Writes codes as the CSV that goes back to the school's own system.

UTF-8 with a byte-order mark and CRLF, so that Excel shows accents; a cell that a spreadsheet
would take for a formula gets a single quote in front, since comments hold parents' own words.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from actions.export_codes import ExportRow

COLUMNS = ("Admission number", "Surname", "Forename", "Class", "Date", "Session", "Mark", "Comment")

_STARTS_FORMULA = frozenset("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")


def write(rows: Sequence[ExportRow]) -> bytes:
    """Give the file's bytes, header first."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in rows:
        cells = (
            row.external_id,
            row.last,
            row.first,
            row.class_name,
            f"{row.day:%d/%m/%Y}",
            row.session,
            row.mark,
            row.comment,
        )
        writer.writerow([guarded(cell) for cell in cells])
    return text.getvalue().encode("utf-8-sig")


def guarded(cell: str) -> str:
    """Make a cell harmless for a spreadsheet, and keep it on one line.

    Source: OWASP, CSV injection; also the full-width forms of the four signs.
    """
    firsts = {cell[:1], cell.lstrip()[:1]}
    harmless = f"'{cell}" if firsts & _STARTS_FORMULA else cell
    return " ".join(harmless.replace("\0", " ").splitlines())
