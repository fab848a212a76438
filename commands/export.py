"""The command that gives codes back to the school's own system.

The order keeps every code: first the file is on disk under a temporary name, then the codes are
marked as handed over, then the file gets its name. A crash leaves either unmarked codes, which the
next export gives, or a finished file whose place is told.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TextIO

from actions.export_codes import ExportRow, export_codes, exported_on
from commands import safe_file, schools
from mis import codes_file
from store.database import Database
from store.schools import SchoolRow

STDOUT = Path("-")

_WRONG_USAGE = 2


async def codes(
    db: Database,
    *,
    school: str,
    path: Path,
    day: date | None,
    now: datetime,
    out: TextIO,
    err: TextIO,
) -> int:
    """Write the codes that were not handed over yet; ``firstday export codes``.

    Args:
        db: the database.
        school: the school's short name.
        path: the file to write; ``-`` for standard output.
        day: write again what was handed over on this day, and mark nothing.
        now: when the codes are handed over.
        out: for the file where the path is ``-``, else for what was done.
        err: for problems, and for what was done where the path is ``-``.

    Returns:
        The exit status: 0 done (even if there was nothing new), 1 problem, 2 wrong usage.
    """
    row = await schools.find(db, school, err)
    if row is None:
        return _WRONG_USAGE
    said = err if path == STDOUT else out
    if path != STDOUT:
        if trouble := safe_file.trouble(path):
            print(trouble, file=err)
            return 1
        for left in safe_file.left_behind(path):
            print(f"Note: an export was cut off earlier; its codes are in {left}", file=err)
    if day is not None:
        return await _again(db, row, path, day, out, said, err)
    return await _new(db, row, path, now, out, said, err)


async def _new(
    db: Database, row: SchoolRow, path: Path, now: datetime, out: TextIO, said: TextIO, err: TextIO
) -> int:
    kept: Path | None = None
    try:
        async with db.work() as session:
            rows = await export_codes(session, school_id=row.key, now=now)
            if rows:  # on disk before the commit: nothing is marked that is not kept
                kept = _deliver(path, rows, out)
    except BaseException as wrong:
        if kept is not None:  # whether the commit went through is not known here
            print(f"The export was cut off; its codes are in {kept}", file=err)
        elif isinstance(wrong, OSError):
            print(f"Nothing was handed over: {path} cannot be written ({wrong})", file=err)
            return 1
        raise
    if not rows:
        print("Nothing new to export: every confirmed code was handed over already.", file=said)
        return 0
    return _finish(kept, path, len(rows), said, err)


async def _again(
    db: Database, row: SchoolRow, path: Path, day: date, out: TextIO, said: TextIO, err: TextIO
) -> int:
    async with db.read() as session:
        found = await exported_on(session, school_id=row.key, day=day)
    if found.newer:
        print(f"{found.newer} codes changed since; they come with the next export.", file=said)
    if not found.rows:
        print(f"No codes were last handed over on {day:%d/%m/%Y}.", file=said)
        return 0
    try:
        kept = _deliver(path, found.rows, out)
    except OSError as wrong:
        print(f"{path} cannot be written ({wrong})", file=err)
        return 1
    return _finish(kept, path, len(found.rows), said, err)


def _deliver(path: Path, rows: Sequence[ExportRow], out: TextIO) -> Path | None:
    """Bring the file's bytes out of this process; give where they are kept, if on disk."""
    content = codes_file.write(rows)
    if path != STDOUT:
        return safe_file.keep(path, content)
    binary = getattr(out, "buffer", None)  # a text stream may turn CRLF into something else
    if binary is None:
        out.write(content.decode())
    else:
        out.flush()
        binary.write(content)
    out.flush()
    return None


def _finish(kept: Path | None, path: Path, count: int, said: TextIO, err: TextIO) -> int:
    if kept is not None:
        try:
            safe_file.put_in_place(kept, path)
        except OSError as wrong:
            print(
                f"The codes were handed over, but {path} could not be given its name ({wrong}). "
                f"They are in {kept}: rename that file.",
                file=err,
            )
            return 1
    codes_word = "1 code" if count == 1 else f"{count} codes"
    print(f"{codes_word} written to {'standard output' if path == STDOUT else path}.", file=said)
    return 0
