"""What a file says about one pupil and one adult, whichever system wrote the file."""

from __future__ import annotations

from dataclasses import dataclass

MADE_UP = "~"
"""An external id that starts so was made from name and number, since the file gave none."""


@dataclass(frozen=True, slots=True)
class ContactRecord:
    """One adult in one pupil's record, as a file has it.

    Attributes:
        line: where it stands in the file, counted from 1.
        order: 1 is asked first.
        language: BCP-47; None where the file does not say.
        parental_responsibility: None where the file does not say; unknown is not yes.
        no_contact: this adult is never written to about this pupil.
        phone: E.164, a number that texts can reach.
        silent: the facts for which the file has no column; what is stored stays.
    """

    line: int
    external_id: str
    name: str
    order: int
    relationship: str = ""
    language: str | None = None
    parental_responsibility: bool | None = None
    no_contact: bool = False
    phone: str | None = None
    email: str | None = None
    preferred: str | None = None
    silent: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class PupilRecord:
    """One pupil as a file has it; ``contacts`` is None where the file has no contact columns."""

    line: int
    external_id: str
    first: str
    last: str
    class_name: str
    year: str = ""
    contacts: tuple[ContactRecord, ...] | None = ()


def same_number(external_id: str) -> str:
    """Give the form under which two spellings of an admission number meet (003205 and 3205)."""
    return external_id.lstrip("0") if external_id.isdigit() else external_id.upper()
