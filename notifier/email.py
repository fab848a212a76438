"""E-mail by the school's relay, step by step, so that it is known how far a letter came."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import re
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from aiosmtplib import SMTP, SMTPException, SMTPResponseException, SMTPServerDisconnected

from notifier.letter import ADDRESS, write
from notifier.sender import Found, Outcome, Parcel, Result
from notifier.smtp_codes import Step, answered, broken
from school.people import Channel

log = logging.getLogger(__name__)

_GO_ON = 354
_DONE = 250
_LEAVING = 421
_LINE_END = re.compile(rb"\r\n|\n|\r")
_FIRST_DOT = re.compile(rb"(?m)^\.")


@dataclass(slots=True)
class _Letter:
    """One letter on its way; ``step`` is the one begun last, ``lost`` says the line went dead."""

    sender: str
    address: str
    message_id: str
    text: bytes
    step: Step = Step.CONNECT
    lost: bool = False


class SmtpSender:
    """Sends through one relay, over one connection that is kept and used in turn.

    Args:
        starttls: "required", or "off" for a relay on this very machine.
        message_id_domain: names us to the relay, and ends a Message-ID that we make.
        reply_address: gives the signed address to which answers to a letter go.
        tls: what certificates are trusted; None for the system's.
        timeout: for each step up to the text, in seconds.
        dot_timeout: for the relay's answer to the text, in seconds. Too short a time turns a
            slow relay into letters of unknown end.

    Raises:
        ValueError: "off" was asked for and the relay is not on this machine.
    """

    channel = Channel.EMAIL

    def __init__(
        self,
        host: str,
        port: int,
        username: str = "",
        password: str = "",
        *,
        starttls: Literal["required", "off"] = "required",
        message_id_domain: str,
        reply_address: Callable[[Parcel], str] | None = None,
        tls: ssl.SSLContext | None = None,
        timeout: float = 20.0,
        dot_timeout: float = 60.0,
    ) -> None:
        if starttls == "off" and not is_loopback(host):
            raise ValueError("e-mail without STARTTLS is only for a relay on this machine")
        self.at_once = 1
        self._place = host, port
        self._user = username, password
        self._starttls = starttls == "required"
        self._domain = message_id_domain
        self._reply_address = reply_address
        self._tls = tls
        self._timeout, self._dot_timeout = timeout, dot_timeout
        self._lock = asyncio.Lock()
        self._smtp: SMTP | None = None

    async def send(self, parcel: Parcel) -> Result:
        """Hand one letter to the relay. Never raises for what a relay or a network can do."""
        if not ADDRESS.fullmatch(parcel.address):
            return Result(Outcome.PERMANENT, code="not an address")
        reply_to = self._reply_address(parcel) if self._reply_address else ""
        try:
            message = write(parcel, self._domain, reply_to)
            text = message.as_bytes()
        except (ValueError, LookupError, TypeError, AttributeError) as trouble:
            kind = type(trouble).__name__
            return Result(Outcome.NOT_SENT, code=f"could not be written: {kind}")
        letter = _Letter(parcel.sender, parcel.address, str(message["Message-ID"]), text)
        async with self._lock:
            kept = self._smtp is not None
            result = await self._try(letter)
            if kept and letter.lost and letter.step is Step.MAIL:
                # The relay had closed the idle connection: nothing of this letter had left.
                result = await self._try(letter)
            return result

    async def find(self, parcel: Parcel) -> tuple[Found, str | None]:  # noqa: ARG002
        """Say that nobody can tell: a relay answers no questions."""
        return Found.CANNOT_TELL, None

    async def close(self) -> None:
        """Say goodbye to the relay; the next letter connects again."""
        async with self._lock:
            if self._smtp is not None and self._smtp.is_connected:
                try:
                    await self._smtp.quit()
                except (SMTPException, OSError) as trouble:
                    log.info("the relay did not say goodbye: %s", type(trouble).__name__)
            self._hang_up()

    async def _try(self, letter: _Letter) -> Result:
        letter.step, letter.lost = Step.CONNECT, False
        try:
            smtp = await self._connected(letter)
            await self._hand_over(smtp, letter)
        except SMTPResponseException as refused:
            letter.lost = refused.code == _LEAVING
            await self._forget(letter.step)
            return answered(letter.step, refused.code, refused.message)
        except (SMTPException, OSError, ValueError) as trouble:
            letter.lost = isinstance(trouble, SMTPServerDisconnected)
            self._hang_up()
            return _failed(letter.step, trouble)
        except BaseException:
            self._hang_up()  # the next letter must not meet half of this one
            raise
        return Result(Outcome.ACCEPTED, letter.message_id)

    async def _connected(self, letter: _Letter) -> SMTP:
        if self._smtp is None:
            host, port = self._place
            self._smtp = smtp = SMTP(
                hostname=host,
                port=port,
                local_hostname=self._domain,
                start_tls=False,
                tls_context=self._tls,
                timeout=self._timeout,
            )
            await smtp.connect()
            await smtp.ehlo()
            if self._starttls:
                letter.step = Step.STARTTLS
                await smtp.starttls()
                await smtp.ehlo()
            if self._user[0]:
                letter.step = Step.LOGIN
                await smtp.login(*self._user)
        letter.step = Step.MAIL
        return self._smtp

    async def _hand_over(self, smtp: SMTP, letter: _Letter) -> None:
        await smtp.mail(letter.sender)
        letter.step = Step.RCPT
        await smtp.rcpt(letter.address)
        letter.step = Step.DATA
        ready = await smtp.execute_command(b"DATA")
        if ready.code != _GO_ON:
            raise SMTPResponseException(ready.code, ready.message)
        protocol = smtp.protocol
        if protocol is None:
            raise SMTPServerDisconnected("before the text")
        letter.step = Step.DOT
        # The library's own data() does not tell a line that broke before the text from one
        # that broke after it, and only the first may be tried again.
        protocol.write(_stuffed(letter.text))
        taken = await protocol.read_response(timeout=self._dot_timeout)
        if taken.code != _DONE:
            raise SMTPResponseException(taken.code, taken.message)

    async def _forget(self, step: Step) -> None:
        """Make the connection ready for the next letter after a refusal, or give it up."""
        if step >= Step.MAIL and self._smtp is not None and self._smtp.is_connected:
            try:
                await self._smtp.rset()
            except (SMTPException, OSError) as trouble:
                log.info("the relay did not forget a letter: %s", type(trouble).__name__)
            else:
                return
        self._hang_up()

    def _hang_up(self) -> None:
        smtp, self._smtp = self._smtp, None
        if smtp is not None:
            smtp.close()


def is_loopback(host: str) -> bool:
    """Tell whether a host is this machine, without asking any name server."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _stuffed(text: bytes) -> bytes:
    """Write a text as it travels: CRLF alone ends a line, and no line of it is a lone dot."""
    lines = _LINE_END.sub(b"\r\n", text)
    ended = lines if lines.endswith(b"\r\n") else lines + b"\r\n"
    return _FIRST_DOT.sub(b"..", ended) + b".\r\n"


def _failed(step: Step, trouble: Exception) -> Result:
    kind = type(trouble).__name__
    log.warning("the relay was lost at %s: %s", step.name, kind)
    # Where the relay lacks what we insist on, the library raises its plainest error.
    missing = type(trouble) is SMTPException and step in {Step.STARTTLS, Step.LOGIN}
    if missing:
        return Result(Outcome.ACCOUNT, code=f"{step.name.lower()} not offered")
    return broken(step, kind)
