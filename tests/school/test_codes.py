"""The national codes: complete, and what a parent's words alone may lead to."""

import pytest

from school.codes import CODES, Class, FromReport, is_absence, is_code, staff_may_set

NEW_IN_2024 = {"K", "Q", "C1", "C2", "J1", "Y1", "Y2", "Y3", "Y4", "Y5", "Y6", "Y7"}


def test_the_table_has_the_codes_of_2024_and_none_that_were_withdrawn():
    assert set(CODES) >= NEW_IN_2024
    assert not {"H", "J", "Y"} & set(CODES)


@pytest.mark.parametrize("letter", ["/", "\\", "K", "V", "W", "S", "E", "Y4", "Z", "#"])
def test_a_parent_s_words_alone_never_lead_to(letter):
    assert CODES[letter].from_report is FromReport.NO


@pytest.mark.parametrize("letter", ["C", "C1", "J1"])
def test_leave_codes_follow_only_from_a_decision(letter):
    assert CODES[letter].from_report is FromReport.LEAVE


def test_four_codes_count_as_unauthorised():
    assert {c.letter for c in CODES.values() if c.counts is Class.UNAUTHORISED} == {
        "G",
        "N",
        "O",
        "U",
    }


def test_staff_set_codes_but_not_marks_of_presence():
    assert staff_may_set("I")
    assert not staff_may_set("/")
    assert not is_code("H")
    assert is_absence("N")
    assert not is_absence("L")
