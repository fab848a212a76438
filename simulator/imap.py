"""An IMAP4rev1 server for one mailbox, just large enough for a program that fetches mail."""

import asyncio
import contextlib
import re
from collections.abc import Callable

from simulator.imap_words import Words, describe, read_words, search
from simulator.mailbox import SEEN, STANDARD_FLAGS, Mailbox, in_set

CAPABILITIES = "IMAP4rev1 LITERAL+ UIDPLUS"
LONGEST_LITERAL = 65_536
ANY_KEYWORD = "\\*"
_LITERAL = re.compile(rb"\{(\d+)(\+?)\}\r?\n$")


class Refused(Exception):  # noqa: N818  # what the client is told, not an accident of ours
    """The answer NO or BAD to a command."""

    def __init__(self, kind: str, why: str) -> None:
        super().__init__(f"{kind} {why}")


class Session:
    """One client's connection."""

    def __init__(
        self,
        mailbox: Mailbox,
        signs_in: Callable[[str, str], bool],
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        self._mailbox = mailbox
        self._signs_in = signs_in
        self._reader = reader
        self._writer = writer
        self._signed_in = False
        self._selected = False
        self._read_only = False
        self._told = 0

    async def run(self) -> None:
        """Talk until the client leaves."""
        self._say(f"* OK [CAPABILITY {CAPABILITIES}] ready")
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            while line := await self._command():
                tag, _, rest = line.partition(" ")
                if not await self._answer(tag, rest):
                    return

    async def _command(self) -> str:
        """Read one command, with its literals put in as quoted words; empty at the end."""
        whole = b""
        while line := await self._reader.readline():
            literal = _LITERAL.search(line)
            if literal is None:
                return (whole + line).decode("utf-8", "replace").rstrip("\r\n")
            size = int(literal[1])
            if size > LONGEST_LITERAL:
                return ""
            if not literal[2]:
                self._say("+ go on")
                await self._writer.drain()
            value = await self._reader.readexactly(size)
            escaped = value.replace(b"\\", b"\\\\").replace(b'"', b'\\"')
            whole += line[: literal.start()] + b'"' + escaped + b'"'
        return ""

    async def _answer(self, tag: str, rest: str) -> bool:
        try:
            words = read_words(rest)
            name = str(words.pop(0)).upper() if words else ""
            done = self._perform(name, words)
        except Refused as refused:
            self._say(f"{tag} {refused}")
            done = ""
            name = ""
        except ValueError as error:
            self._say(f"{tag} BAD {error}")
            done = ""
            name = ""
        if name:
            self._tell_news()
            self._say(f"{tag} OK {done}")
        await self._writer.drain()
        return name != "LOGOUT"

    def _perform(self, name: str, words: Words) -> str:
        match name:
            case "CAPABILITY":
                self._say(f"* CAPABILITY {CAPABILITIES}")
            case "NOOP" | "CHECK":
                pass
            case "LOGOUT":
                self._say("* BYE until next time")
            case "LOGIN":
                self._log_in(words)
            case "LIST" | "LSUB":
                self._need(self._signed_in)
                self._say(f'* {name} () "/" "INBOX"')
            case "SELECT" | "EXAMINE":
                return self._select(words, read_only=name == "EXAMINE")
            case "CLOSE" | "UNSELECT":
                self._need(self._selected)
                self._selected = False
            case "EXPUNGE":
                self._expunge()
            case "UID":
                inner = str(words.pop(0)).upper() if words else ""
                self._on_messages(inner, words, by_uid=True)
            case _:
                self._on_messages(name, words, by_uid=False)
        return f"{name} done"

    def _log_in(self, words: Words) -> None:
        if len(words) != 2:
            raise Refused("BAD", "LOGIN takes a name and a password")
        if not self._signs_in(str(words[0]), str(words[1])):
            raise Refused("NO", "[AUTHENTICATIONFAILED] wrong name or password")
        self._signed_in = True

    def _select(self, words: Words, *, read_only: bool) -> str:
        self._need(self._signed_in)
        if [str(word).upper() for word in words[:1]] != ["INBOX"]:
            raise Refused("NO", "[NONEXISTENT] there is only INBOX")
        box = self._mailbox
        self._selected, self._read_only, self._told = True, read_only, len(box.messages)
        flags = " ".join(STANDARD_FLAGS)
        stay = "" if read_only else f"{flags} {ANY_KEYWORD}"
        self._say(f"* FLAGS ({flags})")
        self._say(f"* OK [PERMANENTFLAGS ({stay})] flags that stay")
        self._say(f"* {len(box.messages)} EXISTS")
        self._say("* 0 RECENT")
        self._say(f"* OK [UIDVALIDITY {box.uid_validity}] as long as numbers hold")
        self._say(f"* OK [UIDNEXT {box.uid_next}] the next number")
        return "[READ-ONLY] selected" if read_only else "[READ-WRITE] selected"

    def _on_messages(self, name: str, words: Words, *, by_uid: bool) -> None:
        if name not in {"SEARCH", "FETCH", "STORE"}:
            raise Refused("BAD", f"unknown command {name}")
        self._need(self._selected)
        if name == "SEARCH":
            found = search(self._mailbox, words)
            numbers = [message.uid if by_uid else place for place, message in found]
            self._say(" ".join(["* SEARCH", *map(str, numbers)]))
            return
        if len(words) < 2:
            raise Refused("BAD", f"{name} takes messages and more")
        places = self._places(str(words[0]), by_uid=by_uid)
        if name == "FETCH":
            self._fetch(places, words[1], by_uid=by_uid)
        else:
            self._store(places, str(words[1]).upper(), words[2:], by_uid=by_uid)

    def _places(self, written: str, *, by_uid: bool) -> list[int]:
        messages = self._mailbox.messages
        if by_uid:
            uids = in_set(written, (message.uid for message in messages))
            return [place for place, message in enumerate(messages, 1) if message.uid in uids]
        return sorted(in_set(written, range(1, len(messages) + 1)))

    def _fetch(self, places: list[int], asked: "str | Words", *, by_uid: bool) -> None:
        items: Words = list(asked) if isinstance(asked, list) else [asked]
        if by_uid and "UID" not in {str(item).upper() for item in items}:
            items.insert(0, "UID")
        for place in places:
            message = self._mailbox.messages[place - 1]
            parts, seen = describe(message, items)
            self._writer.write(b"* %d FETCH (%s)\r\n" % (place, b" ".join(parts)))
            if seen and not self._read_only:
                message.flags.add(SEEN)

    def _store(self, places: list[int], how: str, words: Words, *, by_uid: bool) -> None:
        if self._read_only:
            raise Refused("NO", "[READ-ONLY] nothing can be marked")
        flags = {str(f) for word in words for f in (word if isinstance(word, list) else [word])}
        for place in places:
            message = self._mailbox.messages[place - 1]
            if how.startswith("+FLAGS"):
                message.flags |= flags
            elif how.startswith("-FLAGS"):
                message.flags -= flags
            else:
                message.flags = set(flags)
            if not how.endswith(".SILENT"):
                items: Words = ["UID", "FLAGS"] if by_uid else ["FLAGS"]
                parts, _ = describe(message, items)
                self._writer.write(b"* %d FETCH (%s)\r\n" % (place, b" ".join(parts)))

    def _expunge(self) -> None:
        self._need(self._selected and not self._read_only)
        for place in self._mailbox.expunge():
            self._say(f"* {place} EXPUNGE")
        self._told = len(self._mailbox.messages)

    def _tell_news(self) -> None:
        there = len(self._mailbox.messages)
        if self._selected and there != self._told:
            self._told = there
            self._say(f"* {there} EXISTS")

    def _say(self, line: str) -> None:
        self._writer.write(line.encode() + b"\r\n")

    @staticmethod
    def _need(fulfilled: bool) -> None:
        if not fulfilled:
            raise Refused("BAD", "not in this state")
