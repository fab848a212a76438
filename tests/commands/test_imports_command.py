"""The import commands: a preview, every problem with its line, and the exit status."""

import io
from pathlib import Path

import pytest

from commands import imports, schools
from store import contacts, pupils, registers
from store.schools import by_slug

SAMPLES = Path(__file__).parents[2] / "mis" / "samples"
POLICY = Path(__file__).parents[2] / "school" / "policies" / "trjs.toml"


class Desk:
    """An office at its command line: gives commands and reads what is printed."""

    def __init__(self, db, now):
        self.db, self.now = db, now
        self.out, self.err = io.StringIO(), io.StringIO()

    def _streams(self):
        self.out, self.err = io.StringIO(), io.StringIO()
        return {"out": self.out, "err": self.err}

    async def add(self, slug="oak", policy=POLICY, calendar=None):
        return await schools.add(
            self.db, slug=slug, name="Oak Primary", office_phone="01632 960000", policy=policy,
            calendar=calendar, sms_number=None, email_address=None, now=self.now, **self._streams(),
        )  # fmt: skip

    async def pupils(self, path, *, school="oak", mapping=(), dry_run=False, allow_leavers=False):
        return await imports.import_pupils_file(
            self.db, school=school, path=path, mapping=mapping, dry_run=dry_run,
            allow_leavers=allow_leavers, **self._streams(),
        )  # fmt: skip

    async def register(self, path, *, school="oak", mapping=(), dry_run=False):
        return await imports.import_register_file(
            self.db,
            school=school,
            path=path,
            mapping=mapping,
            dry_run=dry_run,
            now=self.now,
            **self._streams(),
        )

    @property
    def said(self):
        return self.out.getvalue().splitlines()

    @property
    def problems(self):
        return self.err.getvalue().splitlines()


@pytest.fixture
async def desk(db, nine_thirty):
    desk = Desk(db, nine_thirty)
    assert await desk.add() == 0
    return desk


@pytest.mark.feature("52")
async def test_a_morning_from_a_sims_school(desk, db):
    assert await desk.pupils(SAMPLES / "sims-pupils.csv") == 0
    assert desk.said[-1] == "Applied."
    assert desk.said[0].split("; ") == [
        "40 pupils: 40 new, 0 changed, 0 leaving",
        "4 classes: 4 new, 0 changed, 0 leaving",
        "65 contacts: 65 new, 0 changed, 0 leaving",
        "78 contact links: 78 new, 0 changed, 0 leaving",
        "5 warnings.",
    ]
    assert any(":4: warning: a court order is ticked" in line for line in desk.problems)
    assert any(":19: warning: 01632 960001 is a landline" in line for line in desk.problems)
    assert await desk.register(SAMPLES / "sims-register-am.csv") == 0
    assert desk.said[0].startswith("3 registers: 3 new, 0 changed, 0 leaving; 30 marks: 30 new")
    async with db.read() as session:
        school = await by_slug(session, "oak")
        day = desk.now.date()
        assert await registers.missing(session, school.key, day, "AM") == ["5A"]
        unexplained = [m for m in await registers.marks(session, school.key, day) if m.code == "N"]
        absent = await contacts.with_contacts(session, [m.pupil_id for m in unexplained])
    parents = {p.last: [c.name for c in p.contacts if not c.no_contact] for p in absent}
    assert len(absent) == 8
    assert parents["Wisniewska"] == parents["Wisniewski"]
    assert parents["Cartmell"] == ["Ms Joanne Aldous"]
    assert parents["Brackley"] == ["Miss Kerry Dunmore"]
    assert parents["Adeyemi-Clarke"] == []


@pytest.mark.fault("I7")
async def test_the_same_files_twice_say_that_nothing_changes(desk):
    for _ in range(2):
        assert await desk.pupils(SAMPLES / "bromcom-pupils.csv") == 0
        pupils_said = desk.said
        assert await desk.register(SAMPLES / "bromcom-register.csv") == 0
    assert (
        pupils_said[-1]
        == desk.said[-1]
        == "Nothing to change: everything in this file is here already."
    )


async def test_a_preview_changes_nothing(desk, db):
    assert await desk.pupils(SAMPLES / "sims-pupils.csv", dry_run=True) == 0
    assert desk.said[0].startswith("40 pupils: 40 new")
    assert desk.said[-1] == "This was a preview: nothing was applied."
    async with db.read() as session:
        school = await by_slug(session, "oak")
        assert await pupils.of_school(session, school.key) == []


