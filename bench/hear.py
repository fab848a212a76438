"""Row ``hear``: parents' texts from the signed webhook to the queued answer.

Both sides are servers in processes of their own, written to over HTTP by as many connections.
"""

from __future__ import annotations

import asyncio
import itertools
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from urllib.parse import urlencode

import aiohttp
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]

from bench.children import child
from bench.databases import SqliteFiles
from bench.listener import PATH, PUBLIC_URL
from bench.lookalike import ACCOUNT, TOKEN
from bench.messages import texts
from bench.rows import Round, Row, Scale, measured
from bench.town import Town
from store.database import Database

AT_ONCE = 20
STEADY = 50
"""Messages a second at which the webhook's answers are timed."""

_WARM_UP = 10


@dataclass(frozen=True, slots=True)
class _Post:
    """One signed webhook, ready to go."""

    body: bytes
    headers: dict[str, str]


@dataclass(frozen=True, slots=True)
class _Load:
    """How many messages each part has."""

    rounds: int
    each: int
    steady: int


def rows(scale: Scale) -> list[Row]:
    """Measure the throughput, and the answers' times at a steady pace."""
    load = _Load(scale.rounds, scale.of(200, 10), scale.of(STEADY * 6, STEADY // 5))
    town = Town(scale.of(4, 1))
    with tempfile.TemporaryDirectory() as folder:
        files = SqliteFiles(Path(folder))
        asyncio.run(_build(files.template, town))
        with (
            child("-m", "bench.listener", files.template) as ours,
            child("-m", "bench.bare", str(Path(folder) / "bare.sqlite3")) as plain,
        ):
            rounds, answers = asyncio.run(_play(ours.ready, plain.ready, town, load))
    return [
        measured(
            rounds,
            name="hear",
            unit="messages/s",
            baseline_name="FastAPI, one insert",
            better="higher",
            detail={
                "messages": load.each,
                "at_once": AT_ONCE,
                "steady_per_second": STEADY,
                "answer_ms_median": round(median(answers) * 1000, 2),
                "answer_ms_p99": round(answers[int(len(answers) * 0.99)] * 1000, 2),
            },
        )
    ]


async def _build(address: str, town: Town) -> None:
    db = Database(address)
    await town.build(db)
    await db.close()


async def _play(ours: str, plain: str, town: Town, load: _Load) -> tuple[list[Round], list[float]]:
    """Give the rounds in messages a second, and the seconds of steady answers in order."""
    posts = _posts(town)
    rounds: list[Round] = []
    thought = 0
    async with aiohttp.ClientSession(raise_for_status=True) as session:
        for number in range(load.rounds + 1):
            count = load.each if number else _WARM_UP
            some = list(itertools.islice(posts, count))
            thought += count
            began = time.perf_counter()
            await _post_all(session, f"{ours}{PATH}", some)
            await (await session.get(f"{ours}/thought/{thought}")).read()
            heard = time.perf_counter() - began
            began = time.perf_counter()
            await _post_all(session, f"{plain}/bare", some)
            if number:
                rounds.append((count / heard, count / (time.perf_counter() - began)))
        steady = list(itertools.islice(posts, load.steady))
        answers = await _post_steadily(session, f"{ours}{PATH}", steady)
    return rounds, sorted(answers)


async def _post_all(session: aiohttp.ClientSession, url: str, posts: list[_Post]) -> None:
    waiting = iter(posts)

    async def post_some() -> None:
        for post in waiting:
            await _post(session, url, post)

    await asyncio.gather(*(post_some() for _ in range(AT_ONCE)))


async def _post_steadily(
    session: aiohttp.ClientSession, url: str, posts: list[_Post]
) -> list[float]:
    """Post at a fixed pace, however slow the answers are, and give the seconds of each."""
    start = time.perf_counter()

    async def post_at(due: float, post: _Post) -> float:
        await asyncio.sleep(due - time.perf_counter())
        await _post(session, url, post)
        return time.perf_counter() - due

    jobs = (post_at(start + n / STEADY, post) for n, post in enumerate(posts))
    return list(await asyncio.gather(*jobs))


async def _post(session: aiohttp.ClientSession, url: str, post: _Post) -> None:
    async with session.post(url, data=post.body, headers=post.headers) as answer:
        await answer.read()


def _posts(town: Town) -> Iterator[_Post]:
    """Give one signed message from each family."""
    validator = RequestValidator(TOKEN)
    words = itertools.cycle(texts())
    for number, ((sender, to), text) in enumerate(zip(town.phones(), words, strict=False), 1):
        fields = {
            "ToCountry": "GB",
            "SmsMessageSid": f"SM{number:032x}",
            "NumMedia": "0",
            "SmsStatus": "received",
            "Body": text,
            "To": to,
            "NumSegments": "1",
            "MessageSid": f"SM{number:032x}",
            "AccountSid": ACCOUNT,
            "From": sender,
            "ApiVersion": "2010-04-01",
        }
        signature = validator.compute_signature(f"{PUBLIC_URL}{PATH}", fields)
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Twilio-Signature": signature,
        }
        yield _Post(urlencode(fields).encode(), headers)
