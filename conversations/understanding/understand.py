"""Read one message of a parent: the order in which the parts decide, and the answer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from conversations.understanding import children as pupils
from conversations.understanding import days, kinds
from conversations.understanding.language import DEFAULT, detect
from conversations.understanding.leave import is_leave
from conversations.understanding.meaning import Evidence, Kind, Meaning
from conversations.understanding.phrases import Match
from conversations.understanding.reading import Token, read
from conversations.understanding.safety import WHEREABOUTS, Danger, dangers
from conversations.understanding.terms import UNKNOWN, Terms, settle, unknown_reason
from conversations.understanding.vocabulary import Vocabulary, languages, load

LONGEST_TEXT = 4000
"""Characters of a message that are read; an e-mail's history below that says nothing new."""

MOST_CODES = 3


def understand(
    text: str, *, lang: str | None = None, children: Sequence[str] = (), today: date
) -> Meaning:
    """Say what a message means.

    Args:
        text: the message as it came.
        lang: the sender's stored language (BCP-47), a hint.
        children: the first names on record for the sender.
        today: the school's date.

    Never raises on any text; a message nobody can read is vague with low confidence.
    """
    tokens = read(text[:LONGEST_TEXT])
    spoken = detect(text, tokens, lang)
    reading = _Reading(text, tokens, spoken if spoken in languages() else DEFAULT, children, today)
    if spoken != DEFAULT and not reading.says_something():
        english = _Reading(text, tokens, DEFAULT, children, today)
        reading = english if english.says_something() else reading
    return reading.meaning(spoken)


