"""Rows ``morning``: the first-day run of many schools, from the tick to the last row queued.

``morning.history`` is the same morning where the marks of earlier days are in the tables.
"""

from __future__ import annotations

import asyncio
import itertools
import sqlite3
import tempfile
import time
from pathlib import Path
from typing import Any

from actions.first_day import run_due
from bench.databases import SqliteFiles
from bench.rows import Row, Scale, measured
from bench.town import ABSENT, DAY, PUPILS, Town, at, days_before
from notifier.catalogues import languages
from store.database import Database

HISTORY_DAYS = 20
_HALVES = ("AM", "PM")
Rows = list[tuple[Any, ...]]


def rows(scale: Scale) -> list[Row]:
    """Measure both mornings and the plain inserts in turns."""
    town = Town(scale.of(scale.schools, 2))
    days = scale.of(HISTORY_DAYS, 2)
    detail = {"schools": town.schools, "pupils": town.schools * PUPILS}
    with tempfile.TemporaryDirectory() as folder:
        fresh, old = (SqliteFiles(Path(folder), name) for name in ("fresh", "old"))
        asyncio.run(_build(fresh.template, town, 0))
        asyncio.run(_build(old.template, town, days))
        rounds = [_round(fresh, old, town) for _ in range(scale.rounds)]
    return [
        measured(
            [(new, plain) for new, _, plain in rounds],
            name="morning",
            unit="s",
            baseline_name="sqlite3 executemany",
            better="lower",
            detail=detail | {"messages": town.schools * ABSENT},
        ),
        measured(
            [(with_history, new) for new, with_history, _ in rounds],
            name="morning.history",
            unit="s",
            baseline_name="no history",
            better="lower",
            detail=detail | {"days": days, "marks": town.schools * PUPILS * days * len(_HALVES)},
        ),
    ]


async def _build(address: str, town: Town, days: int) -> None:
    db = Database(address)
    await town.build(db)
    await town.take_registers(db, days_before(days), _HALVES)
    await town.take_registers(db, [DAY], ("AM",))
    await db.close()


def _round(fresh: SqliteFiles, old: SqliteFiles, town: Town) -> tuple[float, float, float]:
    """Give the seconds without history, with history, and of the plain inserts."""
    file = fresh.copied_file()
    new = asyncio.run(_run(f"sqlite:///{file}"))
    queued = _queued(file)
    if len(queued) != town.schools * ABSENT:
        raise RuntimeError(f"{len(queued)} messages were queued, not {town.schools * ABSENT}")
    history = asyncio.run(_run(old.copy()))
    return new, history, _insert_plainly(fresh.copied_file(), queued)


async def _run(address: str) -> float:
    db = Database(address)
    began = time.perf_counter()
    await run_due(db, at(9, 30), languages())
    seconds = time.perf_counter() - began
    await db.close()
    return seconds


def _queued(file: Path) -> Rows:
    connection = sqlite3.connect(file)
    try:
        return connection.execute("SELECT * FROM outbound ORDER BY school_id, id").fetchall()
    finally:
        connection.close()


def _insert_plainly(file: Path, queued: Rows) -> float:
    """Insert the same rows, one durable transaction a school, and give the seconds."""
    connection = sqlite3.connect(file)
    try:
        connection.execute("PRAGMA synchronous=FULL")
        places = ", ".join("?" * len(queued[0]))
        by_school = [list(some) for _, some in itertools.groupby(queued, key=lambda row: row[1])]
        began = time.perf_counter()
        for some in by_school:
            with connection:
                connection.executemany(f"INSERT INTO outbound VALUES ({places})", some)  # noqa: S608
        return time.perf_counter() - began
    finally:
        connection.close()
