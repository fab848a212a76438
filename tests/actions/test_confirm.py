"""Confirming a code: what is written, what is refused, and how it is taken back."""

import asyncio
from datetime import date, timedelta

import pytest
from sqlmodel import select

from actions.close_task import OutcomeNeededError, TaskClosedError, UnknownTaskError, close_task
from actions.coding import CodeError, Person, StaleError, UnknownReportError
from actions.confirm import ReasonNeededError, confirm
from actions.undo import CannotUndoError, undo
from store import codings, reports
from store.codings import AmendmentRow, CodingRow
from store.pupils import ClassRow, PupilRow
from store.registers import MarkRow
from store.reports import ReportRow, ReportStatus
from store.schools import SchoolRow
from store.tasks import TaskRow

TUESDAY = date(2027, 1, 12)
WEDNESDAY = date(2027, 1, 13)
JO = Person("Jo Marsh", "attendance_officer")
SAM = Person("Sam Okoro", "office")
WORDS = "she's been vomiting since 3am, back Thurs"


@pytest.fixture
def desk(db, nine_thirty, policy_text):
    return Desk(db, nine_thirty, policy_text)


class Desk:
    """A school with one child, and the two presses a clerk can make."""

    def __init__(self, db, now, policy):
        self.db, self.now, self.policy = db, now, policy

    async def open(self, *, mark="N", **given):
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
                school_id=school.key, external_id="p1", first="Maya", last="Pryce", class_id=room.id
            )
            session.add(pupil)
            await session.flush()
            if mark:
                session.add(
                    MarkRow(
                        school_id=school.key,
                        pupil_id=pupil.id,
                        class_id=room.id,
                        day=TUESDAY,
                        session="AM",
                        code=mark,
                    )
                )
        self.school, self.pupil = school.key, pupil.id
        self.report = await self.tell(**given)
        return self.report

    async def tell(self, **given):
        values = {
            "school_id": self.school,
            "pupil_id": self.pupil,
            "told_by": "sms:+447700900101",
            "reference": "4F7K",
            "channel": "sms",
            "words": WORDS,
            "lang": "en",
            "kind": "reason",
            "detailed": True,
            "codes": ["I"],
            "evidence": [[11, 29, "code I"]],
            "first_day": TUESDAY,
            "last_day": TUESDAY,
            "days": ["2027-01-12"],
            "status": ReportStatus.AWAITING,
            "told_at": self.now,
            "changed_at": self.now,
        } | given
        async with self.db.work() as session:
            row = ReportRow(**values)
            session.add(row)
        return row.key

    async def confirm(self, code=None, *, person=JO, report=None, school=None, minutes=1, **given):
        async with self.db.work() as session:
            return await confirm(
                session,
                school_id=school or self.school,
                report_id=report or self.report,
                code=code,
                person=person,
                now=self.now + timedelta(minutes=minutes),
                **given,
            )

    async def undo(self, *, person=JO, report=None, minutes=2, **given):
        async with self.db.work() as session:
            await undo(
                session,
                school_id=self.school,
                report_id=report or self.report,
                person=person,
                now=self.now + timedelta(minutes=minutes),
                **given,
            )

    async def codes(self):
        async with self.db.read() as session:
            rows = await session.exec(select(CodingRow).order_by(CodingRow.day, CodingRow.session))
            return {(row.day, row.session): row.code for row in rows}

    async def coding(self, half="AM"):
        async with self.db.read() as session:
            return await codings.for_session(session, self.school, self.pupil, TUESDAY, half)

    async def record(self, report=None):
        async with self.db.read() as session:
            return await codings.amendments(session, report or self.report)

    async def row(self, report=None):
        async with self.db.read() as session:
            return await reports.one(session, self.school, report or self.report)

    async def exported(self):
        async with self.db.work() as session:
            for row in await codings.to_export(session, self.school):
                row.exported_version = row.version
                session.add(row)


@pytest.mark.mission("S3-43")
async def test_confirming_the_suggestion_codes_every_session_and_leaves_the_five_elements(desk):
    await desk.open(days=["2027-01-12", "2027-01-13"], last_day=WEDNESDAY)

    done = await desk.confirm()

    assert (done.code, done.changed, done.by) == ("I", 4, "Jo Marsh")
    assert await desk.codes() == {
        (day, half): "I" for day in (TUESDAY, WEDNESDAY) for half in ("AM", "PM")
    }
    record = await desk.record()
    assert [(row.original, row.amended) for row in record] == [
        ("N", "I"),
        ("", "I"),
        ("", "I"),
        ("", "I"),
    ]
    assert {row.reason for row in record} == {"parent's report 4F7K"}
    assert {row.amended_at for row in record} == {desk.now + timedelta(minutes=1)}
    assert {(row.staff_name, row.staff_role) for row in record} == {
        ("Jo Marsh", "attendance_officer")
    }
    report = await desk.row()
    assert (report.status, report.status_before, report.version) == (
        ReportStatus.CODED,
        ReportStatus.AWAITING,
        1,
    )
    assert (await desk.coding()).comment == "vomiting since 3am"


