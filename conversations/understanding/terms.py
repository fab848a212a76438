"""The grammar of reasons: which of the found terms stand, and whom they are about."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from conversations.understanding.phrases import Concept, Match
from conversations.understanding.reading import COMMA, STOP, Token
from conversations.understanding.vocabulary import Vocabulary

# The order in which families give the first code: "dentist, in by 11" is M before L, "toothache,
# dentist at two" is M before I, "ear infection, seeing the doctor" is I before M.
REASONS = (
    "loss", "duty", "travel", "faith", "appointment", "late", "leave", "illness", "doctor", "home",
    "relative", "excuse",
)  # fmt: skip
_NEGATED = {
    "illness",
    "appointment",
    "doctor",
    "late",
    "leave",
    "excuse",
    "vague",
    "body",
    "safety",
    "faith",
    "travel",
}
_NEGATION_REACH = 3
_SUBJECT_REACH = 4
_BODY_REACH = 4
_SHORT = 3
_NOT_PERSONAL = {"no_reason", "transport"}
_OWN = {"illness", "appointment", "doctor", "vague"}
# An illness, an appointment or an operation of somebody else keeps a child at home without being
# the child's own (labelling guide 14).
OTHERS = Concept("relative", "somebody_else", ("O", "C"))
# Remarks that stand beside a reason and never replace it: "we are on holiday" holds both.
_ASIDE = {"planned", "already", "present", "likewise", "together", "ask_leave", "absence"}
_MASKS = {"idiom", "figure"}
UNKNOWN = Concept("illness", "unknown_word", ("I", "O"))
SYMPTOM = Concept("illness", "body_and_pain", ("I",))


@dataclass(frozen=True, slots=True)
class Terms:
    """The matches that stand after overlap, negation and subject were weighed."""

    tokens: Sequence[Token]
    matches: tuple[Match, ...]

    def of(self, *families: str) -> list[Match]:
        """Give the matches of some families, in the order of the text."""
        return [m for m in self.matches if m.concept.family in families]

    def reasons(self) -> list[Match]:
        """Give the reasons, the one that decides the first code in front."""
        return sorted(self.of(*REASONS), key=lambda m: REASONS.index(m.concept.family))


def settle(
    tokens: Sequence[Token], found: Iterable[Match], vocabulary: Vocabulary, names: Iterable[int]
) -> Terms:
    """Decide which matches stand: longer over shorter, not the denied, not somebody else's."""
    standing = _longest([m for m in found if m.concept.family != "day"])
    denied = [m for m in standing if _is_denied(m, tokens, standing, vocabulary)]
    kept = [m for m in standing if m not in denied and m.concept.family != "negation"]
    kept += _pains(tokens, kept)
    own = [_whose(m, tokens, vocabulary, frozenset(names)) for m in kept]
    return Terms(tokens, tuple(sorted(own, key=lambda m: (m.start, -m.end))))


def _longest(found: list[Match]) -> list[Match]:
    return [m for m in found if not any(_covers(other, m) for other in found if other is not m)]


def _covers(other: Match, match: Match) -> bool:
    """Say whether a match is only a piece of another one."""
    if not (other.start <= match.start and match.end <= other.end):
        return False
    family = other.concept.family
    if family in _ASIDE or match.concept.family in _ASIDE:
        return family == match.concept.family and other.size > match.size
    if match.concept.family == "safety":
        # "Walked him into class" is told as a fact; "walked him in" alone is not.
        same = family == "safety" or other.concept.value == "in_school"
        same = same and other.size > match.size
        return same or (family in _MASKS and other.size >= match.size)
    if family in {"safety", "figure"}:
        return False
    return other.size > match.size or (
        family == "idiom" and match.concept.family not in {"idiom", "kind"}
    )


