"""What a register file says, matched with the roll, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from actions.changes import Changes, Problem
from actions.roll_records import same_number
from school.calendar import Calendar
from school.people import Session
from store.pupils import PupilRow
from store.roll import Roll


@dataclass(frozen=True, slots=True)
class RegisterRecord:
    """One pupil's mark for one session as a file has it.

    Attributes:
        line: where it stands in the file, counted from 1.
        external_id: the pupil's admission number.
        day: the school's own date.
        mark: a national code, or None where no mark was taken.
        class_name: empty where the file does not say.
    """

    line: int
    external_id: str
    day: date
    session: Session
    mark: str | None
    class_name: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """A record whose pupil and class were found."""

    record: RegisterRecord
    pupil_id: int
    class_id: int

    @property
    def key(self) -> tuple[int, date, str]:
        """The pupil, day and session of this mark."""
        return self.pupil_id, self.record.day, str(self.record.session)

    @property
    def register(self) -> tuple[int, date, str]:
        """The class, day and session whose register this mark stands in."""
        return self.class_id, self.record.day, str(self.record.session)


def match(records: Sequence[RegisterRecord], have: Roll, changes: Changes) -> list[Mark]:
    """Find the pupil and class of each record; what cannot be found is put into ``changes``."""
    by_number = {same_number(key): row for key, row in have.pupils.items()}
    by_class = {name.casefold(): row.id or 0 for name, row in have.classes.items()}
    strange: dict[str, RegisterRecord] = {}
    marks: dict[tuple[int, date, str], Mark] = {}
    for record in records:
        number = record.external_id
        pupil = have.pupils.get(number) or by_number.get(same_number(number))
        if pupil is None or (record.mark and not pupil.on_roll):
            changes.problems.append(_unusable(record, pupil))
            continue
        class_id = by_class.get(record.class_name.casefold())
        if class_id is None and record.class_name:
            strange.setdefault(record.class_name, record)
        mark = Mark(record, pupil.id or 0, class_id or pupil.class_id)
        marks.setdefault(mark.key, mark)
    changes.warnings += map(_unknown_class, strange.values())
    return list(marks.values())


def _unusable(record: RegisterRecord, pupil: PupilRow | None) -> Problem:
    number = record.external_id
    if pupil is None:
        what = f'no pupil has the admission number "{number}"'
    else:
        what = f'the pupil with the admission number "{number}" has left the roll'
    return Problem(f"{what}: import the pupils again, then this file", record.line)


def _unknown_class(record: RegisterRecord) -> Problem:
    return Problem(
        f'the class "{record.class_name}" is not known, so its pupils count in the class that the '
        "pupils' file gave them: import the pupils again if classes have changed",
        record.line,
    )


def contradictions(records: Sequence[RegisterRecord]) -> Iterator[Problem]:
    """Refuse two different marks for one session."""
    first: dict[tuple[str, date, str], RegisterRecord] = {}
    for record in records:
        key = same_number(record.external_id), record.day, str(record.session)
        other = first.setdefault(key, record)
        if other.mark != record.mark:
            yield Problem(
                f"this pupil has another {record.session} mark for the same day on line "
                f"{other.line}: export the register again",
                record.line,
            )


def not_yet(records: Sequence[RegisterRecord], today: date) -> Iterator[Problem]:
    """Refuse days to come: most often a date whose day and month changed places."""
    for day, line in _days(records):
        if day > today:
            yield Problem(
                f"{day:%d/%m/%Y} is still to come: check that the day stands before the month",
                line,
            )


def closed(records: Sequence[RegisterRecord], calendar: Calendar) -> Iterator[Problem]:
    """Point to days on which the school is closed."""
    for day, line in _days(records):
        if not calendar.is_school_day(day):
            yield Problem(f"{day:%d/%m/%Y} is not a school day in the calendar", line)


def _days(records: Sequence[RegisterRecord]) -> list[tuple[date, int]]:
    """Give each day with the line on which it first stands."""
    lines: dict[date, int] = {}
    for record in records:
        lines.setdefault(record.day, record.line)
    return sorted(lines.items())
