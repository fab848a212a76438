"""Registers come in class by class; a blank is no absence; any problem and nothing is applied."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from actions.import_pupils import PupilRecord, import_pupils
from actions.import_register import RegisterRecord, import_register
from school.people import Session
from store import pupils, registers
from store.schools import SchoolRow

TUESDAY = date(2027, 1, 12)
AMY = RegisterRecord(4, "003101", TUESDAY, Session.AM, "N", "3A")
BEN = RegisterRecord(5, "003102", TUESDAY, Session.AM, "/", "3A")
CAT = RegisterRecord(6, "003103", TUESDAY, Session.AM, None, "4A")


@pytest.fixture
async def school(db, policy_text, nine_thirty) -> int:
    async with db.work() as session:
        row = SchoolRow(
            slug="oak", name="Oak", office_phone="1", policy=policy_text, created_at=nine_thirty
        )
        session.add(row)
        await session.flush()
        roll = [
            PupilRecord(2, "003101", "Amy", "Reid", "3A", contacts=None),
            PupilRecord(3, "003102", "Ben", "Reid", "3A", contacts=None),
            PupilRecord(4, "003103", "Cat", "Lee", "4A", contacts=None),
        ]
        await import_pupils(session, school_id=row.key, records=roll, apply=True)
        return row.key


@pytest.fixture
def bring(db, school, nine_thirty):
    async def _bring(*records, apply=True, now=nine_thirty):
        async with db.work() as session:
            return await import_register(
                session, school_id=school, records=records, now=now, apply=apply
            )

    return _bring


@pytest.fixture
def stored(db, school):
    async def _stored(half="AM"):
        async with db.read() as session:
            ids = {row.id: row.first for row in await pupils.of_school(session, school)}
            marks = await registers.marks(session, school, TUESDAY, half)
            missing = await registers.missing(session, school, TUESDAY, half)
            return {ids[m.pupil_id]: m.code for m in marks}, missing

    return _stored


@pytest.mark.feature("52")
async def test_a_class_with_a_mark_is_in_and_a_blank_class_is_not(bring, stored):
    changes = await bring(AMY, BEN, CAT)
    assert changes.applied
    assert await stored() == ({"Amy": "N", "Ben": "/"}, ["4A"])
    assert await stored("PM") == ({}, ["3A", "4A"])
    assert [(w.line, w.what) for w in changes.warnings] == [
        (
            6,
            "4A has no AM mark for 12/01/2027: its register is not in yet, and nobody in it is asked about",
        )
    ]


@pytest.mark.fault("I7")
async def test_the_same_register_twice_changes_nothing(bring, stored):
    await bring(AMY, BEN, CAT)
    assert (await bring(AMY, BEN, CAT)).none


async def test_the_time_a_register_came_in_stays_the_first_one(bring, db, school, nine_thirty):
    await bring(AMY, BEN)
    await bring(replace(AMY, mark="/"), BEN, now=nine_thirty + timedelta(hours=1))
    async with db.read() as session:
        row = await session.get(registers.RegisterRow, 1)
        assert row.received_at == nine_thirty


async def test_a_changed_mark_is_reported_as_such(bring, stored):
    await bring(AMY, BEN)
    changes = await bring(replace(AMY, mark="/"), BEN)
    assert dict(changes.tallies["marks"].what) == {"N -> /": 1}
    assert [(n.line, n.what) for n in changes.notes] == [(4, "AM mark changed N -> /")]
    assert (await stored())[0]["Amy"] == "/"


async def test_a_blank_takes_a_mark_away_where_the_class_has_others(bring, stored):
    await bring(AMY, BEN)
    changes = await bring(replace(AMY, mark=None), BEN)
    assert changes.notes[0].what == "AM mark N taken away"
    assert (await stored())[0] == {"Ben": "/"}


async def test_a_class_that_is_all_blank_does_not_unsay_what_came_in(bring, stored):
    await bring(AMY, BEN)
    changes = await bring(replace(AMY, mark=None), replace(BEN, mark=None), replace(CAT, mark="/"))
    assert (await stored())[0] == {"Amy": "N", "Ben": "/", "Cat": "/"}
    assert "what came in earlier stays" in changes.warnings[0].what


async def test_a_file_without_any_mark_says_so_once(bring, stored):
    changes = await bring(replace(AMY, mark=None), CAT)
    assert [w.what for w in changes.warnings] == [
        "no mark at all in this file: no register is in yet"
    ]
    assert await stored() == ({}, ["3A", "4A"])


async def test_a_preview_gives_the_same_and_writes_nothing(bring, stored):
    preview = await bring(AMY, BEN, CAT, apply=False)
    assert await stored() == ({}, ["3A", "4A"])
    assert (await bring(AMY, BEN, CAT)).tallies == preview.tallies


@pytest.mark.fault("I6")
async def test_an_unknown_pupil_stops_the_whole_file(bring, stored):
    changes = await bring(AMY, replace(BEN, external_id="9999"))
    assert [(p.line, p.what) for p in changes.problems] == [
        (5, 'no pupil has the admission number "9999": import the pupils again, then this file')
    ]
    assert await stored() == ({}, ["3A", "4A"])


async def test_an_admission_number_without_its_zeros_is_found(bring, stored):
    await bring(replace(AMY, external_id="3101"))
    assert (await stored())[0] == {"Amy": "N"}


async def test_two_marks_for_one_session_stop_the_file_and_a_repeated_one_does_not(bring, stored):
    changes = await bring(AMY, replace(AMY, line=9, mark="/"))
    assert "another AM mark for the same day on line 4" in changes.problems[0].what
    assert (await bring(AMY, replace(AMY, line=9))).applied


async def test_a_day_to_come_stops_the_file(bring):
    changes = await bring(replace(AMY, day=date(2027, 12, 1)))
    assert changes.problems[0].what.startswith("01/12/2027 is still to come")


async def test_a_closed_day_is_pointed_out(bring):
    changes = await bring(replace(AMY, day=date(2027, 1, 10)))
    assert changes.warnings[0].what == "10/01/2027 is not a school day in the calendar"


async def test_a_leaver_with_a_mark_stops_the_file_and_one_without_does_not(bring, db, school):
    async with db.work() as session:
        row = next(p for p in await pupils.of_school(session, school) if p.first == "Cat")
        row.on_roll = False
        session.add(row)
    assert "has left the roll" in (await bring(AMY, replace(CAT, mark="/"))).problems[0].what
    assert (await bring(AMY, CAT)).applied


async def test_an_unknown_class_counts_as_the_pupils_own(bring, stored):
    changes = await bring(replace(AMY, class_name="3Z"), replace(BEN, class_name=""))
    assert 'the class "3Z" is not known' in changes.warnings[0].what
    assert (await stored())[1] == ["4A"]
