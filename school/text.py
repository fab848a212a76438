"""What a text costs to send, how to make it cheap, and how to store one that came in."""

# ruff: noqa: RUF001 -- the letters that look alike are the matter of this file
from __future__ import annotations

import re
from dataclasses import dataclass

from school.graphemes import graphemes

GSM_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_EXTENSION = frozenset("\f^{}\\[~]|€")
"""Letters that cost two units each."""

_SEGMENT_BITS = 1120
_HEADER_BITS = 48
_GSM_BITS, _UCS_BITS = 7, 16

_PLAIN = str.maketrans({
    "‘": "'", "’": "'", "‚": ",", "‛": "'", "ʼ": "'", "ʻ": "'", "´": "'", "`": "'", "′": "'",
    "“": '"', "”": '"', "„": '"', "‟": '"', "«": '"', "»": '"', "″": '"',
    "‐": "-", "‑": "-", "‒": "-", "–": "-", "—": "-", "―": "-", "−": "-", "\u00ad": "",
    "…": "...", "•": "-", "·": ".", "⁄": "/",
    "\t": " ", "\v": "\n", "\x85": "\n", "\u2028": "\n", "\u2029": "\n",
    "\u00a0": " ", "\u2000": " ", "\u2001": " ", "\u2002": " ", "\u2003": " ", "\u2004": " ",
    "\u2005": " ", "\u2006": " ", "\u2007": " ", "\u2008": " ", "\u2009": " ", "\u200a": " ",
    "\u202f": " ", "\u205f": " ", "\u3000": " ", "\u200b": "", "\u2060": "", "\ufeff": "",
})  # fmt: skip
_SURROGATE = re.compile("[\ud800-\udfff]")
_NEWLINE = re.compile("\r\n?|\x85|\u2028|\u2029")


@dataclass(frozen=True, slots=True)
class Segments:
    """What the provider bills for one text.

    Attributes:
        encoding: ``GSM-7`` or ``UCS-2``.
        characters: septets in GSM-7 (an extension letter is two), visible characters in UCS-2.
        segments: how many texts are billed; an empty text counts as one.
    """

    encoding: str
    characters: int
    segments: int


def segments(text: str) -> Segments:
    """Count as the provider does: equal to sms-segments-calculator 1.3.0, its published counter.

    A visible character (an emoji family, a flag, a letter with its marks) is never cut between two
    segments, and neither is the pair of units of a GSM extension letter. Half of a surrogate pair
    counts as one unit. No difference from that counter is known.
    """
    whole = _paired(text)
    gsm = all(c in GSM_BASIC or c in GSM_EXTENSION for c in whole)
    if gsm:
        units = [2 if c in GSM_EXTENSION else 1 for c in whole]
        return Segments("GSM-7", sum(units), _count([n * _GSM_BITS for n in units]))
    clusters = [part for cluster in graphemes(whole) for part in _without_pair(cluster)]
    sizes = [sum(2 if ord(c) > 0xFFFF else 1 for c in cluster) for cluster in clusters]
    return Segments("UCS-2", len(clusters), _count([n * _UCS_BITS for n in sizes]))


def _paired(text: str) -> str:
    """Join surrogate halves that stand next to each other, as UTF-16 on the way out would."""
    if not _SURROGATE.search(text):
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


def _without_pair(cluster: str) -> list[str]:
    return ["\r", "\n"] if cluster == "\r\n" else [cluster]


def _count(bits: list[int]) -> int:
    """Fill segments one after the other; each carries a header as soon as there are two."""
    filled = [0]
    first: list[int] = []
    for size in bits:
        if _SEGMENT_BITS - filled[-1] < size:
            filled.append(_HEADER_BITS)
            if len(filled) == 2:
                filled[1] += _moved(first)
        elif len(filled) == 1:
            first.append(size)
        filled[-1] += size
    return len(filled)


def _moved(first: list[int]) -> int:
    """Give the bits that leave the first segment when it too needs a header."""
    kept = sum(first)
    moved = 0
    while kept + _HEADER_BITS > _SEGMENT_BITS:
        size = first.pop()
        kept -= size
        moved += size
    return moved


def to_gsm(text: str) -> str:
    """Put plain GSM-7 letters where they mean the same: quotes, dashes, dots, spaces.

    Everything else stays as it is: letters are never taken from a name. Doing it twice changes
    nothing.
    """
    return text.translate(_PLAIN)


def clean(text: str) -> str:
    """Make a text that came in storable: no NUL, no half surrogates, plain new lines."""
    whole = _SURROGATE.sub("", _paired(text)).replace("\x00", "")
    return _NEWLINE.sub("\n", whole)
