"""Hard mornings: the second half of a day, marks put right, bad rows, races, later words."""

import asyncio
from contextlib import asynccontextmanager
from datetime import date

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import SQLModel, select

from commands.clock import tick
from commands.service import Part, Service
from commands.settings import Settings
from school.people import Channel, Contact, Session
from store import outbox, talks
from store import tasks as todo
from store.contacts import ContactRow
from store.database import Database
from store.outbox import OutboundRow
from store.registers import MarkRow
from store.reports import ReportRow
from store.schools import SchoolRow
from store.staff import StaffRow
from store.talks import TalkRow
from store.tasks import TaskRow
from store.upgrade import upgrade
from tests import conversation_kit as kit
from tests import larkmead
from tests.larkmead import at, text

GWEN, SAM, EWA, ROB = (larkmead.CONTACTS[key] for key in ("gwen", "sam", "ewa", "rob"))
WEDNESDAY = date(2027, 1, 13)


@pytest.fixture
async def school(db, policy_text):
    return await larkmead.found(db, policy_text)


async def _mark(db, school, first, code, half="AM"):
    async with db.work() as session:
        question = select(MarkRow).where(
            MarkRow.pupil_id == school.pupils[first], MarkRow.session == half
        )
        row = (await session.exec(question)).one()
        row.code = code
        session.add(row)


async def _change(db, table, row_id, **values):
    async with db.work() as session:
        row = await session.get_one(table, row_id)
        for name, value in values.items():
            setattr(row, name, value)
        session.add(row)


async def _kinds(db):
    return [task.kind for task in await kit.tasks(db)]


# The two halves of a day


@pytest.mark.mission("M02", "S0-24")
async def test_a_report_of_the_morning_does_not_silence_the_afternoon(db, school):
    await kit.say(db, text(GWEN[1], "Amy at the dentist this morning"), at(8))
    report = (await kit.reports(db))[0]
    await _change(db, ReportRow, report.id, sessions="AM")
    await larkmead.register(db, school, {"Amy": "N"})
    assert (await kit.run(db, school.school, at(9, 21))).messages == 0
    await larkmead.register(db, school, {"Amy": "N"}, half="PM")
    assert (await kit.run(db, school.school, at(13, 31), Session.PM)).messages == 1


async def test_a_child_who_came_late_and_left_is_asked_about_again(db, school):
    await larkmead.register(db, school, {"Amy": "N"})
    await kit.run(db, school.school, at(9, 21))
    await _mark(db, school, "Amy", "L")
    await kit.quiet(db, at(9, 45))
    assert await kit.owed(db, SAM[1]) == []
    assert await _kinds(db) == []
    await larkmead.register(db, school, {"Amy": "N"}, half="PM")
    assert (await kit.run(db, school.school, at(13, 31), Session.PM)).messages == 1
    assert len(await kit.owed(db, GWEN[1])) == 2


async def test_a_child_who_was_never_in_is_asked_about_once(db, school):
    await larkmead.register(db, school, {"Amy": "N"})
    await kit.run(db, school.school, at(9, 21))
    await larkmead.register(db, school, {"Amy": "N"}, half="PM")
    assert (await kit.run(db, school.school, at(13, 31), Session.PM)).messages == 0


# Marks put right after the run


async def test_a_mark_put_right_after_the_run_is_asked_about(db, school):
    await larkmead.register(db, school, {"Tom": "N", "Idris": "N"})
    assert await tick(db, at(9, 21), kit.LANGUAGES) == 1
    await _mark(db, school, "Amy", "N")
    assert await tick(db, at(9, 22), kit.LANGUAGES) == 1
    assert await tick(db, at(9, 23), kit.LANGUAGES) == 0
    assert len(await kit.owed(db, GWEN[1])) == 1
    assert len(await kit.owed(db, ROB[2])) == 1
    assert await _kinds(db) == ["no_contact"]


async def test_a_task_that_a_person_closed_is_not_raised_by_the_next_tick(db, school):
    await larkmead.register(db, school, {"Idris": "N"})
    await tick(db, at(9, 21), kit.LANGUAGES)
    await _change(db, TaskRow, (await kit.tasks(db))[0].id, closed_at=at(9, 22))
    await tick(db, at(9, 23), kit.LANGUAGES)
    assert await _kinds(db) == ["no_contact"]


async def test_two_clocks_at_once_ask_once(db, school):
    await larkmead.register(db, school, {"Amy": "N", "Zosia": "N"})
    other = Database(db.engine.url.render_as_string(hide_password=False))
    try:
        await asyncio.gather(*(tick(d, at(9, 21), kit.LANGUAGES) for d in (db, other)))
    finally:
        await other.close()
    assert len(await kit.owed(db)) == 2


# Tasks


