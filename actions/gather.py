"""Copy out of the store what a turn decides on: one frozen snapshot for one address."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from conversations.heard import Child, Facts
from school.people import Channel
from store import contacts
from store.contacts import ContactRow
from store.database import Transaction
from store.schools import SchoolRow


@dataclass(frozen=True, slots=True)
class Address:
    """Where a talk takes place: one channel and one address."""

    channel: Channel
    address: str

    def __str__(self) -> str:
        return f"{self.channel}:{self.address}"


async def facts(
    session: Transaction,
    school: SchoolRow,
    where: Address,
    people: Sequence[ContactRow],
    *,
    now: datetime,
    languages: tuple[str, ...],
    provider_stops: bool = False,
) -> Facts:
    """Give the facts for one turn.

    Args:
        session: the transaction to read in.
        school: whose talk it is.
        where: the channel and the address.
        people: everybody who may be speaking from this address; nobody for a stranger.
        now: UTC; the facts carry it in the school's own zone.
        languages: the languages our sentences exist in.
        provider_stops: the provider has answered a STOP by itself.
    """
    policy = school.rules()
    ids = [person.id for person in people if person.id is not None]
    pupils = await contacts.with_contacts(session, await contacts.pupils_of(session, ids))
    return Facts(
        school=school.name,
        office=school.office_phone,
        channel=where.channel,
        policy=policy,
        calendar=school.days(),
        now=now.astimezone(ZoneInfo(policy.time_zone)),
        children=tuple(Child(p.id, p.first, p.last) for p in pupils),
        known=bool(people),
        language=people[0].language if people else "en",
        languages=languages,
        provider_stops=provider_stops,
    )
