"""Wake the talks that asked for it: silence is something a talk can hear."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from actions import gather, perform
from actions.ask_contact import ask_next
from actions.cause import Cause
from actions.gather import Address
from conversations.heard import WentQuiet
from conversations.take_turn import take_turn
from conversations.talk import load
from school.people import Channel
from store import contacts, schools, talks
from store.database import Database

log = logging.getLogger(__name__)

_AGAIN = timedelta(minutes=5)


async def wake_due(db: Database, now: datetime, languages: tuple[str, ...]) -> int:
    """Let every due talk hear the silence, one transaction each; gives how many.

    A talk that fails is tried again later, so that it neither stops the others nor is forgotten.
    """
    async with db.read() as session:
        due = await talks.due(session, now)
    woken = 0
    for talk_id in due:
        try:
            woken += await _wake(db, talk_id, now, languages)
        except Exception as wrong:  # noqa: BLE001 - whatever it is, the next talk must be woken
            log.error("waking talk %d failed: %s", talk_id, type(wrong).__name__)  # noqa: TRY400
            async with db.work() as session:
                await talks.postpone(session, talk_id, now, now + _AGAIN)
    return woken


async def _wake(db: Database, talk_id: int, now: datetime, languages: tuple[str, ...]) -> bool:
    async with db.work() as session:
        row = await talks.take(session, talk_id, now)
        if row is None:
            return False
        school = await schools.by_id(session, row.school_id)
        where = Address(Channel(row.channel), row.address)
        people = await contacts.speaking_from(session, school.key, where.channel, where.address)
        facts = await gather.facts(session, school, where, people, now=now, languages=languages)
        turn = take_turn(load(row.state), WentQuiet(), facts)
        cause = Cause(
            school=school,
            policy=facts.policy,
            where=where,
            talk=row,
            language=facts.language,
            languages=languages,
            key=f"quiet:{row.id}:{row.version}",
            now=now,
            local=facts.now,
            contact_id=people[0].id if len(people) == 1 else None,
        )
        await perform.perform(session, cause, turn, ask_next)
    return True
