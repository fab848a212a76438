"""Find dates and times that are written in figures: 14-18 June, 5/6, the 3rd, half 10, 2pm."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from conversations.understanding.reading import COMMA, Token
from conversations.understanding.vocabulary import Vocabulary, load

_ISO = re.compile(r"\b\d{4}-\d\d-\d\d\b")
_SLASHED = r"\d{1,2}[/.]\d{1,2}(?:[/.]\d{4}|[/.]\d\d)?"
_NUMERIC = re.compile(
    rf"(?<![\d:.])({_SLASHED})(?:\s*(?:-|\u2013|\w{{1,5}})\s*({_SLASHED}))?(?![\d:])"
)
_CLOCK = re.compile(r"(?<!\d)([01]?\d|2[0-3])[:.]([0-5]\d)(?![\d.])\s*([ap]\.?m\b)?", re.IGNORECASE)
_WITH_HALF = re.compile(r"(?<![\d:.])(1[0-2]|0?[1-9])\s*([ap]\.?m)\b", re.IGNORECASE)
_EARLIEST_SCHOOL_HOUR = 7


@dataclass(frozen=True, slots=True)
class Mark:
    """A day word or a figure: the words it covers, its kind, and its value for ``when``."""

    start: int
    end: int
    name: str
    value: str = ""


def written_marks(text: str, tokens: Sequence[Token], vocabulary: Vocabulary) -> list[Mark]:
    """Give every date and time in figures, with lengths such as "3 days"."""
    if not any(c.isdecimal() for c in text) and not any(
        t.word in vocabulary.numbers for t in tokens
    ):
        return []
    spans = [*_dates(text, vocabulary.lang), *_times(text)]
    marks = [
        m for start, end, name, value in spans if (m := _place(tokens, start, end, name, value))
    ]
    return [*marks, *_bare(tokens, vocabulary)]


def _place(tokens: Sequence[Token], start: int, end: int, name: str, value: str) -> Mark | None:
    inside = [at for at, t in enumerate(tokens) if t.start < end and start < t.end]
    return Mark(inside[0], inside[-1] + 1, name, value) if inside else None


@cache
def _worded(lang: str) -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    vocabulary = load(lang)
    months = "|".join(sorted(map(re.escape, _month_spellings(lang)), key=len, reverse=True))
    day = r"\d{1,2}(?:st|nd|rd|th|\.)?"
    to = "|".join(sorted(map(re.escape, vocabulary.lists.get("to", {"-"})), key=len, reverse=True))
    between = rf"(?:\s*[-\u2013]\s*|\s+(?:{to})\s+(?:the\s+)?)"
    flags = re.IGNORECASE
    return (
        re.compile(
            rf"\b({day})(?:\s+(?:of\s+)?({months})\.?)?(?:{between}({day}))?"
            rf"\s*(?:of\s+)?({months})\b\.?(?:\s+(20\d\d))?",
            flags,
        ),
        re.compile(rf"\b({months})\s+(?:the\s+)?({day})(?:{between}({day}))?(?!\d|[:.]\d)", flags),
        re.compile(
            rf"\bthe\s+(\d{{1,2}}(?:st|nd|rd|th))(?:{between}(\d{{1,2}}(?:st|nd|rd|th)))?\b", flags
        ),
    )


def _month_spellings(lang: str) -> frozenset[str]:
    return load(lang).month_spellings or frozenset({"january"})


def _dates(text: str, lang: str) -> list[tuple[int, int, str, str]]:
    found = [(m.start(), m.end(), "date", m.group()) for m in _ISO.finditer(text)]
    day_first, month_first, day_alone = _worded(lang)
    for m in day_first.finditer(text):
        first, own_month, last, month, year = m.groups()
        lead = f"{_bare_day(first)} {own_month} - " if own_month and last else ""
        span = (
            f"{_bare_day(first)}-{_bare_day(last)}"
            if last and not lead
            else _bare_day(last or first)
        )
        found.append(
            (m.start(), m.end(), "date", f"{lead}{span} {month}" + (f" {year}" if year else ""))
        )
    for m in month_first.finditer(text):
        month, first, last = m.groups()
        span = f"{_bare_day(first)}-{_bare_day(last)}" if last else _bare_day(first)
        found.append((m.start(), m.end(), "date", f"{span} {month}"))
    for m in day_alone.finditer(text):
        span = "-".join(_bare_day(g) for g in m.groups() if g)
        found.append((m.start(), m.end(), "date", f"the {span}"))
    for m in _NUMERIC.finditer(text):
        if _is_date(m.group(1)):
            last = m.group(2)
            value = f"{m.group(1)} - {last}" if last else m.group(1)
            found.append((m.start(), m.end() if last else m.end(1), "date", value))
    return found


def _bare_day(written: str) -> str:
    return re.sub(r"\D", "", written)


def _is_date(written: str) -> bool:
    parts = re.split(r"[/.]", written)
    day, month = int(parts[0]), int(parts[1])
    if not (1 <= day <= 31 and 1 <= month <= 12):
        return False
    # "9.30" and "10.05" are times; "14.06" and "1/2" (with a slash) are dates.
    return "/" in written or len(parts) == 3 or (len(parts[1]) == 2 and month % 5 != 0)


def _times(text: str) -> list[tuple[int, int, str, str]]:
    found = []
    for m in _CLOCK.finditer(text):
        if "." in m.group()[:3] and _is_date(m.group().split()[0]):
            continue
        found.append(
            (m.start(), m.end(), "time", _clock(int(m.group(1)), int(m.group(2)), m.group(3)))
        )
    with_half = _WITH_HALF.finditer(text)
    return found + [(m.start(), m.end(), "time", _clock(int(m[1]), 0, m[2])) for m in with_half]


def _clock(hour: int, minute: int, half: str | None) -> str:
    """Give ``HH:MM``; without am or pm an hour before school is one after noon."""
    afternoon = half.lower().startswith("p") if half else hour < _EARLIEST_SCHOOL_HOUR
    if afternoon and hour < 12:
        hour += 12
    elif half and not afternoon and hour == 12:
        hour = 0
    return f"{hour:02d}:{minute:02d}"


def _bare(tokens: Sequence[Token], vocabulary: Vocabulary) -> list[Mark]:
    """Give lengths ("3 days", "a week") and hours without minutes ("at 10", "half 9")."""
    marks: list[Mark] = []
    for at, token in enumerate(tokens):
        number = vocabulary.number(token.word)
        if number is None:
            continue
        following = tokens[at + 1].word if at + 1 < len(tokens) else ""
        last = tokens[at + 2].word if at + 2 < len(tokens) else ""
        unit, size = (following, 2) if vocabulary.listed("units", following) else (last, 3)
        if size == 3 and not (
            vocabulary.listed("filler", following) and vocabulary.listed("units", last)
        ):
            unit = ""
        if unit:
            marks.extend(_length(at, size, number, unit, vocabulary))
        elif 1 <= number <= 12 and token.word not in vocabulary.lists.get("no_hour", ()):
            marks.extend(_hour(at, number, tokens, vocabulary))
    return marks


def _length(at: int, size: int, number: int, unit: str, vocabulary: Vocabulary) -> list[Mark]:
    if vocabulary.listed("week_units", unit):
        return [Mark(at, at + size, "weeks", f"{number} weeks")]
    if vocabulary.listed("day_units", unit):
        return [Mark(at, at + size, "days", f"{number} days")]
    if vocabulary.listed("hour_units", unit) and number in {24, 48, 72}:
        return [Mark(at, at + size, "days", f"{number // 24} days")]
    return [Mark(at, at + size, "ignore")]


def _hour(at: int, number: int, tokens: Sequence[Token], vocabulary: Vocabulary) -> list[Mark]:
    before = tokens[at - 1].word if at else ""
    earlier = tokens[at - 2].word if at > 1 else ""
    if vocabulary.listed("half", before):
        return [Mark(at - 1, at + 1, "time", _clock(number, 30, None))]
    if vocabulary.listed("past_hour", before) and vocabulary.listed("half", earlier):
        return [Mark(at - 2, at + 1, "time", _clock(number, 30, None))]
    if vocabulary.listed("past_hour", before) and vocabulary.listed("quarter", earlier):
        return [Mark(at - 2, at + 1, "time", _clock(number, 15, None))]
    if vocabulary.listed("to_hour", before) and vocabulary.listed("quarter", earlier):
        return [Mark(at - 2, at + 1, "time", _clock(number - 1 or 12, 45, None))]
    following = tokens[at + 1] if at + 1 < len(tokens) else None
    oclock = following is not None and vocabulary.listed("oclock", following.word)
    if oclock or (vocabulary.listed("at", before) and tokens[at].pause < COMMA):
        return [Mark(at, at + 1 + oclock, "time", _clock(number, 0, None))]
    return []