async def test_a_new_message_after_a_closed_task_raises_a_new_one(db, school):
    question = "What time does the school trip leave?"
    await kit.say(db, text(EWA[1], question), at(8))
    await kit.say(db, text(EWA[1], "Is the office open at lunch?"), at(8, 1))
    first = (await kit.tasks(db))[0]
    assert first.note.endswith(f"message {first.inbox_id + 1}")
    assert "lunch" not in first.note
    await _change(db, TaskRow, first.id, closed_at=at(8, 5))
    await kit.say(db, text(EWA[1], "What time does the disco start?"), at(11))
    assert [t.closed_at is None for t in await kit.tasks(db)] == [False, True]


# Channels that the school does not have


async def test_a_school_without_a_number_asks_by_mail(db, school):
    await _change(db, SchoolRow, school.school, sms_number=None)
    await _change(db, ContactRow, school.contacts["gwen"], email="gwen@example.org")
    await _change(db, ContactRow, school.contacts["ewa"], preferred="sms")
    await larkmead.register(db, school, {"Amy": "N", "Zosia": "N"})
    await kit.run(db, school.school, at(9, 21))
    assert [row.channel for row in await kit.rows(db, OutboundRow)] == ["email"]
    assert await _kinds(db) == ["no_contact"]


def test_a_choice_the_school_cannot_serve_is_passed_over():
    have = ((Channel.SMS, "+447700900101"), (Channel.EMAIL, "a@example.org"))
    contact = Contact(1, "A", 1, "mother", "en", addresses=have, preferred=Channel.SMS)
    assert contact.channel((Channel.EMAIL,)) is Channel.EMAIL
    assert contact.channel((Channel.EMAIL, Channel.SMS)) is Channel.SMS


async def test_the_alarm_goes_to_the_first_role_that_can_be_reached(db, school):
    await _change(db, SchoolRow, school.school, email_address=None)
    lead = (await kit.rows(db, StaffRow))[0]
    await _change(db, StaffRow, lead.id, phone=None)
    async with db.work() as session:
        session.add(
            StaffRow(
                school_id=school.school,
                name="Al Head",
                email="al@larkmead.example",
                role="head",
                password="",
                phone="+447700900191",
            )
        )
    await kit.say(db, text(GWEN[1], "Amy poorly, mums boyfriend hit her"), at(8, 40))
    assert len(await kit.owed(db, "+447700900191")) == 1


# One bad row


async def test_a_school_with_a_bad_policy_stops_no_other(db, school, policy_text, caplog):
    bad = await larkmead.found(db, policy_text, slug="aaa")
    await _change(db, SchoolRow, bad.school, policy="no_such_key = 1", sms_number="+447700900002")
    await larkmead.register(db, school, {"Amy": "N"})
    assert await tick(db, at(9, 21), kit.LANGUAGES) == 1
    assert f"the run of school {bad.school} failed: PolicyError" in caplog.text


async def test_a_talk_that_fails_stops_no_other(db, school):
    await larkmead.register(db, school, {"Amy": "N", "Zosia": "N"})
    await kit.run(db, school.school, at(9, 21))
    first = (await kit.rows(db, TalkRow))[0]
    await _change(db, TalkRow, first.id, channel="pigeon", wake_at=at(9, 30))
    assert await kit.quiet(db, at(9, 45)) == 1
    assert [row.wake_at for row in await kit.rows(db, TalkRow)] == [at(9, 50), None]


async def test_talks_are_woken_though_the_runs_failed(db, school, monkeypatch):
    await larkmead.register(db, school, {"Zosia": "N"})
    await kit.run(db, school.school, at(9, 21))

    async def fail(*_):
        raise OSError

    monkeypatch.setattr("commands.clock.run_due", fail)
    with pytest.raises(OSError):  # noqa: PT011 - the clock logs its kind
        await tick(db, at(9, 45), kit.LANGUAGES)
    assert await _kinds(db) == ["call"]


async def test_the_address_loop_outlives_a_database_error(sqlite_db, policy_text, monkeypatch):
    await larkmead.found(sqlite_db, policy_text)
    url = sqlite_db.engine.url.render_as_string(hide_password=False)
    service = Service(Settings(database=url), lambda: at(8), Part.WORKER)
    monkeypatch.setattr("commands.service._ADDRESSES_SECONDS", 0.01)
    read, calls = service.db.read, []

    @asynccontextmanager
    async def away_once():
        calls.append(1)
        if len(calls) == 1:
            raise OSError
        async with read() as session:
            yield session

    service.db.read = away_once
    loop = asyncio.create_task(service._know_addresses())
    while larkmead.MAILBOX not in service._addresses:
        assert not loop.done()
        await asyncio.sleep(0.01)
    service._stop.set()
    await loop
    await service.db.close()


# Races, and what an error says


