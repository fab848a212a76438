"""Ask one contact about one or several absent children: the school speaks first."""

from __future__ import annotations

from datetime import date, datetime

from actions import gather, perform
from actions.cause import Cause
from actions.gather import Address
from conversations.effects import AskNextContact
from conversations.heard import SchoolAsked
from conversations.take_turn import take_turn
from conversations.talk import load
from school.first_day import Ask, first_contact
from school.people import Pupil, Session
from store import contacts, reports, runs, suppressions, talks, tasks
from store.contacts import ContactRow
from store.database import Transaction
from store.outbox import Urgency
from store.runs import AskedRow
from store.schools import SchoolRow
from store.tasks import TaskKind, TaskRow


async def ask(
    session: Transaction,
    school: SchoolRow,
    question: Ask,
    *,
    day: date,
    half: Session,
    now: datetime,
    languages: tuple[str, ...],
) -> int | None:
    """Queue the message, open the talk, and note who was asked about whom.

    Returns:
        The message's id in the outbox; None where this very question was asked before.
    """
    where = Address(question.channel, question.address)
    row = await talks.load(session, school.key, where.channel, where.address, now)
    person = await session.get_one(ContactRow, question.contact.id)
    facts = await gather.facts(session, school, where, [person], now=now, languages=languages)
    ids = tuple(pupil.id for pupil in question.pupils)
    turn = take_turn(load(row.state), SchoolAsked(ids, day, half), facts)
    cause = Cause(
        school=school,
        policy=facts.policy,
        where=where,
        talk=row,
        language=person.language,
        languages=languages,
        key=_key(school.key, day, half, question.contact.id, ids),
        now=now,
        local=facts.now,
        contact_id=question.contact.id,
        urgency=Urgency.ALERT,
    )
    await perform.perform(session, cause, turn, nobody_next)
    for outbound_id in cause.said:
        for pupil_id in ids:
            session.add(
                AskedRow(
                    school_id=school.key,
                    pupil_id=pupil_id,
                    contact_id=question.contact.id,
                    outbound_id=outbound_id,
                    day=day,
                    session=half,
                )
            )
    await session.flush()
    return cause.said[0] if cause.said else None


async def ask_next(session: Transaction, cause: Cause, effect: AskNextContact) -> None:
    """Ask the next contact of every child nobody has told us about; have somebody ring if none.

    Source: parents first, then other named contacts, in the stored order (S3-12).
    """
    told = {r.pupil_id for r in await reports.on_day(session, cause.school.key, effect.day)}
    silent = [n for n in effect.children if n not in told]
    asked = await runs.asked_on(session, cause.school.key, effect.day)
    stopped = await suppressions.stopped(session, cause.school.key)
    pupils = await contacts.with_contacts(session, silent, stopped=stopped)
    for pupil in pupils:
        passed = frozenset(row.contact_id for row in asked if row.pupil_id == pupil.id)
        contact = first_contact(pupil, cause.policy, passed=passed)
        channel = contact.channel(cause.policy.channels) if contact else None
        if contact is None or channel is None:
            await have_somebody_ring(session, cause.school.key, pupil, effect.day, cause.now)
            continue
        await ask(
            session,
            cause.school,
            Ask(contact, channel, dict(contact.addresses)[channel], (pupil,)),
            day=effect.day,
            half=Session(effect.session),
            now=cause.now,
            languages=cause.languages,
        )


async def have_somebody_ring(
    session: Transaction,
    school_id: int,
    pupil: Pupil,
    day: date,
    now: datetime,
    kind: TaskKind = TaskKind.CALL,
) -> None:
    """Put a call on the office's list: nobody is left whom we may and can write to."""
    await tasks.raise_task(
        session,
        TaskRow(
            school_id=school_id,
            kind=kind,
            dedupe_key=f"{kind}:{day}:{pupil.id}",
            pupil_id=pupil.id,
            note="no contact has answered" if kind is TaskKind.CALL else "nobody we can write to",
            raised_at=now,
        ),
    )


async def nobody_next(_session: Transaction, _cause: Cause, _effect: AskNextContact) -> None:
    """A question by the school never leads to the next contact at once."""


def _key(school_id: int, day: date, half: Session, contact_id: int, ids: tuple[int, ...]) -> str:
    pupils = ",".join(str(n) for n in sorted(ids))
    return f"absence:{school_id}:{day.isoformat()}:{half}:{contact_id}:{pupils}"
