"""Puts together what a file says about one adult on several rows.

An adult with three children stands on three rows, with three lessons on nine.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from actions.changes import Problem
from actions.import_pupils import ContactRecord
from actions.roll_records import MADE_UP

SHARED = ("name", "phone", "email", "language", "preferred")
"""The facts of an adult, as against those of the place in one pupil's record."""

_TITLES = frozenset(
    ["mr", "mrs", "ms", "miss", "mx", "dr", "rev", "revd", "prof", "sir", "lady", "dame", "fr"]
)


def joined(first: ContactRecord, again: ContactRecord) -> ContactRecord:
    """Put two rows of one contact of one pupil together; a no-contact flag on either counts."""
    return replace(_filled(first, again), no_contact=first.no_contact or again.no_contact)


def same_person(contacts: Mapping[str, ContactRecord], new: ContactRecord) -> str:
    """Give the id under which a pupil has this contact already, or the contact's own id.

    Where ids are made up from the number, a second row for a second number has another id.
    """
    if new.external_id in contacts or not new.external_id.startswith(MADE_UP):
        return new.external_id
    for key, have in contacts.items():
        alike = (have.name.casefold(), have.relationship) == (new.name.casefold(), new.relationship)
        if key.startswith(MADE_UP) and alike and new.order in {0, have.order}:
            return key
    return new.external_id


def shared_facts(
    contacts: Iterable[ContactRecord], problems: list[Problem], warnings: list[Problem]
) -> dict[str, ContactRecord]:
    """Give each adult once, by id, with the first number and address that any row has.

    Rows that contradict each other are added to ``problems`` and ``warnings``: one id for two
    names is never accepted, since a message about one child could reach another child's parent.
    """
    people: dict[str, ContactRecord] = {}
    for contact in contacts:
        have = people.setdefault(contact.external_id, contact)
        if _bare(have.name) != _bare(contact.name):
            what = (
                f'the contact ID "{contact.external_id}" has another name on line {have.line}: '
                "correct one, or leave the column out if it is not one number for each adult"
            )
            problems.append(Problem(what, contact.line))
        for fact, word in (("phone", "mobile number"), ("email", "e-mail address")):
            one, other = getattr(have, fact), getattr(contact, fact)
            if one and other and one != other:
                what = f"this contact has another {word} on line {have.line}; that one is used"
                warnings.append(Problem(what, contact.line))
        people[contact.external_id] = _filled(have, contact)
    return people


def _filled(first: ContactRecord, again: ContactRecord) -> ContactRecord:
    return replace(
        first,
        phone=first.phone or again.phone,
        email=first.email or again.email,
        language=first.language or again.language,
        preferred=first.preferred or again.preferred,
    )


def _bare(name: str) -> list[str]:
    return [word for word in name.casefold().replace(".", "").split() if word not in _TITLES]
