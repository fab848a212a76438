"""``firstday segments``: how many texts the provider bills for a message."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TextIO

from commands.json_lines import Row, answer_lines, field
from school.text import segments


def run(lines: Iterable[str], out: TextIO) -> int:
    """Answer each line (``id``, ``text``) with its encoding, characters and segments.

    Returns:
        0 when every line was answered, 1 when any line was an error.
    """
    return answer_lines(lines, out, _answer)


def _answer(row: Row) -> Row:
    row_id = field(row, "id", (str, int))
    counted = segments(field(row, "text"))
    return {
        "id": row_id,
        "encoding": counted.encoding,
        "characters": counted.characters,
        "segments": counted.segments,
    }
