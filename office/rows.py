"""Build the lines of the Today page from one morning's snapshot. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from office import words
from school.codes import CODES, FromReport
from school.first_day import first_contact
from school.people import Contact, Pupil
from school.policy import Policy
from store.outbox import OutboundRow
from store.reports import ReportRow, ReportStatus
from store.runs import AskedRow
from store.tasks import URGENT, TaskKind, TaskRow
from store.today import Morning


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a list: the children, the words, what is suggested or decided.

    Attributes:
        key: names the row in the page: r12 a report, t5 a task, p7 a child.
        reports: one, or several children told about in one message with one outcome.
        tasks: what has to be done about it, if anything.
        meta: who, by what, when, which days; joined with dots.
        codes: suggested or, when done, recorded.
        pill: a short state in words; ``tone`` colours it.
        since: for sorting: when we heard or began to wait.
    """

    key: str
    since: datetime
    pupils: tuple[Pupil, ...] = ()
    title: str = ""
    reports: tuple[ReportRow, ...] = ()
    tasks: tuple[TaskRow, ...] = ()
    spoken: str = ""
    pieces: tuple[words.Piece, ...] = ()
    lang: str = ""
    meta: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    pill: str = ""
    tone: str = "quiet"
    urgent: bool = False

    @property
    def id(self) -> int:
        """The number in the key."""
        return int(self.key[1:])

    @property
    def name(self) -> str:
        """The children, or what the row is about where no child is known."""
        return words.listed([words.short_name(p) for p in self.pupils]) or self.title

    @property
    def done(self) -> bool:
        """Whether a code stands."""
        return bool(self.reports) and self.reports[0].status == ReportStatus.CODED

    @property
    def needs_reason(self) -> bool:
        """Whether the suggestion is leave that somebody has to decide."""
        first = CODES.get(self.codes[0]) if self.codes else None
        return self.done or (first is not None and first.from_report is FromReport.LEAVE)


