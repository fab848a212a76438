"""The console command ``firstday`` starts here: the one file that reads clock and environment."""

from __future__ import annotations

import gc
import logging
import os
import sys
from datetime import UTC, date, datetime

from commands.cli import build
from commands.outside import Outside

_GARBAGE_THRESHOLDS = (50_000, 20, 50)
"""Loading libraries makes many objects and no garbage: looking for it less often starts sooner."""

_NOISY = ("apscheduler", "aiogram", "twilio", "alembic", "uvicorn", "asyncio", "mail.log")


def now() -> datetime:
    """The time, in UTC. Everything else is handed the time."""
    return datetime.now(UTC)


def today() -> date:
    """The date on this computer."""
    return datetime.now().astimezone().date()


def main() -> None:
    """Run the command."""
    gc.set_threshold(*_GARBAGE_THRESHOLDS)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    for name in _NOISY:
        logging.getLogger(name).setLevel(logging.WARNING)
    outside = Outside(now, today, os.environ, sys.stdout, sys.stderr)
    build(outside)()


if __name__ == "__main__":
    main()
