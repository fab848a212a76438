"""The words of an HTML e-mail. Reads each character once, however broken the page is."""

from __future__ import annotations

import re
from html import unescape

_TOKEN = re.compile(r"<!--|-->|<(?P<close>/?)(?P<name>[A-Za-z][A-Za-z0-9]*)?[^<>]*>")
_UNSEEN = frozenset({"head", "script", "style", "title"})
_NEW_LINE = frozenset({
    "br", "p", "div", "tr", "li", "ul", "ol", "table", "h1", "h2", "h3", "h4", "hr", "blockquote",
})  # fmt: skip
_SPACES = re.compile(r"[^\S\n]+")
_EMPTY_LINES = re.compile(r"\n{3,}")


def text_of(page: str) -> str:
    """Give what a reader of the page sees; quoted parts get ``>`` before each line."""
    reader = _Reader()
    end = 0
    for token in _TOKEN.finditer(page):
        reader.words(page[end : token.start()])
        reader.mark(token)
        end = token.end()
    reader.words(page[end:])
    reader.end_line()
    return _EMPTY_LINES.sub("\n\n", "\n".join(reader.lines)).strip()


class _Reader:
    """Collects lines, and knows where in the page it is."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._line: list[str] = []
        self._quotes = 0
        self._unseen = ""
        self._comment = False

    def words(self, piece: str) -> None:
        if not (self._unseen or self._comment):
            self._line.append(piece)

    def mark(self, token: re.Match[str]) -> None:
        written = token[0]
        if self._comment or written == "<!--":
            self._comment = not written.endswith("-->")
            return
        name = (token["name"] or "").lower()
        closes = bool(token["close"])
        if self._unseen:
            self._unseen = "" if closes and name == self._unseen else self._unseen
        elif name in _UNSEEN and not closes:
            self._unseen = name
        elif name in _NEW_LINE:
            self.end_line()
            if name == "blockquote":
                self._quotes = max(self._quotes + (-1 if closes else 1), 0)

    def end_line(self) -> None:
        words = _SPACES.sub(" ", unescape("".join(self._line)).replace("\n", " ")).strip()
        self._line = []
        mark = "> " if self._quotes else ""
        self.lines.append(f"{mark}{words}")
