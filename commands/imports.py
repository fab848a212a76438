"""The commands that take files in: preview, apply, and every problem with its line."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import TextIO

from actions.changes import Changes, Problem, Tally
from actions.import_pupils import import_pupils
from actions.import_register import import_register
from commands import schools
from mis.decoding import MAX_BYTES, UnreadableFileError
from mis.headings import MappingError, own_mapping
from mis.pupils_file import read_pupils
from mis.register_file import read_register
from store.database import Database

_WRONG_USAGE = 2
_ONE = {
    "pupils": "pupil",
    "classes": "class",
    "contacts": "contact",
    "contact links": "contact link",
    "registers": "register",
    "marks": "mark",
}


async def import_pupils_file(
    db: Database,
    *,
    school: str,
    path: Path,
    mapping: Iterable[str],
    dry_run: bool,
    allow_leavers: bool,
    out: TextIO,
    err: TextIO,
) -> int:
    """Take over the pupils of a file; ``firstday import pupils``.

    Args:
        db: the database.
        school: the school's short name.
        path: the CSV file.
        mapping: ``HEADING=FIELD`` pairs for headings that we do not know.
        dry_run: show what would change and change nothing.
        allow_leavers: a person has said that more than a fifth of the roll leaves.
        out: for the preview.
        err: for problems and warnings.

    Returns:
        The exit status: 0 applied or previewed, 1 problems (nothing applied), 2 wrong usage.
    """
    row = await schools.find(db, school, err)
    if row is None:
        return _WRONG_USAGE
    try:
        found = read_pupils(_bytes(path), own_mapping(mapping))
    except MappingError as wrong:
        print(wrong, file=err)
        return _WRONG_USAGE
    except UnreadableFileError as wrong:
        return _tell(path, Changes(problems=[Problem(wrong.what, wrong.line)]), out, err)
    if found.problems:  # counts of half a file would frighten: pupils would seem to leave
        changes = Changes(problems=found.problems)
    else:
        async with db.work() as session:
            changes = await import_pupils(
                session,
                school_id=row.key,
                records=found.records,
                apply=not dry_run,
                allow_leavers=allow_leavers,
            )
    changes.warnings[:0] = found.warnings
    return _tell(path, changes, out, err)


async def import_register_file(
    db: Database,
    *,
    school: str,
    path: Path,
    mapping: Iterable[str],
    dry_run: bool,
    now: datetime,
    out: TextIO,
    err: TextIO,
) -> int:
    """Take over the marks of a file; ``firstday import register``.

    Args:
        db: the database.
        school: the school's short name.
        path: the CSV file.
        mapping: ``HEADING=FIELD`` pairs for headings that we do not know.
        dry_run: show what would change and change nothing.
        now: when the registers came in.
        out: for the preview.
        err: for problems and warnings.

    Returns:
        The exit status: 0 applied or previewed, 1 problems (nothing applied), 2 wrong usage.
    """
    row = await schools.find(db, school, err)
    if row is None:
        return _WRONG_USAGE
    try:
        found = read_register(_bytes(path), own_mapping(mapping))
    except MappingError as wrong:
        print(wrong, file=err)
        return _WRONG_USAGE
    except UnreadableFileError as wrong:
        return _tell(path, Changes(problems=[Problem(wrong.what, wrong.line)]), out, err)
    async with db.work() as session:
        changes = await import_register(
            session,
            school_id=row.key,
            records=found.records,
            now=now,
            apply=not dry_run and not found.problems,
        )
    changes.problems[:0] = found.problems
    return _tell(path, changes, out, err)


def _bytes(path: Path) -> bytes:
    """Read a file that is not too large to read."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise UnreadableFileError(f"the file is larger than {MAX_BYTES // 1024**2} MB")
        return path.read_bytes()
    except OSError as wrong:
        raise UnreadableFileError(f"cannot be read: {wrong.strerror}") from None


def _tell(path: Path, changes: Changes, out: TextIO, err: TextIO) -> int:
    for problem in sorted(changes.problems, key=_line):
        print(f"{_place(path, problem)}: {problem.what}", file=err)
    for warning in sorted(changes.warnings, key=_line):
        print(f"{_place(path, warning)}: warning: {warning.what}", file=err)
    for note in sorted(changes.notes, key=_line):
        print(f"{_place(path, note)}: {note.what}", file=out)
    counts = "; ".join(_count(kind, tally) for kind, tally in changes.tallies.items())
    warnings = _number(len(changes.warnings), "warning")
    if changes.tallies:
        print(f"{counts}; {warnings}.", file=out)
    print(_outcome(changes), file=out)
    return 1 if changes.problems else 0


def _outcome(changes: Changes) -> str:
    if changes.problems:
        return f"Nothing was applied: {_number(len(changes.problems), 'problem')} to mend first."
    if changes.none:
        return "Nothing to change: everything in this file is here already."
    return "Applied." if changes.applied else "This was a preview: nothing was applied."


def _count(kind: str, tally: Tally) -> str:
    what = ", ".join(f"{n} {word}" for word, n in sorted(tally.what.items()))
    changed = f"{tally.changed} changed" + (f" ({what})" if what else "")
    total = f"{tally.total} {_ONE[kind] if tally.total == 1 else kind}"
    return f"{total}: {tally.new} new, {changed}, {tally.leaving} leaving"


def _number(n: int, word: str) -> str:
    return f"{n} {word}" if n == 1 else f"{n} {word}s"


def _line(problem: Problem) -> int:
    return problem.line or 0


def _place(path: Path, problem: Problem) -> str:
    return f"{path}:{problem.line}" if problem.line else str(path)
