"""Tell a request for leave, asked or announced, from a reason for an absence that is here."""

from __future__ import annotations

from collections.abc import Sequence

from conversations.understanding.phrases import Match
from conversations.understanding.terms import Terms

_LATER = {
    "tomorrow", "monday", "tuesday", "wednesday", "thursday", "friday", "next_week", "future",
    "weeks", "from",
}  # fmt: skip


def is_leave(
    terms: Terms, reasons: Sequence[Match], day_matches: Sequence[Match], text: str
) -> bool:
    """Say whether a future, avoidable absence is asked for or announced (labelling guide 22)."""
    if terms.of("ask_leave"):
        return True
    avoidable = [m for m in reasons if "avoidable" in m.concept.marks]
    if not avoidable:
        return False
    names = {m.concept.name for m in day_matches}
    if names & {"yesterday", "past"} or terms.of("already"):
        return False
    future = bool(names & _LATER) or bool(terms.of("planned")) or "?" in text
    return future and "today" not in names
