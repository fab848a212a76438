"""What the commands are handed from outside: the clock, the environment, the terminal."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, TextIO

import typer

from commands.settings import Settings, SettingsError, settings_from

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
            return settings_from(self.environment)
        except SettingsError as wrong:
            self.err.write(f"firstday: {wrong}\n")
            raise typer.Exit(WRONG_USAGE) from None

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
