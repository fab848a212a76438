"""A look-alike of the school's mail: a relay that takes letters, and the school's own mailbox."""

import asyncio
import contextlib
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

from simulator.certificate import make_certificate
from simulator.faults import Faults
from simulator.imap import Session
from simulator.letters import Letter, bounce, compose, parse, words
from simulator.mailbox import Mailbox
from simulator.phones import Clock, Phones
from simulator.smtp_door import Clerk, Door

HOST = "127.0.0.1"
LETTERS_KEPT = 2_000


@dataclass(frozen=True, slots=True)
class MailAccount:
    """The school's address and its sign-in, for the relay and the mailbox alike."""

    address: str
    user: str
    password: str


class Mail:
    """Relay and mailbox; `letters` holds what the relay took, `mailbox` what came in.

    `smtp_port` and `imap_port` are known once it is open; `certificate` is what a client trusts
    (PEM) where STARTTLS was asked for and could be offered, else empty.
    """

    def __init__(self, account: MailAccount, phones: Phones, faults: Faults, clock: Clock) -> None:
        self.account = account
        self.letters: deque[Letter] = deque(maxlen=LETTERS_KEPT)
        self.mailbox = Mailbox()
        self.smtp_port = 0
        self.imap_port = 0
        self.certificate = ""
        self._phones = phones
        self._clock = clock
        self._clerk = Clerk(faults, self._keep, self._signs_in)
        self._doors: set[Door] = set()
        self._sessions: set[asyncio.Task[None]] = set()
        self._servers: list[asyncio.Server] = []

    async def open(self, smtp_port: int = 0, imap_port: int = 0, *, starttls: bool = False) -> None:
        """Listen on loopback; port 0 picks a free one.

        Raises:
            OSError: a port is taken.
        """
        made = await make_certificate() if starttls else None
        tls, self.certificate = made or (None, "")
        loop = asyncio.get_running_loop()
        relay = await loop.create_server(
            lambda: Door(self._clerk, tls, self._doors), HOST, smtp_port
        )
        self._servers.append(relay)
        box = await asyncio.start_server(self._serve_mailbox, HOST, imap_port)
        self._servers.append(box)
        self.smtp_port, self.imap_port = (
            server.sockets[0].getsockname()[1] for server in (relay, box)
        )

    async def close(self) -> None:
        """Stop listening and end every connection."""
        for server in self._servers:
            server.close()
        doors = list(self._doors)
        for door in doors:
            door.abort()
        for session in list(self._sessions):
            session.cancel()
        await asyncio.gather(*self._sessions, return_exceptions=True)
        await asyncio.gather(*(door.gone.wait() for door in doors))

    def letters_to(self, address: str) -> list[Letter]:
        """Return what the relay took for this address, oldest first."""
        return [letter for letter in self.letters if letter.to.lower() == address.lower()]

    def mail_in(
        self,
        from_: str,
        to: str,
        subject: str,
        text: str,
        *,
        in_reply_to: str | None = None,
        quoted: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> str:
        """Send a family's e-mail to the school's mailbox and return its Message-ID."""
        message = compose(
            from_,
            to,
            subject,
            text,
            self._clock(),
            in_reply_to=in_reply_to,
            quoted=quoted,
            headers=headers,
        )
        reference = str(message["Message-ID"])
        self._phones.record(
            "email", from_, "sent", text, subject=subject, peer=to, reference=reference
        )
        self.put(bytes(message))
        return reference

    def reply(self, from_: str, text: str) -> str:
        """Answer the newest letter this person got, or write to the school where there is none.

        The answer goes where the letter asks for it, quotes it, and returns its Message-ID.
        """
        letters = self.letters_to(from_)
        if not letters:
            return self.mail_in(from_, self.account.address, "Absence", text)
        letter = letters[-1].parsed()
        subject = str(letter["Subject"] or "")
        return self.mail_in(
            from_,
            str(letter["Reply-To"] or letter["From"] or self.account.address),
            subject if subject.lower().startswith("re:") else f"Re: {subject}",
            text,
            in_reply_to=str(letter["Message-ID"] or "") or None,
            quoted=words(letter),
        )

    def put(self, raw: bytes) -> int:
        """Put any bytes into the mailbox as a message and return its unique number."""
        return self.mailbox.append(raw, self._clock())

    def bounce(
        self,
        letter: Letter,
        status: str = "5.1.1",
        action: str = "failed",
        reply: str = "550 5.1.1 No such mailbox",
    ) -> int:
        """Send a delivery report about this letter to the mailbox."""
        return self.put(bounce(letter, self._clock(), status=status, action=action, reply=reply))

    def _keep(self, mail_from: str, to: str, raw: bytes) -> None:
        message = parse(raw)
        self.letters.append(Letter(mail_from, to, raw, self._clock()))
        self._phones.record(
            "email",
            to,
            "received",
            words(message),
            subject=str(message["Subject"] or ""),
            peer=str(message["From"] or mail_from),
            reference=str(message["Message-ID"] or ""),
        )

    def _signs_in(self, user: str, password: str) -> bool:
        return (user, password) == (self.account.user, self.account.password)

    async def _serve_mailbox(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._sessions.add(task)
            task.add_done_callback(self._sessions.discard)
        try:
            await Session(self.mailbox, self._signs_in, reader, writer).run()
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()
