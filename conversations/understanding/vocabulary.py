"""Load ``locales/<lang>/vocabulary.toml``: what we understand in one language."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

from rapidfuzz import process
from rapidfuzz.distance import OSA

from conversations.understanding.phrases import Concept, Matcher, Phrase, Words, compile_phrase
from conversations.understanding.reading import Token, fold, read

FILE = "vocabulary.toml"
# Tables that are not concepts: they have their own shape.
_OTHER = {"language", "lists", "spelling", "split", "numbers", "names", "months", "short_names"}
_MARKS = ("whole", "avoidable", "alert_only", "alert", "weak", "soft", "needs_absence")
# Shorter words have too many neighbours to be corrected; long ones bear two slips.
_SHORTEST_CORRECTED = 5
_TWO_SLIPS = 10
# An alert must not come from a word that somebody else spelt right.
_NEVER_GUESSED = {"safety", "kind", "figure", "idiom"}


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Everything one language folder says, ready to be searched."""

    lang: str
    matcher: Matcher
    common: frozenset[str]
    known: frozenset[str]
    guessed: frozenset[str]
    spelling: Mapping[str, str]
    split: Mapping[str, tuple[str, ...]]
    numbers: Mapping[str, int]
    months: Mapping[str, int]
    month_spellings: frozenset[str]
    lists: Mapping[str, frozenset[str]]
    names: Mapping[str, Any]
    short_names: Mapping[str, frozenset[str]]
    _corrected: dict[str, str] = field(default_factory=dict)

    def number(self, word: str) -> int | None:
        """Give the number a word stands for, in figures or in letters."""
        if word.isdecimal() and len(word) <= 3:
            return int(word)
        return self.numbers.get(word)

    def listed(self, name: str, word: str) -> bool:
        """Say whether a word stands in one of the vocabulary's lists."""
        return word in self.lists.get(name, frozenset())

    def correct(self, tokens: Iterable[Token]) -> list[Token]:
        """Give the words as this language spells them: slips mended, contractions opened."""
        mended: list[Token] = []
        for token in tokens:
            for place, part in enumerate(self._open(token)):
                pause = 0 if place else token.pause
                mended.append(Token(token.start, token.end, token.raw, part, pause))
        return mended

    def _open(self, token: Token) -> tuple[str, ...]:
        written = token.raw.casefold().replace("\u2019", "'")
        if "'" in written and written in self.split:
            return self.split[written]
        word = self.spell(token.word)
        return self.split.get(word, (word,))

    def spell(self, word: str) -> str:
        """Give the spelling this vocabulary uses for a word, or the word itself."""
        if word in self.spelling:
            return self.spelling[word]
        if word in self.known or word in self.split:
            return word
        if word not in self._corrected:
            if len(self._corrected) > 20_000:
                self._corrected.clear()
            self._corrected[word] = self._nearest(word)
        return self._corrected[word]

    def _nearest(self, word: str) -> str:
        single = "".join(c for at, c in enumerate(word) if not at or word[at - 1] != c)
        if single in self.known:
            return single
        if len(word) < _SHORTEST_CORRECTED or self.matcher.knows(word) or not word.isalpha():
            return word
        slips = 1 if len(word) < _TWO_SLIPS else 2
        near = process.extract(word, self.guessed, scorer=OSA.distance, score_cutoff=slips, limit=3)
        # A slip in the first letter is rare, and words that differ there are other words.
        best = [n for n, _, _ in near if n[0] == word[0] and len(n) >= _SHORTEST_CORRECTED]
        return best[0] if best else word


@dataclass(frozen=True, slots=True)
class Marks:
    """What tells a language from others at a glance: frequent small words, letters of its own."""

    common: frozenset[str]
    letters: frozenset[str]


@cache
def languages() -> tuple[str, ...]:
    """List the languages we understand: the folders that hold a vocabulary."""
    folders = (f for f in files("locales").iterdir() if f.is_dir())
    return tuple(sorted(f.name for f in folders if f.joinpath(FILE).is_file()))


