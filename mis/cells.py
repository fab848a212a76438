"""What one cell means: yes or no, a name, a year, an e-mail address, a UPN, a date.

Readers never guess: where a cell is unclear they say so, and the caller names its line.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime

_YES = frozenset({"t", "true", "y", "yes", "1", "x", "✓", "✔", "ticked", "on"})
_NO = frozenset({"f", "false", "n", "no", "0", "☐", "off", "none", "n/a"})
_EMAIL = re.compile(r"[^@\s,;<>()\"']+@[a-z0-9-]+(\.[a-z0-9-]+)+")
_SHORTENED = re.compile(r"\d([.,]\d+)?e\+?\d+", re.IGNORECASE)
_UPN_LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ"
_UPN = re.compile(rf"[{_UPN_LETTERS}]\d{{11}}[\d{_UPN_LETTERS}]")
_LONGEST_NAME = 120
_LONGEST_IDENTIFIER = 40
_LONGEST_EMAIL = 254


class CellError(ValueError):
    """A cell cannot be used; the message says why and how to mend it, without the cell."""


def flag(cell: str) -> bool | None:
    """Read a tick: True, False, or None where the cell is blank.

    Raises:
        CellError: neither a yes nor a no.
    """
    word = cell.casefold().strip()
    if not word:
        return None
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise CellError("is neither yes nor no (write T or F)")


def name(cell: str) -> str:
    """Tidy a name: composed letters, single spaces, no control characters, at most 120 letters."""
    composed = unicodedata.normalize("NFC", cell)
    printable = "".join(c if c.isprintable() or c in "\u200c\u200d" else " " for c in composed)
    return " ".join(printable.split())[:_LONGEST_NAME]


def year(cell: str) -> str:
    """Read a year group: SIMS writes "Year  3" with two spaces, others "Y3" or "3"."""
    return re.sub(r"^(year|yr|y)\s*(?=\d|r\b)", "", name(cell), flags=re.IGNORECASE)


def email(cell: str) -> str:
    """Read an e-mail address in lower case.

    Raises:
        CellError: it is not one complete address.
    """
    address = cell.removeprefix("mailto:").strip().lower()
    if len(address) > _LONGEST_EMAIL or not _EMAIL.fullmatch(address):
        raise CellError("is not one complete e-mail address (left out)")
    return address


def is_shortened(cell: str) -> bool:
    """Tell whether Excel has turned a long number into a form such as 6.12E+08."""
    return bool(_SHORTENED.fullmatch(cell.strip()))


def identifier(cell: str) -> str:
    """Read a number of the school's system, kept as it is written.

    Raises:
        CellError: Excel has shortened it, or it is too long to be one.
    """
    if is_shortened(cell):
        raise CellError("was shortened by Excel: export the file again and do not open it in Excel")
    if len(cell) > _LONGEST_IDENTIFIER:
        raise CellError(f"has more than {_LONGEST_IDENTIFIER} characters: check the columns")
    return cell


def upn(cell: str) -> str:
    """Tidy a UPN: upper case, no spaces."""
    return re.sub(r"\s", "", cell).upper()


def upn_is_sound(number: str) -> bool:
    """Check form and check letter of a UPN.

    Source: the sum of value times position over positions 2 to 13, modulo 23, gives the letter;
    a temporary UPN has a letter at position 13 that counts by its place in the alphabet used.
    """
    if not _UPN.fullmatch(number):
        return False
    values = [int(c) if c.isdigit() else _UPN_LETTERS.index(c) for c in number[1:]]
    total = sum(value * place for place, value in enumerate(values, start=2))
    return _UPN_LETTERS[total % len(_UPN_LETTERS)] == number[0]


_DAY_FIRST = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_TIME = re.compile(r"[ T]0{1,2}:00(:00)?(\.0+)?$")
_WORDS = ("%d %b %Y", "%d %B %Y", "%d-%b-%Y", "%A %d %B %Y", "%a %d %b %Y")
_REMEDY = "write it as dd/mm/yyyy"


def day(cell: str) -> date:
    """Read a date: day first (12/01/2027), ISO (2027-01-12) or with the month in words.

    Raises:
        CellError: American, two-digit year, serial number, or no date at all.
    """
    text = _TIME.sub("", cell.strip())
    try:
        if found := _ISO.fullmatch(text):
            return date(*map(int, found.groups()))
        if found := _DAY_FIRST.fullmatch(text):
            first, second, number = map(int, found.groups())
            if second > 12 >= first:
                raise CellError(f"has the month first, as in America: {_REMEDY}")
            return date(number, second, first)
    except ValueError as wrong:
        if isinstance(wrong, CellError):
            raise
        raise CellError(f"is no day of the calendar: {_REMEDY}") from None
    return _day_in_words(text)


def _day_in_words(text: str) -> date:
    for form in _WORDS:
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007 - a date has no zone
        except ValueError:
            continue
    if re.fullmatch(r"\d{5}(\.\d+)?", text):
        raise CellError(f"is Excel's day number: format the column as a date, {_REMEDY}")
    if re.fullmatch(r"\d{1,2}[/.-]\d{1,2}[/.-]\d{2}", text):
        raise CellError(f"has a year of two digits: {_REMEDY}")
    raise CellError(f"is not a date: {_REMEDY}")
