"""Read one day as it stands in ``when``: a weekday, "next friday", 2027-06-14, 5/6, 14 June."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import MAXYEAR, date

from conversations.understanding.vocabulary import month_number

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
NEAR = {"today": 0, "tomorrow": 1, "yesterday": -1}

_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})", re.ASCII)
_NUMERIC = re.compile(r"(\d{1,2})[/.](\d{1,2})(?:[/.](\d{4}|\d{2}))?", re.ASCII)
_WORDED = re.compile(r"([0-9]{1,2})\s+([^\W\d_]+\.?)(?:\s+([0-9]{4}))?")
_DAY_ALONE = re.compile(r"the (\d{1,2})", re.ASCII)


def shift(day: date, days: int) -> date | None:
    """Move a day, or give None beyond the ends of the calendar."""
    number = day.toordinal() + days
    return date.fromordinal(number) if 1 <= number <= date.max.toordinal() else None


class DayWords:
    """Reads days as seen from one date, and remembers where words had two readings."""

    def __init__(self, today: date) -> None:
        self.today = today
        self.ambiguous: tuple[date, ...] = ()

    def day(self, said: str, *, after: bool) -> date | None:
        """Give one day, or None for words that name none.

        Args:
            said: the words.
            after: a weekday means one after today; otherwise today itself counts too.
        """
        word = said.strip().lower()
        if word in NEAR:
            return shift(self.today, NEAR[word])
        if word in WEEKDAYS:
            return self._weekday(WEEKDAYS.index(word), after=after)
        lead, _, name = word.partition(" ")
        if lead == "next" and name in WEEKDAYS:
            return self._next_weekday(WEEKDAYS.index(name))
        return self._written(word)

    def _weekday(self, number: int, *, after: bool) -> date | None:
        ahead = (number - self.today.weekday()) % 7
        return shift(self.today, ahead + 7 * (after and ahead == 0))

    def _next_weekday(self, number: int) -> date | None:
        """Give the weekday of next week; said early in the week it may mean this week's."""
        soon = self._weekday(number, after=True)
        if soon is None or number <= self.today.weekday():
            return soon
        later = shift(soon, 7)
        self.ambiguous = (soon, later) if later else ()
        return later

    def _written(self, word: str) -> date | None:
        if found := _ISO.fullmatch(word):
            year, month, day = (int(group) for group in found.groups())
            return _safe(year, month, day)
        if found := _NUMERIC.fullmatch(word):
            return self._nearest(int(found[1]), int(found[2]), found[3])
        if found := _WORDED.fullmatch(word):
            named = month_number(found[2])
            return self._nearest(int(found[1]), named, found[3]) if named else None
        if found := _DAY_ALONE.fullmatch(word):
            return self._day_of_month(int(found[1]))
        return None

    def _day_of_month(self, day: int) -> date | None:
        here = _safe(self.today.year, self.today.month, day)
        if here and here >= self.today:
            return here
        following = shift(self.today.replace(day=28), 7)
        return _safe(following.year, following.month, day) if following else None

    def _nearest(self, day: int, month: int, year: str | None) -> date | None:
        """Give the date; without a year the one nearest to today."""
        if year:
            return _safe(int(year) + (2000 if len(year) == 2 else 0), month, day)
        years = (self.today.year - 1, self.today.year, self.today.year + 1)
        readings = [found for y in years if (found := _safe(y, month, day))]
        return min(readings, key=lambda found: abs((found - self.today).days), default=None)


def _safe(year: int, month: int, day: int) -> date | None:
    """Give a date, or None where the calendar has no such day."""
    if not (1 <= year <= MAXYEAR and 1 <= month <= 12 and 1 <= day <= monthrange(year, month)[1]):
        return None
    return date(year, month, day)
