"""Finds the BCP-47 tag of a language as school systems write it: a name, a tag, or three letters.

The names are those of Unicode's data, and the few that schools use beside them.
"""

from __future__ import annotations

import re
from functools import cache

from babel import Locale
from babel.core import get_global

_SCHOOL_NAMES = {
    "bengali": "bn",
    "believed to be english": "en",
    "chinese (cantonese)": "yue",
    "chinese (mandarin)": "zh",
    "farsi": "fa",
    "mandarin": "zh",
    "panjabi": "pa",
    "persian/farsi": "fa",
    "portuguese (brazil)": "pt-BR",
    "pushto": "ps",
    "romani": "rom",
    "romanian (moldova)": "ro",
    "tagalog": "fil",
    "tagalog/filipino": "fil",
}
_TAG = re.compile(r"([a-z]{2,3})([-_][A-Za-z]{4})?([-_]([A-Za-z]{2}|\d{3}))?", re.IGNORECASE)


def tag(cell: str) -> str | None:
    """Give the tag of a language, or None where the words name none."""
    words = " ".join(cell.split()).casefold()
    if words in _SCHOOL_NAMES:
        return _SCHOOL_NAMES[words]
    if words in _by_name():
        return _by_name()[words]
    found = _TAG.fullmatch(" ".join(cell.split()))
    if not found:
        return None
    language = str(get_global("language_aliases").get(found[1].lower(), found[1].lower()))
    if language not in _codes():
        return None
    script = f"-{found[2][1:].title()}" if found[2] else ""
    region = f"-{found[4].upper()}" if found[4] else ""
    return f"{language}{script}{region}"


@cache
def _by_name() -> dict[str, str]:
    languages = Locale("en").languages
    return {str(name).casefold(): str(code).replace("_", "-") for code, name in languages.items()}


@cache
def _codes() -> frozenset[str]:
    return frozenset(map(str, Locale("en").languages))
