"""A school's own attendance policy: every setting with its default, type and label together.

A school stores only what differs; ``read`` turns its TOML text into a ``Policy`` or says
which key is wrong, on which line, and how to mend it.
"""

from __future__ import annotations

import difflib
import functools
import tomllib
from collections.abc import Iterator
from dataclasses import MISSING, dataclass, field, fields
from datetime import time
from typing import Any
from zoneinfo import ZoneInfo

from school.people import Channel, Session

_CLOCK_LENGTH = 5


class PolicyError(ValueError):
    """A policy text cannot be used; ``problems`` names each key, its line and the remedy."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


def _setting(key: str, label: str, default: Any = MISSING) -> Any:
    metadata = {"key": key, "label": label}
    if default is MISSING:
        return field(metadata=metadata)
    return field(default=default, metadata=metadata)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """One school's rules. Clock times are local to ``time_zone``; durations are in minutes."""

    name: str = _setting("name", "Name of the school")
    am_opens: time = _setting("day.am.register_opens", "Morning register opens")
    am_closes: time = _setting("day.am.register_closes", "Morning register closes")
    pm_opens: time = _setting("day.pm.register_opens", "Afternoon register opens")
    pm_closes: time = _setting("day.pm.register_closes", "Afternoon register closes")
    source: str = _setting("source", "Where the rules come from", "")
    time_zone: str = _setting("day.time_zone", "Time zone", "Europe/London")
    gates_open: time | None = _setting("day.gates_open", "Gates open", None)
    gates_close: time | None = _setting("day.gates_close", "Gates close", None)
    report_deadline: time | None = _setting("report.deadline", "Parents report by", None)
    report_every_day: bool = _setting("report.every_day", "Report on every day of absence", True)
    vague_questions: int = _setting(
        "report.vague_questions", "How often a vague answer is asked about", 2
    )
    channels: tuple[Channel, ...] = _setting(
        "first_day.channels",
        "Channels, in the order tried",
        (Channel.TELEGRAM, Channel.SMS, Channel.EMAIL),
    )
    run_until_am: time = _setting(
        "first_day.run_until_am", "No automatic morning run after", time(12, 0)
    )
    run_until_pm: time = _setting(
        "first_day.run_until_pm", "No automatic afternoon run after", time(15, 0)
    )
    hold_minutes: int = _setting("first_day.hold_minutes", "A probable answer holds a message", 5)
    next_contact_minutes: int = _setting(
        "first_day.next_contact_minutes", "Minutes before the next contact is asked", 20
    )
    expires_minutes: int = _setting(
        "first_day.expires_minutes", "Minutes after which an unsent message is too old", 120
    )

    def opens(self, session: Session) -> time:
        """When the register of a session opens, local time."""
        return self.am_opens if session is Session.AM else self.pm_opens

    def closes(self, session: Session) -> time:
        """When the register of a session closes, local time."""
        return self.am_closes if session is Session.AM else self.pm_closes

    def run_until(self, session: Session) -> time:
        """After this local time no run starts by itself."""
        return self.run_until_am if session is Session.AM else self.run_until_pm


@functools.lru_cache(maxsize=512)
def read(text: str) -> Policy:
    """Read a policy file; the same text gives the same policy without reading it again.

    Raises:
        PolicyError: with one line for each problem: the key, where it stands, how to mend it.
    """
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as wrong:
        raise PolicyError([f"the file is not valid TOML: {wrong}"]) from wrong
    known = {f.metadata["key"]: f for f in fields(Policy)}
    given = dict(_flatten(data))
    problems = [_unknown(key, list(known), text) for key in given if key not in known]
    values: dict[str, Any] = {}
    for key, setting in known.items():
        if key in given:
            try:
                values[setting.name] = _convert(setting.name, given[key])
            except ValueError as wrong:
                problems.append(f"{_where(key, text)}{key}: {wrong}")
        elif setting.default is MISSING:
            problems.append(f"{key} is missing: add it ({setting.metadata['label']})")
    if not problems:
        problems = list(_contradictions(values))
    if problems:
        raise PolicyError(problems)
    return Policy(**values)


def _flatten(data: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in data.items():
        if isinstance(value, dict):
            yield from _flatten(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def _where(key: str, text: str) -> str:
    """Name the line of a dotted key, as far as the text shows it."""
    *table, last = key.split(".")
    here = ""
    for number, line in enumerate(text.splitlines(), start=1):
        bare = line.split("#")[0].strip()
        if bare.startswith("[") and bare.endswith("]"):
            here = bare.strip("[] ")
        elif here == ".".join(table) and bare.split("=")[0].strip() == last:
            return f"line {number}: "
    return ""


def _unknown(key: str, known: list[str], text: str) -> str:
    near = difflib.get_close_matches(key, known, n=1, cutoff=0.5)
    hint = f"did you mean {near[0]}?" if near else "remove it"
    return f"{_where(key, text)}{key} is not a setting: {hint}"


def _convert(name: str, value: Any) -> Any:
    kind = Policy.__annotations__[name]
    if kind.startswith("time"):
        return _clock(value)
    if name == "channels":
        return _channels(value)
    if name == "time_zone":
        return _zone(value)
    if type(value).__name__ != kind:  # a bool is an int to isinstance
        raise ValueError(f"expected {_WORDS[kind]}, got {value!r}")
    if kind == "int" and value < 0:
        raise ValueError(f"expected a number of 0 or more, got {value}")
    return value


_WORDS = {"str": "text in quotes", "int": "a whole number", "bool": "true or false"}


def _clock(value: Any) -> time:
    try:
        if isinstance(value, str) and len(value) == _CLOCK_LENGTH:
            return time.fromisoformat(value)
    except ValueError:
        pass
    raise ValueError(f'expected a clock time such as "09:20", got {value!r}')


def _channels(value: Any) -> tuple[Channel, ...]:
    names = [str(c) for c in Channel]
    if not isinstance(value, list) or not value or any(c not in names for c in value):
        raise ValueError(f"expected a list of {', '.join(names)}, got {value!r}")
    return tuple(Channel(c) for c in value)


def _zone(value: Any) -> str:
    try:
        ZoneInfo(value)
    except (KeyError, TypeError, ValueError, OSError):
        raise ValueError(f'expected a time zone such as "Europe/London", got {value!r}') from None
    return str(value)


def _contradictions(values: dict[str, Any]) -> Iterator[str]:
    for half in ("am", "pm"):
        if values[f"{half}_closes"] <= values[f"{half}_opens"]:
            yield f"day.{half}.register_closes must be later than day.{half}.register_opens"
    if values["pm_opens"] <= values["am_closes"]:
        yield "day.pm.register_opens must be later than day.am.register_closes"
