"""Finds which column holds which fact, by the names in the header row.

Case, spaces and punctuation make no difference; a heading that stands twice is told apart by its
position; a school's own names are given by hand (``--map``).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from mis.csv_file import Row
from mis.heading_names import CONTACT_BLOCK, NAMES, TWICE, Field

_BEGINS_CONTACT = frozenset(CONTACT_BLOCK[:9])
"""A column of these shows that the contact's columns have begun."""

_SHOWN = 4
"""How many names of a field a message lists."""

_KEYS = frozenset({Field.ADMISSION, Field.UPN})
_NAMED = frozenset({Field.FIRST, Field.LAST, Field.PUPIL_NAME})


class MappingError(ValueError):
    """A mapping given by hand cannot be used."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Where each field stands in one file; several columns of a field in order of preference."""

    header: Row
    places: Mapping[Field, tuple[int, ...]]

    def has(self, *fields: Field) -> bool:
        """Tell whether the file has a column for any of the fields."""
        return any(field in self.places for field in fields)

    def text(self, row: Row, field: Field) -> str:
        """Give the first filled cell among the columns of a field."""
        return next(filter(None, (row.cell(n) for n in self.places.get(field, ()))), "")

    def texts(self, row: Row, field: Field) -> list[str]:
        """Give every filled cell among the columns of a field."""
        return [cell for n in self.places.get(field, ()) if (cell := row.cell(n))]

    def any_filled(self, row: Row, fields: Iterable[Field]) -> bool:
        """Tell whether a row says anything in these fields."""
        return any(self.text(row, field) for field in fields)

    def heading(self, field: Field) -> str:
        """Give what the file itself calls a field, for messages."""
        places = self.places.get(field)
        return self.header.cell(places[0]) if places else str(field)


class Headings:
    """The headings that may stand in one kind of file, with a school's own names."""

    def __init__(self, fields: Iterable[Field], own: Mapping[str, Field] | None = None) -> None:
        self._fields = tuple(fields)
        self._own = {_key(heading): field for heading, field in (own or {}).items()}
        self._known = {
            key: (field, rank) for key, (field, rank) in _BY_KEY.items() if field in self._fields
        }

    def knows(self, cell: str) -> bool:
        """Tell whether a cell is a heading we know."""
        key = _key(cell)
        return key in self._own or key in self._known or key in TWICE

    def none_found(self) -> str:
        """Say that no heading was found, which ones we know, and how to mend it."""
        wanted = ", ".join(self._fields)
        names = ", ".join(name for f in self._fields for name in NAMES[f].split("|")[:_SHOWN])
        return (
            f"none of {wanted} found; I know these headings: {names}. Rename the column in the "
            'file, or give --map "YOUR HEADING=Admission number"'
        )

    def missing(self, field: Field) -> str:
        """Say that a needed column is not there and how to mend it."""
        names = ", ".join(NAMES[field].split("|")[:_SHOWN])
        return (
            f'no column for "{field}" (also known as {names}): add it to the report, or give '
            f'--map "YOUR HEADING={field}"'
        )

    def resolve(self, header: Row) -> Columns:
        """Find the columns of one header; a repeated heading is told apart by its position."""
        keys = [_key(cell) for cell in header.cells]
        found: dict[Field, list[tuple[int, int]]] = {}
        for column, key in enumerate(keys):
            field, rank = self._known.get(key, (None, 0))
            if key in self._own:
                field, rank = self._own[key], -1
            elif key in TWICE:
                field = self._role(key, keys.count(key), keys[:column].count(key), found)
            if field is not None:
                found.setdefault(field, []).append((rank, column))
        return Columns(header, {f: tuple(c for _, c in sorted(at)) for f, at in found.items()})

    def _role(self, key: str, times: int, before: int, found: Collection[Field]) -> Field | None:
        """Tell the pupil's column from the contact's; a third one (a teaching class) is nobody's.

        A heading that stands once is the pupil's, unless another column is that already and the
        contact's columns have begun.
        """
        roles = TWICE[key]
        contacts = not _BEGINS_CONTACT.isdisjoint(found) and roles[0] in found
        if roles[0] is Field.PUPIL_ID:
            contacts = not _KEYS.isdisjoint(found) and not _NAMED.isdisjoint(found)
        nth = before if times > 1 else int(contacts)
        field = roles[nth] if nth < len(roles) else None
        return field if field in self._fields else None


def own_mapping(pairs: Iterable[str]) -> dict[str, Field]:
    """Read ``HEADING=FIELD`` pairs, as ``--map`` gives them.

    Raises:
        MappingError: no equals sign, or a field that we do not know.
    """
    mapping = {}
    for pair in pairs:
        heading, equals, name = pair.rpartition("=")
        known = _BY_KEY.get(_key(name))
        if not equals or not _key(heading) or known is None:
            fields = ", ".join(Field)
            raise MappingError(
                f'--map "{pair}" is not understood: write "YOUR HEADING=FIELD", where FIELD is '
                f"one of {fields}"
            )
        mapping[heading] = known[0]
    return mapping


def _key(heading: str) -> str:
    """Reduce a heading to its letters and digits; SIMS writes a space as ``_x0020_`` in XML."""
    plain = unicodedata.normalize("NFKC", heading).casefold().replace("_x0020_", "")
    return re.sub(r"[^0-9a-z]", "", plain)


_BY_KEY: dict[str, tuple[Field, int]] = {
    _key(name): (field, rank)
    for field, names in NAMES.items()
    for rank, name in enumerate(names.split("|"))
}