async def test_a_second_press_of_the_same_thing_changes_nothing(desk):
    await desk.open()
    first = await desk.confirm(version=0)

    again = await desk.confirm("I", person=SAM, minutes=3, version=0)

    assert (again.changed, again.by, again.at) == (0, "Jo Marsh", first.at)
    assert len(await desk.record()) == 2
    assert (await desk.row()).version == 1


@pytest.mark.fault("H8")
async def test_the_slower_of_two_clerks_reads_who_was_quicker(desk):
    await desk.open()
    await desk.confirm(version=0)

    with pytest.raises(StaleError) as refused:
        await desk.confirm("M", person=SAM, version=0, reason="I think so")

    assert refused.value.words == "Jo Marsh has already confirmed this as I at 09:31"
    assert "Jo" not in str(refused.value)
    assert (await desk.coding()).code == "I"


@pytest.mark.fault("H8")
async def test_of_two_clerks_at_the_same_moment_exactly_one_writes(desk):
    await desk.open()

    both = await asyncio.gather(
        desk.confirm("I", version=0),
        desk.confirm("M", person=SAM, version=0),
        return_exceptions=True,
    )

    assert sum(isinstance(one, StaleError) for one in both) == 1
    assert len(await desk.record()) == 2


async def test_two_reports_about_one_child_at_the_same_moment_leave_one_code(desk):
    await desk.open()
    father = await desk.tell(told_by="sms:+447700900102", reference="9KTZ")

    both = await asyncio.gather(desk.confirm(), desk.confirm(report=father, person=SAM))

    assert sorted(one.changed for one in both) == [0, 2]
    assert await desk.codes() == {(TUESDAY, "AM"): "I", (TUESDAY, "PM"): "I"}


async def test_a_report_that_grew_since_it_was_read_is_read_again_first(desk):
    await desk.open()
    async with desk.db.work() as session:
        report = await reports.one(session, desk.school, desk.report)
        report.words += "\nit is chickenpox"
        report.version += 1

    with pytest.raises(StaleError, match="Read it again"):
        await desk.confirm(version=0)


@pytest.mark.mission("S3-44")
async def test_a_confirmed_code_changes_only_with_a_reason(desk):
    await desk.open()
    await desk.confirm()

    with pytest.raises(ReasonNeededError, match="I is already confirmed"):
        await desk.confirm("M", reason="  ")
    await desk.confirm("M", reason="hospital letter seen", minutes=4)

    assert [(row.original, row.amended, row.reason) for row in await desk.record()][2:] == [
        ("I", "M", "hospital letter seen")
    ] * 2
    assert (await desk.coding()).version == 2


@pytest.mark.mission("S3-44")
async def test_a_second_report_does_not_change_a_confirmed_code_without_a_reason(desk):
    await desk.open()
    await desk.confirm()
    father = await desk.tell(told_by="sms:+447700900102", codes=["G"])

    with pytest.raises(ReasonNeededError):
        await desk.confirm(report=father)


@pytest.mark.parametrize("code", ["C", "C1", "J1", "c"])
async def test_leave_that_the_school_grants_needs_to_say_who_decided(desk, code):
    await desk.open()

    with pytest.raises(ReasonNeededError, match="leave that the school grants"):
        await desk.confirm(code)
    await desk.confirm(code, reason="Head agreed, funeral")

    assert (await desk.coding()).code == code.upper()


@pytest.mark.parametrize("code", ["/", "\\", "#", "Z", "H", "II", "Y9"])
async def test_what_is_no_code_for_staff_is_refused(desk, code):
    await desk.open()

    with pytest.raises(CodeError):
        await desk.confirm(code)

    assert await desk.codes() == {}


async def test_a_vague_report_needs_a_letter(desk):
    await desk.open(codes=[], kind="vague", detailed=False, status=ReportStatus.INSUFFICIENT)

    with pytest.raises(CodeError, match="no suggestion"):
        await desk.confirm()
    await desk.confirm("O")

    assert (await desk.row()).status_before == ReportStatus.INSUFFICIENT


async def test_what_the_parent_took_back_is_not_coded(desk):
    await desk.open(status=ReportStatus.CANCELLED)

    with pytest.raises(CodeError, match="taken this back"):
        await desk.confirm()


@pytest.mark.fault("H4")
async def test_another_schools_report_does_not_exist(desk):
    await desk.open()

    with pytest.raises(UnknownReportError):
        await desk.confirm(school=desk.school + 1)
    with pytest.raises(UnknownReportError):
        await desk.confirm(report=desk.report + 99)


async def test_staff_can_narrow_a_report_to_the_morning(desk):
    await desk.open()

    await desk.confirm("M", sessions="AM")

    assert await desk.codes() == {(TUESDAY, "AM"): "M"}
    with pytest.raises(CodeError, match="morning"):
        await desk.confirm("M", sessions="noon")


