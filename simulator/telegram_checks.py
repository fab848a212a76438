"""What Telegram checks before it takes a message, and the errors it answers with."""

import html
import re
from collections.abc import Mapping
from typing import Any

from simulator.phones import Button

LONGEST_RAW = 32_768
LONGEST_TEXT = 4096
LONGEST_DATA = 64
_TAG = re.compile(r"<(/?)([a-zA-Z-]+)(?:\s[^<>]*)?>")
_KNOWN_TAGS = frozenset(
    {
        *("b", "strong", "i", "em", "u", "ins", "s", "strike", "del"),
        *("span", "tg-spoiler", "a", "tg-emoji", "code", "pre", "blockquote"),
    }
)


class Complaint(Exception):  # noqa: N818  # an answer, not an accident of ours
    """An error as the Bot API answers it."""

    def __init__(self, code: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters

    def as_json(self) -> dict[str, Any]:
        """Write the error envelope."""
        envelope = {"ok": False, "error_code": self.code, "description": self.description}
        return envelope | ({"parameters": self.parameters} if self.parameters else {})


def plain_text(text: str, parse_mode: str) -> str:
    """Return the text that is shown, its mark-up taken out.

    Raises:
        Complaint: nothing or too much is left, or the mark-up is wrong.
    """
    if len(text.encode()) > LONGEST_RAW:
        raise Complaint(400, "Bad Request: text is too long")
    shown = _without_tags(text) if parse_mode.upper() == "HTML" else text
    shown = shown.strip()
    if not shown:
        raise Complaint(400, "Bad Request: message text is empty")
    if len(shown.encode("utf-16-le")) // 2 > LONGEST_TEXT:
        raise Complaint(400, "Bad Request: message is too long")
    return shown


def _without_tags(text: str) -> str:
    open_tags: list[str] = []
    for closing, name in _TAG.findall(text):
        if name.lower() not in _KNOWN_TAGS:
            raise Complaint(400, f'Bad Request: can\'t parse entities: Unsupported tag "{name}"')
        if not closing:
            open_tags.append(name.lower())
        elif not open_tags or open_tags.pop() != name.lower():
            raise Complaint(400, f"Bad Request: can't parse entities: Unmatched end tag {name}")
    if open_tags or "<" in _TAG.sub("", text):
        raise Complaint(400, "Bad Request: can't parse entities: Can't find end of a tag")
    return html.unescape(_TAG.sub("", text))


def buttons(markup: Mapping[str, Any]) -> tuple[tuple[Button, ...], ...]:
    """Return the rows of buttons a handset shows.

    Raises:
        Complaint: a button says too much, too little or two things at once.
    """
    rows = markup.get("inline_keyboard")
    if rows is not None:
        return tuple(tuple(_inline(button) for button in row) for row in rows)
    return tuple(
        tuple(_typed(button) for button in row) for row in markup.get("keyboard", ()) or ()
    )


def _inline(button: Mapping[str, Any]) -> Button:
    label = str(button.get("text", ""))
    if not label:
        raise Complaint(400, "Bad Request: inline keyboard button text is empty")
    if button.get("url"):
        return Button(label, str(button["url"]), "url")
    data = str(button.get("callback_data") or "")
    if not 1 <= len(data.encode()) <= LONGEST_DATA:
        raise Complaint(400, "Bad Request: BUTTON_DATA_INVALID")
    return Button(label, data)


def _typed(button: Mapping[str, Any] | str) -> Button:
    if isinstance(button, str):
        return Button(button, kind="text")
    asks = bool(button.get("request_contact"))
    return Button(str(button.get("text", "")), kind="contact" if asks else "text")
