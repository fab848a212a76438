"""School days: weekends, terms, closed days, and the next school day."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from school.calendar import Calendar
from store.schools import read_calendar

SPRING = read_calendar("2027-01-04..2027-02-12\n2027-02-22..2027-03-25\n2027-01-11\n")


def test_weekends_half_term_and_closed_days_are_no_school_days():
    closed = [date(2027, 1, 9), date(2027, 1, 11), date(2027, 2, 15), date(2027, 4, 1)]
    assert not any(SPRING.is_school_day(day) for day in closed)
    assert SPRING.is_school_day(date(2027, 1, 12))


def test_the_next_school_day_leaps_over_half_term():
    assert SPRING.after(date(2027, 2, 12)) == date(2027, 2, 22)


def test_without_terms_every_weekday_is_a_school_day():
    assert Calendar().is_school_day(date(2027, 8, 4))


def test_after_the_last_term_there_is_no_next_school_day():
    assert SPRING.after(date(2027, 3, 25)) is None


days = st.dates(date(2026, 9, 1), date(2028, 8, 31))


@given(days, st.integers(0, 60))
def test_the_days_between_are_school_days_in_order(first, length):
    found = SPRING.between(first, first + timedelta(days=length))
    assert list(found) == sorted(set(found))
    assert all(SPRING.is_school_day(day) for day in found)
