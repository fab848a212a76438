"""What the commands are handed from outside: the clock, the environment, the terminal."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Coroutine, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, TextIO

import typer

from commands.settings import PREFIX, Settings, SettingsError, settings_from

if TYPE_CHECKING:
    from store.database import Database

WRONG_USAGE = 2


@dataclass(frozen=True, slots=True)
class Outside:
    """The world around a command; app.py makes the one real one.

    Attributes:
        now: the time, in UTC.
        today: the date on this computer.
        environment: names and values that settings are read from.
    """

    now: Callable[[], datetime]
    today: Callable[[], date]
    environment: Mapping[str, str]
    out: TextIO
    err: TextIO

    def settings(self) -> Settings:
        """Read the settings; a wrong one ends the command and names itself."""
        try:
            settings = settings_from(self.environment)
            _check_file(settings.database)
        except SettingsError as wrong:
            self.err.write(f"firstday: {wrong}\n")
            raise typer.Exit(WRONG_USAGE) from None
        return settings

    def with_database(self, job: Callable[[Database], Coroutine[None, None, int]]) -> None:
        """Run a job on the installation's database, brought to its newest form first."""
        from store.database import Database  # noqa: PLC0415 - most commands need no tables
        from store.upgrade import upgrade  # noqa: PLC0415

        url = self.settings().database

        async def run() -> int:
            db = Database(url)
            try:
                await upgrade(db)
                return await job(db)
            finally:
                await db.close()

        raise typer.Exit(asyncio.run(run()))


def _check_file(database: str) -> None:
    """Open an SQLite file once: the store's library would end in a traceback.

    Raises:
        SettingsError: it cannot be opened and written, or is no database.
    """
    scheme, _, place = database.partition(":///")
    path = place.partition("?")[0]
    if not scheme.startswith("sqlite") or path.startswith("file:"):
        return
    try:
        with closing(sqlite3.connect(path, timeout=1, isolation_level=None)) as file:
            file.execute("BEGIN IMMEDIATE")
            file.execute("ROLLBACK")
    except sqlite3.Error as wrong:
        # Another process may be writing now; then it can be opened and written.
        if getattr(wrong, "sqlite_errorcode", 0) & 0xFF != sqlite3.SQLITE_BUSY:
            raise SettingsError(
                f"{PREFIX}DATABASE: {path}: {wrong}. Does its folder exist, and may this user "
                "write there?"
            ) from None
