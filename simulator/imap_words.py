"""The grammar of the IMAP look-alike: reading commands, searching, describing messages."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime

from simulator.letters import parse
from simulator.mailbox import SEEN, Mailbox, Stored, in_set

Words = list["str | Words"]
Test = Callable[[Stored], bool]
_WORD = re.compile(
    r'\s*(?:(?P<open>\()|(?P<close>\))|"(?P<quoted>(?:\\.|[^"\\])*)"'
    r"|(?P<atom>[^\s()\"\[]+(?:\[[^\]]*\])?))"
)
_FIELDS = re.compile(r"BODY\[HEADER\.FIELDS \(([^)]*)\)\]", re.IGNORECASE)
_SECTIONS = {
    "BODY[]": "whole",
    "RFC822": "whole",
    "BODY[HEADER]": "head",
    "RFC822.HEADER": "head",
    "BODY[TEXT]": "rest",
    "RFC822.TEXT": "rest",
}


def read_words(line: str) -> Words:
    """Split a command into words; what stands in brackets becomes a list of its own.

    Raises:
        ValueError: brackets or quotes do not match.
    """
    stack: list[Words] = [[]]
    place = 0
    line = line.rstrip()
    while place < len(line):
        found = _WORD.match(line, place)
        if found is None:
            raise ValueError("cannot read this command")
        place = found.end()
        if found["open"]:
            stack.append([])
        elif found["close"]:
            if len(stack) == 1:
                raise ValueError("a bracket too many")
            inner = stack.pop()
            stack[-1].append(inner)
        elif found["quoted"] is not None:
            stack[-1].append(re.sub(r"\\(.)", r"\1", found["quoted"]))
        else:
            stack[-1].append(found["atom"])
    if len(stack) != 1:
        raise ValueError("a bracket is missing")
    return stack[0]


def search(mailbox: Mailbox, criteria: Words) -> list[tuple[int, Stored]]:
    """Return place and message of what fits all criteria.

    Raises:
        ValueError: a criterion this look-alike does not know.
    """
    if criteria[:1] and str(criteria[0]).upper() == "CHARSET":
        criteria = criteria[2:]
    tests = list(_tests(mailbox, iter(criteria)))
    return [
        (place, message)
        for place, message in enumerate(mailbox.messages, 1)
        if all(test(message) for test in tests)
    ]


def _tests(mailbox: Mailbox, words: Iterator["str | Words"]) -> Iterator[Test]:
    for word in words:
        yield _test(mailbox, str(word).upper(), words)


def _test(mailbox: Mailbox, word: str, words: Iterator["str | Words"]) -> Test:
    if word in _PLAIN:
        return _PLAIN[word]
    if word == "NOT":
        inner = _test(mailbox, str(next(words, "")).upper(), words)
        return lambda message: not inner(message)
    value = str(next(words, "")).lower()
    if word == "HEADER":
        return _header(value, str(next(words, "")).lower())
    if word == "SINCE":
        day = _day(value)
        return lambda message: message.at.date() >= day
    if word == "UID":
        uids = in_set(value, (message.uid for message in mailbox.messages))
        return lambda message: message.uid in uids
    if word in {"KEYWORD", "UNKEYWORD"}:
        wanted = word == "KEYWORD"
        return lambda message: (value in {flag.lower() for flag in message.flags}) is wanted
    raise ValueError(f"cannot search by {word!r}")


def _header(name: str, value: str) -> Test:
    return lambda message: value in str(parse(message.raw)[name] or "").lower()


_PLAIN: Mapping[str, Test] = {
    "ALL": lambda _: True,
    "SEEN": lambda message: SEEN in message.flags,
    "UNSEEN": lambda message: SEEN not in message.flags,
}


def _day(written: str) -> date:
    return datetime.strptime(written, "%d-%b-%Y").date()  # noqa: DTZ007  # a day, not a moment


def describe(message: Stored, items: Words) -> tuple[list[bytes], bool]:
    """Return the parts of a FETCH answer, and whether reading it marks the message as seen.

    Raises:
        ValueError: an item this look-alike does not know.
    """
    parts: list[bytes] = []
    seen = False
    for item in items:
        asked = str(item).upper()
        shown = asked.replace("BODY.PEEK", "BODY")
        if asked == "UID":
            parts.append(b"UID %d" % message.uid)
        elif asked == "FLAGS":
            parts.append(b"FLAGS (%s)" % " ".join(sorted(message.flags)).encode())
        elif asked == "INTERNALDATE":
            parts.append(f'INTERNALDATE "{message.at:%d-%b-%Y %H:%M:%S +0000}"'.encode())
        elif asked == "RFC822.SIZE":
            parts.append(b"RFC822.SIZE %d" % len(message.raw))
        else:
            content = _section(message.raw, shown)
            parts.append(b"%s {%d}\r\n%s" % (shown.encode(), len(content), content))
            seen = seen or asked in {"BODY[]", "RFC822", "BODY[TEXT]", "RFC822.TEXT"}
    return parts, seen


def _section(raw: bytes, shown: str) -> bytes:
    head, gap, rest = raw.partition(b"\r\n\r\n")
    fields = _FIELDS.fullmatch(shown)
    if fields:
        names = set(fields[1].upper().split())
        lines = re.split(rb"\r\n(?![ \t])", head)
        kept = [line for line in lines if line.split(b":")[0].decode().upper() in names]
        return b"".join(line + b"\r\n" for line in kept) + b"\r\n"
    sections = {"whole": raw, "head": head + gap, "rest": rest}
    if shown not in _SECTIONS:
        raise ValueError(f"cannot fetch {shown!r}")
    return sections[_SECTIONS[shown]]
