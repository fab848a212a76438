"""Reads a mark of a register: a national code, or nothing where no mark was taken.

Marks of before August 2024, a school's or an authority's own, and lesson marks are refused: a
wrong letter decides whether a parent is asked where a child is.
"""

from __future__ import annotations

import re

from mis.cells import CellError
from school.codes import is_code

_NOT_TAKEN = frozenset({"", "-", "--"})
_ENDED = {
    "H": "ended in August 2024: use C for leave given, G for a holiday without leave",
    "J": "ended in August 2024: use J1 for an interview",
    "Y": "ended in August 2024: use one of Y1 to Y7",
}
_REMEDY = "is not a national code: correct it in the register and export again"


def read(cell: str) -> str | None:
    """Read a mark; None where no mark was taken.

    Raises:
        CellError: the mark is no code in force (SI 2024/208), with what to use in its place.
    """
    mark = cell.strip()
    if mark in _NOT_TAKEN:
        return None
    if is_code(mark):
        return mark
    if mark in _ENDED:
        raise CellError(_ENDED[mark])
    if is_code(mark.upper()):
        raise CellError(
            f"is a lesson mark or a typing error: the register's code is {mark.upper()}"
        )
    if len(mark) == 2 and all(is_code(one) or one in _NOT_TAKEN for one in mark):
        raise CellError("holds two marks: export the morning and the afternoon in two columns")
    if re.fullmatch(r"[A-Z]\d\d", mark) and is_code(mark[0]):
        raise CellError(f"is a subcode: export the mark {mark[0]} without its subcode")
    raise CellError(_REMEDY)
