"""Sort one morning into the lists of the Today page. Pure: it reads a snapshot, stores nothing."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeVar

from office import words
from office.rows import Builder, Row
from school.policy import Policy
from store.reports import ReportRow, ReportStatus
from store.runs import AskedRow
from store.tasks import URGENT, TaskRow
from store.today import Morning


class Tab(StrEnum):
    """The lists, as their addresses have them."""

    URGENT = "urgent"
    TO_CODE = "to-code"
    WAITING = "waiting"
    NOT_TOLD = "not-told"
    TASKS = "tasks"
    DONE = "done"


TITLES = {
    Tab.URGENT: "Urgent",
    Tab.TO_CODE: "To code",
    Tab.WAITING: "Waiting for reply",
    Tab.NOT_TOLD: "Not told us yet",
    Tab.TASKS: "Tasks",
    Tab.DONE: "Done",
}

_TO_CODE = {ReportStatus.AWAITING, ReportStatus.INSUFFICIENT, ReportStatus.HANDED_OVER}


@dataclass(frozen=True, slots=True)
class Lists:
    """Every list of one morning, and how many children or tasks each holds."""

    rows: dict[Tab, tuple[Row, ...]]
    counts: dict[Tab, int]

    def shown(self, tab: Tab) -> tuple[Row, ...]:
        """The rows of a list; what is urgent stands above what is to code."""
        above = self.rows[Tab.URGENT] if tab is Tab.TO_CODE else ()
        return (*above, *self.rows[tab])

    def find(self, key: str) -> Row | None:
        """Find a row by its key, in whichever list."""
        return next((row for rows in self.rows.values() for row in rows if row.key == key), None)

    def holding(self, report_id: int) -> Row | None:
        """Find the row that stands for a report, not a task that came of the same message."""
        rows = (row for rows in self.rows.values() for row in rows if not row.tasks)
        return next((row for row in rows if report_id in {r.id for r in row.reports}), None)


def lists(morning: Morning, policy: Policy) -> Lists:
    """Sort a morning: urgent first, then what waits longest."""
    sorter = _Sorter(morning, policy)
    rows = {
        Tab.URGENT: sorter.urgent(),
        Tab.TO_CODE: sorter.told(_TO_CODE),
        Tab.WAITING: (*sorter.told({ReportStatus.ASKING}), *sorter.asked()),
        Tab.NOT_TOLD: sorter.not_told(),
        Tab.TASKS: sorter.tasks(),
        Tab.DONE: sorter.told({ReportStatus.CODED})[::-1],
    }
    return Lists(rows, {tab: sum(max(1, len(r.pupils)) for r in rows[tab]) for tab in rows})


class _Sorter:
    """Builds rows from the snapshot; every look-up it needs is in memory."""

    def __init__(self, morning: Morning, policy: Policy) -> None:
        self.morning = morning
        self.build = Builder(morning, policy)
        self.told_today = {
            row.pupil_id for row in morning.reports if row.first_day <= morning.day <= row.last_day
        }
        self.absent = {mark.pupil_id for mark in morning.unexplained} - self.told_today

    def told(self, statuses: set[ReportStatus]) -> tuple[Row, ...]:
        """Rows of reports in some states, oldest first; Done is sorted by when it was done."""
        chosen = [row for row in self.morning.reports if row.status in statuses]
        if statuses == {ReportStatus.CODED}:
            chosen.sort(key=lambda row: (row.changed_at, row.key))
        return tuple(self.build.report_row(group) for group in _grouped(chosen, self._same_outcome))

    def urgent(self) -> tuple[Row, ...]:
        """What may mean that a child is at risk: tasks, and reports escalated without one."""
        open_tasks = [task for task in self.morning.tasks if task.kind in URGENT]
        tasks = [self.build.task_row(group) for group in _grouped(open_tasks, _same_cause)]
        shown = {report.id for row in tasks for report in row.reports}
        left = [
            row
            for row in self.morning.reports
            if row.status == ReportStatus.SAFEGUARDING and row.id not in shown
        ]
        escalated = [
            replace(self.build.report_row(group), urgent=True, pill="Safety", tone="alarm")
            for group in _grouped(left, self._same_outcome)
        ]
        return tuple(sorted((*tasks, *escalated), key=lambda row: row.since))

    def tasks(self) -> tuple[Row, ...]:
        """The tasks that are not urgent, oldest first."""
        chosen = [task for task in self.morning.tasks if task.kind not in URGENT]
        rows = [self.build.task_row(group) for group in _grouped(chosen, _same_cause)]
        return tuple(sorted(rows, key=lambda row: row.since))

    def asked(self) -> tuple[Row, ...]:
        """Children whose parents were asked today and have not answered."""
        by_message: dict[int, list[AskedRow]] = {}
        for asked in self._newest_asked():
            by_message.setdefault(asked.outbound_id, []).append(asked)
        return tuple(self.build.asked_row(group) for group in by_message.values())

    def not_told(self) -> tuple[Row, ...]:
        """Children marked N whom nobody was asked about, or about whom nobody can be reached."""
        waiting = {asked.pupil_id for asked in self._newest_asked()}
        tried = {asked.pupil_id for asked in self.morning.asked}
        return tuple(
            self.build.unasked_row(pupil_id, tried=pupil_id in tried)
            for pupil_id in dict.fromkeys(mark.pupil_id for mark in self.morning.unexplained)
            if pupil_id in self.absent and pupil_id not in waiting
        )

    def _newest_asked(self) -> list[AskedRow]:
        """The last question about each absent child that may still be answered."""
        newest: dict[int, AskedRow] = {}
        for asked in self.morning.asked:
            if asked.pupil_id in self.absent:
                newest[asked.pupil_id] = asked
        said = ((asked, self.build.outbound(asked)) for asked in newest.values())
        return [asked for asked, row in said if row is not None and words.reached(row)]

    def _same_outcome(self, report: ReportRow) -> Hashable:
        """Reports of one message with one outcome stand in one row and take one key."""
        if report.inbox_id is None:
            return report.key
        told = (report.inbox_id, report.words, tuple(report.codes[:1]), tuple(report.days))
        return (*told, report.sessions, report.status, self.build.decided(report))


_Item = TypeVar("_Item")


def _grouped(items: Iterable[_Item], key: Callable[[_Item], Hashable]) -> list[list[_Item]]:
    groups: dict[Hashable, list[_Item]] = {}
    for item in items:
        groups.setdefault(key(item), []).append(item)
    return list(groups.values())


def _same_cause(task: TaskRow) -> Hashable:
    return (task.kind, task.inbox_id, task.note) if task.inbox_id else task.id
