"""Twilio's codes in our words: the one table for answers to a call and for later reports.

From Twilio's error dictionary. New codes appear without notice, so both questions have an
answer for a code that is not here.
"""

from __future__ import annotations

from collections.abc import Mapping

from notifier.sender import Outcome

_GROUPS: Mapping[Outcome, tuple[int, ...]] = {
    Outcome.PERMANENT: (
        *(21211, 21217, 21401, 14101),  # not a valid number
        *(21614, 30006),  # a landline, or not a mobile
        21610,  # texted STOP
        30005,  # a handset nobody knows
        21408,  # a region we may not text: this number only, everybody else's texts go on
    ),
    Outcome.NOT_SENT: (
        *(21612, 21606, 21657),  # not reachable from this sender
        *(21602, 21604, 21605, 21609, 21617, 21618, 21619, 21620, 21623, 21624),  # our request
        *(21654, 21655, 21656, 20001, 20422),  # is wrong
        30003,  # handset off or out of reach, often passing
        *(30004, 30007),  # blocked or filtered
        30036,  # too old to be worth sending
    ),
    Outcome.ACCOUNT: (
        *(30018, 30024, 30032, 30034, 30035),  # country or sender not permitted
        *(21212, 21603, 21659, 21660, 21701, 21702, 21703, 21704, 21705, 21712, 21910),  # sender
        *(21608, 21219),  # a trial account
        *(20003, 20005, 20006, 20010, 10001, 30002),  # credentials, suspended
        20404,  # no such account
    ),
    Outcome.THROTTLED: (
        20429,  # too many calls at once
        *(21611, 30001, 63017),  # queue full
        14107,  # loop guard
        *(30017, 30022, 30023),  # a carrier is congested
        30450,  # pumping protection
    ),
    Outcome.UNKNOWN: (20500, 20503, 30008, 30410),
}
OUTCOMES: Mapping[int, Outcome] = {
    code: outcome for outcome, codes in _GROUPS.items() for code in codes
}
WAITS: Mapping[int, float] = {
    20429: 1.0, 21611: 60.0, 30001: 60.0, 63017: 60.0, 14107: 30.0, 30450: 1800.0,
}  # fmt: skip
"""How long to wait before the same again, in seconds."""

_SMALLEST_CODE = 1000


def at_call(status: int, code: int | None) -> Outcome:
    """Classify an answer that was not a success.

    Args:
        status: the HTTP status.
        code: Twilio's code. Where the body was not Twilio's own the library puts the status
            there, and then nobody knows what stands between us and Twilio: UNKNOWN.
    """
    if code is None or code < _SMALLEST_CODE or not 400 <= status < 500:
        return Outcome.UNKNOWN
    if status == 429 and code != 20429:
        return Outcome.UNKNOWN
    return OUTCOMES.get(code, Outcome.NOT_SENT)


def in_receipt(code: int) -> Outcome:
    """Classify the code of a message that Twilio took and then reported as not delivered."""
    return OUTCOMES.get(code, Outcome.UNKNOWN)