class _Reading:
    """One message read with one vocabulary."""

    def __init__(
        self, text: str, tokens: Sequence[Token], lang: str, children: Sequence[str], today: date
    ) -> None:
        self.text = text
        self.today = today
        self.vocabulary: Vocabulary = load(lang)
        self.tokens = self.vocabulary.correct(tokens)
        self.children = tuple(dict.fromkeys(children))
        found = self.vocabulary.matcher.find(self.tokens)
        self.day_matches = [m for m in found if m.concept.family == "day"]
        self.names = pupils.named(text, self.tokens, self.children, self.vocabulary)
        self.name_places = {n.at for n in self.names}
        self.terms: Terms = settle(self.tokens, found, self.vocabulary, self.name_places)
        self.asked = kinds.questions(text, self.tokens)
        self.danger: Danger = dangers(self.terms, self.asked)
        self.others = kinds.others(
            self.terms, self.vocabulary, self.name_places, self.asked, self.day_matches
        )

    def says_something(self, *, but_absence: bool = False) -> bool:
        """Say whether any term of this language was found, perhaps beside "not in today"."""
        families = ("vague", "ask_leave") if but_absence else ("vague", "absence")
        return bool(self.danger or self.others or self.terms.reasons() or self.terms.of(*families))

    def meaning(self, lang: str) -> Meaning:
        """Put the answer together."""
        reasons = self._reasons()
        vague = self.terms.of("vague")
        present = self._present_kinds(reasons, vague)
        kind = present[0]
        shown = [*self.danger.matches, *reasons, *vague, *self.others.values()]
        when = days.when(
            self.text, self.tokens, self.day_matches, self.vocabulary, self._setting(reasons)
        )
        return Meaning(
            lang=lang,
            kind=kind,
            also=tuple(dict.fromkeys(k for k in present[1:] if k is not kind)),
            detailed=_detailed(kind),
            codes=self._codes(kind, reasons, vague),
            safeguarding=bool(self.danger),
            children=self._absent(kind),
            when=when if self._tells_days(kind) else None,
            evidence=self._evidence(shown),
            confidence=self._confidence(kind, reasons, vague),
        )

    def _reasons(self) -> list[Match]:
        """Give the reasons that count: a doctor's word does not make "poorly" detailed."""
        if not self.says_something(but_absence=True):
            guess = unknown_reason(self.tokens, self.vocabulary, self.name_places)
            return [guess] if guess else []
        vague = bool(self.terms.of("vague"))
        return [m for m in self.terms.reasons() if not (vague and "weak" in m.concept.marks)]

    def _present_kinds(self, reasons: list[Match], vague: list[Match]) -> list[Kind]:
        """Give the kinds in the order of what must happen next (labelling guide 20)."""
        present: list[Kind] = []
        others = self.others
        if self._only_asks(reasons):
            return [Kind.QUESTION, *(k for k in others if k is not Kind.QUESTION)]
        if self.danger and self.danger.alone_decides:
            present.append(Kind.SAFEGUARDING_ONLY)
        if (
            Kind.IN_SCHOOL in others
            and not self.danger.alone_decides
            and not self._in_school_is_other(reasons, vague)
        ):
            present.append(Kind.IN_SCHOOL)
        leave = is_leave(self.terms, reasons, self.day_matches, self.text)
        illness = [m for m in reasons if "avoidable" not in m.concept.marks]
        if Kind.WRONG_NUMBER in others and not illness:
            present.append(Kind.WRONG_NUMBER)
        if illness or (reasons and not leave) or (self.danger and not self.danger.alone_decides):
            present.append(Kind.REASON)
        if leave:
            present.append(Kind.LEAVE_REQUEST)
        if vague and Kind.REASON not in present and not leave:
            present.append(Kind.VAGUE)
        rest = (
            Kind.OPT_OUT,
            Kind.WRONG_NUMBER,
            Kind.NOT_REASON,
            Kind.QUESTION,
            Kind.ABUSE,
            Kind.THANKS,
        )
        present += [k for k in rest if k in others and k not in present]
        weak = not present or present[0] in {Kind.ABUSE, Kind.THANKS, Kind.QUESTION}
        if weak and self.terms.of("absence") and not (present and present[0] is Kind.QUESTION):
            present.insert(0, Kind.VAGUE)
        return present or [Kind.VAGUE]

    def _only_asks(self, reasons: list[Match]) -> bool:
        """Tell "can he come in if he has been sick?" from "he has been sick, can he come in?"."""
        asking = self.others.get(Kind.QUESTION)
        telling = [*reasons, *(self.others[k] for k in (Kind.NOT_REASON,) if k in self.others)]
        if asking is None or not telling or self.danger or self.terms.of("ask_leave", "vague"):
            return False
        if any("avoidable" in m.concept.marks for m in reasons):
            return False
        start = asking.start
        ranges = [(a, b) for a, b in self.asked if a <= start < b] or [(0, len(self.tokens))]
        only_words = bool(self.asked) or start <= 1
        return only_words and all(start < m.start < ranges[0][1] for m in telling)

    def _in_school_is_other(self, reasons: list[Match], vague: list[Match]) -> bool:
        """Tell "Amy is poorly, Zac is in school" from "she is in school, she had a headache"."""
        match = self.others[Kind.IN_SCHOOL]
        near = range(max(0, match.start - 3), match.start)
        other = any(
            at in self.name_places or self.vocabulary.listed("sibling", self.tokens[at].word)
            for at in near
        )
        return other and bool(reasons or vague or self.terms.of("absence"))

    def _codes(self, kind: Kind, reasons: list[Match], vague: list[Match]) -> tuple[str, ...]:
        late = [m for m in reasons if m.concept.family == "late"]
        chosen: list[Match] = []
        if kind in {Kind.REASON, Kind.LEAVE_REQUEST}:
            first = [m for m in reasons if m.concept.family not in {"excuse", "relative"}]
            if self.danger and not first:
                first = vague[:1]
            if kind is Kind.LEAVE_REQUEST and not first:
                first = self.terms.of("ask_leave")
            chosen = [*first, *self.danger.matches, *(m for m in reasons if m not in first)]
        elif kind is Kind.SAFEGUARDING_ONLY:
            chosen = list(self.danger.matches)
        elif kind is Kind.IN_SCHOOL:
            chosen = late
        codes = [c for m in chosen for c in m.concept.codes[:1]] + [
            c for m in chosen for c in m.concept.codes[1:]
        ]
        if kind is Kind.VAGUE:
            codes = [c for m in vague for c in m.concept.codes] or ["N"]
        return tuple(dict.fromkeys(codes))[:MOST_CODES]

    def _absent(self, kind: Kind) -> tuple[str, ...]:
        telling = {
            Kind.REASON,
            Kind.VAGUE,
            Kind.LEAVE_REQUEST,
            Kind.NOT_REASON,
            Kind.SAFEGUARDING_ONLY,
        }
        if kind not in telling or any(m.concept.name == WHEREABOUTS for m in self.danger.matches):
            return ()
        return pupils.absent(
            self.names, self.tokens, self.terms.matches, self.children, self.vocabulary
        )

    def _tells_days(self, kind: Kind) -> bool:
        """A day in a question or next to "I rang" is not a day of absence."""
        if kind is Kind.SAFEGUARDING_ONLY:
            return not any(m.concept.name == WHEREABOUTS for m in self.danger.matches)
        return kind in {Kind.REASON, Kind.VAGUE, Kind.LEAVE_REQUEST}

    def _setting(self, reasons: list[Match]) -> days.Setting:
        visits = any(m.concept.family in {"appointment", "doctor", "duty"} for m in reasons) or any(
            m.concept.name == "appointment" for m in self.terms.of("vague")
        )
        return days.Setting(visits, tuple(m.end - 1 for m in self.terms.of("absence")))

    def _evidence(self, shown: Sequence[Match]) -> tuple[Evidence, ...]:
        found = (
            Evidence(
                self.tokens[m.start].start,
                self.tokens[m.end - 1].end,
                f"{m.concept.family}.{m.concept.name}",
            )
            for m in shown
        )
        return tuple(dict.fromkeys(found))

    def _confidence(self, kind: Kind, reasons: list[Match], vague: list[Match]) -> float:
        if not self.says_something() or any(m.concept is UNKNOWN for m in reasons):
            return 0.2
        sure = 0.75 if kind in {Kind.REASON, Kind.VAGUE} else 0.8
        sure += 0.1 * (len(reasons) + len(vague) == 1) + 0.05 * (len(self.tokens) <= 12)
        return round(min(sure, 0.95), 2)


def _detailed(kind: Kind) -> bool | None:
    return {Kind.REASON: True, Kind.VAGUE: False}.get(kind)
