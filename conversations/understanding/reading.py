"""Cut a message into words that can be compared: folded, without marks, with their places."""

# ruff: noqa: RUF001 -- the letters that look alike are the matter of this file
from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

COMMA = 1
STOP = 2

# A word is letters and digits with the marks that belong to them (vowel signs of the Indic scripts,
# Arabic and Hebrew points, Latin accents written apart), and apostrophes inside. Chinese and
# Japanese letters and pictures stand alone, for no space separates them.
_MARKS = (
    "\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u064b-\u065f\u0670\u06d6-\u06ed"
    "\u0900-\u0963\u0966-\u0dff\u0e00-\u0eff\u135d-\u135f\u200c\u200d"
)
_ALONE = "\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\u2600-\u27bf\U0001f300-\U0001faff"
_WORD = re.compile(
    rf"(?P<time>\d{{1,2}}[:.]\d\d(?!\d))"
    rf"|(?P<alone>[{_ALONE}])"
    rf"|(?P<word>(?:(?![{_ALONE}])[^\W_]|[{_MARKS}])+(?:['’‘`´ʼ](?:(?![{_ALONE}])[^\W_])+)*)"
)
_SENTENCE_END = re.compile(r"[.!?;\n\r…。؟।]")
_PAUSE = re.compile(r"[,:()\u2013\u2014،、]|\s-\s|-\s|\s\.|/")
_APOSTROPHES = re.compile(r"['’‘`´ʼ\u200c\u200d\u0640]")
_STRETCHED = re.compile(r"(.)\1{2,}")
_LETTERS_WITHOUT_PARTS = str.maketrans({
    "ł": "l", "đ": "d", "ø": "o", "ı": "i", "ħ": "h", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Token:
    """One word of the text.

    Attributes:
        start: where it begins in the text.
        end: where it ends in the text.
        raw: as it was written.
        word: folded, and corrected where a vocabulary knew better.
        pause: what stands before it: 0 nothing, ``COMMA`` a short pause, ``STOP`` a new sentence.
    """

    start: int
    end: int
    raw: str
    word: str
    pause: int


@lru_cache(maxsize=50_000)
def fold(word: str) -> str:
    """Give a word without capitals, accents and apostrophes, so that all spellings meet."""
    plain = unicodedata.normalize("NFKD", _APOSTROPHES.sub("", word).casefold())
    kept = "".join(c for c in plain if not ("\u0300" <= c <= "\u036f" or "\u064b" <= c <= "\u065f"))
    folded = unicodedata.normalize("NFC", kept).translate(_LETTERS_WITHOUT_PARTS)
    return _STRETCHED.sub(r"\1\1", folded)


def read(text: str) -> list[Token]:
    """Give the words of a text in order, with what separates them."""
    tokens: list[Token] = []
    last = 0
    for found in _WORD.finditer(text):
        pause = _pause(text[last : found.start()]) if tokens else STOP
        word = fold(found.group())
        last = found.end()
        if word:
            tokens.append(Token(found.start(), found.end(), found.group(), word, pause))
    return tokens


def _pause(between: str) -> int:
    if between in {" ", ""}:
        return 0
    if _SENTENCE_END.search(between):
        return STOP
    return COMMA if _PAUSE.search(between) else 0
