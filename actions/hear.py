"""Hear a message: keep it first, think about it second, each in a transaction of its own."""

from __future__ import annotations

import logging
from datetime import datetime

from actions import gather, link_telegram, perform, unplaced
from actions.ask_contact import ask_next
from actions.cause import Cause
from actions.gather import Address
from actions.inbound import Inbound
from actions.who_is import Who, who_is
from conversations.effects import Act
from conversations.heard import Facts, Said
from conversations.take_turn import take_turn
from conversations.talk import Talk, load
from conversations.turn import Turn
from conversations.understanding.understand import understand
from school.people import Channel
from store import inbox, suppressions, talks, tasks
from store.database import Database, Transaction
from store.inbox import InboxRow
from store.tasks import TaskKind, TaskRow

log = logging.getLogger(__name__)

_PROVIDER_STOPS = frozenset(
    {"stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout"}
)
"""Single words that Twilio answers by itself and then blocks (providers.md 3.4)."""
_PROVIDER_STARTS = frozenset({"start", "unstop", "yes"})


async def keep(db: Database, message: Inbound, now: datetime) -> int | None:
    """Store a message before anybody thinks about it.

    Returns:
        Its id in the inbox; None where the provider sent this very message before.
    """
    row = InboxRow(
        channel=message.channel,
        account=message.account,
        provider_id=message.provider_id,
        sender=message.sender,
        addressed_to=message.addressed_to,
        text=message.text,
        extra={
            **message.extra,
            "attachments": list(message.attachments),
            "automated": message.automated,
            "start": message.start,
            "shared_phone": message.shared_phone,
            "blocked": message.blocked,
        },
        received_at=now,
    )
    async with db.work() as session:
        return await inbox.keep(session, row)


async def think_due(db: Database, now: datetime, languages: tuple[str, ...]) -> int:
    """Think about every message that waits; one that cannot be thought about holds up no other.

    Returns:
        How many messages were dealt with.
    """
    async with db.read() as session:
        waiting = await inbox.unthought(session, now)
    for inbox_id in waiting:
        try:
            await think(db, inbox_id, now, languages)
        except Exception as wrong:  # noqa: BLE001 - whatever it is, the next message must be heard
            await _failed(db, inbox_id, now, wrong)
    return len(waiting)


async def think(
    db: Database, inbox_id: int, now: datetime, languages: tuple[str, ...]
) -> Turn | None:
    """Understand one kept message, take the turn, and perform it: one commit.

    Returns:
        The turn; None where the message needed none (a repeat, an auto-reply, a link).
    """
    async with db.work() as session:
        row = await inbox.take(session, inbox_id)
        if row is None:
            return None
        await inbox.done(session, inbox_id, now)
        found = await who_is(session, row)
        if await link_telegram.is_for_linking(session, row, now):
            return None
        if found is None:
            await unplaced.deal_with(session, row, now)
            return None
        row.school_id = found.school.key
        session.add(row)
        if row.extra.get("automated"):
            await unplaced.look_for_danger(session, row, found.school, now)
            return None
        if await inbox.is_letter_again(session, row):
            return None
        return await _talk(session, row, found, now, languages)


async def _talk(
    session: Transaction, row: InboxRow, found: Who, now: datetime, languages: tuple[str, ...]
) -> Turn:
    where = Address(Channel(row.channel), row.sender)
    talk = await talks.load(session, found.school.key, where.channel, where.address, now)
    word = row.text.strip().casefold()
    facts = await gather.facts(
        session,
        found.school,
        where,
        found.people,
        now=now,
        languages=languages,
        provider_stops=where.channel is Channel.SMS and word in _PROVIDER_STOPS,
    )
    if word in _PROVIDER_STARTS and await suppressions.lift(
        session, school_id=found.school.key, channel=where.channel, address=where.address
    ):
        return Turn(load(talk.state) or Talk(), (), (Act.NO_REPLY,))
    cause = Cause(
        school=found.school,
        policy=facts.policy,
        where=where,
        talk=talk,
        language=facts.language,
        languages=languages,
        key=f"reply:{row.key}",
        now=now,
        local=facts.now,
        contact_id=found.people[0].id if len(found.people) == 1 else None,
        inbox_id=row.key,
        reply_to=str(row.extra["message_id"]) if row.extra.get("message_id") else None,
    )
    turn = take_turn(load(talk.state), _said(row, facts, talk.state), facts)
    await perform.perform(session, cause, turn, ask_next)
    return turn


def _said(row: InboxRow, facts: Facts, state: str) -> Said:
    talk = load(state)
    lang = (talk.lang if talk else "") or facts.language
    meaning = understand(
        row.text,
        lang=lang if facts.known else None,
        children=[child.first for child in facts.children],
        today=facts.today,
    )
    return Said(meaning, row.text, tuple(row.extra.get("attachments") or ()))


async def _failed(db: Database, inbox_id: int, now: datetime, wrong: Exception) -> None:
    """Try again later; after the last time a person looks. Only the kind of error is logged."""
    kind = type(wrong).__name__
    log.error("thinking about message %d failed: %s", inbox_id, kind)
    async with db.work() as session:
        tries = await inbox.failed(session, inbox_id, now, kind)
        row = await session.get_one(InboxRow, inbox_id)
        if tries < inbox.MAX_TRIES:
            return
        found = await who_is(session, row)
        if found is not None:
            await tasks.raise_task(
                session,
                TaskRow(
                    school_id=found.school.key,
                    kind=TaskKind.UNREADABLE,
                    dedupe_key=f"unreadable:{inbox_id}",
                    inbox_id=inbox_id,
                    note="the service could not read this message",
                    raised_at=now,
                ),
            )
