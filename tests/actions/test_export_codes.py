"""Each version of a confirmed code goes back to the school's own system once."""

import csv
import io
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.export_codes import ExportRow, export_codes, exported_on
from actions.import_pupils import PupilRecord, import_pupils
from mis import codes_file
from store import pupils
from store.codings import CodingRow, for_session
from store.schools import SchoolRow

TUESDAY = date(2027, 1, 12)


@pytest.fixture
async def school(db, policy_text, nine_thirty) -> int:
    async with db.work() as session:
        row = SchoolRow(
            slug="oak", name="Oak", office_phone="1", policy=policy_text, created_at=nine_thirty
        )
        session.add(row)
        await session.flush()
        names = [("1", "Zoe", "Able", "10A"), ("2", "Amy", "Reid", "9B"), ("3", "Ben", "lee", "9B")]
        roll = [PupilRecord(n, i, f, s, c, contacts=None) for n, (i, f, s, c) in enumerate(names)]
        await import_pupils(session, school_id=row.key, records=roll, apply=True)
        for pupil in await pupils.of_school(session, row.key):
            for half, code in (("PM", "M"), ("AM", "I")):
                session.add(
                    CodingRow(
                        school_id=row.key,
                        pupil_id=pupil.id,
                        day=TUESDAY,
                        session=half,
                        code=code,
                        comment="high temperature",
                    )
                )
        return row.key


@pytest.fixture
def export(db, school, nine_thirty):
    async def _export(now=nine_thirty):
        async with db.work() as session:
            return await export_codes(session, school_id=school, now=now)

    return _export


async def change(db, school, code):
    async with db.work() as session:
        amy = next(p for p in await pupils.of_school(session, school) if p.first == "Amy")
        row = await for_session(session, school, amy.id, TUESDAY, "AM")
        row.code, row.version = code, row.version + 1
        session.add(row)


@pytest.mark.feature("53")
async def test_rows_come_by_class_surname_date_and_session(export):
    rows = await export()
    assert [(r.class_name, r.last, r.session, r.mark) for r in rows] == [
        ("9B", "lee", "AM", "I"),
        ("9B", "lee", "PM", "M"),
        ("9B", "Reid", "AM", "I"),
        ("9B", "Reid", "PM", "M"),
        ("10A", "Able", "AM", "I"),
        ("10A", "Able", "PM", "M"),
    ]


@pytest.mark.feature("53")
async def test_the_second_export_gives_nothing_and_a_changed_code_goes_again(export, db, school):
    assert len(await export()) == 6
    assert await export() == []
    await change(db, school, "O")
    assert [(r.first, r.mark) for r in await export()] == [("Amy", "O")]
    assert await export() == []


async def test_a_code_is_not_marked_when_the_transaction_fails(export, db, school, nine_thirty):
    async def cut_off():
        async with db.work() as session:
            await export_codes(session, school_id=school, now=nine_thirty)
            raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        await cut_off()
    assert len(await export()) == 6


async def test_what_was_handed_over_on_a_day_can_be_given_again(export, db, school, nine_thirty):
    await export()
    await change(db, school, "O")
    async with db.read() as session:
        again = await exported_on(session, school_id=school, day=TUESDAY)
        assert (len(again.rows), again.newer) == (5, 1)
        assert (await exported_on(session, school_id=school, day=date(2027, 1, 11))).rows == []
    await export(now=nine_thirty + timedelta(days=1))
    async with db.read() as session:
        assert len((await exported_on(session, school_id=school, day=TUESDAY)).rows) == 5
        assert len((await exported_on(session, school_id=school, day=date(2027, 1, 13))).rows) == 1


async def test_a_day_is_the_schools_own_day(export, db, school, nine_thirty):
    summer = nine_thirty.replace(month=6, hour=23, minute=30)
    await export(now=summer)
    async with db.read() as session:
        assert (await exported_on(session, school_id=school, day=date(2027, 6, 12))).rows == []
        assert len((await exported_on(session, school_id=school, day=date(2027, 6, 13))).rows) == 6


def row(**facts) -> ExportRow:
    plain = {
        "external_id": "0031",
        "last": "Nuñez",
        "first": "Zoë",
        "class_name": "3A",
        "day": TUESDAY,
        "session": "AM",
        "mark": "I",
        "comment": "",
    }
    return ExportRow(**(plain | facts))


def test_the_file_is_what_excel_opens_right():
    data = codes_file.write([row(comment='says "ill", back Friday')])
    assert data.startswith(b"\xef\xbb\xbf")
    assert data.decode("utf-8-sig") == (
        "Admission number,Surname,Forename,Class,Date,Session,Mark,Comment\r\n"
        '0031,Nuñez,Zoë,3A,12/01/2027,AM,I,"says ""ill"", back Friday"\r\n'
    )


@pytest.mark.fault("H7")
@pytest.mark.parametrize(
    "comment", ["=1+1", "+44", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1", "\uff1d1"]
)
def test_a_cell_that_would_be_a_formula_gets_a_quote_in_front(comment):
    assert codes_file.guarded(comment).startswith("'")


@pytest.mark.fault("H7")
def test_marks_of_the_register_are_not_changed():
    for mark in ("/", "\\", "#", "C1", "Y7"):
        assert codes_file.guarded(mark) == mark


@pytest.mark.fault("H7")
@given(st.lists(st.text(max_size=20), min_size=4, max_size=4))
def test_no_cell_starts_a_formula_and_no_row_breaks(texts):
    external_id, last, first, comment = (t.encode(errors="ignore").decode() for t in texts)
    data = codes_file.write([row(external_id=external_id, last=last, first=first, comment=comment)])
    table = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    assert len(table) == 2
    assert len(table[1]) == len(codes_file.COLUMNS)
    assert not any(cell.lstrip()[:1] in set("=+-@") for cell in table[1] if cell)
