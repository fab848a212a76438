"""Reads a cell with a telephone number into a number that texts can reach, or says why not.

A number must be possible for its country; Ofcom's numbers for drama are possible but assigned to
nobody, so that asking for a valid one would refuse every sample file.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import phonenumbers
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from mis.cells import CellError, is_shortened

_GB = 44
_DIGITS = 10
_ISLE_OF_MAN = "7624"
_REACHABLE = {PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE}


@dataclass(frozen=True, slots=True)
class Phone:
    """One number in E.164; ``trouble`` says why texts cannot reach it, or what was done to it."""

    number: str | None
    trouble: str = ""


def read(cell: str) -> Phone:
    """Read a cell; of several numbers in it the first mobile is taken.

    Raises:
        CellError: Excel has destroyed the number, so that it cannot be known.
    """
    if is_shortened(cell):
        raise CellError(
            "was shortened by Excel and its last digits are lost: export the file again and "
            "import it without opening it in Excel, or format the column as Text first"
        )
    parts = [part for part in re.split(r"[/;,]| or ", cell) if re.search(r"\d{3}", part)]
    if not parts:
        return Phone(None, "is not a number (left out)")
    found = [_one(part) for part in parts]
    best = next((phone for phone in found if phone.number), found[0])
    if best.number and len(found) > 1:
        return Phone(best.number, "holds more than one number; the first mobile is used")
    return best


def shown(cell: str) -> str:
    """Give what may be printed of a cell: the number without the words beside it."""
    if is_shortened(cell):
        return cell
    return " ".join(re.sub(r"[^\d+ /;]", " ", cell).split()) or "the cell"


def _one(part: str) -> Phone:
    digits = _repaired(re.sub(r"\((?!0\))[^)]*[A-Za-z][^)]*\)|[A-Za-z]+", " ", part).strip())
    try:
        number = phonenumbers.parse(digits, "GB")
    except phonenumbers.NumberParseException:
        return Phone(None, "is not a telephone number (left out)")
    if not phonenumbers.is_possible_number(number):
        return Phone(None, "has too many or too few digits (left out)")
    trouble = _british(number) if number.country_code == _GB else _foreign(number)
    if trouble:
        return Phone(None, trouble)
    return Phone(phonenumbers.format_number(number, PhoneNumberFormat.E164))


def _repaired(text: str) -> str:
    """Put back what spreadsheets drop: the first zero of a mobile, the plus of +44."""
    digits = re.sub(r"\D", "", text)
    if re.fullmatch(r"7\d{9}", digits) and not text.startswith("+"):
        return f"0{digits}"
    if re.fullmatch(r"447\d{9}", digits):
        return f"+{digits}"
    return text


def _british(number: phonenumbers.PhoneNumber) -> str:
    """Judge by the first digits, as Ofcom's numbering plan has them."""
    national = str(number.national_number)
    if national.startswith("7") and not national.startswith("70"):
        if len(national) != _DIGITS:
            return "has too few digits (left out)"
        if national.startswith("76") and not national.startswith(_ISLE_OF_MAN):
            return "is a pager; texts cannot reach it"
        return ""
    if national.startswith(("1", "2", "3")):
        return "is a landline; texts cannot reach it"
    return "is a special or premium-rate number; it is never used"


def _foreign(number: phonenumbers.PhoneNumber) -> str:
    if not phonenumbers.is_valid_number(number):
        return "is not a number in use in its country (left out)"
    if phonenumbers.number_type(number) not in _REACHABLE:
        return "is not a mobile number; texts cannot reach it"
    return ""
