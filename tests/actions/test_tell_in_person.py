"""What somebody told the office at the desk or by phone becomes a report, with its code."""

import asyncio
from datetime import date, timedelta

import pytest
from sqlmodel import select

from actions.coding import CodeError, Person, StaleError
from actions.confirm import ReasonNeededError
from actions.tell_in_person import UnknownChildError, WordsNeededError, tell_in_person
from actions.undo import undo
from conversations.reference import reference
from store.codings import AmendmentRow, CodingRow
from store.pupils import ClassRow, PupilRow
from store.registers import MarkRow
from store.reports import ReportRow, ReportStatus
from store.schools import SchoolRow
from store.tasks import TaskRow

TUESDAY = date(2027, 1, 12)
JO = Person("Jo Marsh", "attendance_officer")
SAM = Person("Sam Okoro", "office")
SAID = "Temperature of 39,  her gran rang"


class Desk:
    """A school with one child whom the register has as N, and a clerk with a telephone."""

    def __init__(self, db, now, policy):
        self.db, self.now, self.policy = db, now, policy

    async def open(self, **marks):
        async with self.db.work() as session:
            school = SchoolRow(
                slug="larkmead",
                name="Larkmead Primary",
                office_phone="01632 960123",
                policy=self.policy,
                created_at=self.now,
            )
            session.add(school)
            await session.flush()
            room = ClassRow(school_id=school.key, name="2A")
            session.add(room)
            await session.flush()
            pupil = PupilRow(
                school_id=school.key, external_id="p1", first="Ruby", last="Stone", class_id=room.id
            )
            session.add(pupil)
            await session.flush()
            for half, code in (marks or {"AM": "N"}).items():
                session.add(
                    MarkRow(
                        school_id=school.key,
                        pupil_id=pupil.id,
                        class_id=room.id,
                        day=TUESDAY,
                        session=half,
                        code=code,
                    )
                )
        self.school, self.pupil = school.key, pupil.id
        return self

    async def tell(self, code="I", **given):
        values = {
            "school_id": self.school,
            "pupil_id": self.pupil,
            "teller": "grandmother",
            "words": SAID,
            "person": JO,
        } | given
        async with self.db.work() as session:
            return await tell_in_person(session, code=code, now=self.now, **values)

    async def add(self, row):
        async with self.db.work() as session:
            session.add(row)
        return row

    async def all(self, table):
        async with self.db.read() as session:
            return list(await session.exec(select(table).order_by(table.id)))

    async def codes(self):
        return {row.session: row.code for row in await self.all(CodingRow)}


@pytest.fixture
def desk(db, nine_thirty, policy_text):
    return Desk(db, nine_thirty, policy_text)


@pytest.mark.mission("S0-37")
async def test_what_was_told_in_person_stands_among_the_reports_and_is_coded_at_once(desk):
    await desk.open()

    confirmed = await desk.tell()

    (report,) = await desk.all(ReportRow)
    assert (report.channel, report.told_by) == ("in_person", "in_person:Jo Marsh")
    assert (report.words, report.status) == (SAID, ReportStatus.CODED)
    assert report.reference == reference(desk.pupil, TUESDAY)
    assert (report.first_day, report.sessions, report.told_at) == (TUESDAY, "AM+PM", desk.now)
    assert await desk.codes() == {"AM": "I", "PM": "I"}
    assert (confirmed.code, confirmed.changed) == ("I", 2)


@pytest.mark.mission("S3-43")
async def test_the_record_says_who_told_us_who_noted_it_and_what_changed(desk):
    await desk.open()

    await desk.tell()

    first, _ = await desk.all(AmendmentRow)
    assert (first.original, first.amended) == ("N", "I")
    assert (first.staff_name, first.staff_role, first.amended_at) == (
        "Jo Marsh",
        "attendance_officer",
        desk.now,
    )
    assert first.reason == (
        f"told in person or by phone by grandmother, report {reference(desk.pupil, TUESDAY)}"
    )


async def test_who_told_us_may_be_left_open(desk):
    await desk.open()

    await desk.tell(teller=" ")

    reasons = {row.reason for row in await desk.all(AmendmentRow)}
    assert reasons == {f"told in person or by phone, report {reference(desk.pupil, TUESDAY)}"}


