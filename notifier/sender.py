"""What every sender is: one call to a provider, and a question about a call of unknown end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from school.people import Channel


class Outcome(StrEnum):
    """How a call ended; each asks for something else next."""

    ACCEPTED = "accepted"
    NOT_SENT = "not sent"
    """Surely not sent: another try is safe."""
    PERMANENT = "permanent"
    """Surely not sent, and this address will not work on this channel."""
    UNKNOWN = "unknown"
    """May have been accepted: never sent again blindly."""
    THROTTLED = "throttled"
    """Not processed, only too fast: the same again after a wait."""
    ACCOUNT = "account"
    """Not sent, for everybody: credentials, money, permission. The channel stops."""


@dataclass(frozen=True, slots=True)
class Result:
    """The end of one call. ``wait`` is in seconds; ``code`` is the provider's own."""

    outcome: Outcome
    provider_id: str | None = None
    code: str = ""
    wait: float | None = None


@dataclass(frozen=True, slots=True)
class Parcel:
    """One fenced message, ready for its channel.

    Attributes:
        outbound_id: our id of the message.
        attempt_id: our id of this call; goes into the callback address.
        address: where to, in the channel's own form.
        sender: where from (the school's number or e-mail address; empty for a bot).
        sender_name: the school's name, for an e-mail's From.
        body: the text as the reader will see it.
        subject: for e-mail.
        reply_to: the provider's id of the message that this answers, if any.
        seconds_left: how long it is worth delivering.
        called_at: when the call was fenced, UTC.
        message_id: for e-mail, the same at every try.
        button: the label of a button that shares one's own number, where the channel has one.
    """

    outbound_id: int
    attempt_id: int
    address: str
    sender: str
    sender_name: str
    body: str
    subject: str
    reply_to: str | None
    seconds_left: int
    called_at: datetime
    message_id: str = ""
    button: str = ""


class Found(StrEnum):
    """What a provider says about a call whose end we do not know."""

    YES = "found"
    NO = "absent"
    CANNOT_TELL = "cannot tell"


class Sender(Protocol):
    """One channel by one provider."""

    channel: Channel
    at_once: int
    """How many calls may be under way at the same time."""

    async def send(self, parcel: Parcel) -> Result:
        """Make the one call. Never raises for what a provider or a network can do."""

    async def find(self, parcel: Parcel) -> tuple[Found, str | None]:
        """Ask whether the message of an unknown call exists; with the provider's id if so."""

    async def close(self) -> None:
        """Give connections back."""
