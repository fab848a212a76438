"""The worker's loop: think about what came in, send what is owed, ask about what is unknown.

Woken by a bell when something new is there, and by itself every few seconds; the tables are the
truth, so a missed ring costs seconds and nothing else.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from datetime import datetime

from actions.hear import think_due
from notifier.deliver import Delivery

log = logging.getLogger(__name__)

_SWEEP_SECONDS = 2.0
_REST_AFTER_TROUBLE = 5.0


class Bell:
    """Rung when there may be work; ringing twice before it is heard is one ring."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def ring(self) -> None:
        """Wake whoever waits."""
        self._event.set()

    async def wait(self, seconds: float) -> None:
        """Wait for a ring, at most so long."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._event.wait()
        self._event.clear()


async def work_until_idle(delivery: Delivery, clock: Callable[[], datetime]) -> int:
    """Think and send until nothing is due; gives how many messages were dealt with."""
    total = 0
    while True:
        thought = await think_due(delivery.db, clock(), delivery.languages)
        sent = await delivery.deliver_due(clock())
        asked = await delivery.ask_about_unknown(clock())
        if not thought + sent + asked:
            return total
        total += thought + sent + asked


async def worker(
    delivery: Delivery, clock: Callable[[], datetime], bell: Bell, stop: asyncio.Event
) -> None:
    """Work until told to stop; trouble with the database is waited out, not died of."""
    while not stop.is_set():
        try:
            await work_until_idle(delivery, clock)
            await bell.wait(_SWEEP_SECONDS)
        except asyncio.CancelledError:
            raise
        except Exception as wrong:  # noqa: BLE001 - the loop must outlive whatever one round meets
            log.error("a round of work failed: %s", type(wrong).__name__)  # noqa: TRY400
            await bell.wait(_REST_AFTER_TROUBLE)
