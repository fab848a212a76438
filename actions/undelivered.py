"""A message did not arrive: the next contact is asked at once, and the office is told.

A failure is not "no reply" (market F10, F62): nobody waits for a phone that does not ring.
"""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from actions.ask_contact import ask_next
from actions.cause import Cause
from actions.gather import Address
from conversations.effects import AskNextContact
from school.people import Channel
from store import runs, schools, suppressions, talks, tasks
from store.database import Transaction
from store.outbox import OutboundRow, Urgency
from store.tasks import TaskKind, TaskRow

_TEXTED_STOP = "21610"
"""Twilio's code for a number that texted STOP: it works, and START makes it usable again."""


async def undelivered(
    session: Transaction,
    row: OutboundRow,
    *,
    now: datetime,
    languages: tuple[str, ...],
    code: str,
    dead: bool = False,
) -> None:
    """Tell the office, retire a dead address, and go on to the next contact of an alert.

    Args:
        session: the transaction to write in.
        row: the message that did not arrive.
        now: UTC.
        languages: the languages our sentences exist in.
        code: the provider's code, for the office's list.
        dead: the address will never work on this channel.
    """
    await tasks.raise_task(
        session,
        TaskRow(
            school_id=row.school_id,
            kind=TaskKind.UNDELIVERED,
            dedupe_key=f"undelivered:{row.key}",
            contact_id=row.contact_id,
            outbound_id=row.key,
            note=f"a message by {row.channel} did not arrive ({code or 'no code'})",
            raised_at=now,
        ),
    )
    opted_out = row.channel == Channel.SMS and code == _TEXTED_STOP
    if dead or opted_out:
        await suppressions.stop(
            session,
            school_id=row.school_id,
            channel=row.channel,
            address=row.address,
            reason=suppressions.OPTED_OUT if opted_out else suppressions.DOES_NOT_WORK,
            now=now,
        )
    if row.urgency == Urgency.ALERT:
        await _next_contact(session, row, now, languages)


async def _next_contact(
    session: Transaction, row: OutboundRow, now: datetime, languages: tuple[str, ...]
) -> None:
    school = await schools.by_id(session, row.school_id)
    policy = school.rules()
    local = now.astimezone(ZoneInfo(policy.time_zone))
    asked = await runs.about(session, [row.key])
    if not asked:
        return
    where = Address(Channel(row.channel), row.address)
    cause = Cause(
        school=school,
        policy=policy,
        where=where,
        talk=await talks.load(session, school.key, where.channel, where.address, now),
        language=row.language,
        languages=languages,
        key=f"undelivered:{row.key}",
        now=now,
        local=local,
        contact_id=row.contact_id,
    )
    effect = AskNextContact(tuple(a.pupil_id for a in asked), asked[0].day, asked[0].session)
    await ask_next(session, cause, effect)