async def test_an_error_of_the_database_holds_no_personal_data(db, school):
    await kit.say(db, text(GWEN[1], "Amy has a temperature"), at(8))
    report = (await kit.reports(db))[0]

    async def twice():
        async with db.work() as session:
            session.add(ReportRow(**report.model_dump(exclude={"id"})))

    with pytest.raises(IntegrityError) as caught:
        await twice()
    assert "temperature" not in str(caught.value)
    assert GWEN[1] not in str(caught.value)


async def _at_once(db, work):
    """Do the same in two transactions, the second begun before the first has ended."""

    async def second():
        async with db.work() as session:
            return await work(session)

    async with db.work() as session:
        first = await work(session)
        late = asyncio.create_task(second())
        await asyncio.sleep(0.2)
    return first, await late


async def test_two_first_messages_of_an_address_share_a_talk(db, school):
    one, two = await _at_once(
        db, lambda s: talks.load(s, school.school, "sms", "+447700900999", at(8))
    )
    assert one.id == two.id


async def test_the_same_task_and_message_at_once_are_made_once(db, school):
    def task():
        return TaskRow(school_id=school.school, kind="call", dedupe_key="c:1", raised_at=at(8))

    def message():
        return OutboundRow(
            school_id=school.school,
            channel="sms",
            address=GWEN[1],
            urgency="alert",
            dedupe_key="m:1",
            sentence="alert_am",
            not_before=at(8),
            expires_at=at(9),
            created_at=at(8),
        )

    assert await _at_once(db, lambda s: todo.raise_task(s, task())) == (True, False)
    assert await _at_once(db, lambda s: outbox.add(s, message())) == (True, False)


async def test_two_upgrades_at_once_make_one(db):
    async with db.engine.begin() as connection:
        await connection.run_sync(SQLModel.metadata.drop_all)
    url = db.engine.url.render_as_string(hide_password=False)

    def one():
        async def go():
            other = Database(url)
            try:
                return await upgrade(other)
            finally:
                await other.close()

        return asyncio.run(go())

    made = await asyncio.gather(asyncio.to_thread(one), asyncio.to_thread(one))
    assert sorted(made) == [False, True]


# Later words


async def test_words_without_days_leave_the_week_as_it_was(db, school):
    await kit.say(db, text(EWA[1], "Zosia has chicken pox and will be off all week"), at(8))
    before = (await kit.reports(db))[0]
    await kit.say(db, text(EWA[1], "Zosia still has a temperature"), at(8, 0, WEDNESDAY))
    [after] = await kit.reports(db)
    assert (after.days, after.last_day) == (before.days, before.last_day)
    assert after.words.endswith("temperature")
    assert after.reference == before.reference
    assert before.reference in (await kit.owed(db, EWA[1]))[-1]


async def test_words_of_the_afternoon_cover_the_afternoon(db, school):
    await kit.say(db, text(EWA[1], "Zosia has a temperature"), at(8))
    report = (await kit.reports(db))[0]
    await _change(db, ReportRow, report.id, sessions="AM")
    await kit.say(db, text(EWA[1], "Zosia has been sick twice"), at(8, 30))
    assert (await kit.reports(db))[0].sessions == "AM"
    await kit.say(db, text(EWA[1], "Zosia has a headache"), at(13, 40))
    assert (await kit.reports(db))[0].sessions == "AM+PM"


async def test_a_concern_is_never_taken_back(db, school):
    await kit.say(db, text(EWA[1], "Zosia has a temperature"), at(8))
    await kit.say(db, text(EWA[1], "she left for school at 8, is she not there?!"), at(9, 30))
    await _change(db, TalkRow, (await kit.rows(db, TalkRow))[0].id, state="")
    await kit.say(db, text(EWA[1], "Zosia has a headache"), at(10))
    [report] = await kit.reports(db)
    assert report.safeguarding
    assert report.status == "escalated_safeguarding"


# The next contact


async def test_brother_and_sister_share_the_message_to_the_next_contact(db, school):
    await larkmead.register(db, school, {"Amy": "N", "Ben": "N"})
    await kit.run(db, school.school, at(9, 21))
    await kit.quiet(db, at(9, 45))
    [message] = await kit.owed(db, SAM[1])
    assert "Amy" in message
    assert "Ben" in message


async def test_one_number_of_two_contacts_is_written_to_once(db, school):
    await _change(db, ContactRow, school.contacts["sam"], phone=GWEN[1])
    await larkmead.register(db, school, {"Amy": "N"})
    await kit.run(db, school.school, at(9, 21))
    await kit.quiet(db, at(9, 45))
    assert len(await kit.owed(db, GWEN[1])) == 1
    assert await _kinds(db) == ["call"]


async def test_the_other_address_of_a_shared_number_is_used(db, school):
    await _change(db, ContactRow, school.contacts["sam"], phone=GWEN[1], email="sam@example.org")
    await larkmead.register(db, school, {"Amy": "N"})
    await kit.run(db, school.school, at(9, 21))
    await kit.quiet(db, at(9, 45))
    assert len(await kit.owed(db, "sam@example.org")) == 1
