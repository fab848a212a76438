"""Reach a member of staff at once, by text and by e-mail, without a word about the child.

The message names neither a child nor a parent: it may be read on a lock screen.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from school.people import Channel, Role
from store import outbox, staff
from store.database import Transaction
from store.outbox import OutboundRow, Urgency
from store.schools import SchoolRow
from store.staff import StaffRow

_ORDER = (
    Role.SAFEGUARDING_LEAD,
    Role.HEAD,
    Role.ATTENDANCE_OFFICER,
    Role.OFFICE,
    Role.ADMINISTRATOR,
)
_LIVES = timedelta(hours=4)


async def reach_a_person(
    session: Transaction, school: SchoolRow, *, key: str, now: datetime
) -> int:
    """Write to the safeguarding lead, or to the next role in which somebody can be reached.

    Returns:
        How many messages were queued; 0 where nobody on record can be reached, and then the task
        on the office page is all there is.
    """
    ways: list[tuple[StaffRow, Channel, str]] = []
    for role in _ORDER:
        people = await staff.with_role(session, school.key, role)
        ways = [(person, *way) for person in people for way in _ways(school, person)]
        if ways:
            break
    queued = 0
    for person, channel, address in ways:
        row = _message(school, channel, address, key=f"alarm:{key}:{person.id}", now=now)
        queued += await outbox.add(session, row)
    return queued


def _ways(school: SchoolRow, person: StaffRow) -> list[tuple[Channel, str]]:
    ways = []
    if person.phone and school.sms_number:
        ways.append((Channel.SMS, person.phone))
    if person.email and school.email_address:
        ways.append((Channel.EMAIL, person.email))
    return ways


def _message(
    school: SchoolRow, channel: Channel, address: str, *, key: str, now: datetime
) -> OutboundRow:
    is_text = channel is Channel.SMS
    return OutboundRow(
        school_id=school.key,
        channel=channel,
        address=address,
        sender=(school.sms_number if is_text else school.email_address) or "",
        urgency=Urgency.STAFF,
        dedupe_key=f"{key}:{channel}",
        sentence="staff_attention",
        words={"school": school.name},
        not_before=now,
        expires_at=now + _LIVES,
        created_at=now,
    )
