"""A relay's answers in our words: what a code means depends on the step it answers."""

from __future__ import annotations

import re
from enum import IntEnum

from notifier.sender import Outcome, Result


class Step(IntEnum):
    """How far a letter has come, in order."""

    CONNECT = 1
    STARTTLS = 2
    LOGIN = 3
    MAIL = 4
    RCPT = 5
    DATA = 6
    """Asked to hand over the text; none of it has left."""
    DOT = 7
    """The text is on its way: from here on a broken line means an unknown end."""


GREYLISTED = 900.0
"""Seconds to wait after "not now" about a recipient or a text; greylists ask for minutes."""

BUSY = 60.0
"""Seconds to wait after "not now" about the connection."""

_LEAVING = 421
_ENHANCED = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
_NOBODY = frozenset({"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1"})
_OUR_SENDER = frozenset({"5.1.7", "5.1.8", "5.7.26"})


def answered(step: Step, code: int, text: str) -> Result:
    """Classify a refusal. The relay's text may hold an address, so only its codes are kept."""
    found = _ENHANCED.search(text)
    enhanced = found[1] if found else ""
    label = f"{code} {enhanced}".strip()
    outcome, wait = _judge(step, code, enhanced)
    return Result(outcome, code=label, wait=wait)


def broken(step: Step, kind: str) -> Result:
    """Classify a connection that failed or fell silent during a step."""
    outcome = Outcome.UNKNOWN if step is Step.DOT else Outcome.NOT_SENT
    return Result(outcome, code=f"{step.name.lower()}: {kind}")


def _judge(step: Step, code: int, enhanced: str) -> tuple[Outcome, float | None]:
    if step is Step.DOT and code == _LEAVING:
        return Outcome.UNKNOWN, None
    if 400 <= code < 500:
        return Outcome.THROTTLED, GREYLISTED if step >= Step.RCPT else BUSY
    if step in {Step.LOGIN, Step.MAIL} or code == 530 or enhanced in _OUR_SENDER:
        return Outcome.ACCOUNT, None
    if step >= Step.RCPT and _is_nobody(step, code, enhanced):
        return Outcome.PERMANENT, None
    return Outcome.NOT_SENT, None


def _is_nobody(step: Step, code: int, enhanced: str) -> bool:
    if enhanced:
        return enhanced in _NOBODY
    return step is Step.RCPT and code in {550, 551, 553}
