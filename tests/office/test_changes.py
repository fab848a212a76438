"""Whether anything of a school's day has changed, asked in one question on either database."""

import morning
import pytest

from store import today
from store.tasks import TaskKind, TaskRow


@pytest.fixture
async def larkmead(db, policy_text):
    async with db.work() as session:
        return await morning.realistic(await morning.school(session, policy_text))


async def changes(db, school):
    async with db.read() as session:
        return await today.changes(session, school, morning.TODAY, morning.EIGHT)


async def test_while_nothing_happens_the_answer_stays_the_same(db, larkmead):
    assert await changes(db, larkmead.id) == await changes(db, larkmead.id)


async def test_an_alarm_changes_the_answer_of_its_own_school_only(db, larkmead, policy_text):
    async with db.work() as session:
        elsewhere = (await morning.school(session, policy_text, slug="otherton")).made
    before = await changes(db, larkmead.id), await changes(db, elsewhere.id)

    async with db.work() as session:
        session.add(
            TaskRow(
                school_id=larkmead.id,
                kind=TaskKind.SAFEGUARDING,
                dedupe_key="alarm",
                raised_at=morning.EIGHT,
            )
        )

    assert await changes(db, larkmead.id) != before[0]
    assert await changes(db, elsewhere.id) == before[1]
