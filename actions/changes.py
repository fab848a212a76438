"""What an import does, or would do: counts for the preview, and problems with their lines."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend; ``line`` is the line of the file, None where it is about all of it.

    It never holds a name of a person: problems are printed, pasted and sent to helpdesks.
    """

    what: str
    line: int | None = None


@dataclass(slots=True)
class Tally:
    """How many things of one kind are new, changed, unchanged or leaving, and what changed."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    leaving: int = 0
    what: Counter[str] = field(default_factory=Counter)

    @property
    def total(self) -> int:
        """How many stand in the file."""
        return self.new + self.changed + self.unchanged

    def count(self, differences: list[str] | None) -> None:
        """Count one thing: None means that it is new."""
        if differences is None:
            self.new += 1
        elif differences:
            self.changed += 1
            self.what.update(differences)
        else:
            self.unchanged += 1


@dataclass(slots=True)
class Changes:
    """The outcome of an import or of its preview; both give the same for the same file.

    Attributes:
        applied: the changes were made; False for a preview, or when there are problems.
        tallies: by kind, for example "pupils".
        problems: why nothing may be applied.
        warnings: what the office should look at; they stop nothing.
        notes: single changes worth reading, for example a changed mark.
    """

    applied: bool = False
    tallies: dict[str, Tally] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)

    @property
    def none(self) -> bool:
        """Nothing is new, changed or leaving."""
        return not any(t.new or t.changed or t.leaving for t in self.tallies.values())


def take_over(row: Any, wanted: dict[str, Any], *, write: bool) -> list[str] | None:
    """Compare a stored row with what is wanted, and change it where that is asked for.

    Returns:
        The names of the facts that differ, for people; None where there is no row yet.
    """
    if row is None:
        return None
    differences = [key for key, value in wanted.items() if getattr(row, key) != value]
    for key in differences if write else ():
        setattr(row, key, wanted[key])
    return sorted({_WORDS.get(key, key) for key in differences})


_WORDS = {
    "first": "name",
    "last": "name",
    "class_id": "class",
    "on_roll": "back on the roll",
    "external_id": "number in the school's system",
    "email": "e-mail",
    "preferred": "preferred channel",
    "parental_responsibility": "parental responsibility",
    "no_contact": "no-contact flag",
}
