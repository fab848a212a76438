"""The card beside the list: the thread, the suggestion and why, the record, the ways to ring."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from actions.undo import UNDO_FOR
from office import words
from office.rows import Builder, Row
from school.people import Channel, Contact
from store import codings, today
from store.codings import AmendmentRow
from store.database import Transaction
from store.inbox import InboxRow
from store.outbox import OutboundRow, Urgency
from store.reports import ReportRow
from store.tasks import TaskKind


@dataclass(frozen=True, slots=True)
class Saying:
    """One message of the thread. ``ours`` is on the school's side."""

    at: datetime
    when: str
    pieces: tuple[words.Piece, ...]
    ours: bool
    lang: str = ""
    state: str = ""


@dataclass(frozen=True, slots=True)
class Ring:
    """Somebody to ring, in the stored order."""

    name: str
    relationship: str
    phone: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the amendment record; one press on several sessions is one line."""

    child: str
    sessions: str
    original: str
    amended: str
    reason: str
    by: str
    at: str


@dataclass(frozen=True, slots=True)
class Card:
    """One row in full.

    Attributes:
        sessions: how many sessions a confirmation covers, all children together.
        quotes: the words that carried the suggestion.
        others: further suggestions with their meanings.
        can_undo: whether the newest confirmation is younger than ten minutes.
    """

    row: Row
    small: str
    heading: str
    thread: tuple[Saying, ...]
    entries: tuple[Entry, ...]
    rings: tuple[Ring, ...]
    days: str
    back: str
    sessions: int
    quotes: tuple[str, ...]
    others: tuple[tuple[str, str], ...]
    step: str
    can_undo: bool


async def card(
    session: Transaction, row: Row, build: Builder, *, since: datetime, now: datetime
) -> Card:
    """Read what the card shows beyond its row.

    Args:
        session: the transaction to read in.
        row: the row that was chosen.
        build: the builder of the rows, for its clock and its snapshot.
        since: when the day began at the school; the thread starts there or when we were told.
        now: UTC.
    """
    first = min([since, *(report.told_at for report in row.reports)])
    heard, said = await today.thread(
        session, build.morning.school.key, _addresses(row, build), first
    )
    changes = [c for r in row.reports for c in await codings.amendments(session, r.key)]
    report = row.reports[0] if row.reports else None
    covered = len(report.days) * len(report.sessions.split("+")) if report else 0
    children = max(1, len(row.pupils))
    return Card(
        row=row,
        small=_small(row),
        heading=words.listed([f"{p.first} {p.last}".strip() for p in row.pupils]) or row.title,
        thread=_thread(row, heard, said, build),
        entries=_entries(row, changes, build),
        rings=_rings(row),
        days=words.days(report.days, build.morning.day) if report else "",
        back=_back(report, build.morning.day),
        sessions=covered * children,
        quotes=tuple(dict.fromkeys(piece.text for piece in row.pieces if piece.marked)),
        others=tuple((c, words.meaning(c)) for c in report.codes[1:]) if report else (),
        step=words.STEPS[TaskKind(row.tasks[0].kind)] if row.tasks else "",
        can_undo=row.done and now - _confirmed(changes, row) <= UNDO_FOR,
    )


def _small(row: Row) -> str:
    classes = words.listed(list(dict.fromkeys(p.class_name for p in row.pupils)))
    references = ", ".join(dict.fromkeys(report.reference for report in row.reports))
    who = row.meta[0] if row.meta else ""
    return " · ".join(filter(None, [classes, who, references and f"reference {references}"]))


def _addresses(row: Row, build: Builder) -> set[str]:
    """Every address the adults of this row may have written from."""
    adults = {r.contact_id for r in row.reports} | {t.contact_id for t in row.tasks}
    if not adults - {None}:
        adults = {c.id for p in row.pupils for c in p.contacts}
    known = {a for c in _contacts(row) if c.id in adults for _, a in c.addresses}
    heard = (build.morning.inbox.get(task.inbox_id or 0) for task in row.tasks)
    told = (report.told_by.partition(":")[2] for report in row.reports)
    return known | {message.sender for message in heard if message} | set(told)


def _contacts(row: Row) -> list[Contact]:
    adults = {c.id: c for p in row.pupils for c in p.contacts}
    return sorted(adults.values(), key=lambda c: (c.order, c.id))


def _thread(
    row: Row, heard: list[InboxRow], said: list[OutboundRow], build: Builder
) -> tuple[Saying, ...]:
    report = row.reports[0] if row.reports else None
    lang = report.lang if report else ""
    sayings = [
        Saying(m.received_at, build.when(m.received_at), _plain(m.text), ours=False, lang=lang)
        for m in heard
    ]
    sayings += [
        Saying(
            m.created_at,
            build.when(m.created_at),
            _plain(m.body or words.said(m).capitalize()),
            ours=True,
            lang=m.language if m.body else "",
            state=words.delivery(m),
        )
        for m in said
        if m.urgency != Urgency.STAFF
    ]
    if report and (report.inbox_id is None or not heard):
        told = report.told_at
        sayings.append(Saying(told, build.when(told), row.pieces, ours=False, lang=lang))
    return tuple(sorted(sayings, key=lambda saying: saying.at))


def _plain(text: str) -> tuple[words.Piece, ...]:
    return (words.Piece(text, marked=False),)


def _entries(row: Row, changes: list[AmendmentRow], build: Builder) -> tuple[Entry, ...]:
    """Join the sessions of one press; with several children each keeps its own line."""
    names = {p.id: words.short_name(p) for p in row.pupils} if len(row.pupils) > 1 else {}
    lines: dict[tuple[object, ...], list[AmendmentRow]] = {}
    for c in changes:
        by = f"{c.staff_name}, {words.ROLES.get(c.staff_role, c.staff_role)}"
        key = (c.pupil_id, c.original, c.amended, c.reason, by, c.amended_at, c.undoes is None)
        lines.setdefault(key, []).append(c)
    return tuple(
        Entry(
            child=names.get(rows[0].pupil_id, ""),
            sessions=", ".join(f"{c.day:%a} {c.day.day} {c.session}" for c in rows),
            original=rows[0].original,
            amended=rows[0].amended,
            reason=rows[0].reason,
            by=str(key[4]),
            at=f"{rows[0].amended_at.astimezone(build.zone):%d/%m/%Y %H:%M}",
        )
        for key, rows in lines.items()
    )


def _rings(row: Row) -> tuple[Ring, ...]:
    """The adults we may speak to who have a phone, in the order of the school's records."""
    return tuple(
        Ring(c.name, c.relationship, phone)
        for c in _contacts(row)
        if not c.no_contact and (phone := dict(c.addresses).get(Channel.SMS))
    )


def _back(report: ReportRow | None, day: date) -> str:
    if report is None or report.expected_return is None:
        return ""
    return words.days([report.expected_return.isoformat()], day)


def _confirmed(changes: list[AmendmentRow], row: Row) -> datetime:
    stands = [c.amended_at for c in today.standing(changes)]
    return max(stands, default=row.reports[0].changed_at)
