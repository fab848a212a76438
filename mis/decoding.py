"""Turns the bytes of a file into text, or says which kind of file it really is.

Schools save the same export as UTF-8, as "Unicode text" (UTF-16) and as Windows-1252; a file that
mixes them is refused, since a guess would spoil names.
"""

from __future__ import annotations

import codecs
import re

MAX_BYTES = 20 * 1024 * 1024
"""Larger files are refused unread: a school's whole roll is under 2 MB."""

_SAVE_AS = (
    'open it in Excel and use File > Save As > "CSV UTF-8 (Comma delimited)", then import that file'
)
_MAGIC = (
    (b"PK\x03\x04", f"this is an Excel workbook (.xlsx) or another zip file: {_SAVE_AS}"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", f"this is an old Excel workbook (.xls): {_SAVE_AS}"),
    (b"%PDF", "this is a PDF: export the report again as CSV"),
)
_MARKUP = (
    ("<?xml", f"this is XML, not CSV: choose CSV in the report's output, or {_SAVE_AS}"),
    ("<!doctype", f"this is a web page under another name (often .xls): {_SAVE_AS}"),
    ("<html", f"this is a web page under another name (often .xls): {_SAVE_AS}"),
    ("<table", f"this is a web page under another name (often .xls): {_SAVE_AS}"),
)
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class UnreadableFileError(ValueError):
    """A file cannot be read; ``line`` is where, if one line is to blame."""

    def __init__(self, what: str, line: int | None = None) -> None:
        super().__init__(what if line is None else f"line {line}: {what}")
        self.what = what
        self.line = line


def decode(data: bytes) -> str:
    """Give the text of a file.

    Raises:
        UnreadableFileError: the file is empty, too large, no text, or in mixed encodings.
    """
    if len(data) > MAX_BYTES:
        raise UnreadableFileError(
            f"the file is larger than {MAX_BYTES // 1024 // 1024} MB: export fewer columns or days"
        )
    for magic, what in _MAGIC:
        if data.startswith(magic):
            raise UnreadableFileError(what)
    text = _decode(data)
    opening = text[:200].lstrip().casefold()
    for markup, what in _MARKUP:
        if opening.startswith(markup):
            raise UnreadableFileError(what)
    if not re.search(r"\w", text):
        raise UnreadableFileError("the file is empty: export it again and check that it has rows")
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise UnreadableFileError(f"this is not a text file: {_SAVE_AS}", line)
    return text


def _decode(data: bytes) -> str:
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return _strictly(data, encoding)
    if guess := _utf16_without_mark(data):
        return _strictly(data, guess)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return _windows(data)


def _strictly(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as wrong:
        line = data[: wrong.start].count(b"\n") + 1
        raise UnreadableFileError(
            f"the file starts as {encoding.removesuffix('-sig').upper()} but does not go on so: "
            f"{_SAVE_AS}",
            line,
        ) from None


def _utf16_without_mark(data: bytes) -> str | None:
    """Western text in UTF-16 has a zero in every second byte."""
    start = data[:200]
    if len(start) < 4:
        return None
    even, odd = start[0::2].count(0), start[1::2].count(0)
    half = len(start) // 2
    if odd > half * 0.6 and even == 0:
        return "utf-16-le"
    if even > half * 0.6 and odd == 0:
        return "utf-16-be"
    return None


def _windows(data: bytes) -> str:
    """Read Windows-1252, unless another line is clearly UTF-8."""
    utf8 = 0
    foreign = 0
    for number, line in enumerate(data.split(b"\n"), start=1):
        if line.isascii():
            continue
        try:
            line.decode("utf-8")
            utf8 = utf8 or number
        except UnicodeDecodeError:
            foreign = foreign or number
        if utf8 and foreign:
            raise UnreadableFileError(
                f"this line and line {min(utf8, foreign)} are in different encodings, so accents "
                f"would be spoilt: {_SAVE_AS}",
                max(utf8, foreign),
            )
    try:
        return data.decode("cp1252")
    except UnicodeDecodeError as wrong:
        line_number = data[: wrong.start].count(b"\n") + 1
        raise UnreadableFileError(
            f"neither UTF-8 nor Windows-1252 text: {_SAVE_AS}", line_number
        ) from None
