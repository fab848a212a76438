"""Which school days the day words of a message cover."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conversations.understanding.dates import LONGEST, resolve

TUESDAY = date(2027, 1, 12)


def is_school_day(day):
    return day.weekday() < 5


def days(when, today=TUESDAY):
    return resolve(when, today=today, is_school_day=is_school_day)


def january(*numbers):
    return tuple(date(2027, 1, n) for n in numbers)


@pytest.mark.parametrize(
    ("when", "covered"),
    [
        (None, january(12)),
        ("today", january(12)),
        ("tomorrow", january(13)),
        ("today+tomorrow", january(12, 13)),
        ("yesterday", january(11)),
        ("return:thursday", january(12, 13)),
        ("return:monday", january(12, 13, 14, 15)),
        ("return:tuesday", january(12, 13, 14, 15, 18)),
        ("today;return:tomorrow", january(12)),
        ("return:14 January", january(12, 13)),
        ("for:2 days", january(12, 13)),
        ("for:1 weeks", january(12, 13, 14, 15, 18)),
        ("until:thursday", january(12, 13, 14)),
        ("until:monday", january(12, 13, 14, 15)),
        ("rest-of-week", january(12, 13, 14, 15)),
        ("this-week", january(11, 12, 13, 14, 15)),
        ("wednesday+thursday", january(13, 14)),
        ("18-20 January", january(18, 19, 20)),
        ("18/1 - 20/1", january(18, 19, 20)),
        ("the 18-20", january(18, 19, 20)),
        ("18-20 stycznia", january(18, 19, 20)),
        ("2027-01-20", january(20)),
        ("from:thursday;until:friday", january(14, 15)),
        ("from:thursday;return:tuesday", january(14, 15, 18)),
        ("next week", january(18, 19, 20, 21, 22)),
        ("past", ()),
        ("nonsense ::;;+", january(12)),
    ],
)
def test_the_words_cover_these_days(when, covered):
    assert days(when).dates == covered


def test_two_days_from_a_friday_skip_the_weekend():
    assert days("for:2 days", today=date(2027, 1, 15)).dates == january(15, 18)


@pytest.mark.parametrize(
    ("when", "sessions", "late"),
    [
        ("today:am", "AM", None),
        ("today:pm", "PM", None),
        ("today:late", "AM", ""),
        ("today:late:10:15", "AM", "10:15"),
        ("today", "AM+PM", None),
    ],
)
def test_halves_of_today_and_lateness(when, sessions, late):
    answer = days(when)
    assert (answer.sessions, answer.late) == (sessions, late)
    assert answer.dates == january(12)


def test_the_return_day_is_kept():
    assert days("return:monday").expected_return == date(2027, 1, 18)
    assert days("return:unknown").return_unknown
    assert days("return:11:00").expected_return is None


def test_words_with_two_readings_give_both():
    assert days("until:thursday").ambiguous == january(14, 15)
    assert days("next friday").ambiguous == january(15, 22)


@settings(max_examples=400, deadline=None)
@given(
    st.one_of(
        st.none(),
        st.text(max_size=60),
        st.lists(
            st.sampled_from(
                [
                    "today",
                    "return:",
                    "until:",
                    "from:",
                    "for:",
                    "monday",
                    "31/2",
                    "30 February",
                    "9999 days",
                    "2 weeks",
                    "0 days",
                    "14-18 June",
                    "18-14 June",
                    "the 31",
                    "9999-12-31",
                    "0001-01-01",
                    ";",
                    "+",
                    ":",
                    " - ",
                    "next friday",
                    "unknown",
                    "late:",
                    "²",
                    "٣ days",
                    "1/1/0000",
                ]
            ),
            max_size=8,
        ).map("".join),
    ),
    st.dates(),
)
def test_resolving_never_fails(when, today):
    answer = resolve(when, today=today, is_school_day=is_school_day)
    assert len(answer.dates) <= LONGEST
    assert list(answer.dates) == sorted(set(answer.dates))


def test_long_ranges_are_capped():
    assert len(days("for:999 days").dates) == LONGEST
    assert len(days("from:today;until:2028-01-01").dates) == LONGEST


def test_a_school_that_never_opens_does_not_hang():
    answer = resolve("for:5 days", today=TUESDAY, is_school_day=lambda day: False)
    assert answer.dates == (TUESDAY,)
    assert TUESDAY + timedelta(days=1) not in answer.dates
