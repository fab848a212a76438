"""The school's mailbox, asked for new e-mails by IMAP; the library blocks, so it has a thread."""

from __future__ import annotations

import asyncio
import imaplib
import logging
import re
import ssl
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta

from bot.mime import LARGEST
from bot.request import BadRequest

log = logging.getLogger(__name__)

Handle = Callable[[int, int, bytes], Awaitable[object]]
Seen = Callable[[], Awaitable[tuple[int, int]]]
Mail = tuple[int, int, bytes]
"""UIDVALIDITY, UID and the e-mail; the two numbers name it in its folder for ever."""

_MOST_AT_ONCE = 10
_LONGEST_WAIT = 300.0
_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})
_SIZE = re.compile(rb"RFC822\.SIZE (\d+)")
_UID = re.compile(rb"\bUID (\d+)")
_CAME_IN = re.compile(rb'INTERNALDATE "([ \d]\d-[A-Z][a-z]{2}-\d{4} \d\d:\d\d:\d\d [+-]\d{4})"')
_LOOK_BACK = timedelta(days=7)


class Mailbox:
    """One folder of a mailbox. Nothing in it is deleted or moved.

    Args:
        tls: False is only for a server on this machine.
        context: what certificates are trusted; None for the system's.
        timeout: for each answer of the server, in seconds.
        since: what came in before is never answered when nothing is stored yet, since the school
            has used the mailbox before us; aware. None stands for what is unread then.

    Raises:
        ValueError: a password would travel in the open.
    """

    def __init__(
        self,
        host: str,
        port: int,
        username: str,
        password: str,
        folder: str = "INBOX",
        *,
        tls: bool = True,
        context: ssl.SSLContext | None = None,
        timeout: float = 30.0,
        since: datetime | None = None,
    ) -> None:
        if not tls and host not in _LOCAL:
            raise ValueError("a mailbox without TLS is only for a server on this machine")
        self._place = host, port
        self._user = username, password
        self._folder = '"' + folder.replace("\\", "\\\\").replace('"', '\\"') + '"'
        self._tls = tls
        self._context = context
        self._timeout = timeout
        self._since = since

    async def new_since(self, uidvalidity: int, uid: int) -> list[Mail]:
        """Fetch up to 10 e-mails behind ``uid``, oldest first, leaving them unread.

        With (0, 0) nothing is stored yet, and only what ``since`` allows is new. Where the folder
        was made anew (another UIDVALIDITY), its numbers begin anew and its e-mails are new, with
        ``since`` those from a week before it; who stores them knows a repeat by its Message-ID.
        One above the size limit comes without its content's end.

        Raises:
            imaplib.IMAP4.error: the server refused.
            OSError: it cannot be reached, or has fallen silent.
        """
        return await asyncio.to_thread(self._new_since, uidvalidity, uid)

    async def mark_seen(self, uids: Sequence[int]) -> None:
        """Mark e-mails as read, for people who look into the folder; we ourselves go by number.

        Raises:
            imaplib.IMAP4.error: the server refused.
            OSError: it cannot be reached, or has fallen silent.
        """
        await asyncio.to_thread(self._mark_seen, uids)

    async def watch(self, handle: Handle, seen: Seen, every: float, stop: asyncio.Event) -> None:
        """Hand over new e-mails until ``stop`` is set, asking again after ``every`` seconds.

        ``seen`` tells the last UIDVALIDITY and UID that are stored. An e-mail whose handling
        raised comes again, later and later, and nothing behind it overtakes it; only one that
        cannot be read (BadRequest) is passed over, and stays unread in the folder.
        """
        here = (0, 0)
        wait = every
        while not stop.is_set():
            try:
                before = _later(here, await seen())
                here = await self._round(handle, before, stop)
                wait = every
                if here != before:
                    continue  # there may be more
            except Exception as trouble:  # noqa: BLE001 - whatever it was, the watch goes on
                wait = min(wait * 2, max(_LONGEST_WAIT, every))
                log.warning("the mailbox: %s, again in %.0f s", type(trouble).__name__, wait)
            with suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await stop.wait()

    async def _round(
        self, handle: Handle, here: tuple[int, int], stop: asyncio.Event
    ) -> tuple[int, int]:
        for uidvalidity, uid, raw in await self.new_since(*here):
            if stop.is_set():
                break
            try:
                await handle(uidvalidity, uid, raw)
            except BadRequest as wrong:
                # It stays unread, for whoever looks into the folder, and holds up no other.
                log.error("e-mail %d stays in the mailbox: %s", uid, wrong)  # noqa: TRY400
            else:
                await self.mark_seen([uid])
            here = (uidvalidity, uid)
        return here

    def _new_since(self, uidvalidity: int, uid: int) -> list[Mail]:
        with self._open(readonly=True) as imap:
            validity = _number(imap.response("UIDVALIDITY")[1])
            last = uid if validity == uidvalidity else 0
            if validity == uidvalidity:
                numbers = _found(imap, f"UID {uid + 1}:*")
            elif self._since is None:
                numbers = _found(imap, "ALL" if uidvalidity else "UNSEEN")
            else:
                numbers = _came_in(imap, self._since - (_LOOK_BACK if uidvalidity else timedelta()))
            # A folder always has a last message, and "n:*" names it even where n is larger.
            fresh = [number for number in numbers if number > last][:_MOST_AT_ONCE]
            return [(validity, number, _fetched(imap, number)) for number in fresh]

    def _mark_seen(self, uids: Sequence[int]) -> None:
        if not uids:
            return
        with self._open(readonly=False) as imap:
            imap.uid("STORE", ",".join(map(str, uids)), "+FLAGS", r"(\Seen)")

    @contextmanager
    def _open(self, *, readonly: bool) -> Iterator[imaplib.IMAP4]:
        host, port = self._place
        imap: imaplib.IMAP4
        if self._tls:
            context = self._context or ssl.create_default_context()
            imap = imaplib.IMAP4_SSL(host, port, ssl_context=context, timeout=self._timeout)
        else:
            imap = imaplib.IMAP4(host, port, timeout=self._timeout)
        try:
            imap.login(*self._user)
            answer, _ = imap.select(self._folder, readonly=readonly)
            if answer != "OK":
                raise imaplib.IMAP4.error("the folder cannot be opened")
            yield imap
        finally:
            with suppress(imaplib.IMAP4.error, OSError):
                imap.logout()


