"""Find the pupils that a message names, as they stand on record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.distance import OSA
from rapidfuzz.fuzz import ratio

from conversations.understanding.phrases import Match
from conversations.understanding.reading import STOP, Token, fold, read
from conversations.understanding.vocabulary import Vocabulary

_SHORTEST_MISSPELT = 4
_ALIKE = 80
_REACH = 5


@dataclass(frozen=True, slots=True)
class Named:
    """A name in the text: which word it is, and whose name on record."""

    at: int
    child: str


def named(
    text: str, tokens: Sequence[Token], children: Sequence[str], vocabulary: Vocabulary
) -> list[Named]:
    """Give the names on record that the text holds, however they are written."""
    found: list[Named] = []
    shouting = text.isupper() or text.islower()
    for at, token in enumerate(tokens):
        if not any(c.isalpha() for c in token.word):
            continue
        for child in children:
            if _is_name(at, tokens, child, vocabulary, shouting=shouting):
                found.append(Named(at, child))
                break
    return found


def _is_name(
    at: int, tokens: Sequence[Token], child: str, vocabulary: Vocabulary, *, shouting: bool
) -> bool:
    folded = fold(tokens[at].raw)
    name = _first_word(child)
    if not name:
        return False
    forms = {folded, folded.removesuffix("s")} if _possessive(tokens[at].raw) else {folded}
    if name in forms:
        word = name in vocabulary.known and name not in vocabulary.short_names
        return not word or _has_evidence(at, tokens, vocabulary, shouting=shouting)
    if any(form in vocabulary.short_names.get(name, ()) for form in forms):
        return not forms & vocabulary.known or tokens[at].raw[:1].isupper()
    if forms & vocabulary.known:
        return False
    return any(_inflected(form, name, vocabulary) or _misspelt(form, name) for form in forms)


@lru_cache(maxsize=5_000)
def _first_word(child: str) -> str:
    return next((token.word for token in read(child)), "")


def _possessive(raw: str) -> bool:
    return raw.casefold().endswith(("s", "s'", "s\u2019"))


def _has_evidence(
    at: int, tokens: Sequence[Token], vocabulary: Vocabulary, *, shouting: bool
) -> bool:
    """A name that is also a word ("Will", "Hope") needs a capital inside a sentence or a verb."""
    token = tokens[at]
    following = tokens[at + 1].word if at + 1 < len(tokens) else ""
    before = tokens[at - 1].word if at and token.pause != STOP else ""
    if vocabulary.listed("after_name", following) or vocabulary.listed("before_name", before):
        return True
    return not shouting and token.raw[:1].isupper() and token.pause != STOP


def _inflected(form: str, name: str, vocabulary: Vocabulary) -> bool:
    """Say whether a form is the name with a case ending of the language ("Zosi", "Kubą")."""
    endings = frozenset(fold(e) for e in vocabulary.names.get("endings", ()))
    for stem_cut, softened in ((0, ""), (1, ""), (2, "")):
        stem = name[: len(name) - stem_cut] + softened
        if (
            len(stem) >= 2
            and form.startswith(stem)
            and form[len(stem) :] in endings
            and stem_cut < len(name) - 1
        ):
            return True
    for hard, soft in vocabulary.names.get("softening", {}).items():
        for cut in ("", "a"):
            if cut and not name.endswith(cut):
                continue
            base = name.removesuffix(cut) if cut else name
            if base.endswith(hard) and form == fold(base[: -len(hard)] + soft):
                return True
    return False


def _misspelt(form: str, name: str) -> bool:
    if len(form) < _SHORTEST_MISSPELT or len(name) < _SHORTEST_MISSPELT:
        return False
    if len(form) >= 3 and len(name) >= 5 and name.startswith(form) and len(form) >= len(name) - 3:
        return True
    if form[0] != name[0] or abs(len(form) - len(name)) > 2:
        return False
    slips = 1 if len(name) < 6 else 2
    return OSA.distance(form, name) <= slips and ratio(form, name) >= _ALIKE - 8


def absent(
    names: Sequence[Named],
    tokens: Sequence[Token],
    matches: Sequence[Match],
    children: Sequence[str],
    vocabulary: Vocabulary,
) -> tuple[str, ...]:
    """Give the pupils that the message says are absent: the named ones, less those who are in."""
    kept: dict[str, None] = {}
    out: set[str] = set()
    for place, name in enumerate(names):
        following = names[place + 1].at if place + 1 < len(names) else len(tokens)
        if _is_present(name.at, following, tokens, matches) or _is_compared(
            name.at, matches, tokens, vocabulary
        ):
            out.add(name.child)
        else:
            kept[name.child] = None
    if not names and _all_of_them(matches, len(children)):
        return tuple(children)
    return tuple(c for c in children if c in kept and c not in out)


def _is_present(at: int, until: int, tokens: Sequence[Token], matches: Sequence[Match]) -> bool:
    for match in matches:
        if (
            match.concept.family != "present"
            or not 0 < match.start - at <= _REACH
            or match.start >= until
        ):
            continue
        if not any(tokens[n].pause == STOP for n in range(at + 1, match.start + 1)):
            return True
    return False


def _is_compared(
    at: int, matches: Sequence[Match], tokens: Sequence[Token], vocabulary: Vocabulary
) -> bool:
    """Tell "same as Mia" and "Mia's brother" from a name whose owner is absent."""
    following = tokens[at + 1].word if at + 1 < len(tokens) else ""
    if vocabulary.listed("sibling", following) and tokens[at].raw.casefold().endswith("s"):
        return True
    return any(m.concept.family == "likewise" and m.end == at for m in matches)


def _all_of_them(matches: Sequence[Match], number: int) -> bool:
    said = {m.concept.value for m in matches if m.concept.family == "together"}
    return (
        (number == 2 and "2" in said)
        or (number > 1 and "all" in said)
        or (number == 3 and "3" in said)
    )
