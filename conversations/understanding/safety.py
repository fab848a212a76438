"""Find words about somebody's safety: named dangers, each with its own phrases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from conversations.understanding.phrases import Match
from conversations.understanding.terms import Terms

# Doubt about where a child is: a fact that the child is in school is not such a doubt.
WHEREABOUTS = "whereabouts"


@dataclass(frozen=True, slots=True)
class Danger:
    """The dangers found, the gravest first."""

    matches: tuple[Match, ...] = ()
    alone_decides: bool = False
    """The message is an alert whatever else it says (``safeguarding_only``)."""

    def __bool__(self) -> bool:
        return bool(self.matches)

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes that the dangers suggest, in order."""
        return tuple(dict.fromkeys(code for m in self.matches for code in m.concept.codes))


def dangers(terms: Terms, questions: Sequence[tuple[int, int]]) -> Danger:
    """Give the dangers of a message (labelling guide 24 to 26).

    Args:
        terms: the settled terms.
        questions: the word ranges of sentences that end in a question mark; "she is in class?" is
            surprise, not a statement.
    """
    found = terms.of("safety")
    asked = [m for m in terms.of("kind") if m.concept.value == "in_school" and _asked(m, questions)]
    found += asked
    gravest = sorted(found, key=lambda m: "alert_only" not in m.concept.marks and m not in asked)
    absent = bool(terms.reasons() or terms.of("vague", "absence"))
    alone = bool(asked) or any("alert_only" in m.concept.marks for m in found)
    alone = alone or (not absent and all("needs_absence" in m.concept.marks for m in found))
    return Danger(tuple(gravest), alone and bool(found))


def _asked(match: Match, questions: Sequence[tuple[int, int]]) -> bool:
    return any(start <= match.start < end for start, end in questions)
