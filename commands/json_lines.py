"""JSON Lines in, JSON Lines out: the manner of every command with a fixed format."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterable, Iterator
from typing import Any, TextIO

Row = dict[str, Any]


class BadLineError(ValueError):
    """One input line cannot be answered; the message says what is wrong with it."""


def field(row: Row, name: str, kind: type | tuple[type, ...] = str) -> Any:
    """Give a required field of a row.

    Raises:
        BadLineError: the field is missing or of another type.
    """
    if name not in row:
        raise BadLineError(f"the field '{name}' is missing")
    value = row[name]
    if not isinstance(value, kind):
        raise BadLineError(f"the field '{name}' has the wrong type ({type(value).__name__})")
    return value


def answer_lines(lines: Iterable[str], out: TextIO, answer: Callable[[Row], Row]) -> int:
    """Answer each line with one line; a bad line gets an error line and the run goes on.

    Returns:
        The exit status: 0 when every line was answered, 1 when any line was an error.
    """
    status = 0
    for number, line in _numbered(lines):
        row_id: Any = None
        try:
            row = _parse(line)
            row_id = row.get("id")
            result = answer(row)
        except (BadLineError, json.JSONDecodeError) as wrong:
            status = 1
            result = {"id": row_id, "error": f"line {number}: {wrong}"}
        _write(out, result)
    return status


async def answer_lines_async(
    lines: Iterable[str], out: TextIO, answer: Callable[[Row], Awaitable[Row]]
) -> int:
    """Do as ``answer_lines`` where the answer has to be waited for."""
    status = 0
    for number, line in _numbered(lines):
        row_id: Any = None
        try:
            row = _parse(line)
            row_id = row.get("id")
            result = await answer(row)
        except (BadLineError, json.JSONDecodeError) as wrong:
            status = 1
            result = {"id": row_id, "error": f"line {number}: {wrong}"}
        _write(out, result)
    return status


def _numbered(lines: Iterable[str]) -> Iterator[tuple[int, str]]:
    return ((n, line) for n, line in enumerate(lines, start=1) if line.strip())


def _parse(line: str) -> Row:
    row = json.loads(line)
    if not isinstance(row, dict):
        raise BadLineError("the line is not a JSON object")
    return row


def _write(out: TextIO, result: Row) -> None:
    out.write(json.dumps(result, ensure_ascii=False) + "\n")
    out.flush()
