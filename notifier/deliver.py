"""Deliver what is due: fence, call, classify, record; ask about calls whose end is unknown.

The fence ("I am about to call") is on disk before a provider is called, a batch in one commit.
A call whose end is unknown is never made again blindly: the provider is asked, and what cannot
be known is put before staff. Nothing is called inside a transaction.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from actions.receive_receipt import catch_up
from actions.still_needed import Judged, judge
from actions.undelivered import undelivered
from actions.unsure import put_before_staff
from notifier.breaker import Breaker
from notifier.outcomes import after_asking, after_call
from notifier.render import button, render, subject
from notifier.sender import Found, Outcome, Parcel, Result, Sender
from school.people import Channel
from store import outbox, schools, sending
from store.database import Database, Transaction
from store.outbox import OutboundRow, Status
from store.sending import Ended, Fenced

log = logging.getLogger(__name__)

BATCH = 100
"""How many calls one commit fences; so many outcomes at most are unknown after a crash."""

_NOT_WRITTEN = "could not be written"


class Delivery:
    """Sends what the outbox owes, by the senders it is given."""

    def __init__(
        self, db: Database, senders: Mapping[Channel, Sender], languages: tuple[str, ...]
    ) -> None:
        self.db = db
        self.senders = senders
        self.languages = languages
        self.breaker = Breaker()

    async def deliver_due(self, now: datetime) -> int:
        """Send one batch of what is due.

        Returns:
            How many messages were dealt with; 0 when nothing is due.
        """
        fenced, names, dealt_with = await self._fence(now)
        if not fenced:
            return dealt_with
        results = await self._call_all(fenced, names, now)
        await self._record(fenced, results, now)
        return dealt_with

    async def ask_about_unknown(self, now: datetime) -> int:
        """Ask the providers about calls whose end is unknown; gives how many were asked about."""
        async with self.db.work() as session:
            questions = await sending.open_questions(session, now, self.senders)
            names = await _school_names(session, questions)
        ended: list[tuple[Fenced, Ended]] = []
        for question in questions:
            found, provider_id = await self._find(question, names, now)
            ended.append((question, after_asking(question, found, provider_id, now)))
        if ended:
            await self._settle(ended, now)
        return len(ended)

    async def _fence(self, now: datetime) -> tuple[list[Fenced], dict[int, str], int]:
        open_channels = [c for c in self.senders if not self.breaker.is_open(c, now)]
        async with self.db.work() as session:
            rows = await sending.due(session, now, open_channels, BATCH)
            if not rows:
                return [], {}, 0
            judged = await judge(session, rows, now)
            bodies = _bodies(judged)
            await sending.settle(session, judged.end)
            if judged.hold_until:
                await sending.postpone(session, judged.hold, judged.hold_until)
            fenced = await sending.fence(session, judged.send, bodies, now)
            names = await _school_names(session, fenced)
        for fence in fenced:
            fence.row.body = bodies[fence.row.key]
        return fenced, names, len(rows)

    async def _call_all(
        self, fenced: Sequence[Fenced], names: dict[int, str], now: datetime
    ) -> list[Result]:
        limits = {c: asyncio.Semaphore(sender.at_once) for c, sender in self.senders.items()}

        async def call(fence: Fenced) -> Result:
            channel = Channel(fence.row.channel)
            packed = _packed(fence, names, now)
            if packed is None:
                return Result(Outcome.NOT_SENT, code=_NOT_WRITTEN)
            async with limits[channel]:
                return await self.senders[channel].send(packed)

        return list(await asyncio.gather(*(call(fence) for fence in fenced)))

    async def _record(
        self, fenced: Sequence[Fenced], results: Sequence[Result], now: datetime
    ) -> None:
        for fence, result in zip(fenced, results, strict=True):
            self.breaker.note(Channel(fence.row.channel), result, now)
        ended = [
            (fence, after_call(fence, result, now))
            for fence, result in zip(fenced, results, strict=True)
        ]
        recorded = await self._settle(ended, now)
        dead = [
            f.row
            for f, r in zip(fenced, results, strict=True)
            if r.outcome is Outcome.PERMANENT and f.attempt_id in recorded
        ]
        for row in dead:
            async with self.db.work() as session:
                await undelivered(
                    session, row, now=now, languages=self.languages, code=row.trouble, dead=True
                )

    async def _settle(self, ended: Sequence[tuple[Fenced, Ended]], now: datetime) -> set[int]:
        """Record a group of outcomes in one commit, and what follows from them.

        Returns:
            The attempts whose end was recorded; another worker was quicker with the others.
        """
        async with self.db.work() as session:
            recorded = await sending.finish(session, [end for _, end in ended], now)
            for fence, end in ended:
                fence.row.trouble = end.code
                if end.status is Status.UNCERTAIN and fence.attempt_id in recorded:
                    await put_before_staff(session, fence.row, now)
            accepted = [e.outbound_id for _, e in ended if e.status is Status.ACCEPTED]
            rows = await outbox.with_early_receipts(session, accepted)
            await catch_up(session, rows, now, self.languages)
        return recorded

    async def _find(
        self, question: Fenced, names: dict[int, str], now: datetime
    ) -> tuple[Found, str | None]:
        sender = self.senders[Channel(question.row.channel)]
        packed = _packed(question, names, now)
        if packed is None:
            # Its call may have been made by an earlier release that could write it.
            return Found.CANNOT_TELL, None
        return await sender.find(packed)


def parcel(fence: Fenced, names: dict[int, str], now: datetime) -> Parcel:
    """Pack a fenced message for its channel."""
    row = fence.row
    left = row.expires_at - now
    return Parcel(
        outbound_id=row.key,
        attempt_id=fence.attempt_id,
        address=row.address,
        sender=row.sender,
        sender_name=names.get(row.school_id, ""),
        body=row.body or "",
        subject=subject(row.words, row.language) if row.channel == Channel.EMAIL else "",
        reply_to=row.reply_to,
        seconds_left=max(int(left / timedelta(seconds=1)), 0),
        called_at=fence.called_at,
        message_id=_message_id(row),
        button=button(row.language) if row.sentence == "share_number" else "",
    )


def _packed(fence: Fenced, names: dict[int, str], now: datetime) -> Parcel | None:
    """Pack a message, or say that it cannot be: it fails alone and spoils no batch."""
    try:
        return parcel(fence, names, now)
    except Exception as wrong:  # noqa: BLE001 - whatever it is, the others of the batch must go
        log.error("message %d cannot be packed: %s", fence.row.key, type(wrong).__name__)  # noqa: TRY400
        return None


def _message_id(row: OutboundRow) -> str:
    """Give the same identity at every try, saying nothing about whom it is for."""
    digest = hashlib.sha256(f"{row.key}:{row.dedupe_key}".encode()).hexdigest()[:24]
    domain = row.sender.rpartition("@")[2] or "firstday.invalid"
    return f"<fd-{digest}@{domain}>"


def _bodies(judged: Judged) -> dict[int, str]:
    """Write the texts. One that cannot be written fails alone and holds up no other."""
    bodies: dict[int, str] = {}
    for row in judged.send:
        try:
            bodies[row.key] = row.body or render(row.sentence, row.words, row.language)
        except (KeyError, ValueError) as wrong:
            log.error("message %d cannot be written: %s", row.key, type(wrong).__name__)  # noqa: TRY400
            judged.end.append((row.key, Status.FAILED, _NOT_WRITTEN))
    judged.send = [row for row in judged.send if row.key in bodies]
    return bodies


async def _school_names(session: Transaction, fenced: Sequence[Fenced]) -> dict[int, str]:
    return await schools.names(session, {fence.row.school_id for fence in fenced})
