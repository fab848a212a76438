"""The commands about schools: add one, list those there are."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TextIO

from actions.add_school import SchoolError, add_school
from store import schools
from store.database import Database
from store.schools import SchoolRow


async def add(
    db: Database,
    *,
    slug: str,
    name: str,
    office_phone: str,
    policy: Path,
    calendar: Path | None,
    sms_number: str | None,
    email_address: str | None,
    now: datetime,
    out: TextIO,
    err: TextIO,
) -> int:
    """Add a school with its policy file; ``firstday school add``.

    Returns:
        The exit status: 0 added, 1 something has to be mended (each thing is printed).
    """
    try:
        policy_text, calendar_text = _text(policy), _text(calendar) if calendar else ""
        async with db.work() as session:
            row = await add_school(
                session,
                slug=slug,
                name=name,
                office_phone=office_phone,
                policy_text=policy_text,
                calendar_text=calendar_text,
                sms_number=sms_number,
                email_address=email_address,
                now=now,
            )
    except SchoolError as wrong:
        for problem in wrong.problems:
            print(problem, file=err)
        return 1
    print(f"{row.name} was added as {row.slug}. Next: firstday import pupils FILE.csv", file=out)
    return 0


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as wrong:
        raise SchoolError([f"{path}: cannot be read: {wrong.strerror}"]) from None
    except UnicodeDecodeError:
        raise SchoolError([f"{path}: is not UTF-8 text: save it again as UTF-8"]) from None


async def list_(db: Database, *, out: TextIO) -> int:
    """Print every school, one a line; ``firstday school list``."""
    async with db.read() as session:
        rows = await schools.all_schools(session)
    for row in rows:
        print(f"{row.slug}\t{row.name}\t{row.office_phone}", file=out)
    if not rows:
        print("No school yet. Add one with: firstday school add", file=out)
    return 0


async def find(db: Database, slug: str, err: TextIO) -> SchoolRow | None:
    """Find the school that a command names; where there is none, say which ones exist."""
    async with db.read() as session:
        row = await schools.by_slug(session, slug)
        others = [] if row else await schools.all_schools(session)
    if row is None:
        known = (
            ", ".join(sorted(other.slug for other in others)) or "none yet (firstday school add)"
        )
        print(f'There is no school "{slug}". Schools: {known}.', file=err)
    return row
