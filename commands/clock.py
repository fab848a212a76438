"""The clock: wakes one job every minute. It knows no school times; the schools' policies do.

Two clocks do no harm: a run is claimed by its unique key in the database.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import UTC, datetime

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from actions.first_day import run_due
from actions.wake import wake_due
from notifier.dispatch import Bell
from store.database import Database

log = logging.getLogger(__name__)


async def tick(db: Database, now: datetime, languages: tuple[str, ...]) -> int:
    """Make the runs and wake the talks whose time has come; gives how many there were.

    The talks are woken even where the runs failed: a parent's silence must not go unheard.
    """
    try:
        runs = await run_due(db, now, languages)
    finally:
        woken = await wake_due(db, now, languages)
    for result in runs:
        log.info(
            "first-day run: %d classes, %d messages, %d classes held",
            result.classes,
            result.messages,
            len(result.held),
        )
    return len(runs) + woken


class Clock:
    """Ticks until stopped; a tick that fails is logged and the next one comes all the same."""

    def __init__(
        self,
        db: Database,
        clock: Callable[[], datetime],
        languages: tuple[str, ...],
        bell: Bell,
        seconds: float,
    ) -> None:
        self._db = db
        self._clock = clock
        self._languages = languages
        self._bell = bell
        self._seconds = seconds
        self._ticking = asyncio.Lock()
        self.last_tick: datetime | None = None

    async def run(self, stop: asyncio.Event) -> None:
        """Tick at once and then every so many seconds, until told to stop."""
        scheduler = AsyncIOScheduler(timezone=UTC)
        scheduler.add_job(
            self._tick,
            "interval",
            seconds=self._seconds,
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,
        )
        await self._tick()
        scheduler.start()
        try:
            await stop.wait()
        finally:
            # The scheduler cancels a job that is under way; a tick must be let to end instead.
            scheduler.remove_all_jobs()
            async with self._ticking:
                scheduler.shutdown(wait=False)

    async def _tick(self) -> None:
        async with self._ticking:
            await self._one_tick()

    async def _one_tick(self) -> None:
        try:
            if await tick(self._db, self._clock(), self._languages):
                self._bell.ring()
            self.last_tick = self._clock()
        except Exception as wrong:  # noqa: BLE001 - the next tick must come whatever this one met
            log.error("a tick failed: %s", type(wrong).__name__)  # noqa: TRY400
