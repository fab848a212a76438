"""From what was understood to one report of one child."""

from __future__ import annotations

from conversations.effects import RecordReport
from conversations.heard import Child, Facts
from conversations.understanding.dates import resolve
from conversations.understanding.meaning import Meaning

_QUOTE_LENGTH = 60


def record(
    child: Child, meaning: Meaning, text: str, facts: Facts, *, status: str, asked: int = 0
) -> RecordReport:
    """Build the report of one child from one message; today where no day is said."""
    days = resolve(meaning.when, today=facts.today, is_school_day=facts.calendar.is_school_day)
    return RecordReport(
        child=child.id,
        days=days.dates or (facts.today,),
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
    spans = [text[e.start : e.end] for e in meaning.evidence if e.what.startswith("code")]
    found = " ".join(max(spans, key=len, default=whole).split())
    if len(found) > _QUOTE_LENGTH:
        found = found[:_QUOTE_LENGTH].rsplit(" ", 1)[0] + "..."
    return f'"{found}"'
