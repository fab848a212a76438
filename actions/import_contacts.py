"""Takes over the adults and their places in the pupils' records; a part of the pupils' import.

People are never merged by a shared number or address: two parents may share one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from actions.changes import Tally, take_over
from actions.roll_records import MADE_UP, ContactRecord, PupilRecord
from store.contacts import ContactRow, PupilContactRow
from store.database import Transaction
from store.pupils import PupilRow
from store.roll import Roll


class ContactsWalk:
    """One pass over the contacts of the pupils; it counts always and writes only where it may."""

    def __init__(
        self,
        session: Transaction,
        school_id: int,
        have: Roll,
        records: Sequence[PupilRecord],
        pupils: Mapping[str, PupilRow | None],
    ) -> None:
        self.session = session
        self.school_id = school_id
        self.have = have
        self.told = {
            row.id for r in records if r.contacts is not None and (row := pupils[r.external_id])
        }
        self.records = {
            (r.external_id, c.external_id): (pupils[r.external_id], c)
            for r in records
            for c in r.contacts or ()
        }
        self.in_file = {contact for _, contact in self.records}
        self.rows: dict[str, ContactRow] = {}
        self.linked = self._linked()

    def _linked(self) -> dict[int, list[ContactRow]]:
        by_id = {row.id: row for row in self.have.contacts.values()}
        linked: dict[int, list[ContactRow]] = {}
        for pupil_id, contact_id in self.have.links:
            linked.setdefault(pupil_id, []).append(by_id[contact_id])
        return linked

    async def people(self, *, write: bool) -> Tally:
        """Add and change the adults themselves."""
        tally = Tally()
        for pupil, record in self.records.values():
            if record.external_id in self.rows:
                continue
            row = self.have.contacts.get(record.external_id) or self._under_another_id(
                pupil, record
            )
            wanted = _wanted(record, row)
            tally.count(take_over(row, wanted, write=write))
            if row is None:
                row = ContactRow(school_id=self.school_id, **wanted)
                if write:
                    self.session.add(row)
            self.rows[record.external_id] = row
        if write:
            await self.session.flush()
        return tally

    def _under_another_id(self, pupil: PupilRow | None, record: ContactRecord) -> ContactRow | None:
        """Find the same adult of the same pupil under an id that the file no longer has.

        A made-up id changes with the number, a real one when the school changes its system; the
        adult's Telegram link should not be lost for that.
        """
        taken = {row.id for row in self.rows.values()}
        same = [
            row
            for row in self.linked.get((pupil.id if pupil else None) or 0, ())
            if row.external_id not in self.in_file
            and row.id not in taken
            and row.name.casefold() == record.name.casefold()
            and _is_evident(row, record)
        ]
        return same[0] if len(same) == 1 else None

    async def places(self, *, write: bool) -> Tally:
        """Make the places in the pupils' records exactly those of the file."""
        tally = Tally()
        kept = set()
        for pupil, record in self.records.values():
            contact = self.rows[record.external_id]
            key = (pupil.id if pupil else None) or 0, contact.id or 0
            kept.add(key)
            link, wanted = self.have.links.get(key), _place(record)
            tally.count(take_over(link, wanted, write=write))
            if link is None and write:
                self.session.add(
                    PupilContactRow(
                        school_id=self.school_id, pupil_id=key[0], contact_id=key[1], **wanted
                    )
                )
        gone = [
            link
            for key, link in self.have.links.items()
            if key not in kept and link.pupil_id in self.told
        ]
        tally.leaving = len(gone)
        for link in gone if write else ():
            await self.session.delete(link)
        if write:
            await self.session.flush()
        return tally


def _is_evident(row: ContactRow, record: ContactRecord) -> bool:
    """Two of the same name are one where an id was made up, or where an address agrees."""
    return (
        MADE_UP in {row.external_id[:1], record.external_id[:1]}
        or (row.phone is not None and row.phone == record.phone)
        or (row.email is not None and row.email == record.email)
    )


def _wanted(record: ContactRecord, row: ContactRow | None) -> dict[str, Any]:
    """Say what should be stored about an adult.

    English in a file is often just what nobody filled in, so that it does not replace another
    language; a preferred channel and Telegram are the adult's own and stay.
    """
    wanted: dict[str, Any] = {"external_id": record.external_id, "name": record.name}
    for fact in ("phone", "email"):
        if fact not in record.silent:
            wanted[fact] = getattr(record, fact)
    if record.language and (row is None or record.language != "en"):
        wanted["language"] = record.language
    if record.preferred and (row is None or row.preferred is None):
        wanted["preferred"] = record.preferred
    return wanted


def _place(record: ContactRecord) -> dict[str, Any]:
    return {
        "order": record.order,
        "relationship": record.relationship,
        "parental_responsibility": record.parental_responsibility,
        "no_contact": record.no_contact,
    }