async def test_a_session_the_report_covers_no_longer_goes_back_to_its_mark(desk):
    await desk.open()
    await desk.confirm()

    await desk.confirm("I", sessions="AM", reason="came at noon", minutes=3)

    assert await desk.codes() == {(TUESDAY, "AM"): "I"}
    last = (await desk.record())[-1]
    assert (last.session, last.original, last.amended, last.reason) == (
        "PM",
        "I",
        "N",
        "came at noon",
    )


async def test_a_mark_that_says_the_same_already_is_no_amendment(desk):
    await desk.open(mark="I", sessions="AM")

    done = await desk.confirm()

    assert (done.changed, await desk.record()) == (0, [])
    await desk.undo()
    assert await desk.codes() == {}
    assert (await desk.row()).status == ReportStatus.AWAITING


async def test_undo_puts_everything_back_and_keeps_the_record(desk):
    await desk.open()
    await desk.confirm()

    await desk.undo(person=SAM)

    assert await desk.codes() == {}
    first, second, third, fourth = await desk.record()
    assert (third.original, third.amended, third.staff_name) == ("I", "N", "Sam Okoro")
    assert {third.undoes, fourth.undoes} == {first.id, second.id}
    report = await desk.row()
    assert (report.status, report.version) == (ReportStatus.AWAITING, 2)
    with pytest.raises(CannotUndoError, match="nothing to undo"):
        await desk.undo()
    assert (await desk.confirm("M", minutes=5)).changed == 2


async def test_undoing_a_change_brings_the_earlier_code_back(desk):
    await desk.open()
    await desk.confirm()
    await desk.confirm("M", reason="letter seen", minutes=1)

    await desk.undo()
    assert await desk.codes() == {(TUESDAY, "AM"): "I", (TUESDAY, "PM"): "I"}
    assert (await desk.row()).status == ReportStatus.CODED

    await desk.undo()
    assert await desk.codes() == {}
    assert (await desk.row()).status == ReportStatus.AWAITING


async def test_a_double_click_on_undo_takes_back_one_step_only(desk):
    await desk.open()
    await desk.confirm()
    await desk.confirm("M", reason="letter seen")
    await desk.undo(version=2)

    with pytest.raises(StaleError):
        await desk.undo(version=2)

    assert (await desk.coding()).code == "I"


async def test_an_exported_code_is_set_back_to_its_mark_and_exported_again(desk):
    await desk.open()
    await desk.confirm()
    await desk.exported()

    await desk.undo()

    assert await desk.codes() == {(TUESDAY, "AM"): "N", (TUESDAY, "PM"): "N"}
    async with desk.db.read() as session:
        assert len(await codings.to_export(session, desk.school)) == 2
    await desk.confirm("M", minutes=5)
    assert await desk.codes() == {(TUESDAY, "AM"): "M", (TUESDAY, "PM"): "M"}


async def test_undo_gives_the_session_back_to_the_report_that_had_it(desk):
    await desk.open()
    await desk.confirm()
    father = await desk.tell(told_by="sms:+447700900102", codes=["M"])
    await desk.confirm(report=father, reason="father is right", person=SAM)

    with pytest.raises(CannotUndoError, match="another report"):
        await desk.undo()
    await desk.undo(report=father)

    assert [(await desk.coding(half)).report_id for half in ("AM", "PM")] == [desk.report] * 2
    await desk.undo()
    assert await desk.codes() == {}


async def test_after_ten_minutes_undo_asks_for_a_reasoned_change(desk):
    await desk.open()
    await desk.confirm(minutes=0)
    await desk.confirm(minutes=9)

    with pytest.raises(CannotUndoError, match="ten minutes"):
        await desk.undo(minutes=10.01)

    await desk.undo(minutes=10)


async def test_amendments_of_undo_carry_the_five_elements_too(desk):
    await desk.open()
    await desk.confirm()
    await desk.undo()

    async with desk.db.read() as session:
        rows = list(await session.exec(select(AmendmentRow)))
    assert all(
        row.amended and row.reason and row.amended_at and row.staff_name and row.staff_role
        for row in rows
    )


async def test_a_task_is_done_once_with_an_outcome(desk):
    await desk.open()
    async with desk.db.work() as session:
        task = TaskRow(school_id=desk.school, kind="call", dedupe_key="call:1", raised_at=desk.now)
        session.add(task)

    async def close(person=JO, outcome="mother reached", school=desk.school):
        async with desk.db.work() as session:
            await close_task(
                session,
                school_id=school,
                task_id=task.id,
                person=person,
                outcome=outcome,
                now=desk.now,
            )

    with pytest.raises(OutcomeNeededError):
        await close(outcome=" ")
    with pytest.raises(UnknownTaskError):
        await close(school=desk.school + 1)
    await close()
    await close()
    with pytest.raises(TaskClosedError) as refused:
        await close(person=SAM, outcome="no answer")
    assert refused.value.words == "Jo Marsh has done this already."
