"""Pupils, their contacts, and the words for a session and a channel."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Session(StrEnum):
    """One half of a school day."""

    AM = "AM"
    PM = "PM"


class Channel(StrEnum):
    """A way by which a message travels."""

    SMS = "sms"
    TELEGRAM = "telegram"
    EMAIL = "email"
    WEB = "web"
    IN_PERSON = "in_person"


class Role(StrEnum):
    """What a member of staff may do; the name stands in the amendment record."""

    OFFICE = "office"
    ATTENDANCE_OFFICER = "attendance_officer"
    HEAD = "head"
    SAFEGUARDING_LEAD = "safeguarding_lead"
    ADMINISTRATOR = "administrator"


@dataclass(frozen=True, slots=True)
class Contact:
    """One adult as seen from one pupil.

    Attributes:
        order: 1 is asked first, as the school's own records have it.
        relationship: in the school's words, for example "mother".
        language: BCP-47, the language this adult reads.
        parental_responsibility: None where the school does not know.
        no_contact: an order or a decision forbids contact about this pupil; never sent anything.
        addresses: what we can send to, by channel, already in the channel's own form.
        preferred: the channel the adult chose, if any.
    """

    id: int
    name: str
    order: int
    relationship: str
    language: str
    parental_responsibility: bool | None = None
    no_contact: bool = False
    addresses: tuple[tuple[Channel, str], ...] = ()
    preferred: Channel | None = None

    def channel(self, order: tuple[Channel, ...]) -> Channel | None:
        """Choose the channel: the adult's own choice, else the school's order; None if none.

        A choice that the school cannot serve is passed over: a message nobody sends asks nobody.
        """
        have = dict(self.addresses)
        if self.preferred in have and self.preferred in order:
            return self.preferred
        return next((channel for channel in order if channel in have), None)


@dataclass(frozen=True, slots=True)
class Pupil:
    """One child on the register, with the contacts in the stored order."""

    id: int
    first: str
    last: str
    class_id: int
    class_name: str
    year: str = ""
    contacts: tuple[Contact, ...] = ()