def _is_denied(
    match: Match, tokens: Sequence[Token], standing: Sequence[Match], vocabulary: Vocabulary
) -> bool:
    if match.concept.family not in _NEGATED:
        return False
    for negation in standing:
        if (
            negation.concept.family != "negation"
            or not 0 <= match.start - negation.end < _NEGATION_REACH
        ):
            continue
        if any(_takes_up(m, negation) for m in standing):
            continue
        between = tokens[negation.end : match.start + 1]
        blocked = any(
            t.pause >= COMMA or vocabulary.listed("but", t.word) for t in between[:-1]
        ) or bool(between and between[-1].pause >= COMMA)
        taken = any(
            negation.end <= m.start < m.end <= match.start
            and m.concept.family in {"absence", *REASONS}
            for m in standing
        )
        if not blocked and not taken:
            return True
    return False


def _takes_up(match: Match, negation: Match) -> bool:
    """Say whether the negation is itself a word of a phrase ("not in", "no uniform")."""
    return (
        match is not negation
        and match.concept.family != "planned"
        and match.start <= negation.start
        and negation.end <= match.end
    )


def _pains(tokens: Sequence[Token], kept: Sequence[Match]) -> list[Match]:
    """Join a part of the body with a word of pain, however they are ordered."""
    pains = [m for m in kept if m.concept.family == "pain"]
    made: list[Match] = []
    for body in (m for m in kept if m.concept.family == "body"):
        near = [p for p in pains if _close(p, body, tokens)]
        if near:
            pain = near[0]
            made.append(Match(min(body.start, pain.start), max(body.end, pain.end), SYMPTOM))
        elif body.concept.name == "strong":
            made.append(Match(body.start, body.end, SYMPTOM))
    return made


def _close(pain: Match, body: Match, tokens: Sequence[Token]) -> bool:
    start, end = min(pain.end, body.end), max(pain.start, body.start)
    if end - start > _BODY_REACH:
        return False
    return not any(tokens[at].pause == STOP for at in range(start, end + 1) if at < len(tokens))


def unknown_reason(
    tokens: Sequence[Token], vocabulary: Vocabulary, names: Iterable[int]
) -> Match | None:
    """Take a word nobody listed for a condition where it stands as one ("has got lumbago").

    Only for messages in which no term at all was found; a person decides in any case.
    """
    aside = set(names)
    for at, token in enumerate(tokens[1:], start=1):
        before = [t.word for t in tokens[max(0, at - 2) : at]]
        new = (
            len(token.word) > _SHORT and token.word.isalpha() and token.word not in vocabulary.known
        )
        if not new or at in aside or (token.raw[0].isupper() and not token.raw.isupper()):
            continue
        if token.pause < COMMA and any(vocabulary.listed("telling", w) for w in before):
            return Match(at, at + 1, UNKNOWN)
    return None


def _whose(
    match: Match, tokens: Sequence[Token], vocabulary: Vocabulary, names: frozenset[int]
) -> Match:
    if match.concept.family not in _OWN or match.concept.name in _NOT_PERSONAL:
        return match
    if _is_somebody_elses(match, tokens, vocabulary, names):
        return Match(match.start, match.end, OTHERS)
    return match


def _is_somebody_elses(
    match: Match, tokens: Sequence[Token], vocabulary: Vocabulary, names: frozenset[int]
) -> bool:
    """Look back from an illness to the nearest person: the pupil, or a relative, or the sender."""
    following = tokens[match.end].word if match.end < len(tokens) else ""
    if vocabulary.listed("pupil", following):
        return False
    for at in range(match.start - 1, max(-1, match.start - 1 - _SUBJECT_REACH), -1):
        token = tokens[at]
        if tokens[at + 1].pause >= COMMA:
            return False
        if at in names or vocabulary.listed("pupil", token.word):
            return False
        if vocabulary.listed("relative", token.word):
            return not _speaks(at, tokens, vocabulary)
        if vocabulary.listed("sender", token.word):
            return match.start - at <= 3 and _is_about(tokens[at + 1 : match.start], vocabulary)
    return False


def _speaks(at: int, tokens: Sequence[Token], vocabulary: Vocabulary) -> bool:
    """Tell "this is mum, ill today" and "mum of Amy" from "mum is ill"."""
    before = {t.word for t in tokens[max(0, at - 3) : at]}
    return any(vocabulary.listed("introduces", w) for w in before)


def _is_about(between: Sequence[Token], vocabulary: Vocabulary) -> bool:
    return bool(between) and all(vocabulary.listed("being", t.word) for t in between)
