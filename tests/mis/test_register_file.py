"""A register file gives one record for each pupil, day and session, whichever its layout."""

from datetime import date
from pathlib import Path

import pytest

from mis.register_file import read_register
from school.people import Session

SAMPLES = Path(__file__).parents[2] / "mis" / "samples"
TUESDAY = date(2027, 1, 12)


def marks(text):
    found = read_register(text.encode())
    assert not found.problems
    return [(r.line, r.external_id, r.day, r.session, r.mark) for r in found.records]


def problems(text):
    return [(p.line, p.what) for p in read_register(text.encode()).problems]


def test_a_long_file_has_one_mark_a_row():
    assert marks(
        "Date,Session,Adno,Mark,Class\n12/01/2027,am,0031,N,3A\n2027-01-12,PM,0031,\\,3A\n"
    ) == [
        (2, "0031", TUESDAY, Session.AM, "N"),
        (3, "0031", TUESDAY, Session.PM, "\\"),
    ]


def test_a_wide_file_has_both_sessions_in_a_row_and_the_date_above():
    text = "Registers for Tuesday 12/01/2027\nPrinted on 13/01/2027\n\nAdno,Surname,AM,PM\n0031,Reid,N,-\nNumber of students: 1\n"
    assert marks(text) == [
        (5, "0031", TUESDAY, Session.AM, "N"),
        (5, "0031", TUESDAY, Session.PM, None),
    ]


def test_a_wide_file_may_have_one_session_and_a_date_column():
    assert marks("Adno,Date,AM\n0031,12/01/2027,/\n") == [(2, "0031", TUESDAY, Session.AM, "/")]


def test_without_a_date_the_file_is_refused():
    assert problems("Adno,AM\n0031,/\n") == [
        (1, "no date above the headings and no Date column: add a Date column to the report")
    ]


def test_two_dates_above_the_headings_are_refused():
    assert "more than one date" in problems("From 11/01/2027 to 15/01/2027\nAdno,AM\n1,/\n")[0][1]


def test_american_dates_are_refused():
    assert problems("Date,Session,Adno,Mark\n01/14/2027,AM,1,N\n") == [
        (2, 'Date: "01/14/2027" has the month first, as in America: write it as dd/mm/yyyy')
    ]


def test_every_wrong_cell_is_named_with_its_line_value_and_remedy():
    assert problems(
        "Date,Session,Adno,Mark\n12/01/2027,AM,1,H\n12/01/2027,noon,2,N\n12/01/2027,AM,,N\n"
    ) == [
        (2, 'Mark: "H" ended in August 2024: use C for leave given, G for a holiday without leave'),
        (3, 'Session: "noon" is neither AM nor PM'),
        (4, "no admission number: give every pupil one"),
    ]


def test_a_file_without_marks_says_which_columns_are_missing():
    words = [what for _, what in problems("Adno,Surname,Reg\n1,Reid,3A\n")]
    assert words[0].startswith('no column for "Session"')
    assert words[1].startswith('no column for "Mark"')


@pytest.mark.feature("52")
@pytest.mark.parametrize("name", ["sims-register-am.csv", "bromcom-register.csv"])
def test_the_sample_registers_hold_the_same_morning(name):
    found = read_register((SAMPLES / name).read_bytes())
    assert not found.problems
    morning = [r for r in found.records if r.session is Session.AM]
    assert {r.day for r in morning} == {TUESDAY}
    letters = [r.mark for r in morning]
    assert (letters.count("N"), letters.count("I"), letters.count(None)) == (8, 1, 10)
    assert {r.class_name for r in morning if r.mark is None} == {"5A"}
