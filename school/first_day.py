"""The first-day run, decided: who is asked, by what, and who is left out and why.

Pure: it reads a snapshot and gives a plan. It sends nothing and stores nothing.
Source: first-day calling (TRJS policy); not before the register has closed (S3-02).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from school.codes import UNEXPLAINED
from school.people import Channel, Contact, Pupil, Session
from school.policy import Policy


class LeftOut(StrEnum):
    """Why an absent child's parents are not asked."""

    REPORTED = "already reported"
    EXPLAINED = "the register has a reason"
    ASKED = "asked already today"
    NO_CONTACT = "nobody we may and can reach"


@dataclass(frozen=True, slots=True)
class Absence:
    """One absent pupil as the register has it, and what is known already.

    Attributes:
        code: the mark of this session.
        reported: somebody told us, or a message that may be the answer is still unread.
        asked: contacts who were already asked about this pupil today.
    """

    pupil: Pupil
    code: str
    reported: bool = False
    asked: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Ask:
    """One message to one contact about one or several absent siblings."""

    contact: Contact
    channel: Channel
    address: str
    pupils: tuple[Pupil, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run does: the messages, the children nobody can be asked about, the rest."""

    asks: tuple[Ask, ...] = ()
    left_out: tuple[tuple[Pupil, LeftOut], ...] = ()
    classes: tuple[int, ...] = field(default=())


def is_due(policy: Policy, session: Session, local_now: datetime) -> bool:
    """Tell whether the run of a session may start by itself now.

    Never before the register has closed, so that a child on the way in causes no alarm, and
    never after the school's limit, so that a morning's text does not arrive in the evening.

    Args:
        policy: the school's rules.
        session: morning or afternoon.
        local_now: the time in the school's own zone.
    """
    clock = local_now.time()
    return policy.closes(session) <= clock < policy.run_until(session)


def usable(policy: Policy, *, texts: bool, mails: bool) -> Policy:
    """Give the rules with only those channels that the school has an address to speak from.

    Args:
        policy: the school's rules.
        texts: the school has a number for text messages.
        mails: the school has an e-mail address.
    """
    without = set() if texts else {Channel.SMS}
    if not mails:
        without.add(Channel.EMAIL)
    return replace(policy, channels=tuple(c for c in policy.channels if c not in without))


def plan(absences: Iterable[Absence], policy: Policy, *, classes: Iterable[int] = ()) -> Plan:
    """Decide the messages for the classes whose register is in.

    Args:
        absences: the absent pupils of those classes only; a missing register holds its class.
        policy: the school's rules.
        classes: the classes this run settles.
    """
    left_out: list[tuple[Pupil, LeftOut]] = []
    by_contact: dict[int, tuple[Contact, list[Pupil]]] = {}
    for absence in absences:
        reason = _reason_to_leave_out(absence)
        contact = None if reason else first_contact(absence.pupil, policy)
        if reason is None and contact is None:
            reason = LeftOut.NO_CONTACT
        if reason is not None:
            left_out.append((absence.pupil, reason))
        elif contact is not None:
            by_contact.setdefault(contact.id, (contact, []))[1].append(absence.pupil)
    asks = tuple(_ask(contact, pupils, policy) for contact, pupils in by_contact.values())
    return Plan(asks, tuple(left_out), tuple(classes))


def first_contact(
    pupil: Pupil,
    policy: Policy,
    *,
    passed: frozenset[int] = frozenset(),
    tried: frozenset[tuple[str, str]] = frozenset(),
) -> Contact | None:
    """Give the first contact in the stored order whom we may and can reach.

    Args:
        pupil: the absent child.
        policy: the school's channels.
        passed: contacts already tried.
        tried: (channel, address) pairs already written to, left out of the contact that is given:
            two adults may share one number, and the second message would reach nobody new.
    """
    for contact in sorted(pupil.contacts, key=lambda c: (c.order, c.id)):
        if contact.no_contact or contact.id in passed:
            continue
        left = tuple((c, a) for c, a in contact.addresses if (str(c), a) not in tried)
        untried = replace(contact, addresses=left)
        if untried.channel(policy.channels):
            return untried
    return None


def _reason_to_leave_out(absence: Absence) -> LeftOut | None:
    if absence.code != UNEXPLAINED:
        return LeftOut.EXPLAINED
    if absence.reported:
        return LeftOut.REPORTED
    if absence.asked:
        return LeftOut.ASKED
    return None


def _ask(contact: Contact, pupils: list[Pupil], policy: Policy) -> Ask:
    channel = contact.channel(policy.channels)
    if channel is None:
        raise ValueError("a contact without a channel cannot be asked")
    address = dict(contact.addresses)[channel]
    return Ask(contact, channel, address, tuple(sorted(pupils, key=lambda p: (p.first, p.id))))
