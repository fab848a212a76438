"""Stop a whole channel when its account is refused; the messages stay queued (fault A9)."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from notifier.sender import Outcome, Result
from school.people import Channel

log = logging.getLogger(__name__)

_REST = timedelta(seconds=60)


class Breaker:
    """Knows which channels rest, and says so once for each rest."""

    def __init__(self) -> None:
        self._until: dict[Channel, datetime] = {}

    def is_open(self, channel: Channel, now: datetime) -> bool:
        """Tell whether a channel rests now."""
        until = self._until.get(channel)
        return until is not None and now < until

    def note(self, channel: Channel, result: Result, now: datetime) -> None:
        """Learn from the end of a call."""
        if result.outcome is Outcome.ACCOUNT:
            if not self.is_open(channel, now):
                log.error("channel %s is refused by its provider: %s", channel, result.code)
            self._until[channel] = now + _REST
        elif result.outcome is Outcome.ACCEPTED:
            self._until.pop(channel, None)
