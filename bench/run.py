"""Choose the rows, measure them one after the other, and show them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

from bench import hear, morning, send, start, understand
from bench.children import ChildError
from bench.rows import Row, Scale, SkippedError, write_table

WRONG_USAGE = 2

Measure = Callable[[Scale], list[Row]]
MEASURES: dict[tuple[str, ...], Measure] = {
    ("send.sqlite",): send.on_sqlite,
    ("send.postgresql",): send.on_a_server,
    ("hear",): hear.rows,
    ("morning", "morning.history"): morning.rows,
    ("understand",): understand.rows,
    ("start.all", "start.all.memory"): start.everything,
    ("start.telegram", "start.telegram.memory"): start.with_a_bot,
    ("start.command",): start.one_command,
}
"""What measures which rows; rows that share rounds are measured together."""


def run(
    names: list[str],
    json_file: Path | None,
    out: TextIO,
    *,
    rounds: int = 3,
    small: bool = False,
    schools: int = 30,
    postgresql: str | None = None,
) -> int:
    """Measure rows and write a table, and the same as JSON where a file is given.

    Args:
        names: rows or groups of rows, such as ``send`` or ``start.all``; all of them for none.
        json_file: where the list of rows goes.
        out: where the table goes.
        rounds: how often ours and the baseline take turns.
        small: measure next to nothing, to see that every row works.
        schools: how many schools the morning has.
        postgresql: the address of a server for ``send.postgresql``.

    Returns:
        The exit status: 1 where a row failed, 2 where a name is no row's; then nothing is measured.
    """
    known = [row for group in MEASURES for row in group]
    unknown = [name for name in names if not any(_picks(name, row) for row in known)]
    if unknown:
        out.write(f"There is no row {', '.join(unknown)}. The rows are: {', '.join(known)}\n")
        return WRONG_USAGE
    wanted = {row for row in known if not names or any(_picks(name, row) for name in names)}
    scale = Scale(rounds=rounds, small=small, schools=schools, postgresql=postgresql)
    measuring = _Measuring(scale)
    for group, measure in MEASURES.items():
        measuring.take(wanted.intersection(group), measure)
    write_table(measuring.rows, out)
    out.writelines(f"{notice}\n" for notice in measuring.notices)
    if json_file is not None:
        text = json.dumps([row.as_json() for row in measuring.rows], indent=1)
        json_file.write_text(f"{text}\n", encoding="utf-8")
    return int(measuring.failed)


def _picks(name: str, row: str) -> bool:
    return row == name or row.startswith(f"{name}.")


class _Measuring:
    """Collects rows; one that cannot be measured takes none of the others with it."""

    def __init__(self, scale: Scale) -> None:
        self.rows: list[Row] = []
        self.notices: list[str] = []
        self.failed = False
        self._scale = scale

    def take(self, picked: set[str], measure: Measure) -> None:
        """Measure the picked rows of a group."""
        if not picked:
            return
        names = ", ".join(sorted(picked))
        try:
            self.rows += [row for row in measure(self._scale) if row.name in picked]
        except SkippedError as why:
            self.notices.append(f"{names} was not measured: {why}")
        except ChildError as trouble:
            self.failed = True
            self.notices.append(f"{names} failed: {trouble}")
