"""The words of the office page: channels, days, codes, delivery, roles. British English."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from babel import Locale, UnknownLocaleError

from school.codes import CODES, Class, staff_may_set
from school.people import Pupil
from store.outbox import OutboundRow, Status
from store.tasks import TaskKind

CHANNELS = {
    "sms": "text",
    "telegram": "Telegram",
    "email": "e-mail",
    "web": "web form",
    "in_person": "told the office",
}

ROLES = {
    "office": "office",
    "attendance_officer": "attendance officer",
    "head": "headteacher",
    "safeguarding_lead": "safeguarding lead",
    "administrator": "administrator",
}

TASKS = {
    TaskKind.SAFEGUARDING: "Safety: act now",
    TaskKind.CHECK_REGISTER: "Parent says: in school",
    TaskKind.CALL: "Ring the family",
    TaskKind.UNKNOWN_SENDER: "Number not on record",
    TaskKind.WRONG_NUMBER: "Wrong number",
    TaskKind.OPTED_OUT: "Wants no messages",
    TaskKind.LEAVE: "Asks for leave",
    TaskKind.QUESTION: "Has a question",
    TaskKind.MESSAGE: "Message to read",
    TaskKind.UNDELIVERED: "Message not delivered",
    TaskKind.UNCERTAIN: "Perhaps not sent",
    TaskKind.NO_CONTACT: "Nobody we can reach",
    TaskKind.UNREADABLE: "Message we could not read",
}

STEPS = {
    TaskKind.SAFEGUARDING: "Tell the safeguarding lead now. Nothing is asked of the parent by us.",
    TaskKind.CHECK_REGISTER: "Look for the child now: classroom, office, late book. "
    "Then ring the parent.",
    TaskKind.CALL: "Ring, and note what you heard.",
    TaskKind.UNKNOWN_SENDER: "Ring a number you hold for the child. Say nothing about any child "
    "to this one.",
    TaskKind.WRONG_NUMBER: "Ask the family for the right number and put it into your own system.",
    TaskKind.OPTED_OUT: "Agree with the family how they want to hear from you.",
    TaskKind.LEAVE: "Give them the form; the headteacher decides.",
    TaskKind.QUESTION: "Answer it, or pass it on.",
    TaskKind.MESSAGE: "Read it and see whether a child is concerned.",
    TaskKind.UNDELIVERED: "Ring, or try the next contact.",
    TaskKind.UNCERTAIN: "Ring: we do not know whether the message went.",
    TaskKind.NO_CONTACT: "Find a number and ring.",
    TaskKind.UNREADABLE: "Open it where it came in and read it there.",
}

_DELIVERY = {
    Status.QUEUED: "waiting to be sent",
    Status.SENDING: "being sent",
    Status.RECONCILING: "being sent",
    Status.ACCEPTED: "sent",
    Status.SENT: "sent",
    Status.DELIVERED: "delivered",
    Status.READ: "read",
    Status.UNDELIVERED: "not delivered",
    Status.FAILED: "not delivered",
    Status.SUPPRESSED: "not sent, address stopped",
    Status.CANCELLED: "not sent, no longer needed",
    Status.EXPIRED: "not sent, too late",
    Status.UNCERTAIN: "perhaps not sent",
}

_NOT_REACHED = {Status.UNDELIVERED, Status.FAILED, Status.SUPPRESSED, Status.EXPIRED}

_SAID = {
    "ask_detail_1": "we asked what is wrong",
    "ask_detail_2": "we asked what is wrong, twice",
    "ask_which_child": "we asked which child",
    "ask_which_child_again": "we asked which child, twice",
    "ask_text": "we asked for words",
    "alert_am": "we asked why",
    "alert_pm": "we asked why",
}


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a parent's words; ``marked`` where it carried the decision."""

    text: str
    marked: bool


def pieces(words: str, evidence: Iterable[Sequence[object]]) -> tuple[Piece, ...]:
    """Cut words at the evidence; joined again they are the same words."""
    spans = sorted(_spans(evidence, len(words)))
    cut, at = [], 0
    for start, end in spans:
        if end <= at:
            continue
        first = max(start, at)
        cut += [Piece(words[at:first], marked=False), Piece(words[first:end], marked=True)]
        at = end
    cut.append(Piece(words[at:], marked=False))
    return tuple(piece for piece in cut if piece.text)


def _spans(evidence: Iterable[Sequence[object]], length: int) -> Iterable[tuple[int, int]]:
    for start, end, *_ in evidence:
        if isinstance(start, int) and isinstance(end, int) and 0 <= start < end <= length:
            yield start, end


def short_name(pupil: Pupil) -> str:
    """First name and the initial of the last, as the rows show it."""
    return f"{pupil.first} {pupil.last[:1]}".strip()


def listed(names: Sequence[str]) -> str:
    """Join names as a sentence does: Amy, Ben and Zoe."""
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


def clock(at: datetime) -> str:
    """A local time of day."""
    return f"{at:%H:%M}"


def long_date(day: date) -> str:
    """Tuesday 12 January."""
    return f"{day:%A} {day.day} {day:%B}"


def days(covered: Sequence[str], today: date) -> str:
    """Say which days, as seen from today: today and tomorrow; Wed 13 January; a span."""
    dates = [date.fromisoformat(day) for day in covered] or [today]
    near = {today - timedelta(days=1): "yesterday", today: "today"}
    near[today + timedelta(days=1)] = "tomorrow"
    if len(dates) <= 2:
        return listed([near.get(day, _short_date(day)) for day in dates])
    first, last = dates[0], dates[-1]
    start = near.get(first, _short_date(first, month=first.month != last.month))
    return f"{start} to {_short_date(last)}, {len(dates)} school days"


def _short_date(day: date, *, month: bool = True) -> str:
    return f"{day:%a} {day.day} {day:%B}" if month else f"{day:%a} {day.day}"


def halves(sessions: str) -> str:
    """AM + PM, or the one."""
    return " + ".join(sessions.split("+"))


def meaning(code: str) -> str:
    """What a code means, in the words of the national table."""
    return CODES[code].meaning if code in CODES else "not a code"


def choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """Give the codes staff may set with their meanings, by how they count."""
    groups: dict[Class, list[tuple[str, str]]] = {}
    for letter, code in CODES.items():
        if staff_may_set(letter):
            groups.setdefault(code.counts, []).append((letter, code.meaning))
    order = (Class.AUTHORISED, Class.UNAUTHORISED, Class.UNABLE, Class.ATTENDING, Class.NOT_COUNTED)
    return [(str(kind).capitalize(), sorted(groups[kind])) for kind in order]


def delivery(row: OutboundRow) -> str:
    """What became of a message we wrote."""
    return _DELIVERY.get(Status(row.status), row.status)


def reached(row: OutboundRow) -> bool:
    """Tell whether a message may still reach somebody or has."""
    return Status(row.status) not in _NOT_REACHED


def said(row: OutboundRow) -> str:
    """What we said, in a few words."""
    return _SAID.get(row.sentence, "we answered")


def language(tag: str) -> str:
    """The English name of a language; empty for English itself and for what nobody knows."""
    if tag.partition("-")[0] in {"", "en", "und"}:
        return ""
    try:
        return Locale.parse(tag, sep="-").get_language_name("en") or ""
    except (UnknownLocaleError, ValueError):
        return ""


def count(number: int, one: str, many: str = "") -> str:
    """1 family, 2 families."""
    return f"{number} {one if number == 1 else many or one + 's'}"
