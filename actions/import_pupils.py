"""Takes over the roll from the school's own system: pupils, classes, contacts and their order.

The file is the truth about who may be written to: a contact that is no longer in it, or that now
carries a no-contact flag, is out from the moment of the commit. What parents told us themselves
(Telegram, preferred channel) stays.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from actions.changes import Changes, Problem, Tally, take_over
from actions.import_contacts import ContactsWalk
from actions.roll_records import ContactRecord, PupilRecord, same_number
from store import roll
from store.database import Transaction
from store.pupils import ClassRow, PupilRow

__all__ = ["ContactRecord", "PupilRecord", "import_pupils"]

_TOO_MANY = 0.2
"""More than this share of the roll leaving at once is taken for a wrong file."""


async def import_pupils(
    session: Transaction,
    *,
    school_id: int,
    records: Sequence[PupilRecord],
    apply: bool,
    allow_leavers: bool = False,
) -> Changes:
    """Make the stored roll equal to the file, all of it or nothing.

    Args:
        session: the transaction; the caller commits it.
        school_id: whose roll.
        records: every pupil of the school, one record each.
        apply: False gives the same answer and writes nothing.
        allow_leavers: a person has said that more than a fifth of the roll leaves.
    """
    if apply:
        await roll.take(session, school_id)
    have = await roll.everything(session, school_id)
    walk = _Walk(session, school_id, have, records)
    changes = Changes(problems=list(_repeated(records)), warnings=list(_thin(records)))
    if not allow_leavers:
        changes.problems += walk.stops()
    write = apply and not changes.problems
    classes, pupils = await walk.classes(write=write), await walk.pupils(write=write)
    contacts = ContactsWalk(session, school_id, have, records, walk.rows)
    changes.tallies = {
        "pupils": pupils,
        "classes": classes,
        "contacts": await contacts.people(write=write),
        "contact links": await contacts.places(write=write),
    }
    changes.applied = write
    return changes


class _Walk:
    """One pass over classes and pupils; it counts always and writes only where it may."""

    def __init__(
        self,
        session: Transaction,
        school_id: int,
        have: roll.Roll,
        records: Sequence[PupilRecord],
    ) -> None:
        self.session = session
        self.school_id = school_id
        self.have = have
        self.records = records
        by_number = {same_number(key): row for key, row in have.pupils.items()}
        self.rows: dict[str, PupilRow | None] = {
            key: have.pupils.get(key) or by_number.get(same_number(key))
            for key in (record.external_id for record in records)
        }
        staying = {row.id for row in self.rows.values() if row}
        self.leavers = [p for p in have.pupils.values() if p.on_roll and p.id not in staying]

    def stops(self) -> Iterator[Problem]:
        """Refuse what looks like a wrong or a partial file."""
        on_roll = sum(p.on_roll for p in self.have.pupils.values())
        if len(self.leavers) > on_roll * _TOO_MANY:
            yield Problem(
                f"{len(self.leavers)} of {on_roll} pupils are not in this file and would leave "
                "the roll: check that it holds the whole school; if they have really left, "
                "import again with --allow-leavers"
            )
        with_contacts = {pupil_id for pupil_id, _ in self.have.links}
        without = (self.rows[r.external_id] for r in self.records if r.contacts == ())
        emptied = sum(row is not None and row.id in with_contacts for row in without)
        if emptied > len(with_contacts) * _TOO_MANY:
            yield Problem(
                f"{emptied} pupils would lose every contact: check that the report may show "
                "contacts; if this is right, import again with --allow-leavers"
            )

    async def classes(self, *, write: bool) -> Tally:
        """Add the classes that are new; a class without pupils stays, for its old registers."""
        tally = Tally()
        for name in sorted({record.class_name for record in self.records}):
            tally.count([] if name in self.have.classes else None)
            if write and name not in self.have.classes:
                row = ClassRow(school_id=self.school_id, name=name)
                self.session.add(row)
                self.have.classes[name] = row
        if write:
            await self.session.flush()
        return tally

    async def pupils(self, *, write: bool) -> Tally:
        """Add and change pupils, and take off the roll those who are not in the file."""
        tally = Tally(leaving=len(self.leavers))
        for record in self.records:
            row, wanted = self.rows[record.external_id], self._wanted(record)
            tally.count(take_over(row, wanted, write=write))
            if row is None and write:
                row = PupilRow(school_id=self.school_id, external_id=record.external_id, **wanted)
                self.session.add(row)
                self.rows[record.external_id] = row
        for row in self.leavers if write else ():
            row.on_roll = False
        if write:
            await self.session.flush()
        return tally

    def _wanted(self, record: PupilRecord) -> dict[str, Any]:
        school_class = self.have.classes.get(record.class_name)
        wanted: dict[str, Any] = {
            "first": record.first,
            "last": record.last,
            "class_id": (school_class.id if school_class else None) or 0,
            "on_roll": True,
        }
        return wanted | ({"year": record.year} if record.year else {})


def _repeated(records: Sequence[PupilRecord]) -> Iterator[Problem]:
    seen: dict[str, int] = {}
    for record in records:
        number = same_number(record.external_id)
        if number in seen:
            yield Problem(
                f"this pupil stands on line {seen[number]} already: remove one of the two",
                record.line,
            )
        seen.setdefault(number, record.line)


def _thin(records: Sequence[PupilRecord]) -> Iterator[Problem]:
    """Point to pupils whom only one adult, or nobody, can be asked about.

    Source: schools are asked to hold more than one contact for each child (TRJS policy).
    """
    counts = [
        (record.line, sum(map(_can_be_written_to, record.contacts)))
        for record in records
        if record.contacts is not None
    ]
    for wanted, words in (
        (0, "nobody who may and can be written to"),
        (1, "only one contact who may and can be written to; the school asks for two"),
    ):
        lines = [str(line) for line, n in counts if n == wanted]
        if lines:
            pupils = "1 pupil has" if len(lines) == 1 else f"{len(lines)} pupils have"
            where = f"line {lines[0]}" if len(lines) == 1 else f"lines {', '.join(lines)}"
            yield Problem(f"{pupils} {words}: see {where}")


def _can_be_written_to(contact: ContactRecord) -> bool:
    """A fact for which the file has no column may be stored already."""
    return not contact.no_contact and bool(contact.phone or contact.email or contact.silent)
