"""What one message was understood to mean, as plain frozen data.

The field names and their vocabulary are the contract of ``firstday understand``.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What has to happen next with a message."""

    REASON = "reason"
    VAGUE = "vague"
    NOT_REASON = "not_reason"
    LEAVE_REQUEST = "leave_request"
    QUESTION = "question"
    OPT_OUT = "opt_out"
    WRONG_NUMBER = "wrong_number"
    IN_SCHOOL = "in_school"
    THANKS = "thanks"
    ABUSE = "abuse"
    SAFEGUARDING_ONLY = "safeguarding_only"


@dataclass(frozen=True, slots=True)
class Evidence:
    """The words of the text, ``text[start:end]``, that carried a decision, and which one."""

    start: int
    end: int
    what: str


@dataclass(frozen=True, slots=True)
class Meaning:
    """One message, understood.

    Attributes:
        lang: the language of the text, BCP-47.
        kind: what has to happen next.
        also: further kinds that are present too.
        detailed: whether staff could choose a code without asking; None where no reason is given.
        codes: suggested register codes, best first, at most three.
        safeguarding: whether a person must be alerted about somebody's safety.
        children: first names, as on record, of the pupils the text itself says are absent.
        when: day and time parts joined by ``;`` in the contract's vocabulary, or None.
        evidence: the words that carried the decision.
        confidence: 0 to 1.
    """

    lang: str
    kind: Kind
    also: tuple[Kind, ...] = ()
    detailed: bool | None = None
    codes: tuple[str, ...] = ()
    safeguarding: bool = False
    children: tuple[str, ...] = ()
    when: str | None = None
    evidence: tuple[Evidence, ...] = ()
    confidence: float = 0.0