def _later(ours: tuple[int, int], stored: tuple[int, int]) -> tuple[int, int]:
    """Choose where to go on: an e-mail that was handled and left nothing stored is over too."""
    return max(ours, stored) if ours[0] == stored[0] else (ours if ours[0] else stored)


def _number(answer: list[object]) -> int:
    word = answer[0] if answer else None
    if not isinstance(word, bytes) or not word.isdigit():
        raise imaplib.IMAP4.error("the folder has no UIDVALIDITY")
    return int(word)


def _found(imap: imaplib.IMAP4, criteria: str) -> list[int]:
    _, found = imap.uid("SEARCH", criteria)
    return sorted(int(word) for word in b" ".join(filter(None, found)).split())


def _came_in(imap: imaplib.IMAP4, since: datetime) -> list[int]:
    """Find what came in at ``since`` or later, by the server's own note of the time."""
    # The search knows dates only, in whatever zone the server has: a day more, and then exactly.
    numbers = _found(imap, f"SINCE {since - timedelta(days=1):%d-%b-%Y}")
    if not numbers:
        return []
    _, answer = imap.uid("FETCH", f"{numbers[0]}:{numbers[-1]}", "(INTERNALDATE)")
    early = set()
    for line in answer:
        name, at = (pattern.search(line or b"") for pattern in (_UID, _CAME_IN))
        if name and at and datetime.strptime(at[1].decode(), "%d-%b-%Y %H:%M:%S %z") < since:
            early.add(int(name[1]))
    return [number for number in numbers if number not in early]


def _fetched(imap: imaplib.IMAP4, uid: int) -> bytes:
    _, sizes = imap.uid("FETCH", str(uid), "(RFC822.SIZE)")
    size = _SIZE.search(b" ".join(part for part in sizes if isinstance(part, bytes)))
    part = "BODY.PEEK[]"
    if size and int(size[1]) > LARGEST:
        part = f"BODY.PEEK[]<0.{LARGEST + 1}>"
    _, answer = imap.uid("FETCH", str(uid), f"({part})")
    content = next((piece[1] for piece in answer if isinstance(piece, tuple)), None)
    if not isinstance(content, bytes):
        raise imaplib.IMAP4.error("an e-mail is gone")
    return content
