"""Writes the e-mail itself: headers that no name or subject can break, and plain text."""

from __future__ import annotations

import re
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime

from notifier.sender import Parcel

OWN_MARK = "X-Firstday"
"""On every letter of ours, so that one that comes back is known and not answered."""

ADDRESS = re.compile(r"[!-;=?A-~]+@[!-;=?A-~]+")
"""An address as we send to: one @, ASCII, no space and no angle brackets."""

_MESSAGE_ID = re.compile(r"<[!-;=?-~]+@[!-;=?-~]+>")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
_POLICY = policy.SMTP.clone(max_line_length=78)


def write(parcel: Parcel, domain: str, reply_to: str = "") -> EmailMessage:
    """Write the letter of a parcel.

    The domain ends the Message-ID where the parcel has none; answers go to ``reply_to``, or to
    the sender where it is empty.

    Raises:
        ValueError: the sender has no address, or one that cannot stand in a header.
    """
    message = EmailMessage(policy=_POLICY)
    message["From"] = Address(one_line(parcel.sender_name), *_halves(parcel.sender))
    message["To"] = parcel.address
    message["Subject"] = one_line(parcel.subject)
    message["Date"] = format_datetime(parcel.called_at)
    message["Message-ID"] = parcel.message_id or f"<fd-{parcel.outbound_id}@{domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message[OWN_MARK] = "1"
    if reply_to:
        message["Reply-To"] = reply_to
    # Only a Message-ID can be answered to: other channels' ids mean nothing to a mail program.
    if parcel.reply_to and _MESSAGE_ID.fullmatch(parcel.reply_to):
        message["In-Reply-To"] = parcel.reply_to
        message["References"] = parcel.reply_to
    message.set_content(parcel.body, charset="utf-8", cte="quoted-printable")
    return message


def one_line(text: str) -> str:
    """Take out line ends and other controls, which would begin a new header."""
    return _CONTROLS.sub(" ", text).strip()


def _halves(address: str) -> tuple[str, str]:
    if not ADDRESS.fullmatch(address):
        raise ValueError("the school's address is no e-mail address")
    box, _, host = address.partition("@")
    return box, host
