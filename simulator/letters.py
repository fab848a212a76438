"""Writes and reads the e-mails of the invented families, bounces included."""

import email
import email.policy
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid

BOUNCING_HOST = "mx.families.example"


@dataclass(frozen=True, slots=True)
class Letter:
    """An e-mail that the product handed to the relay, one for each recipient."""

    mail_from: str
    to: str
    raw: bytes
    at: datetime

    def parsed(self) -> EmailMessage:
        """Return the message with its headers and parts."""
        return parse(self.raw)


def parse(raw: bytes) -> EmailMessage:
    """Read a message as the standard library understands it."""
    return email.message_from_bytes(raw, policy=email.policy.default)


def words(message: EmailMessage) -> str:
    """Return what a person would read: the plain text, else the page's source, else nothing."""
    body = message.get_body(preferencelist=("plain", "html"))
    if body is None:
        return ""
    content = body.get_content()
    return str(content).strip().replace("\r\n", "\n")


def compose(
    from_: str,
    to: str,
    subject: str,
    text: str,
    at: datetime,
    *,
    in_reply_to: str | None = None,
    quoted: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> EmailMessage:
    """Write a parent's e-mail; `quoted` is the original that their program puts below."""
    message = EmailMessage(policy=email.policy.SMTP)
    message["From"] = from_
    message["To"] = to
    message["Subject"] = subject
    message["Date"] = format_datetime(at)
    message["Message-ID"] = make_msgid(domain="families.example")
    if in_reply_to:
        message["In-Reply-To"] = in_reply_to
        message["References"] = in_reply_to
    for name, value in (headers or {}).items():
        del message[name]
        message[name] = value
    below = ""
    if quoted is not None:
        lines = "\n".join(f"> {line}".rstrip() for line in quoted.splitlines())
        below = f"\n\nOn {at:%a, %d %b %Y at %H:%M}, {to} wrote:\n{lines}\n"
    message.set_content(text + below, charset="utf-8")
    return message


def bounce(letter: Letter, at: datetime, *, status: str, action: str, reply: str) -> bytes:
    """Write the report a mail server sends back to the envelope's sender (RFC 3464)."""
    head = [
        ("From", f"Mail Delivery <mailer-daemon@{BOUNCING_HOST}>"),
        ("To", letter.mail_from),
        ("Subject", "Delivery report"),
        ("Date", format_datetime(at)),
        ("Message-ID", make_msgid(domain=BOUNCING_HOST)),
        ("Auto-Submitted", "auto-replied"),
        ("Return-Path", "<>"),
        ("MIME-Version", "1.0"),
        ("Content-Type", 'multipart/report; report-type=delivery-status; boundary="B1"'),
    ]
    blocks = [
        f"Reporting-MTA: dns; {BOUNCING_HOST}",
        f"Arrival-Date: {format_datetime(letter.at)}",
        "",
        f"Final-Recipient: rfc822; {letter.to}",
        f"Action: {action}",
        f"Status: {status}",
        f"Remote-MTA: dns; {BOUNCING_HOST}",
        f"Diagnostic-Code: smtp; {reply}",
    ]
    kept = letter.raw.partition(b"\r\n\r\n")[0].decode("utf-8", "replace").splitlines()
    parts = [
        ("text/plain; charset=utf-8", [f"Your message to {letter.to} was not delivered: {reply}"]),
        ("message/delivery-status", blocks),
        ("text/rfc822-headers; charset=utf-8", kept),
    ]
    lines = [*(f"{name}: {value}" for name, value in head), ""]
    for kind, content in parts:
        lines += ["--B1", f"Content-Type: {kind}", "", *content, ""]
    return "\r\n".join([*lines, "--B1--", ""]).encode("utf-8")
