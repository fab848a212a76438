"""``firstday run-now``: the first-day run by hand, for the classes whose register is in."""

from __future__ import annotations

from datetime import datetime
from typing import TextIO

from actions.errors import NotPossibleError
from actions.first_day import RunResult, run_by_hand
from commands import schools
from notifier.catalogues import languages
from school.first_day import LeftOut
from school.people import Session
from store.database import Database


async def run(
    db: Database, *, school: str, session: str, now: datetime, out: TextIO, err: TextIO
) -> int:
    """Queue the messages; a worker sends them. Gives the exit status."""
    row = await schools.find(db, school, err)
    if row is None:
        return 2
    if session.upper() not in set(Session):
        err.write(f"firstday: --session must be AM or PM, not '{session}'\n")
        return 2
    try:
        result = await run_by_hand(
            db, row.key, Session(session.upper()), now=now, languages=languages()
        )
    except NotPossibleError as wrong:
        err.write(f"firstday: {wrong}\n")
        return 1
    out.writelines(f"{line}\n" for line in describe(result))
    return 0


def describe(result: RunResult) -> list[str]:
    """Say in plain words what a run did."""
    where = f"{result.school}, {result.day:%A %d %B %Y}, {result.session}"
    what = f"{result.messages} messages about {result.children} children"
    lines = [f"{where}: {result.classes} classes, {what}."]
    if result.held:
        lines.append(f"Held, register not in: {', '.join(result.held)}.")
    for why in LeftOut:
        count = sum(1 for _, reason in result.left_out if reason is why)
        if count:
            lines.append(f"Left out, {why}: {count}.")
    return lines
