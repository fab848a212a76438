"""``firstday understand``: how the product reads messages, one JSON object a line."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, TextIO

from commands.json_lines import BadLineError, Row, answer_lines, field
from conversations.understanding.meaning import Kind, Meaning
from conversations.understanding.understand import understand

CHANNELS = ("sms", "telegram", "email", "web")

_PLAIN_WORDS = {
    Kind.REASON: "gives a reason that staff can code",
    Kind.VAGUE: "says too little to choose a code",
    Kind.NOT_REASON: "points to something sent or said elsewhere",
    Kind.LEAVE_REQUEST: "asks for leave or announces it",
    Kind.QUESTION: "asks something",
    Kind.OPT_OUT: "wants no more texts",
    Kind.WRONG_NUMBER: "reached somebody who is not the parent",
    Kind.IN_SCHOOL: "states that the child is in school",
    Kind.THANKS: "only thanks",
    Kind.ABUSE: "is rude",
    Kind.SAFEGUARDING_ONLY: "needs a person for somebody's safety",
}


def run(lines: Iterable[str], out: TextIO, *, today: date, explain: bool = False) -> int:
    """Answer each line with what its message means.

    Args:
        lines: JSON objects with ``id`` and ``text``, and perhaps ``channel``, ``lang``,
            ``children`` and ``today``.
        out: where the answers go.
        today: the date for lines that carry none.
        explain: add a field ``explain``, plain sentences that say why.

    Returns:
        0 when every line was answered, 1 when any line was an error.
    """
    return answer_lines(lines, out, lambda row: _answer(row, today, explain=explain))


def _answer(row: Row, today: date, *, explain: bool) -> Row:
    row_id = field(row, "id", (str, int))
    text = field(row, "text")
    channel = _optional(row, "channel", str)
    if channel is not None and channel not in CHANNELS:
        raise BadLineError(f"the field 'channel' must be one of {', '.join(CHANNELS)}")
    meaning = understand(
        text,
        lang=_optional(row, "lang", str),
        children=_names(row),
        today=_date(row) or today,
    )
    answer = {"id": row_id, **_as_row(meaning)}
    if explain:
        answer["explain"] = _explanation(meaning, text)
    return answer


def _optional(row: Row, name: str, kind: type) -> Any:
    return None if row.get(name) is None else field(row, name, kind)


def _names(row: Row) -> list[str]:
    names = _optional(row, "children", list) or []
    if not all(isinstance(name, str) for name in names):
        raise BadLineError("the field 'children' must be a list of first names")
    return list(names)


def _date(row: Row) -> date | None:
    written = _optional(row, "today", str)
    if written is None:
        return None
    try:
        return date.fromisoformat(written)
    except ValueError:
        raise BadLineError("the field 'today' must be a date like 2027-01-12") from None


def _as_row(meaning: Meaning) -> Row:
    return {
        "lang": meaning.lang,
        "kind": meaning.kind.value,
        "also": [kind.value for kind in meaning.also],
        "detailed": meaning.detailed,
        "codes": list(meaning.codes),
        "safeguarding": meaning.safeguarding,
        "children": list(meaning.children),
        "when": meaning.when,
        "evidence": [[e.start, e.end, e.what] for e in meaning.evidence],
        "confidence": meaning.confidence,
    }


def _explanation(meaning: Meaning, text: str) -> list[str]:
    told = [f"The message {_PLAIN_WORDS[meaning.kind]}."]
    told += [f"It also {_PLAIN_WORDS[kind]}." for kind in meaning.also]
    told += [
        f"'{text[e.start : e.end]}' counts as {e.what.replace('_', ' ').replace('.', ': ')}."
        for e in meaning.evidence
    ]
    if meaning.safeguarding:
        told.append("A person must look at it at once.")
    if meaning.codes:
        told.append(f"Suggested codes, best first: {', '.join(meaning.codes)}.")
    return told
