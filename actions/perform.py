"""Do what a turn wants done, inside the transaction that is handed in.

Holds the only ``match`` over effects; it ends in ``assert_never``, so an effect that nobody
performs is a type error. Everything that leaves the house becomes a row in the outbox.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, assert_never

from actions import alarm, file_report
from actions.cause import Cause
from conversations.effects import (
    AskNextContact,
    AskOffice,
    Need,
    RecordReport,
    Say,
    StopAddress,
    WakeAt,
    Word,
)
from conversations.reference import reference
from conversations.talk import dump
from conversations.turn import Turn
from school.people import Channel
from store import outbox, suppressions, tasks
from store.database import Transaction
from store.outbox import OutboundRow, Urgency
from store.schools import SchoolRow
from store.tasks import TaskRow

_ANSWER_LIVES = timedelta(hours=12)

AskNext = Callable[[Transaction, Cause, AskNextContact], Awaitable[None]]
"""Who asks the next contact; handed in, since asking performs a turn of its own."""


async def perform(session: Transaction, cause: Cause, turn: Turn, ask_next: AskNext) -> None:
    """Perform every effect of a turn and keep the talk as it now stands."""
    stored: dict[Word, Word] = {}  # the reference a parent was given first, by today's own
    for n, effect in enumerate(turn.effects):
        match effect:
            case Say():
                said = replace(effect, words=_as_stored(effect.words, stored))
                await _say(session, cause, turn.talk.lang or cause.language, said, n)
            case RecordReport():
                kept = await file_report.file(session, cause, effect)
                stored[reference(effect.child, cause.local.date())] = kept
            case AskOffice():
                await _ask_office(session, cause, effect)
            case AskNextContact():
                await ask_next(session, cause, effect)
            case WakeAt():
                cause.talk.wake_at = effect.at
            case StopAddress():
                await _stop(session, cause, effect)
            case _:
                assert_never(effect)
    cause.talk.state = dump(turn.talk)
    cause.talk.changed_at = cause.now
    cause.talk.version += 1
    session.add(cause.talk)


def _as_stored(words: dict[str, Word], stored: dict[Word, Word]) -> dict[str, Word]:
    """Name the report by the reference it has: words added on a later day bring no new one."""
    if "ref" not in words:
        return words
    return {**words, "ref": stored.get(words["ref"], words["ref"])}


async def _say(session: Transaction, cause: Cause, lang: str, effect: Say, n: int) -> None:
    is_alert = cause.urgency is Urgency.ALERT
    lives = timedelta(minutes=cause.policy.expires_minutes) if is_alert else _ANSWER_LIVES
    row = OutboundRow(
        school_id=cause.school.key,
        contact_id=cause.contact_id,
        channel=cause.where.channel,
        address=cause.where.address,
        sender=sender_address(cause.school, cause.where.channel),
        urgency=cause.urgency,
        dedupe_key=cause.key if is_alert else f"{cause.key}:{n}",
        sentence=effect.sentence,
        words=pack(effect.words),
        language=lang,
        reply_to=cause.reply_to,
        not_before=cause.now,
        expires_at=cause.now + lives,
        created_at=cause.now,
    )
    if await outbox.add(session, row):
        cause.said.append(row.key)


def sender_address(school: SchoolRow, channel: Channel) -> str:
    """Give what a school speaks from on a channel; a bot has no address of a school."""
    if channel is Channel.SMS:
        return school.sms_number or ""
    return (school.email_address or "") if channel is Channel.EMAIL else ""


def pack(words: dict[str, Word]) -> dict[str, Any]:
    """Write the words of a sentence so that JSON keeps them: names as a list, a date marked."""
    return {name: _packed(word) for name, word in words.items()}


def _packed(word: Word) -> Any:
    if isinstance(word, date):
        return {"date": word.isoformat()}
    return list(word) if isinstance(word, tuple) else word


async def _ask_office(session: Transaction, cause: Cause, effect: AskOffice) -> None:
    """Raise the task; what concerns a child's safety also reaches a person at once."""
    children = effect.children or (None,)
    is_urgent = effect.need in {Need.SAFEGUARDING, Need.CHECK_REGISTER}
    for pupil_id in children:
        key = cause.key if is_urgent else f"{cause.talk.id}:{cause.local.date()}"
        row = TaskRow(
            school_id=cause.school.key,
            kind=effect.need,
            dedupe_key=f"{effect.need}:{key}:{pupil_id or 0}",
            pupil_id=pupil_id,
            contact_id=cause.contact_id,
            inbox_id=cause.inbox_id,
            note=effect.note,
            raised_at=cause.now,
        )
        await tasks.raise_task(session, row, is_news=True)
    if effect.need is Need.SAFEGUARDING:
        await alarm.reach_a_person(session, cause.school, key=cause.key, now=cause.now)


async def _stop(session: Transaction, cause: Cause, effect: StopAddress) -> None:
    await suppressions.stop(
        session,
        school_id=cause.school.key,
        channel=cause.where.channel,
        address=cause.where.address,
        reason=effect.reason,
        now=cause.now,
    )
