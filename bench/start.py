"""Rows ``start``: how soon the service is ready, the most memory it takes, and a small command."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from bench.children import ROOT, child, environment
from bench.lookalike import ACCOUNT, BOT_TOKEN, TOKEN
from bench.rows import Round, Row, Scale, measured
from store.database import Database
from store.upgrade import upgrade

_COMMAND_ROUNDS = 3
"""A command is over in a fraction of a second, so it is run more often."""


def everything(scale: Scale) -> list[Row]:
    """Measure ``firstday serve`` with texts set up and no Telegram."""
    return _serve_rows("start.all", "FastAPI, uvicorn", scale, [])


def with_a_bot(scale: Scale) -> list[Row]:
    """Measure ``firstday serve`` with a Telegram bot as well, polling a look-alike."""
    return _serve_rows("start.telegram", "FastAPI, uvicorn, aiogram", scale, ["aiogram"])


def one_command(scale: Scale) -> list[Row]:
    """Measure ``firstday segments -`` with nothing to count."""
    rounds = [
        (_seconds("-m", "app", "segments", "-"), _seconds("-c", "pass"))
        for _ in range(scale.rounds * _COMMAND_ROUNDS + 1)
    ]
    return [
        measured(
            rounds[1:],
            name="start.command",
            unit="s",
            baseline_name="python -c pass",
            better="lower",
        )
    ]


def _serve_rows(name: str, baseline: str, scale: Scale, libraries: list[str]) -> list[Row]:
    with tempfile.TemporaryDirectory() as folder, child("-m", "bench.lookalike") as provider:
        settings = _settings(Path(folder), provider.ready, bot=bool(libraries))
        asyncio.run(_make_tables(settings["FIRSTDAY_DATABASE"]))
        bare = ["-m", "bench.bare", str(Path(folder) / "bare.sqlite3"), *libraries]
        starts = [
            (_started(["-m", "app", "serve"], settings), _started(bare, {}))
            for _ in range(scale.rounds)
        ]
    seconds = [(ours[0], plain[0]) for ours, plain in starts]
    peaks = [(ours[1], plain[1]) for ours, plain in starts]
    return [
        measured(seconds, name=name, unit="s", baseline_name=baseline, better="lower"),
        *_memory_rows(name, baseline, peaks),
    ]


async def _make_tables(address: str) -> None:
    """Make the tables beforehand: a school meets that start once."""
    db = Database(address)
    await upgrade(db)
    await db.close()


def _memory_rows(
    name: str, baseline: str, peaks: Sequence[tuple[float | None, float | None]]
) -> list[Row]:
    known: list[Round] = [(a, b) for a, b in peaks if a is not None and b is not None]
    if not known:
        return []
    return [
        measured(
            known,
            name=f"{name}.memory",
            unit="MB",
            baseline_name=baseline,
            better="lower",
        )
    ]


def _settings(folder: Path, provider: str, *, bot: bool) -> dict[str, str]:
    texts = {
        "FIRSTDAY_DATABASE": f"sqlite:///{folder / 'firstday.sqlite3'}",
        "FIRSTDAY_PORT": "0",
        "FIRSTDAY_TWILIO_ACCOUNT": ACCOUNT,
        "FIRSTDAY_TWILIO_TOKEN": TOKEN,
        "FIRSTDAY_TWILIO_URL": provider,
    }
    telegram = {
        "FIRSTDAY_TELEGRAM_TOKEN": BOT_TOKEN,
        "FIRSTDAY_TELEGRAM_URL": f"{provider}/telegram",
    }
    return texts | telegram if bot else texts


def _started(arguments: list[str], settings: dict[str, str]) -> tuple[float, float | None]:
    """Give the seconds until a process was ready, and its peak of memory in MB."""
    began = time.perf_counter()
    with child(*arguments, settings=settings) as process:
        return time.perf_counter() - began, process.peak_memory()


def _seconds(*arguments: str) -> float:
    began = time.perf_counter()
    subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=environment(None),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        check=True,
    )
    return time.perf_counter() - began
