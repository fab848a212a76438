"""The stored roll becomes equal to the file: all of it or nothing, and the same twice."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from actions.import_pupils import ContactRecord, PupilRecord, import_pupils
from mis.pupils_file import read_pupils
from store import contacts, pupils, roll
from store.contacts import ContactRow
from store.database import Database
from store.schools import SchoolRow

SAMPLES = Path(__file__).parents[2] / "mis" / "samples"

GWEN = ContactRecord(
    3,
    "C1",
    "Ms Gwen Reid",
    1,
    "Mother",
    "pl",
    True,
    phone="+447700900123",
    email="gwen@example.org",
)
ALUN = ContactRecord(4, "C2", "Mr Alun Reid", 2, "Father", phone="+447700900124")
AMY = PupilRecord(3, "003101", "Amy", "Reid", "3A", "3", (GWEN, ALUN))
BEN = PupilRecord(5, "003102", "Ben", "Reid", "4A", "4", (replace(GWEN, line=5),))


@pytest.fixture
async def school(db: Database, policy_text, nine_thirty) -> int:
    async with db.work() as session:
        row = SchoolRow(
            slug="oak", name="Oak", office_phone="1", policy=policy_text, created_at=nine_thirty
        )
        session.add(row)
        await session.flush()
        return row.key


@pytest.fixture
def bring(db: Database, school: int):
    async def _bring(*records, apply=True, allow_leavers=False):
        async with db.work() as session:
            return await import_pupils(
                session, school_id=school, records=records, apply=apply, allow_leavers=allow_leavers
            )

    return _bring


@pytest.fixture
def stored(db: Database, school: int):
    async def _stored():
        async with db.read() as session:
            rows = await pupils.of_school(session, school)
            return {p.first: p for p in await contacts.with_contacts(session, [r.id for r in rows])}

    return _stored


def counts(changes):
    return {kind: (t.new, t.changed, t.unchanged, t.leaving) for kind, t in changes.tallies.items()}


async def test_pupils_classes_and_contacts_are_taken_over(bring, stored):
    changes = await bring(AMY, BEN)
    assert changes.applied
    assert counts(changes) == {
        "pupils": (2, 0, 0, 0),
        "classes": (2, 0, 0, 0),
        "contacts": (2, 0, 0, 0),
        "contact links": (3, 0, 0, 0),
    }
    amy = (await stored())["Amy"]
    assert (amy.last, amy.class_name, amy.year) == ("Reid", "3A", "3")
    gwen = amy.contacts[0]
    assert (gwen.name, gwen.language, gwen.parental_responsibility) == ("Ms Gwen Reid", "pl", True)
    assert dict(gwen.addresses) == {"sms": "+447700900123", "email": "gwen@example.org"}


@pytest.mark.mission("S3-12")
async def test_contacts_are_stored_in_the_order_of_the_file(bring, stored):
    await bring(replace(AMY, contacts=(replace(ALUN, order=1), replace(GWEN, order=2))))
    assert [c.name for c in (await stored())["Amy"].contacts] == ["Mr Alun Reid", "Ms Gwen Reid"]
    await bring(AMY)
    assert [c.name for c in (await stored())["Amy"].contacts] == ["Ms Gwen Reid", "Mr Alun Reid"]


@pytest.mark.fault("I7")
async def test_the_same_file_twice_changes_nothing(bring):
    await bring(AMY, BEN)
    changes = await bring(AMY, BEN)
    assert changes.none
    assert counts(changes)["contact links"] == (0, 0, 3, 0)


@pytest.mark.fault("I1")
async def test_a_preview_gives_the_same_counts_and_writes_nothing(bring, stored):
    preview = await bring(AMY, BEN, apply=False)
    assert not preview.applied
    assert await stored() == {}
    assert counts(await bring(AMY, BEN)) == counts(preview)
    changed = replace(AMY, class_name="5Z", contacts=(replace(GWEN, phone="+447700900125"),))
    preview = await bring(changed, BEN, apply=False)
    assert (await stored())["Amy"].class_name == "3A"
    assert counts(await bring(changed, BEN)) == counts(preview)


async def test_what_changed_is_named(bring):
    await bring(AMY, BEN)
    changes = await bring(
        replace(
            AMY,
            class_name="3B",
            year="4",
            contacts=(replace(GWEN, phone="+447700900125", order=2), ALUN),
        ),
        replace(BEN, first="Benjamin", contacts=(replace(GWEN, phone="+447700900125"),)),
    )
    assert dict(changes.tallies["pupils"].what) == {"class": 1, "name": 1, "year": 1}
    assert dict(changes.tallies["contacts"].what) == {"phone": 1}
    assert dict(changes.tallies["contact links"].what) == {"order": 1}


@pytest.mark.fault("I9")
async def test_a_removed_contact_is_out_at_once(bring, stored, db):
    await bring(AMY)
    changes = await bring(replace(AMY, contacts=(ALUN,)))
    assert changes.tallies["contact links"].leaving == 1
    amy = (await stored())["Amy"]
    assert [c.name for c in amy.contacts] == ["Mr Alun Reid"]
    async with db.read() as session:
        gwen = await contacts.speaking_from(session, None, "sms", "+447700900123")
        assert await contacts.pupils_of(session, [row.id for row in gwen]) == []


@pytest.mark.fault("I9")
@pytest.mark.fault("I10")
async def test_a_no_contact_flag_counts_at_once_and_for_one_child_only(bring, stored, db):
    await bring(AMY, BEN)
    await bring(replace(AMY, contacts=(replace(GWEN, no_contact=True), ALUN)), BEN)
    roll_now = await stored()
    assert roll_now["Amy"].contacts[0].no_contact
    assert not roll_now["Ben"].contacts[0].no_contact
    async with db.read() as session:
        gwen = await contacts.speaking_from(session, None, "sms", "+447700900123")
        assert await contacts.pupils_of(session, [row.id for row in gwen]) == [roll_now["Ben"].id]


async def test_telegram_preferred_channel_and_own_language_stay(bring, stored, db, school):
    await bring(AMY)
    async with db.work() as session:
        row = (await roll.everything(session, school)).contacts["C1"]
        row.telegram, row.preferred, row.language = "4711", "telegram", "uk"
        session.add(row)
    await bring(
        replace(AMY, contacts=(replace(GWEN, language="en", preferred="sms", phone=None), ALUN))
    )
    gwen = (await stored())["Amy"].contacts[0]
    assert (gwen.language, gwen.preferred) == ("uk", "telegram")
    assert dict(gwen.addresses) == {"telegram": "4711", "email": "gwen@example.org"}


async def test_another_language_in_the_file_replaces_the_stored_one(bring, stored):
    await bring(AMY)
    await bring(replace(AMY, contacts=(replace(GWEN, language="ro"),)))
    assert (await stored())["Amy"].contacts[0].language == "ro"


async def test_what_the_file_has_no_column_for_stays(bring, stored):
    await bring(AMY)
    silent = replace(GWEN, phone=None, email=None, silent=frozenset({"phone", "email"}))
    await bring(replace(AMY, contacts=(silent, ALUN)))
    assert len((await stored())["Amy"].contacts[0].addresses) == 2
    await bring(replace(AMY, contacts=None))
    assert len((await stored())["Amy"].contacts) == 2


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("~one", replace(GWEN, external_id="~two", phone="+447700900199")),
        ("C1", replace(GWEN, external_id="P77")),
    ],
)
async def test_a_contact_under_a_new_id_keeps_the_telegram_link(
    bring, stored, db, school, before, after
):
    await bring(replace(AMY, contacts=(replace(GWEN, external_id=before), ALUN)))
    async with db.work() as session:
        row = (await roll.everything(session, school)).contacts[before]
        row.telegram = "4711"
        session.add(row)
    changed = replace(AMY, contacts=(after, ALUN))
    changes = await bring(changed)
    assert changes.tallies["contacts"].new == 0
    gwen = (await stored())["Amy"].contacts[0]
    assert dict(gwen.addresses)["telegram"] == "4711"
    assert (await bring(changed)).none


@pytest.mark.fault("I10")
async def test_another_adult_of_the_same_name_elsewhere_is_not_taken_for_the_same(bring, stored):
    await bring(AMY)
    stranger = replace(GWEN, external_id="C9", phone="+447700900177", email=None)
    changes = await bring(AMY, replace(BEN, contacts=(stranger,)))
    assert changes.tallies["contacts"].new == 1


async def test_a_pupil_missing_from_the_file_leaves_and_may_come_back(bring, stored):
    many = [
        PupilRecord(n, f"{n}", f"P{n}", "Lee", "3A", contacts=(replace(ALUN, external_id=f"X{n}"),))
        for n in range(10, 20)
    ]
    await bring(*many)
    changes = await bring(*many[1:])
    assert changes.tallies["pupils"].leaving == 1
    assert "P10" not in await stored()
    assert (await bring(*many[1:])).none, "a leaver leaves once"
    changes = await bring(*many)
    assert dict(changes.tallies["pupils"].what) == {"back on the roll": 1}
    assert [c.name for c in (await stored())["P10"].contacts] == ["Mr Alun Reid"]


@pytest.mark.fault("I5")
async def test_more_than_a_fifth_leaving_stops_the_import(bring, stored):
    many = [PupilRecord(n, f"{n}", f"P{n}", "Lee", "3A") for n in range(10, 20)]
    await bring(*many)
    changes = await bring(*many[3:])
    assert not changes.applied
    assert "3 of 10 pupils are not in this file" in changes.problems[0].what
    assert len(await stored()) == 10
    assert (await bring(*many[2:])).applied, "a fifth is not more than a fifth"
    assert (await bring(many[9], allow_leavers=True)).tallies["pupils"].leaving == 7
    assert len(await stored()) == 1


@pytest.mark.fault("I5")
async def test_a_report_without_its_contacts_stops_the_import(bring, stored):
    await bring(AMY, BEN)
    changes = await bring(replace(AMY, contacts=()), replace(BEN, contacts=()))
    assert "2 pupils would lose every contact" in changes.problems[0].what
    assert len((await stored())["Amy"].contacts) == 2
    await bring(replace(AMY, contacts=()), replace(BEN, contacts=()), allow_leavers=True)
    assert (await stored())["Amy"].contacts == ()


async def test_an_admission_number_without_its_zeros_is_the_same_pupil(bring, stored):
    await bring(AMY)
    changes = await bring(replace(AMY, external_id="3101"))
    assert changes.none


@pytest.mark.fault("I3")
async def test_one_pupil_twice_in_the_records_stops_the_import(bring, stored):
    changes = await bring(AMY, replace(AMY, external_id="3101", line=9))
    assert (changes.problems[0].line, changes.applied) == (9, False)
    assert await stored() == {}


@pytest.mark.fault("I6")
async def test_a_crash_in_the_middle_leaves_nothing_half_applied(bring, stored, db, school):
    await bring(AMY)

    async def cut_off():
        async with db.work() as session:
            records = [replace(AMY, class_name="9Z"), BEN]
            await import_pupils(session, school_id=school, records=records, apply=True)
            raise RuntimeError("the power failed before the commit")

    with pytest.raises(RuntimeError):
        await cut_off()
    now = await stored()
    assert list(now) == ["Amy"]
    assert now["Amy"].class_name == "3A"


@pytest.mark.fault("I7")
async def test_two_people_importing_at_once_make_one_roll(bring, stored):
    first, second = await asyncio.gather(bring(AMY, BEN), bring(AMY, BEN))
    assert sorted([first.none, second.none]) == [False, True]
    assert len((await stored())["Amy"].contacts) == 2


@pytest.mark.mission("S3-46")
async def test_a_child_with_one_contact_only_raises_a_warning(bring, stored):
    changes = await bring(
        AMY,
        BEN,
        PupilRecord(7, "1", "Cat", "Lee", "3A", contacts=(replace(ALUN, no_contact=True),)),
    )
    assert [w.what for w in changes.warnings] == [
        "1 pupil has nobody who may and can be written to: see line 7",
        "1 pupil has only one contact who may and can be written to; the school asks for two: see line 5",
    ]
    assert len((await stored())["Amy"].contacts) == 2


async def test_another_school_is_never_touched(db, bring, stored, policy_text, nine_thirty):
    await bring(AMY)
    async with db.work() as session:
        other = SchoolRow(
            slug="elm", name="Elm", office_phone="1", policy=policy_text, created_at=nine_thirty
        )
        session.add(other)
        await session.flush()
        changes = await import_pupils(session, school_id=other.key, records=[AMY], apply=True)
        assert changes.tallies["pupils"].new == 1
        session.add(ContactRow(school_id=other.key, external_id="C7", name="X"))
    assert len((await stored())["Amy"].contacts) == 2


@pytest.mark.feature("52")
@pytest.mark.fault("I7")
async def test_the_samples_of_both_systems_are_the_same_school(bring):
    sims = read_pupils((SAMPLES / "sims-pupils.csv").read_bytes()).records
    bromcom = read_pupils((SAMPLES / "bromcom-pupils.csv").read_bytes()).records
    assert counts(await bring(*sims))["pupils"] == (40, 0, 0, 0)
    assert (await bring(*sims)).none
    changes = await bring(*bromcom)
    assert changes.applied
    assert counts(changes)["pupils"] == (0, 3, 37, 0), "three names in their own letters"
    assert (await bring(*bromcom)).none
