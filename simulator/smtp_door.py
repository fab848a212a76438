"""The relay's door: an SMTP server inside the running loop, with faults at every phase."""

import asyncio
import ssl
from collections.abc import Callable
from typing import Any, AnyStr

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from simulator.faults import HANG_SECONDS, Fault, Faults

HOSTNAME = "relay.look-alike.example"
LARGEST_LETTER = 10 * 1024 * 1024
Keep = Callable[[str, str, bytes], None]
SignsIn = Callable[[str, str], bool]


class Door(SMTP):
    """One connection to the relay; it remembers which fault its recipient asked for."""

    def __init__(
        self, clerk: "Clerk", tls: ssl.SSLContext | None, connections: set["Door"]
    ) -> None:
        super().__init__(
            clerk,
            data_size_limit=LARGEST_LETTER,
            enable_SMTPUTF8=True,
            hostname=HOSTNAME,
            ident="ready",
            tls_context=tls,
            auth_require_tls=False,
            authenticator=clerk.authenticate,
            loop=asyncio.get_running_loop(),
        )
        self.planned: Fault | None = None
        self.gone = asyncio.Event()
        self._clerk = clerk
        self._connections = connections

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Note the connection, so that the street can close it."""
        self._connections.add(self)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        """Forget the connection."""
        self._connections.discard(self)
        self.gone.set()
        super().connection_lost(error)

    async def push(self, status: AnyStr) -> None:
        """Send a reply; the greeting may be turned into a refusal."""
        if isinstance(status, str) and status.startswith("220 " + HOSTNAME):
            fault = self._clerk.faults.take("smtp", "", "connect")
            if fault is not None:
                await super().push(fault.more or "421 4.3.2 Not now")
                await self.cut()
        await super().push(status)

    async def smtp_MAIL(self, arg: str) -> None:  # noqa: N802  # named by the library
        """Take the envelope's sender."""
        self.planned = None
        fault = self._clerk.faults.take("smtp", "", "mail")
        if fault is not None:
            await self.push(fault.more or "451 4.3.0 Try again later")
            return
        await super().smtp_MAIL(arg)

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802
        """Take the letter itself, unless a fault comes before it."""
        if self.planned is not None and self.planned.kind == "drop_before_data":
            await self.cut()
        if self.planned is not None and self.planned.kind == "data":
            await self.push(self.planned.more or "451 4.3.0 Try again later")
            return
        await super().smtp_DATA(arg)

    def abort(self) -> None:
        """End the connection at once."""
        if isinstance(self.transport, asyncio.WriteTransport):
            self.transport.abort()

    async def cut(self) -> None:
        """Close the connection without a reply; whoever runs this is cancelled by that."""
        if self.transport is not None:
            self.transport.close()
        await asyncio.Event().wait()


class Clerk:
    """Decides about recipients and letters; `keep` gets each accepted letter per recipient."""

    def __init__(self, faults: Faults, keep: Keep, signs_in: SignsIn) -> None:
        self.faults = faults
        self._keep = keep
        self._signs_in = signs_in

    def authenticate(
        self, _server: Any, _session: Session, _envelope: Envelope, mechanism: str, data: Any
    ) -> AuthResult:
        """Check a sign-in; one that the sender does not need is welcome too."""
        good = (
            mechanism in {"LOGIN", "PLAIN"}
            and isinstance(data, LoginPassword)
            and self._signs_in(data.login.decode(), data.password.decode())
        )
        return AuthResult(success=good, handled=False)

    async def handle_RCPT(  # noqa: N802
        self, server: Door, _session: Session, envelope: Envelope, address: str, _: list[str]
    ) -> str:
        """Take or refuse a recipient, and note what is to go wrong later."""
        fault = self.faults.take("smtp", address.lower())
        if fault is not None and fault.kind == "rcpt":
            return fault.more or "550 5.1.1 No such mailbox"
        if fault is not None:
            server.planned = fault
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(  # noqa: N802
        self, server: Door, _session: Session, envelope: Envelope
    ) -> str:
        """Keep the letter and say so, unless a fault is planned for after the dot."""
        fault = server.planned
        if fault is not None and fault.kind == "dot":
            return fault.more or "554 5.7.1 Refused"
        for address in envelope.rcpt_tos:
            self._keep(envelope.mail_from or "", address, envelope.original_content or b"")
        if fault is not None and fault.kind == "hang_after_dot":
            await self.faults.pause(fault.number(HANG_SECONDS))
            await server.cut()
        if fault is not None and fault.kind == "drop_after_dot":
            await server.cut()
        return "250 2.0.0 OK: queued"
