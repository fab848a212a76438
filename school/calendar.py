"""Which days are school days. Dates are local to the school."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

_SATURDAY = 5
_LOOK_AHEAD = 120


@dataclass(frozen=True, slots=True)
class Calendar:
    """Terms as first and last day, and single closed days.

    Without terms every weekday that is not closed is a school day, so that a school can start
    before its term dates are in.
    """

    terms: tuple[tuple[date, date], ...] = ()
    closed: frozenset[date] = frozenset()

    def is_school_day(self, day: date) -> bool:
        """Tell whether pupils are due in school on a day."""
        if day.weekday() >= _SATURDAY or day in self.closed:
            return False
        return not self.terms or any(first <= day <= last for first, last in self.terms)

    def after(self, day: date) -> date | None:
        """Give the first school day after a day; None where no term follows within 120 days."""
        return next(self._following(day), None)

    def between(self, first: date, last: date) -> tuple[date, ...]:
        """Give the school days from one date to another, both counted."""
        length = (last - first).days
        days = (first + timedelta(days=n) for n in range(length + 1))
        return tuple(day for day in days if self.is_school_day(day))

    def _following(self, day: date) -> Iterator[date]:
        for n in range(1, _LOOK_AHEAD):
            later = day + timedelta(days=n)
            if self.is_school_day(later):
                yield later