class Builder:
    """Builds rows; every look-up it needs is in memory."""

    def __init__(self, morning: Morning, policy: Policy) -> None:
        self.morning = morning
        self.policy = policy
        self.zone = ZoneInfo(policy.time_zone)

    def outbound(self, asked: AskedRow) -> OutboundRow | None:
        """Give the message by which somebody was asked."""
        rows = self.morning.outbound.get(asked.contact_id, [])
        return next((row for row in rows if row.id == asked.outbound_id), None)

    def report_row(self, group: Sequence[ReportRow]) -> Row:
        """One message about one child, or about several with one outcome."""
        report = group[0]
        done = report.status == ReportStatus.CODED
        pill, tone = self._state(report)
        return Row(
            key=f"r{report.key}",
            since=report.told_at,
            pupils=tuple(self.morning.pupils[row.pupil_id] for row in group),
            reports=tuple(group),
            spoken=report.words,
            pieces=words.pieces(report.words, report.evidence),
            lang=report.lang,
            meta=self._meta(report, len(group)),
            codes=self.decided(report) if done else tuple(report.codes[:1]),
            pill=pill,
            tone=tone,
        )

    def _meta(self, report: ReportRow, children: int) -> tuple[str, ...]:
        contact = self._contact(report.pupil_id, report.contact_id)
        who = (contact.relationship.capitalize() if contact else "") or "Somebody"
        told = f"{words.CHANNELS.get(report.channel, report.channel)} {self.when(report.told_at)}"
        late = f"late, expected {report.late}" if report.late else ""
        reply = f"one reply, {children} children" if children > 1 else ""
        when = f"{words.days(report.days, self.morning.day)}, {words.halves(report.sessions)}"
        parts = (f"{who} · {told}", when, late, reply, words.language(report.lang))
        return tuple(part for part in parts if part)

    def _state(self, report: ReportRow) -> tuple[str, str]:
        """What a row says besides its code: who is asked, who did it, what did not arrive."""
        if report.status == ReportStatus.CODED:
            by = self.morning.confirmations.get(report.key)
            return (f"{by.staff_name}, {self.when(by.amended_at)}", "done") if by else ("", "")
        said = self.morning.outbound.get(report.contact_id or 0, [])
        if said and not words.reached(said[-1]):
            return f"Answer {words.delivery(said[-1])}", "caution"
        if report.status == ReportStatus.ASKING:
            asked = f"{words.said(said[-1])}, {self.when(said[-1].created_at)}" if said else ""
            return asked.capitalize() or "Being asked", "caution"
        if report.status == ReportStatus.INSUFFICIENT:
            return "Too vague to suggest a code", "caution"
        return ("With the office", "caution") if not report.codes else ("", "")

    def decided(self, report: ReportRow) -> tuple[str, ...]:
        """The codes that stand for the days a report covers."""
        found = [
            coding.code
            for (pupil_id, day, _), coding in sorted(self.morning.codings.items())
            if pupil_id == report.pupil_id and day.isoformat() in report.days
        ]
        return tuple(dict.fromkeys(found))

    def task_row(self, group: Sequence[TaskRow]) -> Row:
        """One thing to do, with the words that led to it."""
        task = group[0]
        heard = self.morning.inbox.get(task.inbox_id or 0)
        told = self._reports_behind(group)
        text = told[0].words if told else heard.text if heard else ""
        contact = self._contact(task.pupil_id, task.contact_id)
        who = (contact.relationship.capitalize() if contact else "") or ("Sender" if heard else "")
        channel = words.CHANNELS.get(heard.channel, heard.channel) if heard else ""
        came = f"{who} · {channel} {self.when(heard.received_at)}" if heard else ""
        is_urgent = task.kind in URGENT
        return Row(
            key=f"t{task.id}",
            since=task.raised_at,
            pupils=tuple(
                self.morning.pupils[row.pupil_id]
                for row in group
                if row.pupil_id in self.morning.pupils
            ),
            title=words.TASKS[TaskKind(task.kind)],
            reports=told,
            tasks=tuple(group),
            spoken=text,
            pieces=words.pieces(text, told[0].evidence if told else ()),
            lang=told[0].lang if told else "",
            meta=tuple(part for part in (came, task.note) if part),
            pill=words.TASKS[TaskKind(task.kind)] if task.pupil_id else "",
            tone="alarm" if is_urgent else "quiet",
            urgent=is_urgent,
        )

    def _reports_behind(self, group: Sequence[TaskRow]) -> tuple[ReportRow, ...]:
        """Reports that the same message led to, or that were escalated about the same child."""
        messages = {task.inbox_id for task in group if task.inbox_id}
        children = {task.pupil_id for task in group if task.pupil_id}
        return tuple(
            row
            for row in self.morning.reports
            if row.inbox_id in messages
            or (row.status == ReportStatus.SAFEGUARDING and row.pupil_id in children)
        )

    def asked_row(self, group: Sequence[AskedRow]) -> Row:
        """One message that asked about one child or several, not answered yet."""
        asked = group[0]
        said = self.outbound(asked)
        contact = self._contact(asked.pupil_id, asked.contact_id)
        pupils = tuple(self.morning.pupils[row.pupil_id] for row in group)
        since = said.created_at if said else datetime.max.replace(tzinfo=self.zone)
        later = since + timedelta(minutes=self.policy.next_contact_minutes)
        channel = words.CHANNELS.get(said.channel, said.channel) if said else ""
        who = (contact.relationship.capitalize() if contact else "") or "A contact"
        return Row(
            key=f"p{asked.pupil_id}",
            since=since,
            pupils=pupils,
            meta=(
                f"{who} asked by {channel} {self.when(since)}",
                words.delivery(said) if said else "",
                f"next contact from {self.when(later)}",
            ),
            pill="No reply yet",
        )

    def unasked_row(self, pupil_id: int, *, tried: bool) -> Row:
        """One absent child nobody has been asked about, or whose contacts were not reached."""
        pupil = self.morning.pupils[pupil_id]
        marks = [m for m in self.morning.unexplained if m.pupil_id == pupil_id]
        halves = " + ".join(dict.fromkeys(mark.session for mark in marks))
        reachable = first_contact(usable(pupil, self.morning.stopped), self.policy) is not None
        if tried:
            pill, tone, step = "Message not delivered", "caution", "ring the family"
        elif reachable:
            pill, tone, step = "To be asked", "quiet", "goes with the next messages"
        else:
            pill, tone, step = "Nobody to reach", "caution", "find a number and ring"
        return Row(
            key=f"p{pupil_id}",
            since=datetime.max.replace(tzinfo=self.zone),
            pupils=(pupil,),
            meta=(f"N in the register, {halves}", step),
            pill=pill,
            tone=tone,
        )

    def _contact(self, pupil_id: int | None, contact_id: int | None) -> Contact | None:
        pupil = self.morning.pupils.get(pupil_id or 0)
        adults = pupil.contacts if pupil else ()
        return next((c for c in adults if c.id == contact_id), None)

    def when(self, at: datetime) -> str:
        """A local time, with the day where it is not today."""
        local = at.astimezone(self.zone)
        day = "" if local.date() == self.morning.day else f"{local:%a} "
        return f"{day}{words.clock(local)}"


def usable(pupil: Pupil, stopped: frozenset[tuple[str, str]]) -> Pupil:
    """A pupil as the run sees it: without the addresses that may not be used."""
    contacts = tuple(
        replace(
            c,
            addresses=tuple(pair for pair in c.addresses if (str(pair[0]), pair[1]) not in stopped),
        )
        for c in pupil.contacts
    )
    return replace(pupil, contacts=contacts)
