"""Reads the contact's part of one row of a pupils' file.

Where a cell about permission is unclear, the contact is not written to until staff have looked.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from actions.changes import Problem
from actions.import_pupils import ContactRecord
from actions.roll_records import MADE_UP
from mis import cells, languages, phones
from mis.cells import CellError
from mis.csv_file import Row
from mis.heading_names import Field
from mis.headings import Columns

_UNKNOWN_ORDER = 0
_CHANNELS = {
    "email": "email",
    "e-mail": "email",
    "mail": "email",
    "text": "sms",
    "text message": "sms",
    "sms": "sms",
    "mobile": "sms",
    "telegram": "telegram",
}


@dataclass(slots=True)
class _Reading:
    """One row while it is read."""

    columns: Columns
    row: Row
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)

    def text(self, what: Field) -> str:
        """Give a field's cell."""
        return self.columns.text(self.row, what)

    def warn(self, what: str) -> None:
        """Note what the office should look at."""
        self.warnings.append(Problem(what, self.row.line))


def read_contact(
    columns: Columns, row: Row, pupil: str
) -> tuple[ContactRecord, list[Problem], list[Problem]]:
    """Read one contact; gives it with the row's problems and warnings.

    Args:
        columns: where the facts stand.
        row: the row.
        pupil: the pupil's number, part of a made-up id where the file gives no address.
    """
    reading = _Reading(columns, row)
    name = _name(reading)
    phone = _phone(reading)
    email = _email(reading)
    contact = ContactRecord(
        line=row.line,
        external_id=_number(reading) or _made_up(name, phone or email or pupil),
        name=name,
        order=_order(reading),
        relationship=cells.name(reading.text(Field.RELATIONSHIP)),
        language=_language(reading),
        parental_responsibility=_responsibility(reading),
        no_contact=_no_contact(reading),
        phone=phone,
        email=email,
        preferred=_preferred(reading),
        silent=_silent(columns),
    )
    return contact, reading.problems, reading.warnings


def in_order(contacts: Iterable[ContactRecord]) -> tuple[ContactRecord, ...]:
    """Keep the order that the file gives; contacts without one come after, as they stand."""
    known = list(contacts)
    last = max((contact.order for contact in known), default=0)
    without = [contact for contact in known if contact.order == _UNKNOWN_ORDER]
    after = [replace(contact, order=last + n) for n, contact in enumerate(without, start=1)]
    given = [contact for contact in known if contact.order != _UNKNOWN_ORDER]
    return (*sorted(given, key=lambda contact: contact.order), *after)


def _name(reading: _Reading) -> str:
    parts = (Field.TITLE, Field.CONTACT_FIRST, Field.CONTACT_LAST)
    name = cells.name(" ".join(reading.text(part) for part in parts[1:]))
    if not name:
        name = cells.name(reading.text(Field.CONTACT_NAME))
    if not name:
        reading.warn("the contact has no name; messages will say Parent or carer")
        return "Parent or carer"
    return cells.name(f"{reading.text(Field.TITLE)} {name}")


def _number(reading: _Reading) -> str:
    try:
        return cells.identifier(reading.text(Field.CONTACT_ID))
    except CellError as wrong:
        heading = reading.columns.heading(Field.CONTACT_ID)
        reading.problems.append(Problem(f"{heading}: the cell {wrong}", reading.row.line))
        return ""


def _made_up(name: str, address: str) -> str:
    """Make an id where the file gives none; two adults with one number stay two."""
    key = f"{name.casefold()}|{address}".encode()
    return MADE_UP + hashlib.sha256(key).hexdigest()[:20]


def _phone(reading: _Reading) -> str | None:
    """Take the first number that texts can reach, mobile columns first."""
    number, troubles = None, []
    for which in (Field.MOBILE, Field.OTHER_PHONE):
        for cell in reading.columns.texts(reading.row, which):
            try:
                phone = phones.read(cell)
            except CellError as wrong:
                heading = reading.columns.heading(which)
                reading.problems.append(
                    Problem(f"{heading}: {phones.shown(cell)} {wrong}", reading.row.line)
                )
                continue
            number = number or phone.number
            if phone.trouble and (which is Field.MOBILE or number is None):
                troubles.append(f"{phones.shown(cell)} {phone.trouble}")
    for trouble in troubles if number is None else [t for t in troubles if "more than" in t]:
        reading.warn(trouble)
    return number


def _email(reading: _Reading) -> str | None:
    for cell in reading.columns.texts(reading.row, Field.EMAIL):
        try:
            return cells.email(cell)
        except CellError as wrong:
            reading.warn(f"{reading.columns.heading(Field.EMAIL)}: the cell {wrong}")
    return None


def _order(reading: _Reading) -> int:
    cell = reading.text(Field.PRIORITY)
    if not cell:
        return _UNKNOWN_ORDER
    if not cell.isdecimal():
        heading = reading.columns.heading(Field.PRIORITY)
        reading.warn(f'{heading}: "{cell[:20]}" is not a number; this contact is asked last')
        return _UNKNOWN_ORDER
    return min(int(cell[:4]), 999)


def _language(reading: _Reading) -> str | None:
    cell = reading.text(Field.LANGUAGE)
    if not cell:
        return None
    found = languages.tag(cell)
    if found is None:
        heading = reading.columns.heading(Field.LANGUAGE)
        reading.warn(f'{heading}: "{cell[:20]}" is not a language we know; English is used')
    return found


def _responsibility(reading: _Reading) -> bool | None:
    try:
        return cells.flag(reading.text(Field.RESPONSIBILITY))
    except CellError as wrong:
        heading = reading.columns.heading(Field.RESPONSIBILITY)
        reading.warn(f"{heading}: the cell {wrong}; it is kept as not known")
        return None


def _no_contact(reading: _Reading) -> bool:
    barred = _bars(reading, Field.NO_CONTACT, barring=True)
    barred = _bars(reading, Field.CONTACT_ALLOWED, barring=False) or barred
    if _bars(reading, Field.COURT_ORDER, barring=True):
        reading.warn(
            "a court order is ticked, so this contact is never written to about this pupil: "
            "check in the pupil's record what the order says"
        )
        return True
    return barred


def _bars(reading: _Reading, which: Field, *, barring: bool) -> bool:
    """Tell whether a cell forbids contact; what cannot be read forbids it too."""
    try:
        return cells.flag(reading.text(which)) is barring
    except CellError as wrong:
        heading = reading.columns.heading(which)
        reading.warn(f"{heading}: the cell {wrong}; until then the contact is not written to")
        return True


def _preferred(reading: _Reading) -> str | None:
    cell = reading.text(Field.PREFERRED).casefold()
    if cell and cell not in _CHANNELS:
        heading = reading.columns.heading(Field.PREFERRED)
        reading.warn(f'{heading}: "{cell[:20]}" is not text, email or telegram (left out)')
    return _CHANNELS.get(cell)


def _silent(columns: Columns) -> frozenset[str]:
    silent = set()
    if not columns.has(Field.MOBILE, Field.OTHER_PHONE):
        silent.add("phone")
    if not columns.has(Field.EMAIL):
        silent.add("email")
    return frozenset(silent)
