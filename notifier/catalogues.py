"""The languages we speak: the catalogues in ``locales/``, read as they stand."""

from __future__ import annotations

import functools
from importlib import resources

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

_FOLDER = "locales"
_SOURCE = "en"


@functools.cache
def languages() -> tuple[str, ...]:
    """Give the languages our sentences exist in; English needs no catalogue."""
    folders = resources.files(_FOLDER).iterdir()
    have = {f.name for f in folders if f.joinpath("LC_MESSAGES", "messages.po").is_file()}
    return tuple(sorted(have | {_SOURCE}))


@functools.cache
def catalogue(language: str) -> Catalog | None:
    """Give the catalogue of a language; None where there is none."""
    if language == _SOURCE or language not in languages():
        return None
    path = resources.files(_FOLDER).joinpath(language, "LC_MESSAGES", "messages.po")
    with path.open("rb") as file:
        return read_po(file, locale=language)


def translate(sentence: str, language: str) -> str | None:
    """Give a sentence in a language; None where nobody has translated it."""
    book = catalogue(language)
    if book is None:
        return None
    message = book.get(sentence)
    if message is None or message.fuzzy or not isinstance(message.string, str):
        return None
    return message.string or None
