"""From what was understood to one report of one child."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from conversations.effects import RecordReport
from conversations.heard import Child, Facts
from conversations.understanding.dates import Days, resolve
from conversations.understanding.meaning import Meaning

_QUOTE_LENGTH = 60
_NO_REASON = ("vague", "safety", "child", "when")
"""Evidence of these kinds does not say what is wrong."""


def days_of(meaning: Meaning, facts: Facts, *, asked_today: bool) -> Days:
    """Give the days a message is about.

    Where no day is said it is today; but on a day without school, and in the evening of a day
    nobody asked about, it is the next school day (policies 1.7: replies arrive then).

    Args:
        meaning: what was understood.
        facts: the school's calendar, policy and time.
        asked_today: the school asked about this child today.
    """
    days = resolve(meaning.when, today=facts.today, is_school_day=facts.calendar.is_school_day)
    if days.dates and meaning.when is not None:
        return days
    is_over = facts.now.time() >= facts.policy.run_until_pm and not asked_today
    day: date | None = facts.today
    if is_over or not facts.calendar.is_school_day(facts.today):
        day = facts.calendar.after(facts.today)
    return replace(days, dates=(day or facts.today,))


def record(
    child: Child,
    meaning: Meaning,
    text: str,
    facts: Facts,
    *,
    status: str,
    asked: int = 0,
    asked_today: bool = False,
) -> RecordReport:
    """Build the report of one child from one message."""
    days = days_of(meaning, facts, asked_today=asked_today)
    return RecordReport(
        child=child.id,
        days=days.dates,
        sessions=days.sessions,
        status=status,
        kind=str(meaning.kind),
        words=text,
        lang=meaning.lang,
        detailed=meaning.detailed,
        codes=meaning.codes,
        evidence=meaning.evidence,
        confidence=meaning.confidence,
        late=days.late,
        expected_return=days.expected_return,
        safeguarding=meaning.safeguarding,
        asked=asked,
    )


def quoted(meaning: Meaning, text: str) -> str:
    """Give the parent's own words for the reason, short enough to read back in one line.

    Their words need no translating. The whole message where it is short; else the words that
    carried the decision.
    """
    whole = " ".join(text.split())
    if len(whole) <= _QUOTE_LENGTH:
        return f'"{whole}"'
    spans = [e for e in meaning.evidence if not e.what.startswith(_NO_REASON)]
    found = whole
    if spans:
        first, last = min(e.start for e in spans), max(e.end for e in spans)
        longest = max(spans, key=lambda e: e.end - e.start)
        together = " ".join(text[first:last].split())
        is_short = len(together) <= _QUOTE_LENGTH
        found = together if is_short else " ".join(text[longest.start : longest.end].split())
    if len(found) > _QUOTE_LENGTH:
        found = found[:_QUOTE_LENGTH].rsplit(" ", 1)[0] + "..."
    return f'"{found}"'