@pytest.mark.fault("I2")
async def test_problems_are_printed_with_file_and_line_and_nothing_is_applied(desk, tmp_path, db):
    file = tmp_path / "roll.csv"
    file.write_text(
        "Adno,Forename,Surname,Reg,Priority,Mobile\n1,Amy,Reid,3A,1,6.12E+08\n,Ben,Lee,3A,,\n3,Cat,Lee,3A,,\n"
    )
    assert await desk.pupils(file) == 1
    assert desk.problems[0].startswith(f"{file}:2: Mobile: 6.12E+08 was shortened by Excel")
    assert desk.problems[1] == f"{file}:3: no admission number: give every pupil one, or a UPN"
    assert desk.said == ["Nothing was applied: 2 problems to mend first."]
    async with db.read() as session:
        school = await by_slug(session, "oak")
        assert await pupils.of_school(session, school.key) == []


async def test_what_changed_is_counted_by_kind_and_changed_marks_are_listed(desk, tmp_path):
    roll, marks = tmp_path / "roll.csv", tmp_path / "marks.csv"
    roll.write_text("Adno,Forename,Surname,Reg\n1,Amy,Reid,3A\n2,Ben,Lee,3A\n")
    marks.write_text("Adno,Date,AM\n1,12/01/2027,N\n2,12/01/2027,/\n")
    await desk.pupils(roll)
    await desk.register(marks)
    roll.write_text("Adno,Forename,Surname,Reg\n1,Amy,Reid,3B\n2,Ben,Lee,3A\n")
    await desk.pupils(roll)
    assert desk.said[0].startswith("2 pupils: 0 new, 1 changed (1 class), 0 leaving")
    marks.write_text("Adno,Date,AM\n1,12/01/2027,/\n2,12/01/2027,/\n")
    assert await desk.register(marks) == 0
    assert desk.said[0] == f"{marks}:2: AM mark changed N -> /"
    assert "2 marks: 0 new, 1 changed (1 N -> /), 0 leaving" in desk.said[1]


@pytest.mark.fault("I5")
async def test_a_file_of_one_class_only_is_stopped_and_may_be_allowed(desk, tmp_path):
    await desk.pupils(SAMPLES / "sims-pupils.csv")
    part = tmp_path / "3a.csv"
    part.write_text("Adno,Forename,Surname,Reg\n003106,Theo,Bassingham,3A\n")
    assert await desk.pupils(part) == 1
    assert desk.problems[0].startswith(f"{part}: 39 of 40 pupils are not in this file")
    assert await desk.pupils(part, allow_leavers=True) == 0


async def test_an_unknown_school_is_answered_with_those_that_exist(desk):
    await desk.add("elm")
    assert await desk.pupils(SAMPLES / "sims-pupils.csv", school="ash") == 2
    assert desk.problems == ['There is no school "ash". Schools: elm, oak.']
    assert await desk.register(SAMPLES / "sims-register-am.csv", school="ash") == 2


async def test_a_mapping_by_hand_is_used_and_a_wrong_one_is_wrong_usage(desk, tmp_path):
    file = tmp_path / "roll.csv"
    file.write_text("Ref,Forename,Surname,Reg\n1,Amy,Reid,3A\n")
    assert await desk.pupils(file) == 1
    assert 'no column for "Admission number"' in desk.problems[0]
    assert await desk.pupils(file, mapping=["Ref=Admission number"]) == 0
    assert await desk.pupils(file, mapping=["Ref=Shoe size"]) == 2
    assert await desk.register(file, mapping=["Ref"]) == 2


@pytest.mark.fault("I8")
async def test_an_excel_file_or_no_file_is_a_problem_with_a_remedy(desk, tmp_path):
    file = tmp_path / "roll.xlsx"
    file.write_bytes(b"PK\x03\x04...")
    for command in (desk.pupils, desk.register):
        assert await command(file) == 1
        assert "this is an Excel workbook" in desk.problems[0]
        assert await command(tmp_path / "none.csv") == 1
        assert desk.problems[0].endswith("none.csv: cannot be read: No such file or directory")


async def test_a_school_is_added_once_and_listed(desk, db):
    assert await desk.add() == 1
    assert desk.problems == ['there is a school "oak" already: choose another short name']
    out = io.StringIO()
    assert await schools.list_(db, out=out) == 0
    assert out.getvalue() == "oak\tOak Primary\t01632 960000\n"


async def test_a_policy_that_cannot_be_read_or_used_is_a_problem(desk, tmp_path):
    assert await desk.add("elm", policy=tmp_path / "none.toml") == 1
    assert "cannot be read" in desk.problems[0]
    bad = tmp_path / "policy.toml"
    bad.write_bytes(b"name = '\xff'")
    assert await desk.add("elm", policy=bad) == 1
    assert "save it again as UTF-8" in desk.problems[0]
    bad.write_text("name = 7\n")
    assert await desk.add("elm", policy=bad) == 1
    assert "policy: line 1: name: expected text in quotes, got 7" in desk.problems
