"""The school's mailbox behind the IMAP look-alike: messages, flags and numbers."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

SEEN = "\\Seen"
STANDARD_FLAGS = (SEEN, "\\Answered", "\\Flagged", "\\Deleted", "\\Draft")
_RANGE = re.compile(r"(\d+|\*)(?::(\d+|\*))?")


@dataclass(slots=True, eq=False)
class Stored:
    """One message with its unique number, its flags and the time it came in."""

    uid: int
    raw: bytes
    at: datetime
    flags: set[str] = field(default_factory=set)


class Mailbox:
    """One folder; unique numbers only ever grow, until `renumber` plays a rebuilt server."""

    def __init__(self, uid_validity: int = 1_700_000_001) -> None:
        self.uid_validity = uid_validity
        self.uid_next = 1
        self.messages: list[Stored] = []

    def append(self, raw: bytes, at: datetime) -> int:
        """Put a message in and return its unique number."""
        message = Stored(self.uid_next, raw, at)
        self.uid_next += 1
        self.messages.append(message)
        return message.uid

    def renumber(self) -> None:
        """Give every message a new number under a new UIDVALIDITY, as after a restore."""
        self.uid_validity += 1
        for number, message in enumerate(self.messages, 1):
            message.uid = number
        self.uid_next = len(self.messages) + 1

    def expunge(self) -> list[int]:
        """Remove what is marked as deleted; return the places, each as counted at its turn."""
        places: list[int] = []
        for place in range(len(self.messages), 0, -1):
            if "\\Deleted" in self.messages[place - 1].flags:
                del self.messages[place - 1]
                places.append(place)
        return places


def in_set(written: str, numbers: Iterable[int]) -> set[int]:
    """Return which of these numbers a sequence set like `1,4:7,9:*` names.

    A star is the largest number there is, and a range may be written backwards: `9:*` in a
    mailbox that ends at 5 therefore names 5.

    Raises:
        ValueError: this is no sequence set.
    """
    there = sorted(numbers)
    if not there:
        return set()
    chosen: set[int] = set()
    for part in written.split(","):
        found = _RANGE.fullmatch(part)
        if found is None:
            raise ValueError(f"no sequence set: {written!r}")
        ends = [there[-1] if end == "*" else int(end) for end in found.groups() if end]
        chosen.update(n for n in there if min(ends) <= n <= max(ends))
    return chosen
