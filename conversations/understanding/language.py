"""Say which language a message is in, from the vocabularies alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import cache

from conversations.understanding.reading import Token
from conversations.understanding.vocabulary import languages, load, marks

DEFAULT = "en"
UNKNOWN = "und"
# English is what most families of an English school write, and the stored language of the sender is
# a better witness than two short words.
_ENGLISH_PRIOR = 0.35
_HINT_PRIOR = 1.2
_LETTER_WEIGHT = 1.5
# So far apart must two languages be for the small words alone to decide.
_CLEAR = 1.0
_SHORT = 3


def detect(text: str, tokens: Sequence[Token], hint: str | None = None) -> str:
    """Give the BCP-47 code of the language, or ``und`` where no vocabulary fits the script.

    A hint (the sender's stored language) decides short or doubtful messages; it is given back
    unchanged where we have no vocabulary for it and nothing speaks for another language.
    """
    glance = {lang: _at_a_glance(lang, text, tokens) for lang in languages()}
    first, second = sorted([*glance.values(), 0.0, 0.0], reverse=True)[:2]
    scores = glance
    if first - second < _CLEAR:
        # Only now are all vocabularies needed: small words did not settle it.
        scores = {lang: glance[lang] + _by_terms(lang, tokens) for lang in languages()}
    if not any(scores.values()):
        return _without_evidence(tokens, hint)
    known_hint = _known(hint)
    if known_hint:
        scores[known_hint] += _HINT_PRIOR
    if DEFAULT in scores:
        scores[DEFAULT] += _ENGLISH_PRIOR
    return max(scores, key=lambda lang: scores[lang])


def _without_evidence(tokens: Sequence[Token], hint: str | None) -> str:
    if hint:
        return hint
    written = any(t.word.isalpha() for t in tokens)
    latin = any("a" <= c <= "z" for t in tokens for c in t.word)
    return UNKNOWN if written and not latin else DEFAULT


def _known(hint: str | None) -> str | None:
    if not hint:
        return None
    return next((c for c in (hint, hint.split("-")[0].lower()) if c in languages()), None)


def _at_a_glance(lang: str, text: str, tokens: Sequence[Token]) -> float:
    """Score the frequent small words and the letters of a language."""
    own = marks(lang)
    sharing = _sharing()
    score = sum(1.0 / sharing[t.word] for t in tokens if t.word in own.common)
    return score + _LETTER_WEIGHT * (not own.letters.isdisjoint(text.casefold()))


def _by_terms(lang: str, tokens: Sequence[Token]) -> float:
    """Score the words that a vocabulary knows beside the frequent ones."""
    vocabulary = load(lang)
    score = 0.0
    for word in {t.word for t in tokens} - vocabulary.common:
        if word in vocabulary.known or word in vocabulary.spelling:
            score += 0.6
        elif len(word) > _SHORT and vocabulary.matcher.knows(word):
            score += 0.3
    return score


@cache
def _sharing() -> dict[str, int]:
    """Count for every frequent word how many languages use it."""
    return dict(Counter(word for lang in languages() for word in marks(lang).common))
