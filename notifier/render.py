"""A sentence and its words become the text a parent reads, in their language.

A translation that is missing or whose placeholders do not fit falls back to English: a plain
message that arrives is better than a fine one that does not.
"""

from __future__ import annotations

import functools
import logging
from datetime import date
from typing import Any

from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from babel.lists import format_list

from conversations.wording import SENTENCES, SHARE_NUMBER, SUBJECT
from notifier.catalogues import translate
from school.text import to_gsm

log = logging.getLogger(__name__)

_DAY = "EEEE d MMMM"


def render(sentence: str, words: dict[str, Any], language: str) -> str:
    """Write a sentence in a language.

    Args:
        sentence: its name in ``conversations/wording.py``.
        words: as ``actions/perform.py`` packed them: text, a list of names, a marked date.
        language: BCP-47; English where it has no catalogue.

    Raises:
        KeyError: no such sentence, or a word it needs is missing.
    """
    source = SENTENCES[sentence]
    names = words.get("children")
    several = isinstance(names, list) and len(names) > 1
    english = source.many if several and source.many else source.one
    foreign = translate(english, language)
    if foreign is not None:
        try:
            return to_gsm(foreign.format_map(_spoken(words, language)))
        except (KeyError, IndexError, ValueError):
            log.warning("the %s translation of '%s' does not fit its words", language, sentence)
    return to_gsm(english.format_map(_spoken(words, "en")))


def subject(words: dict[str, Any], language: str) -> str:
    """Write the subject of an e-mail."""
    foreign = translate(SUBJECT, language)
    if foreign is not None:
        try:
            return foreign.format_map(_spoken(words, language))
        except (KeyError, IndexError, ValueError):
            log.warning("the %s translation of the subject does not fit its words", language)
    return SUBJECT.format_map(_spoken(words, "en"))


def button(language: str) -> str:
    """Write the label of the button by which a person shares their own number."""
    return translate(SHARE_NUMBER, language) or SHARE_NUMBER


def _spoken(words: dict[str, Any], language: str) -> dict[str, str]:
    locale = _locale(language)
    return {name: _one(word, locale) for name, word in words.items()}


def _one(word: Any, locale: Locale) -> str:
    if isinstance(word, list):
        return format_list([str(name) for name in word], locale=locale)
    if isinstance(word, dict):
        return format_date(date.fromisoformat(word["date"]), _DAY, locale=locale)
    return str(word)


@functools.lru_cache(maxsize=64)
def _locale(language: str) -> Locale:
    if language == "en":
        return Locale("en", "GB")
    try:
        return Locale.parse(language, sep="-")
    except (UnknownLocaleError, ValueError):
        return Locale("en", "GB")
