"""Reads a pupils' file: one row for each pupil and contact, in whatever order and layout it came.

The pupil's cells may stand on every row or on the first of each group only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from actions.changes import Problem
from actions.import_pupils import ContactRecord, PupilRecord
from actions.roll_records import same_number
from mis import cells, contact_row
from mis.cells import CellError
from mis.csv_file import Row, read
from mis.heading_names import MAKES_CONTACT, PUPIL_BLOCK, PUPIL_FIELDS, Field
from mis.headings import Columns, Headings
from mis.same_contact import SHARED, joined, same_person, shared_facts


@dataclass(slots=True)
class PupilsFile:
    """What a file says, and what is wrong with it; with problems it must not be applied."""

    records: list[PupilRecord] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)


@dataclass(slots=True)
class _Pupil:
    """One pupil while the rows are read."""

    record: PupilRecord
    contacts: dict[str, ContactRecord] = field(default_factory=dict)


def read_pupils(data: bytes, own: Mapping[str, Field] | None = None) -> PupilsFile:
    """Read a file.

    Args:
        data: the bytes as they are on disk.
        own: the school's own headings.

    Raises:
        UnreadableFileError: it is no CSV, or has no heading that we know.
    """
    headings = Headings(PUPIL_FIELDS, own)
    table = read(data, headings)
    columns = headings.resolve(table.header)
    found = PupilsFile()
    found.problems += [
        Problem(headings.missing(missing), table.header.line) for missing in _missing(columns)
    ]
    if not found.problems:
        _Reader(columns, found).read(table.rows)
    if not found.records and not found.problems:
        found.problems.append(Problem("the file has headings but no pupils", table.header.line))
    return found


def _missing(columns: Columns) -> list[Field]:
    missing = []
    if not columns.has(Field.ADMISSION, Field.UPN, Field.PUPIL_ID):
        missing.append(Field.ADMISSION)
    if not columns.has(Field.PUPIL_NAME):
        missing += [name for name in (Field.FIRST, Field.LAST) if not columns.has(name)]
    return missing + ([] if columns.has(Field.CLASS) else [Field.CLASS])


class _Reader:
    """Puts the rows of one file together into pupils."""

    def __init__(self, columns: Columns, found: PupilsFile) -> None:
        self.columns = columns
        self.found = found
        self.pupils: dict[str, _Pupil] = {}
        self.with_contacts = columns.has(*MAKES_CONTACT)

    def read(self, rows: tuple[Row, ...]) -> None:
        """Read every row; problems do not stop the reading, so that all are named at once."""
        pupil: _Pupil | None = None
        for row in rows:
            if self.columns.any_filled(row, PUPIL_BLOCK):
                pupil = self._pupil(row)
            elif pupil is None:
                self._problem(row, "this row belongs to no pupil: give it an admission number")
            if pupil and self.columns.any_filled(row, MAKES_CONTACT):
                self._contact(pupil, row)
        self._warn_of_twins()
        contacts = (c for pupil in self.pupils.values() for c in pupil.contacts.values())
        shared = shared_facts(contacts, self.found.problems, self.found.warnings)
        self.found.records = [self._record(pupil, shared) for pupil in self.pupils.values()]

    def _pupil(self, row: Row) -> _Pupil | None:
        number = self._number(row)
        first, last = self._names(row)
        if not number:
            return None
        known = self.pupils.get(same_number(number))
        if known is not None:
            self._compare(known.record, row, first, last)
            return known
        class_name = cells.name(self.columns.text(row, Field.CLASS))
        if not first or not last:
            self._problem(row, "a forename or a surname is missing")
        if not class_name:
            what = f'no {self.columns.heading(Field.CLASS)}: give the pupil\'s class, such as "3A"'
            self._problem(row, what)
        year = cells.year(self.columns.text(row, Field.YEAR))
        pupil = _Pupil(PupilRecord(row.line, number, first, last, class_name, year))
        self.pupils[same_number(number)] = pupil
        return pupil

    def _number(self, row: Row) -> str:
        """Give the pupil's key: admission number, else UPN, else the system's own id."""
        text = self.columns.text
        upn = cells.upn(text(row, Field.UPN))
        if upn and not cells.upn_is_sound(upn):
            self._warn(row, f'the UPN "{upn}" has a wrong form or check letter')
        number = text(row, Field.ADMISSION) or upn
        if not self.columns.has(Field.ADMISSION, Field.UPN):
            number = text(row, Field.PUPIL_ID)
        if not number:
            self._problem(row, "no admission number: give every pupil one, or a UPN")
        try:
            return cells.identifier(number)
        except CellError as wrong:
            self._problem(row, f'the number "{number[:20]}" {wrong}')
            return ""

    def _names(self, row: Row) -> tuple[str, str]:
        first = cells.name(self.columns.text(row, Field.FIRST))
        last = cells.name(self.columns.text(row, Field.LAST))
        whole = cells.name(self.columns.text(row, Field.PUPIL_NAME))
        if first or last or not whole:
            return first, last
        before, comma, after = whole.partition(",")
        if comma:
            return after.strip(), before.strip()
        before, _, after = whole.partition(" ")
        return before, after

    def _compare(self, record: PupilRecord, row: Row, first: str, last: str) -> None:
        """The same number must mean the same pupil; blank cells repeat what stood above."""
        class_name = cells.name(self.columns.text(row, Field.CLASS))
        if (first and first != record.first) or (last and last != record.last):
            what = f"this admission number has another name on line {record.line}: correct one"
            self._problem(row, what)
        if class_name and class_name != record.class_name:
            what = (
                f'"{class_name}" is another class than on line {record.line}: export the '
                "registration group, not the teaching groups"
            )
            self._problem(row, what)

    def _contact(self, pupil: _Pupil, row: Row) -> None:
        contact, problems, warnings = contact_row.read_contact(
            self.columns, row, pupil.record.external_id
        )
        self.found.problems += problems
        self.found.warnings += warnings
        key = same_person(pupil.contacts, contact)
        have = pupil.contacts.get(key)  # one row for each telephone number, or for each class
        pupil.contacts[key] = joined(have, contact) if have else contact

    def _warn_of_twins(self) -> None:
        seen: dict[tuple[str, str, str], PupilRecord] = {}
        for pupil in self.pupils.values():
            record = pupil.record
            key = record.first.casefold(), record.last.casefold(), record.class_name
            other = seen.setdefault(key, record)
            if other is not record:
                self.found.warnings.append(
                    Problem(
                        f"a pupil of the same name and class stands on line {other.line} under "
                        "another number; both are kept",
                        record.line,
                    )
                )

    def _record(self, pupil: _Pupil, shared: Mapping[str, ContactRecord]) -> PupilRecord:
        if not self.with_contacts:
            return replace(pupil.record, contacts=None)
        contacts = [
            replace(
                contact, **{fact: getattr(shared[contact.external_id], fact) for fact in SHARED}
            )
            for contact in pupil.contacts.values()
        ]
        return replace(pupil.record, contacts=contact_row.in_order(contacts))

    def _problem(self, row: Row, what: str) -> None:
        self.found.problems.append(Problem(what, row.line))

    def _warn(self, row: Row, what: str) -> None:
        problem = Problem(what, row.line)
        if problem not in self.found.warnings:
            self.found.warnings.append(problem)
