"""What a turn wants done, as data. ``actions/perform.py`` does it; nothing here does anything."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from conversations.understanding.meaning import Evidence

Word = str | tuple[str, ...] | date
"""A word in a sentence: plain text, a list of names, or a date; rendered in the reader's
language."""


class Act(StrEnum):
    """What an answer did, in the vocabulary of ``firstday replay``."""

    ASK_DETAIL = "ask_detail"
    ASK_WHICH_CHILD = "ask_which_child"
    ASK_TEXT = "ask_text_instead_of_photo"
    CONFIRM = "confirm"
    CONFIRM_UPDATE = "confirm_update"
    RECORD_REPORT = "record_report"
    NO_DUPLICATE = "no_duplicate"
    CHECK_REGISTER = "check_register"
    VERIFY_IDENTITY = "verify_identity"
    HANDOVER = "handover_to_office"
    ESCALATE = "escalate_safeguarding"
    ANSWER = "answer_question"
    SWITCH_LANGUAGE = "switch_language"
    OPT_OUT = "opt_out_ack"
    WRONG_NUMBER = "wrong_number_ack"
    THANK_CLOSE = "thank_close"
    NO_REPLY = "no_reply"


class Need(StrEnum):
    """What a person has to do; the store's tasks carry the same names."""

    SAFEGUARDING = "safeguarding"
    CHECK_REGISTER = "check_register"
    CALL = "call"
    UNKNOWN_SENDER = "unknown_sender"
    WRONG_NUMBER = "wrong_number"
    OPTED_OUT = "opted_out"
    LEAVE = "leave"
    QUESTION = "question"
    MESSAGE = "message"


@dataclass(frozen=True, slots=True)
class Say:
    """Answer with a sentence of ``wording.py``; language and channel are decided later."""

    sentence: str
    words: dict[str, Word] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RecordReport:
    """Put on record what was told about one child; the same child, day and teller update it."""

    child: int
    days: tuple[date, ...]
    sessions: str
    status: str
    kind: str
    words: str
    lang: str
    detailed: bool | None = None
    codes: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    confidence: float = 0.0
    late: str | None = None
    expected_return: date | None = None
    safeguarding: bool = False
    asked: int = 0


@dataclass(frozen=True, slots=True)
class AskOffice:
    """Put something before a person; safeguarding reaches one at once."""

    need: Need
    children: tuple[int, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class AskNextContact:
    """Nobody answered: ask the next contact in the stored order, or have somebody ring."""

    children: tuple[int, ...]
    day: date
    session: str


@dataclass(frozen=True, slots=True)
class WakeAt:
    """Wake this talk at a time if nothing is heard before; None lets it sleep."""

    at: datetime | None


@dataclass(frozen=True, slots=True)
class StopAddress:
    """Use this address no more, for the reason given."""

    reason: str


Effect = Say | RecordReport | AskOffice | AskNextContact | WakeAt | StopAddress
