"""A policy file is read, or says which key is wrong, on which line, and how to mend it."""

from datetime import time
from pathlib import Path

import pytest

from school.people import Session
from school.policy import PolicyError, read

POLICIES = sorted((Path(__file__).parents[2] / "school" / "policies").glob("*.toml"))


@pytest.mark.parametrize("path", POLICIES, ids=lambda p: p.stem)
def test_every_policy_in_the_house_can_be_read(path):
    assert read(path.read_text()).name


def test_trjs_closes_its_registers_at_twenty_past_nine_and_half_past_one(policy_text):
    policy = read(policy_text)
    assert policy.closes(Session.AM) == time(9, 20)
    assert policy.closes(Session.PM) == time(13, 30)
    assert policy.report_deadline == time(9, 0)


def problems(text):
    with pytest.raises(PolicyError) as wrong:
        read(text)
    return wrong.value.problems


def test_an_unknown_key_names_its_line_and_the_nearest_known_one(policy_text):
    text = policy_text.replace('register_closes = "09:20"', 'register_close = "09:20"')
    line = 1 + text.splitlines().index(
        next(li for li in text.splitlines() if "register_close =" in li)
    )
    unknown, missing = problems(text)
    assert unknown == (
        f"line {line}: day.am.register_close is not a setting: did you mean day.am.register_closes?"
    )
    assert missing.startswith("day.am.register_closes is missing")


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ('"09:20"', '"9.20"', 'expected a clock time such as "09:20"'),
        ('"09:20"', '"08:10"', "must be later than day.am.register_opens"),
        ("vague_questions = 2", "vague_questions = true", "expected a whole number"),
        ("vague_questions = 2", "vague_questions = -1", "0 or more"),
        ('"telegram", "sms"', '"pigeon", "sms"', "expected a list of sms, telegram"),
        ('"Europe/London"', '"Europe/Stroud"', "expected a time zone"),
        ('name = "Thomas', "name = Thomas", "not valid TOML"),
    ],
)
def test_a_wrong_value_says_what_was_expected(policy_text, before, after, says):
    assert before in policy_text
    found = problems(policy_text.replace(before, after, 1))
    assert any(says in problem for problem in found)


def test_an_empty_file_names_everything_that_has_to_be_there():
    assert len(problems("")) == 5


def test_the_afternoon_cannot_open_before_the_morning_closes(policy_text):
    text = policy_text.replace('"13:15"', '"09:00"').replace('"13:30"', '"09:10"')
    assert any("later than day.am.register_closes" in p for p in problems(text))
