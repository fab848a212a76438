"""Split text into what readers see as one character (Unicode 10.0.0, UAX 29).

Unicode 10 and no later: the provider's segment counter uses those tables, and a text is billed by
how it splits there. The few places where that counter departs from the standard are kept, each
with its reason.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

_OTHER = "Other"
_ENDS = frozenset({"Control", "CR", "LF"})
_BASES = frozenset({"Base", "BaseGlue"})
_HANGUL_FIRST, _HANGUL_LAST, _HANGUL_TRAILS = 0xAC00, 0xD7A3, 28
_HANGUL_JOINS = {
    "L": frozenset({"L", "V", "LV", "LVT"}),
    "LV": frozenset({"V", "T"}),
    "V": frozenset({"V", "T"}),
    "LVT": frozenset({"T"}),
    "T": frozenset({"T"}),
}


def graphemes(text: str) -> Iterator[str]:
    """Give the clusters of a text in order; joined they are the text."""
    cluster = ""
    kinds = _Cluster("")
    for character in text:
        kind = kind_of(character)
        if cluster and kinds.breaks_before(kind):
            yield cluster
            cluster = ""
        if cluster:
            kinds.add(kind)
        else:
            kinds = _Cluster(kind)
        cluster += character
    if cluster:
        yield cluster


class _Cluster:
    """What has to be remembered of a cluster to know whether the next character joins it."""

    __slots__ = ("before", "extended", "first", "last", "regional_at", "size")

    def __init__(self, first: str) -> None:
        self.first = first
        self.before = ""
        self.last = first
        self.size = 1
        self.extended = first == "Extend"
        self.regional_at = 0

    def add(self, kind: str) -> None:
        """Take one more character into the cluster."""
        if kind == "Regional":
            self.regional_at = self.size
        self.extended = self.extended or kind == "Extend"
        self.before, self.last = self.last, kind
        self.size += 1

    def breaks_before(self, kind: str) -> bool:
        """Say whether a character of this kind begins a new cluster."""
        # The counter ends a flag at its second combining mark, where the standard would go on.
        if (
            self.regional_at == 1
            and kind != "Regional"
            and self.last not in {"Regional", "Prepend"}
        ):
            return True
        if self.last == "CR" and kind == "LF":
            return False
        if self.last in _ENDS or kind in _ENDS:
            return True
        if kind in _HANGUL_JOINS.get(self.last, ()):
            return False
        if kind in {"Extend", "Joiner", "Spacing"} or self.last == "Prepend":
            return False
        return not self._joins(kind)

    def _joins(self, kind: str) -> bool:
        if kind == "Modifier":
            # At most one combining mark may stand between a hand and its skin tone.
            after_mark = self.last == "Extend" and self.before in _BASES
            return after_mark or (self.last in _BASES and not self.extended)
        if kind in {"Glue", "BaseGlue"}:
            return self.last == "Joiner"
        return kind == "Regional" and self.last == "Regional" and not self.regional_at


@cache
def kind_of(character: str) -> str:
    """Give the Grapheme_Cluster_Break property of one character."""
    point = ord(character)
    if _HANGUL_FIRST <= point <= _HANGUL_LAST:
        return "LVT" if (point - _HANGUL_FIRST) % _HANGUL_TRAILS else "LV"
    starts, ends, kinds = _table()
    at = bisect_right(starts, point) - 1
    return kinds[at] if at >= 0 and point <= ends[at] else _OTHER


@cache
def _table() -> tuple[list[int], list[int], list[str]]:
    ranges: list[tuple[int, int, str]] = []
    for line in files("school").joinpath("graphemes.txt").read_text("ascii").splitlines():
        if line.startswith("#"):
            continue
        kind, *spans = line.split()
        for span in spans:
            first, _, last = span.partition("-")
            ranges.append((int(first, 16), int(last or first, 16), kind))
    ranges.sort()
    return [r[0] for r in ranges], [r[1] for r in ranges], [r[2] for r in ranges]
