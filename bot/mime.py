"""Opens an e-mail of any shape: header lines, the words, and the kinds of what is attached.

The standard library's parser takes minutes for some small e-mails made to hurt and gives up on
others, so their shape is judged before it sees them.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from email.errors import MessageError
from email.header import decode_header
from email.message import Message
from email.parser import BytesParser
from itertools import islice

from bot.html_text import text_of
from bot.request import BadRequest
from school.text import clean

LARGEST = 5 * 1024 * 1024
"""Bytes; a photo or two. Larger e-mails are put before staff unread."""

_MOST_BOUNDARIES = 100
_MOST_DECLARED = 15
_MOST_LINES = 100_000
_MOST_ATTACHMENTS = 20
_LONGEST_TEXT = 200_000
_LONGEST_HEADER = 2_000

_BOUNDARY = re.compile(rb"(?:^|[\r\n])--")
_DECLARED = re.compile(rb"boundary|message/", re.IGNORECASE)
_KINDS = {"image": "photo", "audio": "voice"}
# Python knows these as character sets too; some take time without end for a long text.
_NO_CHARSETS = frozenset({"idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined"})


class Opened:
    """One e-mail, opened. Header names are in lower case; the first of several counts."""

    def __init__(self, message: Message) -> None:
        self._message = message
        self.headers: dict[str, str] = {}
        for name, value in message.raw_items():
            self.headers.setdefault(name.lower(), _written(value))

    @property
    def kind(self) -> str:
        """The content type, for example ``multipart/report``."""
        return self._message.get_content_type()

    def text(self) -> str:
        """Give the plain words, or else those of the HTML; empty if there are none."""
        parts = [part for part in _parts(self._message) if not _is_attached(part)]
        plain = [_decoded(p) for p in parts if p.get_content_type() == "text/plain"]
        if words := "\n".join(plain).strip():
            return words
        pages = [_decoded(p) for p in parts if p.get_content_type() == "text/html"]
        return "\n".join(map(text_of, pages)).strip()

    def attachments(self) -> tuple[str, ...]:
        """Give the kinds of what is attached; never opened, never unpacked."""
        kinds = [
            _KINDS.get(part.get_content_maintype(), "document")
            for part in _parts(self._message)
            if _is_attached(part)
        ]
        return tuple(kinds[:_MOST_ATTACHMENTS])


def open_mail(raw: bytes) -> Opened:
    """Open an e-mail.

    Raises:
        BadRequest: it is too large, or its shape is made to hurt.
        Exception: what the standard library's parser raises for odd ones, unforeseeably.
    """
    if len(raw) > LARGEST:
        raise BadRequest("the e-mail is too large")
    if raw.count(b"\n") + raw.count(b"\r") > 2 * _MOST_LINES:
        raise BadRequest("the e-mail has too many lines")
    if _DECLARED.search(raw) and (
        _more_than(_MOST_BOUNDARIES, _BOUNDARY, raw) or _more_than(_MOST_DECLARED, _DECLARED, raw)
    ):
        raise BadRequest("the e-mail has too many parts")
    return Opened(BytesParser().parsebytes(raw))


def readable(header: str) -> str:
    """Give a header as a person reads it: decoded, on one line, at most 500 characters."""
    try:
        pieces = decode_header(header[:_LONGEST_HEADER])
    except (ValueError, MessageError):
        pieces = [(header[:_LONGEST_HEADER], None)]
    whole = "".join(
        piece if isinstance(piece, str) else _from_bytes(piece, charset or "")
        for piece, charset in pieces
    )
    return " ".join(clean(whole).split())[:500]


def _written(value: str) -> str:
    """Read the bytes of a header that is not ASCII as UTF-8, as mail programs mean them."""
    return value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _parts(message: Message) -> Iterator[Message]:
    """Give the leaves. A message inside the message is one leaf: its words are not the sender's."""
    children = message.get_payload() if message.get_content_maintype() == "multipart" else None
    if not isinstance(children, list):
        yield message
        return
    for child in children:
        if isinstance(child, Message):
            yield from _parts(child)


def _is_attached(part: Message) -> bool:
    disposition = part.get_content_disposition()
    if disposition == "attachment" or part.get_filename():
        return not _is_drawn(part, disposition)
    return part.get_content_maintype() != "text" and not _is_drawn(part, disposition)


def _is_drawn(part: Message, disposition: str | None) -> bool:
    """Tell whether a picture belongs to the page, as the logo of a signature does."""
    return bool(part.get("Content-ID")) and disposition != "attachment"


def _decoded(part: Message) -> str:
    content = part.get_payload(decode=True)
    if not isinstance(content, bytes):
        return ""
    charset = part.get_content_charset("")
    return clean(_from_bytes(content[: 4 * _LONGEST_TEXT], charset)[:_LONGEST_TEXT])


def _from_bytes(content: bytes, charset: str) -> str:
    """Decode as best we can; what says nothing, or something odd, is UTF-8 or Western European."""
    for name in (_known(charset), "utf-8"):
        try:
            return content.decode(name)
        except (UnicodeError, LookupError):
            continue
    return content.decode("cp1252", "replace")


def _known(charset: str) -> str:
    try:
        name = codecs.lookup(charset[:40]).name
    except (LookupError, ValueError):
        return "utf-8"
    return "utf-8" if name in _NO_CHARSETS else name


def _more_than(limit: int, pattern: re.Pattern[bytes], raw: bytes) -> bool:
    return next(islice(pattern.finditer(raw), limit, None), None) is not None
