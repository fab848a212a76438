"""Read the day words of a message into the contract's ``when``: ``today;return:monday``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from conversations.understanding.clocktimes import Mark, written_marks
from conversations.understanding.datewords import WEEKDAYS
from conversations.understanding.phrases import Match
from conversations.understanding.reading import STOP, Token
from conversations.understanding.vocabulary import Vocabulary

_NEAR = 6
_CLOSE = 2
_LEADS = {"return", "until", "from", "for", "to", "arrive", "late"}
_PLAIN_ORDER = ("yesterday", "today", "tomorrow")


@dataclass(frozen=True, slots=True)
class Setting:
    """What the rest of the message says that changes how a day word is read.

    Attributes:
        appointment: the child has an appointment, so a time is when the child comes back.
        absent_at: places (word numbers) where the message says that the child is absent.
    """

    appointment: bool = False
    absent_at: tuple[int, ...] = ()


def when(
    text: str,
    tokens: Sequence[Token],
    matches: Sequence[Match],
    vocabulary: Vocabulary,
    setting: Setting,
) -> str | None:
    """Give the day and time parts joined by ``;``, or None where no day is said."""
    marks = _marks(text, tokens, matches, vocabulary)
    composer = _Composer(marks, tokens, setting)
    return composer.compose() or None


def _marks(
    text: str, tokens: Sequence[Token], matches: Sequence[Match], vocabulary: Vocabulary
) -> list[Mark]:
    """Give the day words and the dates in figures in order; the longer of two wins."""
    words = [
        Mark(m.start, m.end, m.concept.name, m.concept.value)
        for m in matches
        if m.concept.family == "day"
    ]
    every = sorted(
        [*words, *written_marks(text, tokens, vocabulary)],
        key=lambda mark: (mark.start - mark.end, mark.start),
    )
    kept: list[Mark] = []
    for mark in every:
        if all(mark.end <= other.start or other.end <= mark.start for other in kept):
            kept.append(mark)
    return sorted(kept, key=lambda mark: mark.start)


class _Composer:
    """Puts the marks together, left to right."""

    def __init__(self, marks: Sequence[Mark], tokens: Sequence[Token], setting: Setting) -> None:
        self.marks = marks
        self.tokens = tokens
        self.setting = setting
        self.lead: Mark | None = None
        self.days: list[tuple[str, Mark]] = []
        self.parts: list[str] = []

    def compose(self) -> str:
        for place, mark in enumerate(self.marks):
            if mark.name == "ignore":
                continue
            if mark.name in _LEADS:
                self._take_lead(place, mark)
            else:
                self._take(mark)
        other_day = any(word not in {"today", "yesterday", "past"} for word, _ in self.days)
        if other_day:
            # The contract has halves of today only: "Tuesday morning" is Tuesday.
            self.parts = [p for p in self.parts if p not in {"today:am", "today:pm"}]
        return ";".join(dict.fromkeys([*self._plain(), *self.parts]))

    def _take_lead(self, place: int, mark: Mark) -> None:
        if mark.name == "late":
            self.parts.append("today:late")
        # "Monday he will be back": the day came first.
        following = self.marks[place + 1] if place + 1 < len(self.marks) else None
        if mark.name == "return" and self.days and not self._joins(mark, following):
            word, day = self.days[-1]
            if (
                word != "today"
                and mark.start - day.end <= 3
                and not self._stop(day.end, mark.start)
            ):
                self.days.pop()
                self.parts.append(f"return:{word}")
                return
        # "Late, coming in at 10": one arrival, told twice.
        if self.lead is not None and self.lead.name == "late" and mark.name in {"arrive", "return"}:
            mark = Mark(mark.start, mark.end, "late")
        self.lead = mark

    def _joins(self, lead: Mark, mark: Mark | None) -> bool:
        if mark is None or mark.name in _LEADS or mark.name == "today":
            return False
        if lead.name == "to":
            return mark.start == lead.end
        reach = _CLOSE if lead.name in {"until", "from", "for"} else _NEAR
        return mark.start - lead.end <= reach and not self._stop(lead.end, mark.start)

    def _stop(self, start: int, end: int) -> bool:
        return any(
            self.tokens[at].pause == STOP
            for at in range(start + (start == end), end + 1)
            if 0 < at < len(self.tokens)
        )

    def _take(self, mark: Mark) -> None:
        lead = self.lead if self.lead and self._joins(self.lead, mark) else None
        if lead is not None and lead.name == "to":
            lead = Mark(lead.start, lead.end, "until")
        match mark.name:
            case "time":
                self._time(mark, lead)
            case "days" | "weeks":
                self._length(mark, lead)
            case "return_unknown":
                self.parts.append("return:unknown")
            case "morning" | "afternoon":
                self._half(mark)
            case "rest_of_week":
                self.parts.append("rest-of-week")
            case "this_week":
                self.parts.append("this-week")
            case "past":
                self.days.append(("past", mark))
            case _:
                self._day(mark, lead)

    def _time(self, mark: Mark, lead: Mark | None) -> None:
        if lead is None:
            return
        self.lead = None
        if lead.name == "late" or (
            lead.name in {"arrive", "return"} and not self.setting.appointment
        ):
            self.parts = [p for p in self.parts if not p.startswith("today:late")]
            late = lead.name in {"late", "arrive"}
            self.parts.append(f"today:late:{mark.value}" if late else f"return:{mark.value}")
        elif lead.name in {"arrive", "return"}:
            self.parts.append(f"return:{mark.value}")
        elif lead.name == "until" and self._absent_near(lead):
            self.parts.append(f"until:{mark.value}")

    def _length(self, mark: Mark, lead: Mark | None) -> None:
        before = {t.word for t in self.tokens[max(0, mark.start - 5) : mark.start]}
        if lead is not None and lead.name == "for" and not before & {"been"}:
            self.parts.append(f"for:{mark.value}")
            self.lead = None

    def _half(self, mark: Mark) -> None:
        close = self._absent_near(mark)
        half = "am" if mark.name == "morning" else "pm"
        if self.setting.appointment or close or (half == "pm" and mark.value != "past"):
            self.parts.append(f"today:{half}")
        else:
            self.days.append(("today", mark))

    def _absent_near(self, mark: Mark) -> bool:
        return any(-1 <= mark.start - at <= 3 for at in self.setting.absent_at)

    def _day(self, mark: Mark, lead: Mark | None) -> None:
        word = mark.value or mark.name
        ranged = lead is not None and lead.name == "from" and "-" in word
        if (
            lead is not None
            and lead.name in {"return", "until", "from"}
            and word != "today"
            and not ranged
        ):
            self._led(word, lead)
            return
        if lead is not None and lead.name == "arrive" and word not in {"today", "yesterday"}:
            self.parts.append(f"return:{word}")
            self.lead = None
            return
        self.days.append((word, mark))

    def _led(self, word: str, lead: Mark) -> None:
        self.lead = None
        if (
            lead.name == "until"
            and self.days
            and self._weekday(self.days[-1][0])
            and self._weekday(word)
        ):
            first, mark = self.days[-1]
            if lead.start - mark.end <= 1:
                self.days[-1:] = [(day, mark) for day in _between(first, word)]
                return
        if lead.name == "from" and word in {"yesterday", "past"}:
            return
        self.parts.append(f"{lead.name}:{word}")

    @staticmethod
    def _weekday(word: str) -> bool:
        return word in WEEKDAYS

    def _plain(self) -> list[str]:
        words = list(dict.fromkeys(word for word, _ in self.days))
        now = [w for w in words if w not in {"yesterday", "past"}]
        if now or self.parts:
            # Yesterday next to today tells when it began, unless the absence itself was yesterday.
            words = now + [w for w in words if w == "yesterday" and self._absent_then(w)]
        near = [w for w in _PLAIN_ORDER if w in words]
        if any(p.startswith(("today:", "until:1")) for p in self.parts):
            near = [w for w in near if w != "today"]
        weekdays = [w for w in words if self._weekday(w)]
        rest = [w for w in words if w not in near and w not in weekdays and w != "today"]
        joined = ["+".join(near)] if near else []
        return [*joined, *(["+".join(weekdays)] if weekdays else []), *rest]

    def _absent_then(self, word: str) -> bool:
        return any(
            said == word and any(-2 <= mark.start - at <= 3 for at in self.setting.absent_at)
            for said, mark in self.days
        )


def _between(first: str, last: str) -> list[str]:
    start, end = WEEKDAYS.index(first), WEEKDAYS.index(last)
    return list(WEEKDAYS[start : end + 1]) if end > start else [first, last]
