"""Ask one contact about one or several absent children: the school speaks first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from actions import gather, perform
from actions.cause import Cause
from actions.gather import Address
from conversations.effects import AskNextContact
from conversations.heard import SchoolAsked
from conversations.take_turn import take_turn
from conversations.talk import load
from school.codes import is_absence
from school.first_day import Ask, first_contact, usable
from school.people import Channel, Contact, Pupil, Session
from school.policy import Policy
from store import contacts, registers, reports, runs, suppressions, talks, tasks
from store.contacts import ContactRow
from store.database import Transaction
from store.outbox import Urgency
from store.runs import AskedRow
from store.schools import SchoolRow
from store.tasks import TaskKind, TaskRow


@dataclass(frozen=True, slots=True)
class Asked:
    """Who was asked about whom: pupil, contact, channel and address of each question."""

    rows: tuple[tuple[int, int, str, str], ...]

    def contacts(self, pupil_id: int) -> frozenset[int]:
        """Give the contacts asked about a pupil."""
        return frozenset(contact for pupil, contact, _, _ in self.rows if pupil == pupil_id)

    def addresses(self, pupil_id: int) -> frozenset[tuple[str, str]]:
        """Give the addresses a question about a pupil went to."""
        return frozenset((c, a) for pupil, _, c, a in self.rows if pupil == pupil_id)


async def asked_for(session: Transaction, school_id: int, day: date, half: Session) -> Asked:
    """Give the questions that count for a half of a day.

    A question of the other half counts while the child was absent there too: who has been in
    school since is missing anew, and is asked about anew.
    """
    marks = await registers.marks(session, school_id, day)
    absent = {(mark.pupil_id, mark.session) for mark in marks if is_absence(mark.code)}
    return Asked(
        tuple(
            (row.pupil_id, row.contact_id, channel, address)
            for row, channel, address in await runs.asked_where(session, school_id, day)
            if row.session == half or (row.pupil_id, row.session) in absent
        )
    )


def rules(school: SchoolRow) -> Policy:
    """Give a school's rules with the channels it really has."""
    return usable(school.rules(), texts=bool(school.sms_number), mails=bool(school.email_address))


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
    """Ask the next contact of every child who is still missing; have somebody ring if none.

    Source: parents first, then other named contacts, in the stored order (S3-12).
    """
    school, half, policy = cause.school, Session(effect.session), rules(cause.school)
    asked = await asked_for(session, school.key, effect.day, half)
    stopped = await suppressions.stopped(session, school.key)
    silent = await _still_missing(session, school.key, effect, half)
    together: dict[tuple[int, Channel, str], tuple[Contact, list[Pupil]]] = {}
    for pupil in await contacts.with_contacts(session, silent, stopped=stopped):
        passed, tried = asked.contacts(pupil.id), asked.addresses(pupil.id)
        contact = first_contact(pupil, policy, passed=passed, tried=tried)
        channel = contact.channel(policy.channels) if contact else None
        if contact is None or channel is None:
            await have_somebody_ring(session, school.key, pupil, effect.day, half, cause.now)
            continue
        where = (contact.id, channel, dict(contact.addresses)[channel])
        together.setdefault(where, (contact, []))[1].append(pupil)
    for (_, channel, address), (contact, pupils) in together.items():
        await ask(
            session,
            school,
            Ask(contact, channel, address, tuple(pupils)),
            day=effect.day,
            half=half,
            now=cause.now,
            languages=cause.languages,
        )


async def _still_missing(
    session: Transaction, school_id: int, effect: AskNextContact, half: Session
) -> list[int]:
    """Leave out whom somebody told us about, and who has come to school since."""
    told = {
        r.pupil_id for r in await reports.on_day(session, school_id, effect.day) if r.covers(half)
    }
    latest = await registers.latest(session, effect.children, effect.day)
    came = {pupil_id for pupil_id, code in latest.items() if not is_absence(code)}
    return [n for n in effect.children if n not in told | came]


async def have_somebody_ring(
    session: Transaction,
    school_id: int,
    pupil: Pupil,
    day: date,
    half: Session,
    now: datetime,
    kind: TaskKind = TaskKind.CALL,
) -> None:
    """Put a call on the office's list: nobody is left whom we may and can write to.

    Args:
        session: the transaction to write in.
        school_id: whose list.
        pupil: the child to ring about.
        day: the day of the absence.
        half: the session it is about; a child who came in between is rung about again.
        now: UTC.
        kind: why somebody has to ring.
    """
    await tasks.raise_task(
        session,
        TaskRow(
            school_id=school_id,
            kind=kind,
            dedupe_key=f"{kind}:{day}:{half}:{pupil.id}",
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