@cache
def marks(lang: str) -> Marks:
    """Read the ``[language]`` table alone: it stands first, so the rest need not be parsed."""
    text = files("locales").joinpath(lang, FILE).read_text("utf-8")
    head = text.split("\n[", 2)
    language = tomllib.loads("\n[".join(head[:2])).get("language", {})
    common = frozenset(fold(word) for word in language.get("common", "").split())
    return Marks(common, frozenset(language.get("letters", "")))


@cache
def load(lang: str) -> Vocabulary:
    """Load one language.

    Raises:
        PhraseError: a phrase in its file cannot be read.
    """
    return build(lang, tomllib.loads(files("locales").joinpath(lang, FILE).read_text("utf-8")))


def month_number(word: str) -> int | None:
    """Give the number of a month named in any language we understand."""
    return _months().get(fold(word.rstrip(".")))


@cache
def _months() -> dict[str, int]:
    # English last: where two languages share a short name, the school's own reading wins.
    ordered = sorted(languages(), key=lambda lang: lang == "en")
    return {word: number for lang in ordered for word, number in load(lang).months.items()}


def build(lang: str, written: Mapping[str, Any]) -> Vocabulary:
    """Build a vocabulary from the tables of its file."""
    words = _words(written)
    phrases = list(_phrases(written, words))
    common, right = (
        frozenset(fold(word) for word in written.get("language", {}).get(name, "").split())
        for name in ("common", "right_as_written")
    )
    month_names: list[list[str]] = written.get("months", {}).get("say", [])
    months = {fold(w): n for n, names in enumerate(month_names, 1) for w in names}
    said = {word for phrase in phrases for slot in phrase.slots for word in slot.words}
    said |= {fold(word) for listed in words.lists.values() for word in listed}
    return Vocabulary(
        lang=lang,
        matcher=Matcher(phrases),
        common=common,
        guessed=frozenset(common | set(months) | _guessed(phrases)),
        known=frozenset(said | common | right | set(words.numbers) | set(months)),
        spelling=words.spelling,
        split=words.split,
        numbers={fold(word): int(n) for word, n in written.get("numbers", {}).items()},
        months=months,
        month_spellings=frozenset(name for names in month_names for name in names),
        lists={name: frozenset(fold(w) for w in ws) for name, ws in words.lists.items()},
        names=written.get("names", {}),
        short_names=_short_names(written.get("short_names", {})),
    )


def _guessed(phrases: Iterable[Phrase]) -> set[str]:
    """Give the words that a slip may have been meant for."""
    telling = (p for p in phrases if p.concept.family not in _NEVER_GUESSED)
    return {word for phrase in telling for slot in phrase.slots for word in slot.words}


def _words(written: Mapping[str, Any]) -> Words:
    split = written.get("split", {})
    # "A" counts in "a week", yet "in for a delivery" names no hour.
    articles = frozenset(fold(word) for word in written.get("lists", {}).get("no_hour", ()))
    return Words(
        lists={name: list(words) for name, words in written.get("lists", {}).items()},
        numbers=frozenset(fold(word) for word in written.get("numbers", {})) - articles,
        spelling=_spelling(written.get("spelling", {})),
        split={_split_key(word): tuple(t.word for t in read(to)) for word, to in split.items()},
    )


def _split_key(written: str) -> str:
    """Keep the apostrophe where it tells two words apart: "I'll" is not "ill"."""
    return written.casefold() if "'" in written else fold(written)


def _phrases(written: Mapping[str, Any], words: Words) -> Iterable[Phrase]:
    for family, tables in written.items():
        if family in _OTHER:
            continue
        for name, table in tables.items():
            concept = Concept(
                family,
                name,
                tuple(table.get("codes", ())),
                frozenset(mark for mark in _MARKS if table.get(mark)),
                str(table.get("value", "") or (name if family == "kind" else "")),
            )
            for say in table["say"]:
                yield compile_phrase(say, concept, words)


def _spelling(written: Mapping[str, str]) -> dict[str, str]:
    return {fold(wrong): fold(right) for right, ws in written.items() for wrong in ws.split()}


def _short_names(written: Mapping[str, str]) -> dict[str, frozenset[str]]:
    return {
        fold(name): frozenset(fold(s) for s in short.split()) for name, short in written.items()
    }
