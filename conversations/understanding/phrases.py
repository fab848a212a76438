"""The small language in which a vocabulary writes phrases, and the search for them.

``word`` one word · ``wor*`` a beginning · ``*itis`` an ending · ``a|b`` one of them ·
``(a|b)`` may be missing · ``{list}`` any word of that list · ``#`` a number ·
``~`` up to three words of any kind · ``^`` the message begins here · ``$`` it ends here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from conversations.understanding.reading import STOP, Token, read

GAP = 3


class PhraseError(ValueError):
    """A vocabulary holds a phrase that cannot be read."""


@dataclass(frozen=True, slots=True)
class Slot:
    """One place of a phrase: which words fit, whether it may be missing, or a gap."""

    words: frozenset[str] = frozenset()
    starts: tuple[str, ...] = ()
    ends: tuple[str, ...] = ()
    optional: bool = False
    gap: int = 0
    number: bool = False

    def fits(self, word: str) -> bool:
        """Say whether a word can stand here."""
        if word in self.words:
            return True
        if self.starts and word.startswith(self.starts):
            return True
        if self.ends and word.endswith(self.ends) and len(word) > 4:
            return True
        return self.number and word.isdecimal()


@dataclass(frozen=True, slots=True)
class Concept:
    """One table of a vocabulary: what its phrases mean."""

    family: str
    name: str
    codes: tuple[str, ...] = ()
    marks: frozenset[str] = frozenset()
    value: str = ""


@dataclass(frozen=True, slots=True)
class Phrase:
    """One way to say a concept."""

    slots: tuple[Slot, ...]
    concept: Concept
    at_start: bool
    at_end: bool
    plain: bool = True
    """Word after word, nothing optional: most phrases, and quick to compare."""


@dataclass(frozen=True, slots=True)
class Match:
    """A concept found in the words ``start`` to ``end`` (end not included)."""

    start: int
    end: int
    concept: Concept

    @property
    def size(self) -> int:
        """How many words it covers."""
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Words:
    """What a phrase may refer to: lists, number words, and how words are spelt and opened."""

    lists: Mapping[str, Sequence[str]]
    numbers: frozenset[str]
    spelling: Mapping[str, str]
    split: Mapping[str, tuple[str, ...]]

    def opened(self, written: str) -> list[str]:
        """Give the words of a piece the way they appear in a corrected message."""
        spelt = (self.spelling.get(token.word, token.word) for token in read(written))
        return [part for word in spelt for part in self.split.get(word, (word,))]


def compile_phrase(written: str, concept: Concept, words: Words) -> Phrase:
    """Read one written phrase.

    Raises:
        PhraseError: it is empty, begins with something optional, or names an unknown list.
    """
    parts = written.split()
    at_start = bool(parts) and parts[0] == "^"
    at_end = bool(parts) and parts[-1] == "$"
    slots = [s for part in parts[at_start : len(parts) - at_end] for s in _slots(part, words)]
    if not slots or slots[0].optional or slots[0].gap:
        raise PhraseError(
            f"'{written}' in [{concept.family}.{concept.name}] must begin with a word"
        )
    plain = not any(slot.optional or slot.gap for slot in slots)
    return Phrase(tuple(slots), concept, at_start, at_end, plain)


def _slots(part: str, words: Words) -> list[Slot]:
    if part == "~":
        return [Slot(gap=GAP, optional=True)]
    optional = part.startswith("(") and part.endswith(")")
    choices = (part[1:-1] if optional else part).split("|")
    if len(choices) == 1 and choices[0][0] not in "{*#" and not choices[0].endswith("*"):
        opened = words.opened(choices[0])
        return [Slot(words=frozenset({word}), optional=optional) for word in opened]
    return [_choice(choices, words, optional=optional)]


def _choice(choices: Sequence[str], words: Words, *, optional: bool) -> Slot:
    said: set[str] = set()
    starts: list[str] = []
    ends: list[str] = []
    for choice in (w for c in choices for w in _listed(c, words)):
        folded = "".join(t.word for t in read(choice.strip("*")))
        if choice == "#":
            said |= words.numbers
        elif not folded:
            raise PhraseError(f"an empty choice in '{'|'.join(choices)}'")
        elif choice.endswith("*"):
            starts.append(folded)
        elif choice.startswith("*"):
            ends.append(folded)
        else:
            said |= {folded, words.spelling.get(folded, folded)}
    return Slot(frozenset(said), tuple(starts), tuple(ends), optional, number="#" in choices)


def _listed(choice: str, words: Words) -> Sequence[str]:
    if not choice.startswith("{"):
        return [choice]
    name = choice.strip("{}")
    if name not in words.lists:
        raise PhraseError(f"there is no list called '{name}'")
    return words.lists[name]


class Matcher:
    """All phrases of one vocabulary, found by their first word."""

    def __init__(self, phrases: Sequence[Phrase]) -> None:
        self._phrases = tuple(phrases)
        self._by_word: dict[str, list[Phrase]] = {}
        self._by_start: dict[str, list[Phrase]] = {}
        self._by_end: dict[str, list[Phrase]] = {}
        self._by_number: list[Phrase] = []
        for phrase in phrases:
            first = phrase.slots[0]
            for word in first.words:
                self._by_word.setdefault(word, []).append(phrase)
            for start in first.starts:
                self._by_start.setdefault(start, []).append(phrase)
            for end in first.ends:
                self._by_end.setdefault(end, []).append(phrase)
            if first.number:
                self._by_number.append(phrase)
        self._start_sizes = sorted({len(start) for start in self._by_start})
        self._end_sizes = sorted({len(end) for end in self._by_end})

    def concepts(self) -> list[Concept]:
        """Give every concept once."""
        return list(dict.fromkeys(phrase.concept for phrase in self._phrases))

    def knows(self, word: str) -> bool:
        """Say whether some phrase can begin with this word."""
        return any(True for _ in self._candidates(word))

    def find(self, tokens: Sequence[Token]) -> list[Match]:
        """Find every concept; of one concept at one place only the longest way of saying it."""
        longest: dict[tuple[int, int], Match] = {}
        for at, token in enumerate(tokens):
            for phrase in self._candidates(token.word):
                end = _end(phrase, tokens, at)
                key = (at, id(phrase.concept))
                if end and (key not in longest or longest[key].end < end):
                    longest[key] = Match(at, end, phrase.concept)
        return list(longest.values())

    def _candidates(self, word: str) -> Iterator[Phrase]:
        yield from self._by_word.get(word, ())
        for size in self._start_sizes:
            if size > len(word):
                break
            yield from self._by_start.get(word[:size], ())
        for size in self._end_sizes:
            if size >= len(word):
                break
            yield from self._by_end.get(word[-size:], ())
        if word.isdecimal():
            yield from self._by_number


def _end(phrase: Phrase, tokens: Sequence[Token], at: int) -> int:
    """Give where a phrase that begins at a word ends, or 0 where it does not fit."""
    if phrase.at_start and at:
        return 0
    end = _plain_end(phrase, tokens, at) if phrase.plain else _loose_end(phrase, tokens, at)
    return 0 if phrase.at_end and end != len(tokens) else end


def _plain_end(phrase: Phrase, tokens: Sequence[Token], at: int) -> int:
    end = at + len(phrase.slots)
    if end > len(tokens):
        return 0
    # The first word is known to fit: it is how the phrase was found.
    for slot, token in zip(phrase.slots[1:], tokens[at + 1 : end], strict=True):
        if token.pause == STOP or not slot.fits(token.word):
            return 0
    return end


def _loose_end(phrase: Phrase, tokens: Sequence[Token], at: int) -> int:
    places = {at}
    for slot in phrase.slots:
        reached: set[int] = set(places) if slot.optional else set()
        for place in places:
            reached |= _reach(slot, tokens, place, at)
        if not reached:
            return 0
        places = reached
    return max(places)


def _reach(slot: Slot, tokens: Sequence[Token], place: int, begun: int) -> set[int]:
    reached: set[int] = set()
    for next_place in range(place, min(place + max(slot.gap, 1), len(tokens))):
        token = tokens[next_place]
        if token.pause == STOP and next_place != begun:
            break
        if slot.gap or slot.fits(token.word):
            reached.add(next_place + 1)
    return reached
