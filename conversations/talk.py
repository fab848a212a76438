"""The state of one talk, and how it is kept as text between two messages."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any

from conversations.understanding.meaning import Evidence, Kind, Meaning

_FORM = 1


class Stage(StrEnum):
    """What the talk is waiting for."""

    IDLE = "idle"
    REASON = "reason"
    DETAIL = "detail"
    WHICH_CHILD = "which_child"
    WITH_PERSON = "with_person"
    STRANGER = "stranger"


@dataclass(frozen=True, slots=True)
class Pending:
    """A message that we could not record yet, since we do not know which child it is about."""

    text: str
    meaning: Meaning


@dataclass(frozen=True, slots=True)
class Talk:
    """One talk with one address.

    Attributes:
        stage: what we wait for.
        about: the children we asked about.
        day: the school day it is about; another day starts afresh.
        session: the session asked about, AM or PM.
        asked: how often a vague answer was asked about.
        asked_which: how often we asked which child.
        pending: the message that waits for the name of the child.
        unanswered: the children we asked about and have heard nothing of since.
        recorded: the children for whom a report of this day stands.
        last: the last text that was recorded, to know a repeat by.
        lang: the language we go on in; empty for the one on record.
    """

    stage: Stage = Stage.IDLE
    about: tuple[int, ...] = ()
    day: date | None = None
    session: str = "AM"
    asked: int = 0
    asked_which: int = 0
    pending: Pending | None = None
    unanswered: tuple[int, ...] = ()
    recorded: tuple[int, ...] = ()
    last: str = ""
    lang: str = ""

    def on(self, day: date) -> Talk:
        """Give this talk for a day: what was about an earlier day is over."""
        return self if self.day == day else Talk(day=day, lang=self.lang)

    def heard_about(self, children: tuple[int, ...]) -> Talk:
        """Give this talk with an answer for these children, or with a person looking after it."""
        left = tuple(n for n in self.unanswered if n not in children)
        return replace(self, unanswered=left)

    def waiting(self, stage: Stage) -> Talk:
        """Give this talk waiting for something else."""
        return replace(self, stage=stage)


def dump(talk: Talk) -> str:
    """Write a talk as text that ``load`` reads back to an equal talk."""
    state = asdict(talk)
    state["day"] = talk.day.isoformat() if talk.day else None
    return json.dumps({"form": _FORM, **state}, ensure_ascii=False)


def load(text: str) -> Talk | None:
    """Read a talk back; None for anything this version does not know, never an error."""
    try:
        state = json.loads(text)
        if state.pop("form") != _FORM:
            return None
        return _build(state)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _build(state: dict[str, Any]) -> Talk:
    return Talk(
        stage=Stage(state["stage"]),
        about=tuple(int(n) for n in state["about"]),
        day=date.fromisoformat(state["day"]) if state["day"] else None,
        session=str(state["session"]),
        asked=int(state["asked"]),
        asked_which=int(state["asked_which"]),
        pending=_pending(state["pending"]) if state["pending"] else None,
        unanswered=tuple(int(n) for n in state["unanswered"]),
        recorded=tuple(int(n) for n in state["recorded"]),
        last=str(state["last"]),
        lang=str(state["lang"]),
    )


def _pending(state: dict[str, Any]) -> Pending:
    meaning = dict(state["meaning"])
    meaning["kind"] = Kind(meaning["kind"])
    meaning["also"] = tuple(Kind(k) for k in meaning["also"])
    meaning["evidence"] = tuple(Evidence(**e) for e in meaning["evidence"])
    meaning["codes"] = tuple(meaning["codes"])
    meaning["children"] = tuple(meaning["children"])
    return Pending(str(state["text"]), Meaning(**meaning))
