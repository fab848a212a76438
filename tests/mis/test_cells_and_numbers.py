"""Single cells: flags, dates, UPNs, telephone numbers, languages, marks."""

from datetime import date

import pytest

from mis import cells, languages, marks, phones
from mis.cells import CellError
from school.codes import CODES


@pytest.mark.parametrize(
    ("cell", "meaning"),
    [
        ("T", True),
        ("True", True),
        ("Y", True),
        ("1", True),
        ("yes", True),
        ("F", False),
        ("No", False),
        ("0", False),
        ("", None),
    ],
)
def test_a_tick_is_yes_no_or_not_said(cell, meaning):
    assert cells.flag(cell) is meaning


def test_a_tick_that_is_neither_is_not_guessed():
    with pytest.raises(CellError):
        cells.flag("see file")


@pytest.mark.parametrize(
    ("cell", "year"),
    [
        ("Year  3", "3"),
        ("Y6", "6"),
        ("year 10", "10"),
        ("R", "R"),
        ("Reception", "Reception"),
        ("3", "3"),
    ],
)
def test_a_year_group_is_its_number(cell, year):
    assert cells.year(cell) == year


@pytest.mark.parametrize("number", ["V999999924001", "J999999924002", "F99999992400A"])
def test_a_upn_with_the_right_check_letter_is_sound(number):
    assert cells.upn_is_sound(number)


@pytest.mark.parametrize(
    "number", ["A999999924001", "999999924001", "V99999992400", "VI99999924001"]
)
def test_a_upn_with_a_wrong_letter_or_length_is_not(number):
    assert not cells.upn_is_sound(number)


@pytest.mark.parametrize(
    "cell",
    [
        "12/01/2027",
        "2027-01-12",
        "2027-01-12T00:00:00",
        "12/01/2027 00:00",
        "12 Jan 2027",
        "12-01-2027",
        "Tuesday 12 January 2027",
    ],
)
def test_a_day_is_read_with_the_day_first(cell):
    assert cells.day(cell) == date(2027, 1, 12)


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("01/14/2027", "month first, as in America"),
        ("12/01/27", "two digits"),
        ("46399", "Excel's day number"),
        ("31/02/2027", "no day of the calendar"),
        ("14th March", "not a date"),
        ("", "not a date"),
    ],
)
def test_a_day_that_could_be_another_is_refused_with_the_remedy(cell, words):
    with pytest.raises(CellError, match=f"{words}.*dd/mm/yyyy"):
        cells.day(cell)


@pytest.mark.fault("I4")
@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("07700 900123", "+447700900123"),
        ("+44 7700 900123", "+447700900123"),
        ("+44 (0)7700 900123", "+447700900123"),
        ("00447700900123", "+447700900123"),
        ("447700900123", "+447700900123"),
        ("7700900123", "+447700900123"),
        ("07700900124 (work)", "+447700900124"),
        ("+48 512 345 678", "+48512345678"),
    ],
)
def test_every_usual_way_of_writing_a_mobile_gives_one_form(cell, number):
    assert phones.read(cell) == phones.Phone(number)


@pytest.mark.fault("I4")
@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("01632 960001", "landline"),
        ("020 7946 0123", "landline"),
        ("09098 790123", "premium"),
        ("070 1234 5678", "premium"),
        ("0770090012", "too few digits"),
        ("077009001234", "too many or too few digits"),
        ("Ex-directory", "not a number"),
        ("+48 22 123 45 67", "not a mobile"),
        ("+48 000 000 000", "not a number in use"),
    ],
)
def test_what_texts_cannot_reach_is_left_out_and_said(cell, words):
    phone = phones.read(cell)
    assert phone.number is None
    assert words in phone.trouble


@pytest.mark.fault("I4")
def test_a_number_that_excel_has_shortened_is_refused_with_the_remedy():
    for cell in ("6.12E+08", "4.47701E+11", "7,7009E+9"):
        with pytest.raises(CellError, match="format the column as Text"):
            phones.read(cell)


def test_of_two_numbers_in_a_cell_the_mobile_is_used_and_said():
    phone = phones.read("01632 960001 / 07700 900123")
    assert phone.number == "+447700900123"
    assert "more than one number" in phone.trouble


def test_words_beside_a_number_are_not_printed():
    assert phones.shown("01632 960001 (Auntie Jo)") == "01632 960001"


@pytest.mark.parametrize(
    ("cell", "tag"),
    [
        ("Polish", "pl"), ("polish", "pl"), ("pl", "pl"), ("POL", "pl"), ("pt-BR", "pt-BR"), ("Panjabi", "pa"),
        ("Punjabi", "pa"), ("Portuguese (Brazil)", "pt-BR"), ("Farsi", "fa"), ("zh-Hant", "zh-Hant"),
        ("English", "en"), ("Believed to be English", "en"), ("Klingonese", None), ("Other", None),
    ],
)  # fmt: skip
def test_a_language_is_known_by_name_or_by_tag(cell, tag):
    assert languages.tag(cell) == tag


@pytest.mark.parametrize("code", CODES)
def test_every_national_code_is_a_mark(code):
    assert marks.read(code) == code


@pytest.mark.parametrize("cell", ["", "-", " ", "--"])
def test_a_blank_or_a_dash_is_no_mark(cell):
    assert marks.read(cell) is None


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("H", "ended in August 2024: use C"),
        ("J", "use J1"),
        ("Y", "Y1 to Y7"),
        ("n", "code is N"),
        ("NN", "two columns"),
        ("N-", "two columns"),
        ("I01", "mark I without its subcode"),
        ("@", "not a national code"),
        ("7", "not a national code"),
    ],
)
def test_old_and_foreign_marks_are_refused_with_the_remedy(cell, words):
    with pytest.raises(CellError, match=words):
        marks.read(cell)