async def test_a_second_press_of_the_same_thing_changes_nothing_more(desk):
    await desk.open()
    await desk.tell()

    again = await desk.tell()

    assert again.changed == 0
    assert len(await desk.all(ReportRow)) == 1
    assert len(await desk.all(AmendmentRow)) == 2


async def test_a_child_somebody_reported_meanwhile_is_looked_at_first(desk):
    await desk.open()
    await desk.tell(person=SAM, words="something else")

    with pytest.raises(StaleError, match="reported this child meanwhile"):
        await desk.tell()

    assert len(await desk.all(ReportRow)) == 1


@pytest.mark.fault("H8")
async def test_of_two_clerks_at_the_same_moment_exactly_one_is_heard(desk):
    await desk.open()

    ends = await asyncio.gather(
        desk.tell(person=JO), desk.tell("M", person=SAM, words="dentist"), return_exceptions=True
    )

    assert sorted(type(end).__name__ for end in ends) == ["Confirmed", "StaleError"]
    assert len(await desk.all(ReportRow)) == 1


async def test_a_child_who_has_come_in_meanwhile_is_not_coded(desk):
    await desk.open(AM="L")

    with pytest.raises(StaleError, match="N no longer"):
        await desk.tell()

    assert await desk.all(ReportRow) == []


@pytest.mark.parametrize(
    ("marks", "coded"),
    [
        ({"AM": "/", "PM": "N"}, {"PM": "I"}),
        ({"AM": "N", "PM": "\\"}, {"AM": "I"}),
        ({"AM": "N", "PM": "N"}, {"AM": "I", "PM": "I"}),
    ],
)
async def test_only_sessions_the_register_does_not_explain_are_coded(desk, marks, coded):
    await desk.open(**marks)

    await desk.tell()

    assert await desk.codes() == coded


async def test_staff_can_say_that_it_is_for_the_morning_only(desk):
    await desk.open()

    await desk.tell("M", sessions="AM")

    assert await desk.codes() == {"AM": "M"}


async def test_leave_still_needs_to_say_who_decided(desk):
    await desk.open()

    with pytest.raises(ReasonNeededError):
        await desk.tell("C")
    await desk.tell("C", reason="Head agreed, funeral")

    reasons = {row.reason for row in await desk.all(AmendmentRow)}
    assert [reason.startswith("Head agreed, funeral; told in person") for reason in reasons] == [
        True
    ]


@pytest.mark.parametrize(
    ("given", "refusal"),
    [
        ({"words": " \n"}, WordsNeededError),
        ({"code": ""}, CodeError),
        ({"code": "/"}, CodeError),
        ({"pupil_id": 987654}, UnknownChildError),
        ({"school_id": 987654}, UnknownChildError),
    ],
)
async def test_what_cannot_be_noted_leaves_no_trace(desk, given, refusal):
    await desk.open()

    with pytest.raises(refusal):
        await desk.tell(**given)

    assert await desk.all(ReportRow) == await desk.all(CodingRow) == []


async def test_the_call_that_is_needless_now_is_closed_and_no_other(desk):
    await desk.open()
    for kind in ("no_contact", "question"):
        await desk.add(
            TaskRow(
                school_id=desk.school,
                kind=kind,
                dedupe_key=kind,
                pupil_id=desk.pupil,
                raised_at=desk.now,
            )
        )

    await desk.tell()

    closed = {row.kind: row.outcome for row in await desk.all(TaskRow) if row.closed_at}
    assert closed == {"no_contact": "told in person or by phone"}


async def test_taken_back_it_waits_for_a_code_like_any_other_report(desk):
    await desk.open()
    confirmed = await desk.tell()

    async with desk.db.work() as session:
        await undo(
            session,
            school_id=desk.school,
            report_id=confirmed.report_id,
            person=JO,
            now=desk.now + timedelta(minutes=1),
        )

    (report,) = await desk.all(ReportRow)
    assert (report.status, report.codes, report.words) == (ReportStatus.AWAITING, ["I"], SAID)
    assert await desk.codes() == {}
