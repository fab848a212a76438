"""Row ``send``: first-day texts through the whole path, beside bare posts of the same forms.

Ours is the worker's own loop: what is due is judged, written and fenced on disk, fifty calls at
once go to a look-alike in another process, and how each ended is on disk too.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp

from actions.first_day import run_due
from bench.children import child
from bench.databases import Databases, SqliteFiles, on_postgresql
from bench.lookalike import ACCOUNT, TOKEN
from bench.rows import Round, Row, Scale, SkippedError, measured
from bench.town import ABSENT, DAY, Town, at
from notifier.catalogues import languages
from notifier.deliver import BATCH, Delivery
from notifier.dispatch import work_until_idle
from notifier.sender import Parcel, Result
from notifier.sms_twilio import TwilioSms
from school.people import Channel
from store.database import Database

AT_ONCE = 50
_CALLBACK = "http://127.0.0.1:9/hooks/twilio/status"
Forms = list[dict[str, str]]


class _Noting(TwilioSms):
    """The real sender, which also notes what it was given."""

    def __init__(self, url: str) -> None:
        super().__init__(ACCOUNT, TOKEN, base_url=url, callback_url=_CALLBACK, at_once=AT_ONCE)
        self.parcels: list[Parcel] = []

    async def send(self, parcel: Parcel) -> Result:
        """Send and note."""
        self.parcels.append(parcel)
        return await super().send(parcel)


def on_sqlite(scale: Scale) -> list[Row]:
    """Measure with a SQLite file."""
    with tempfile.TemporaryDirectory() as folder:
        return [_row("send.sqlite", SqliteFiles(Path(folder)), scale)]


def on_a_server(scale: Scale) -> list[Row]:
    """Measure with databases of a PostgreSQL server.

    Raises:
        SkippedError: no server was named.
    """
    if scale.postgresql is None:
        raise SkippedError("it needs the address of a PostgreSQL server")
    with on_postgresql(scale.postgresql) as databases:
        return [_row("send.postgresql", databases, scale)]


def _row(name: str, databases: Databases, scale: Scale) -> Row:
    town = Town(scale.of(50, 6))
    with child("-m", "bench.lookalike") as provider:
        rounds = asyncio.run(_rounds(databases, town, provider.ready, scale.rounds))
    return measured(
        rounds,
        name=name,
        unit="messages/s",
        baseline_name="aiohttp",
        better="higher",
        detail={"messages": town.schools * ABSENT - BATCH, "at_once": AT_ONCE, "durable": True},
    )


async def _rounds(databases: Databases, town: Town, url: str, rounds: int) -> list[Round]:
    await _with(databases.template, lambda db: _owe_a_morning(db, town))
    noting = _Noting(url)
    await _with(databases.copy(), lambda db: _send_all(db, noting))
    forms = [_form(parcel) for parcel in noting.parcels][BATCH:]
    if len(forms) != town.schools * ABSENT - BATCH:
        raise RuntimeError(f"{len(forms)} messages left instead of {town.schools * ABSENT - BATCH}")
    await _post_all(url, forms)
    return [await _round(databases, url, forms) for _ in range(rounds)]


async def _round(databases: Databases, url: str, forms: Forms) -> Round:
    sender = TwilioSms(ACCOUNT, TOKEN, base_url=url, callback_url=_CALLBACK, at_once=AT_ONCE)
    ours = await _with(databases.copy(), lambda db: _send_all(db, sender))
    return len(forms) / ours, len(forms) / await _post_all(url, forms)


async def _with(address: str, job: Callable[[Database], Any]) -> Any:
    db = Database(address)
    try:
        return await job(db)
    finally:
        await db.close()


async def _owe_a_morning(db: Database, town: Town) -> None:
    await town.build(db)
    await town.take_registers(db, [DAY], ("AM",))
    await run_due(db, at(9, 30), languages())


async def _send_all(db: Database, sender: TwilioSms) -> float:
    """Send everything that is owed and give the seconds it took after the first batch.

    A service runs for weeks; its first batch writes the statements that all others use again.
    """
    delivery = Delivery(db, {Channel.SMS: sender}, languages())
    await delivery.deliver_due(at(9, 31))
    began = time.perf_counter()
    await work_until_idle(delivery, lambda: at(9, 31))
    seconds = time.perf_counter() - began
    await sender.close()
    return seconds


def _form(parcel: Parcel) -> dict[str, str]:
    return {
        "To": parcel.address,
        "From": parcel.sender,
        "Body": parcel.body,
        "StatusCallback": f"{_CALLBACK}?a={parcel.attempt_id}",
        "ValidityPeriod": str(parcel.seconds_left),
    }


async def _post_all(url: str, forms: Forms) -> float:
    """Post the forms with nothing around them and give the seconds it took."""
    target = f"{url}/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
    signed_in = b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()
    waiting = iter(forms)

    async def post_some(session: aiohttp.ClientSession) -> None:
        for form in waiting:
            async with session.post(target, data=form) as answer:
                await answer.read()

    headers = {"Authorization": f"Basic {signed_in}"}
    async with aiohttp.ClientSession(headers=headers, raise_for_status=True) as session:
        began = time.perf_counter()
        await asyncio.gather(*(post_some(session) for _ in range(AT_ONCE)))
        return time.perf_counter() - began
