"""Turn the day words of a message into the school days they cover."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

from conversations.understanding.datewords import NEAR, WEEKDAYS, DayWords, shift

LONGEST = 60
"""How many school days one message can cover at most."""

_LOOK_AHEAD = 400
_TIME = re.compile(r"\d{1,2}:\d{2}", re.ASCII)
_LENGTH = re.compile(r"(\d{1,3})\s*(day|week)", re.ASCII)
_SPAN = re.compile(r"(.+?)\s+-\s+(.+)")
_SHORT_SPAN = re.compile(r"(the )?(\d{1,2})\s*-\s*(\d{1,2})(\s+\D.*)?", re.ASCII)

IsSchoolDay = Callable[[date], bool]


@dataclass(frozen=True, slots=True)
class Days:
    """The school days a message is about.

    Attributes:
        dates: the school days covered, earliest first, at most ``LONGEST``; none where the message
            speaks of an unnamed past day.
        sessions: ``AM+PM``, ``AM`` or ``PM``.
        expected_return: the day the child is expected back, where the message says it.
        return_unknown: the sender says that the return is not known.
        late: ``HH:MM`` of the arrival, ``""`` for late without a time, None where not late.
        ambiguous: the possible days where words can be read in more than one way.
    """

    dates: tuple[date, ...]
    sessions: str = "AM+PM"
    expected_return: date | None = None
    return_unknown: bool = False
    late: str | None = None
    ambiguous: tuple[date, ...] = ()


def resolve(when: str | None, *, today: date, is_school_day: IsSchoolDay) -> Days:
    """Give the school days that a ``when`` of the contract covers; junk counts as today.

    Nothing said means today; a return day covers the days before it; ``for:2 days`` counts school
    days; days in the past stay in the past; ``return:monday`` is the next Monday after today.
    """
    reader = _Reader(today, is_school_day)
    for part in (when or "").split(";"):
        reader.read(part.strip())
    return reader.days()


class _Reader:
    """Collects what the parts say, one after the other."""

    def __init__(self, today: date, is_school_day: IsSchoolDay) -> None:
        self.today = today
        self.is_school_day = is_school_day
        self.words = DayWords(today)
        self.chosen: set[date] = set()
        self.begin: date | None = None
        self.last: date | None = None
        self.count: int | None = None
        self.past = False
        self.halves: set[str] = set()
        self.answer = Days(())

    def read(self, part: str) -> None:
        """Take one part of ``when``."""
        name, _, value = part.partition(":")
        value = value.strip()
        match name.strip().lower():
            case "today":
                self._today(value)
            case "return":
                self._returns(value)
            case "until":
                self._until(value)
            case "from":
                self.begin = self.words.day(value, after=False) or self.begin
            case "for":
                self._for(value)
            case "rest-of-week":
                self.last = self._week_end()
            case "this-week":
                self.chosen |= set(self._span(self._monday(), self._week_end()))
            case "past":
                self.past = True
            case _:
                self._listed(part)

    def _today(self, value: str) -> None:
        self.chosen.add(self.today)
        half, _, at = value.partition(":")
        if half == "late":
            self.answer = replace(self.answer, sessions="AM", late=at)
        elif half in {"am", "pm"}:
            self.halves.add(half)
            both = self.halves == {"am", "pm"}
            self.answer = replace(self.answer, sessions="AM+PM" if both else half.upper())

    def _returns(self, value: str) -> None:
        if value.lower() == "unknown":
            self.answer = replace(self.answer, return_unknown=True)
        elif _TIME.fullmatch(value):
            self.chosen.add(self.today)
        elif value.lower() == "next week":
            self.answer = replace(self.answer, expected_return=self._next_monday())
        elif back := self.words.day(value, after=True):
            self.answer = replace(self.answer, expected_return=back)

    def _until(self, value: str) -> None:
        day = self.words.day(value, after=True)
        if day is None:
            return
        eve = shift(day, -1)
        # "Until Monday", said across a break, means back on Monday; "until Thursday" may mean
        # either, so both readings are kept.
        if day > self.today and eve and not self.is_school_day(eve):
            self.answer = replace(self.answer, expected_return=day)
            return
        self.last = day
        self.words.ambiguous = tuple(d for d in (day, self._next_school_day(day)) if d)

    def _for(self, value: str) -> None:
        found = _LENGTH.match(value.lower())
        if found is None:
            return
        number = int(found[1])
        if found[2] == "day":
            self.count = min(number, LONGEST)
        else:
            self.last = shift(self.begin or self.today, 7 * number - 1)

    def _listed(self, part: str) -> None:
        names = [word.strip().lower() for word in part.split("+")]
        if len(names) > 1 and all(name in {*NEAR, *WEEKDAYS} for name in names):
            days = (self.words.day(name, after=False) for name in names)
            self.chosen |= {day for day in days if day}
        else:
            self.chosen |= set(self._dates(part))

    def _dates(self, part: str) -> list[date]:
        if part.lower() == "next week":
            monday = self._next_monday()
            return self._span(monday, shift(monday, 6) if monday else None)
        if found := _SPAN.fullmatch(part):
            return self._span(*(self.words.day(piece, after=False) for piece in found.groups()))
        if found := _SHORT_SPAN.fullmatch(part):
            lead, first, last, month = (group or "" for group in found.groups())
            ends = (f"{lead}{number}{month}" for number in (first, last))
            return self._span(*(self.words.day(end, after=False) for end in ends))
        day = self.words.day(part, after=False)
        return [day] if day else []

    def days(self) -> Days:
        """Give what all parts together mean."""
        begin = self.begin or min(self.chosen, default=self.today)
        back = self.answer.expected_return
        if self.count is not None:
            self.chosen |= set(self._counted(begin, self.count))
        if self.last is not None:
            self.chosen |= set(self._span(begin, self.last))
        if back is not None:
            self.chosen |= set(self._span(begin, shift(back, -1)))
            self.chosen = {day for day in self.chosen if day < back}
        if self.begin is not None and not self.chosen:
            self.chosen |= set(self._span(self.begin, max(self.begin, self.today)))
        # A day that is named stands even if the school is closed then.
        dates = tuple(sorted(self.chosen))[:LONGEST] or (() if self.past else (self.today,))
        return replace(self.answer, dates=dates, ambiguous=self.words.ambiguous)

    def _counted(self, start: date, number: int) -> list[date]:
        """Give the first so many school days from a day on."""
        ahead = (shift(start, n) for n in range(_LOOK_AHEAD))
        return [day for day in ahead if day and self.is_school_day(day)][:number]

    def _span(self, first: date | None, last: date | None) -> list[date]:
        """Give the school days from one day to another, both included."""
        if first is None or last is None or last < first:
            return []
        length = min((last - first).days + 1, _LOOK_AHEAD)
        every = (shift(first, n) for n in range(length))
        return [day for day in every if day and self.is_school_day(day)][:LONGEST]

    def _next_school_day(self, day: date) -> date | None:
        following = shift(day, 1)
        return next(iter(self._counted(following, 1)), None) if following else None

    def _monday(self) -> date | None:
        return shift(self.today, -self.today.weekday())

    def _next_monday(self) -> date | None:
        return shift(self.today, 7 - self.today.weekday())

    def _week_end(self) -> date | None:
        return shift(self.today, 6 - self.today.weekday())
