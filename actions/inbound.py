"""One message from outside, the same whichever way it came."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from school.people import Channel


@dataclass(frozen=True, slots=True)
class Inbound:
    """A verified message, read from its provider's own form.

    Attributes:
        account: the account, bot or mailbox at the provider; with ``provider_id`` it names the
            message for ever.
        sender: the address of the person, in the channel's own form (E.164, lower-case e-mail,
            numeric Telegram chat).
        addressed_to: the school's number or address; empty for a bot that serves all schools.
        text: what the person wrote, quotes and signatures already taken off an e-mail.
        attachments: kinds of what came with it: ``photo``, ``voice``, ``document``.
        automated: an auto-reply or a bounce; filed, never answered.
        start: the payload of a Telegram deep link, if this is one.
        shared_phone: the sender's own phone number in E.164, shared by a Telegram button.
        blocked: the person blocked (True) or unblocked (False) the bot; None otherwise.
        extra: what later answers need (an e-mail's Message-ID and subject).
    """

    channel: Channel
    account: str
    provider_id: str
    sender: str
    addressed_to: str
    text: str
    attachments: tuple[str, ...] = ()
    automated: bool = False
    start: str | None = None
    shared_phone: str | None = None
    blocked: bool | None = None
    extra: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a provider reports later about a message we handed over.

    Attributes:
        provider_id: the provider's id of the message.
        status: one of sent, delivered, read, undelivered, failed; unknown ones are kept as they
            are and change nothing.
        code: the provider's error code, if any.
        attempt_id: our id of the call, from the callback address.
    """

    provider_id: str
    status: str
    code: str = ""
    attempt_id: int | None = None
