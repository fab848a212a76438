"""The national register codes, in force since 19 August 2024 (SI 2024/208 reg. 10).

The service suggests a code; a person at the school records it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Class(StrEnum):
    """How a code counts."""

    ATTENDING = "attending"
    AUTHORISED = "authorised absence"
    UNAUTHORISED = "unauthorised absence"
    UNABLE = "unable to attend, unavoidable cause"
    NOT_COUNTED = "not a possible session"


class FromReport(StrEnum):
    """What may follow from a parent's words alone."""

    SUGGEST = "suggest"
    LEAVE = "leave"
    STAFF = "staff"
    NO = "no"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Code:
    """One national code: the letter, what it means, how it counts."""

    letter: str
    meaning: str
    counts: Class
    from_report: FromReport
    detail: str = ""


_TABLE = (
    ("/", "Present in the morning", Class.ATTENDING, FromReport.NO, ""),
    ("\\", "Present in the afternoon", Class.ATTENDING, FromReport.NO, ""),
    ("L", "Late, before the register closed", Class.ATTENDING, FromReport.STAFF, "arrival time"),
    (
        "K",
        "Provision arranged by the authority",
        Class.ATTENDING,
        FromReport.NO,
        "nature of the provision",
    ),
    ("V", "Educational visit", Class.ATTENDING, FromReport.NO, "trip and supervisor"),
    ("P", "Approved sporting activity", Class.ATTENDING, FromReport.STAFF, "activity"),
    ("W", "Work experience", Class.ATTENDING, FromReport.NO, "placement"),
    (
        "B",
        "Other approved educational activity",
        Class.ATTENDING,
        FromReport.STAFF,
        "nature of the activity",
    ),
    ("D", "Attending the other school", Class.NOT_COUNTED, FromReport.STAFF, "other school"),
    (
        "C1",
        "Leave for a regulated performance",
        Class.AUTHORISED,
        FromReport.LEAVE,
        "licence or approval",
    ),
    ("M", "Medical or dental appointment", Class.AUTHORISED, FromReport.SUGGEST, ""),
    ("J1", "Interview", Class.AUTHORISED, FromReport.LEAVE, "where and when"),
    ("S", "Study leave for a public examination", Class.AUTHORISED, FromReport.NO, "examination"),
    ("X", "Not of school age, not due today", Class.NOT_COUNTED, FromReport.STAFF, ""),
    ("C2", "Part-time timetable", Class.AUTHORISED, FromReport.STAFF, "agreement and end"),
    ("C", "Leave, exceptional circumstance", Class.AUTHORISED, FromReport.LEAVE, "circumstance"),
    ("T", "Parent travelling for work", Class.AUTHORISED, FromReport.SUGGEST, ""),
    ("R", "Day set apart for religious observance", Class.AUTHORISED, FromReport.SUGGEST, ""),
    ("I", "Illness", Class.AUTHORISED, FromReport.SUGGEST, ""),
    ("E", "Suspended or excluded", Class.AUTHORISED, FromReport.NO, "dates"),
    ("Q", "No access arrangements", Class.UNABLE, FromReport.STAFF, ""),
    ("Y1", "School transport not available", Class.UNABLE, FromReport.SUGGEST, ""),
    ("Y2", "Widespread travel disruption", Class.UNABLE, FromReport.SUGGEST, ""),
    ("Y3", "Part of the school closed", Class.UNABLE, FromReport.STAFF, ""),
    ("Y4", "Whole school closed unexpectedly", Class.UNABLE, FromReport.NO, "cause"),
    ("Y5", "In criminal justice detention", Class.UNABLE, FromReport.STAFF, ""),
    ("Y6", "Public health guidance or law", Class.UNABLE, FromReport.STAFF, ""),
    ("Y7", "Other unavoidable cause", Class.UNABLE, FromReport.STAFF, "nature of the cause"),
    ("G", "Holiday without leave", Class.UNAUTHORISED, FromReport.SUGGEST, ""),
    ("N", "Reason not yet established", Class.UNAUTHORISED, FromReport.SYSTEM, ""),
    ("O", "Absent, no other code applies", Class.UNAUTHORISED, FromReport.SUGGEST, ""),
    ("U", "Arrived after the register closed", Class.UNAUTHORISED, FromReport.STAFF, "arrival"),
    ("Z", "Not yet on the roll", Class.NOT_COUNTED, FromReport.NO, ""),
    ("#", "Planned closure", Class.NOT_COUNTED, FromReport.NO, ""),
)

CODES: dict[str, Code] = {row[0]: Code(*row) for row in _TABLE}

UNEXPLAINED = "N"
"""The mark of an absence whose circumstances are not yet established."""


def is_code(letter: str) -> bool:
    """Tell whether a letter is a code of the national table."""
    return letter in CODES


def is_absence(letter: str) -> bool:
    """Tell whether a code means that the child was not in school for a possible session."""
    code = CODES.get(letter)
    return code is not None and code.counts in {Class.AUTHORISED, Class.UNAUTHORISED, Class.UNABLE}


def staff_may_set(letter: str) -> bool:
    """Tell whether staff may set the code from the queue: all but marks and planned closures."""
    return letter in CODES and letter not in {"/", "\\", "Z", "#"}
