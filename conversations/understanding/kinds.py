"""The kinds that are no reason: stop, wrong number, in school, thanks, question, abuse."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from conversations.understanding.meaning import Kind
from conversations.understanding.phrases import Concept, Match
from conversations.understanding.reading import STOP, Token
from conversations.understanding.terms import Terms
from conversations.understanding.vocabulary import Vocabulary

_FORWARD = {"tomorrow", "monday", "tuesday", "wednesday", "thursday", "friday", "next_week"}
_LOOK = 3
_QUESTION = Concept("kind", "question", value="question")


def questions(text: str, tokens: Sequence[Token]) -> list[tuple[int, int]]:
    """Give the word ranges of the sentences that end in a question mark."""
    ranges: list[tuple[int, int]] = []
    begun = 0
    for at, token in enumerate(tokens):
        end = tokens[at + 1].start if at + 1 < len(tokens) else len(text)
        last = at + 1 == len(tokens)
        if any(mark in text[token.end : end] for mark in "?\u061f\uff1f"):
            ranges.append((begun, at + 1))
        if last or tokens[at + 1].pause == STOP:
            begun = at + 1
    return ranges


def others(
    terms: Terms,
    vocabulary: Vocabulary,
    names: Iterable[int],
    asked: Sequence[tuple[int, int]],
    day_matches: Sequence[Match],
) -> dict[Kind, Match]:
    """Give each such kind that is present, with the words that show it."""
    found: dict[Kind, Match] = {}
    for match in terms.of("kind"):
        kind = Kind(match.concept.value or match.concept.name)
        if "whole" in match.concept.marks and not _is_whole(match, terms, vocabulary, names):
            continue
        if kind is Kind.IN_SCHOOL and not _states(match, asked, day_matches):
            continue
        found.setdefault(kind, match)
    if asked and Kind.QUESTION not in found:
        found[Kind.QUESTION] = Match(asked[0][0], asked[0][1], _QUESTION)
    return found


def _is_whole(match: Match, terms: Terms, vocabulary: Vocabulary, names: Iterable[int]) -> bool:
    """Say whether nothing else is said, apart from politeness, names and pictures."""
    aside = set(names) | set(range(match.start, match.end))
    same = [m for m in terms.of("kind") if m.concept.value == match.concept.value]
    for other in same:
        aside |= set(range(other.start, other.end))
    return all(
        at in aside or vocabulary.listed("polite", token.word)
        for at, token in enumerate(terms.tokens)
    )


def _states(match: Match, asked: Sequence[tuple[int, int]], day_matches: Sequence[Match]) -> bool:
    """Say whether "in school" is told as a fact about now, not asked and not for tomorrow."""
    if any(start <= match.start < end for start, end in asked):
        return False
    return not any(
        day.concept.name in _FORWARD and 0 <= day.start - match.end <= _LOOK for day in day_matches
    )
