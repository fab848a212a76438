"""Messages that no talk can take: of no known school, or written by a machine.

Nobody is told anything about a child; but words about somebody's safety reach a person all the
same (codes.md section 9 rule 5; on doubt the level is raised).
"""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from actions import alarm, link_telegram
from conversations.understanding.understand import understand
from school.people import Channel
from store import schools, tasks
from store.database import Transaction
from store.inbox import InboxRow
from store.schools import SchoolRow
from store.tasks import TaskKind, TaskRow


async def deal_with(session: Transaction, row: InboxRow, now: datetime) -> None:
    """Deal with a message whose school cannot be told: a bot serves several schools."""
    for school in await schools.all_schools(session):
        await look_for_danger(session, row, school, now)
    if row.channel == Channel.TELEGRAM:
        await link_telegram.offer_to_share(session, row, now)


async def look_for_danger(
    session: Transaction, row: InboxRow, school: SchoolRow, now: datetime
) -> None:
    """Tell a person if the words are about somebody's safety; answer nothing."""
    today = now.astimezone(ZoneInfo(school.rules().time_zone)).date()
    if not understand(row.text, today=today).safeguarding:
        return
    raised = await tasks.raise_task(
        session,
        TaskRow(
            school_id=school.key,
            kind=TaskKind.SAFEGUARDING,
            dedupe_key=f"{TaskKind.SAFEGUARDING}:inbox:{row.key}:{school.key}",
            inbox_id=row.key,
            note="the sender is not known, or a machine answered for them",
            raised_at=now,
        ),
    )
    if raised:
        await alarm.reach_a_person(session, school, key=f"inbox:{row.key}", now=now)
