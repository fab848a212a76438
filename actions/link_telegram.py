"""Join a Telegram chat to a contact: by a one-use link, or by sharing one's own phone number."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from school.people import Channel
from store import contacts, inbox, links, outbox, schools, suppressions
from store.contacts import ContactRow
from store.database import Transaction
from store.inbox import InboxRow
from store.links import LinkRow
from store.outbox import OutboundRow, Urgency

LINK_LIVES = timedelta(days=7)
"""A link in a welcome letter has to last until somebody reads it; it works once."""

_ANSWER_LIVES = timedelta(hours=1)
_STILL_ABOUT_TODAY = timedelta(hours=12)


async def make_link(session: Transaction, contact: ContactRow, now: datetime) -> str:
    """Make the payload of a deep link (``https://t.me/BOT?start=PAYLOAD``): 128 random bits."""
    payload = secrets.token_urlsafe(16)
    session.add(
        LinkRow(
            token=_hashed(payload),
            school_id=contact.school_id,
            contact_id=contact.id or 0,
            expires_at=now + LINK_LIVES,
        )
    )
    await session.flush()
    return payload


async def is_for_linking(session: Transaction, row: InboxRow, now: datetime) -> bool:
    """Deal with a message that joins, leaves or rejoins; False for an ordinary message."""
    if row.channel != Channel.TELEGRAM:
        return False
    if row.extra.get("blocked") is not None:
        if row.extra["blocked"]:
            await _unlink(session, row.sender)
        return True
    if row.extra.get("start"):
        await _by_link(session, row, str(row.extra["start"]), now)
        return True
    if row.extra.get("shared_phone"):
        await _by_phone(session, row, str(row.extra["shared_phone"]), now)
        return True
    return False


async def _by_link(session: Transaction, row: InboxRow, payload: str, now: datetime) -> None:
    link = await links.usable(session, _hashed(payload), now)
    if link is None:
        await _answer(session, row, "link_not_valid", now)
        return
    link.used_at = now
    session.add(link)
    contact = await session.get_one(ContactRow, link.contact_id)
    await _join(session, row, [contact], now)


async def _by_phone(session: Transaction, row: InboxRow, phone: str, now: datetime) -> None:
    """The adapter has checked that the number is the sender's own."""
    people = await contacts.speaking_from(session, None, Channel.SMS, phone)
    if people:
        await _join(session, row, people, now)
    else:
        await _answer(session, row, "unknown_sender", now)


async def _join(
    session: Transaction, row: InboxRow, people: list[ContactRow], now: datetime
) -> None:
    for person in people:
        person.telegram = row.sender
        person.preferred = Channel.TELEGRAM
        session.add(person)
        # Somebody who writes from a chat can read there, whatever an earlier failure said.
        await suppressions.lift(
            session, school_id=person.school_id, channel=row.channel, address=row.sender
        )
    row.school_id = people[0].school_id
    session.add(row)
    await session.flush()
    await inbox.reopen(session, row.channel, row.sender, now - _STILL_ABOUT_TODAY)
    await _answer(session, row, "linked", now, people[0])


async def offer_to_share(session: Transaction, row: InboxRow, now: datetime) -> None:
    """Answer somebody on no record, once a chat and day, with the button that shares a number."""
    await _answer(session, row, "share_number", now, once_a_day=True)


async def _unlink(session: Transaction, chat: str) -> None:
    """The parent blocked the bot: the next channel is used from now on."""
    for person in await contacts.speaking_from(session, None, Channel.TELEGRAM, chat):
        person.telegram = None
        if person.preferred == Channel.TELEGRAM:
            person.preferred = None
        session.add(person)


async def _answer(
    session: Transaction,
    row: InboxRow,
    sentence: str,
    now: datetime,
    person: ContactRow | None = None,
    *,
    once_a_day: bool = False,
) -> None:
    every = await schools.all_schools(session)
    if not every:
        return
    known = next((s for s in every if person and s.key == person.school_id), None)
    school = known or every[0]
    is_told = known is not None or len(every) == 1
    await outbox.add(
        session,
        OutboundRow(
            school_id=school.key,
            contact_id=person.id if person else None,
            channel=Channel.TELEGRAM,
            address=row.sender,
            urgency=Urgency.CONVERSATION,
            dedupe_key=f"link:{row.sender}:{now.date()}" if once_a_day else f"link:{row.id}",
            sentence=sentence,
            words={
                "school": school.name if is_told else "Firstday",
                "office": school.office_phone if is_told else "",
                "children": [],
            },
            language=person.language if person else "en",
            not_before=now,
            expires_at=now + _ANSWER_LIVES,
            created_at=now,
        ),
    )


def _hashed(payload: str) -> str:
    return hashlib.sha256(payload.encode()).hexdigest()
