"""The strip above the lists: which registers are in, and what goes out next and to how many."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from office import words
from office.lists import Lists, Tab
from office.rows import usable
from school.first_day import Absence, plan
from school.people import Session
from school.policy import Policy
from store.today import Morning


@dataclass(frozen=True, slots=True)
class Strip:
    """What stands in the strip. ``next_*`` is one sentence in three parts, the middle one bold."""

    session: str
    registers_in: int
    registers: int
    missing: str
    lead: str
    strong: str
    rest: str
    is_school_day: bool


def half_of(policy: Policy, local_now: datetime) -> Session:
    """Which register is being taken or was taken last."""
    return Session.PM if local_now.time() >= policy.pm_opens else Session.AM


def strip(morning: Morning, policy: Policy, lists: Lists, now: datetime) -> Strip:
    """Say where the morning stands."""
    local = now.astimezone(ZoneInfo(policy.time_zone))
    half = half_of(policy, local)
    missing = [row.name for row in morning.classes if row.id not in morning.registers_in]
    lead, strong, rest = _messages(morning, policy, lists, half, now)
    return Strip(
        session="Morning" if half is Session.AM else "Afternoon",
        registers_in=len(morning.classes) - len(missing),
        registers=len(morning.classes),
        missing=", ".join(missing),
        lead=lead,
        strong=strong,
        rest=rest,
        is_school_day=morning.school.days().is_school_day(morning.day),
    )


def _messages(
    morning: Morning, policy: Policy, lists: Lists, half: Session, now: datetime
) -> tuple[str, str, str]:
    zone = ZoneInfo(policy.time_zone)
    held = morning.school.held_until
    if held is not None and held > now:
        return "First-day messages are", f"held until {words.clock(held.astimezone(zone))}", ""
    closes = policy.closes(half)
    if morning.runs:
        asked = {row.contact_id for row in morning.asked if row.session == half}
        at = words.clock(morning.runs[0].started_at.astimezone(zone))
        return (
            f"First-day messages went at {at} to",
            words.count(len(asked), "family", "families"),
            "",
        )
    if now.astimezone(zone).time() >= policy.run_until(half):
        return "No first-day messages went", "today", ""
    late = now.astimezone(zone).time() >= closes
    when = "as registers come in," if late else f"at {closes:%H:%M}"
    return f"First-day messages go {when} to", _families(morning, policy, lists), "so far"


def _families(morning: Morning, policy: Policy, lists: Lists) -> str:
    """How many would be asked if the run were made now, siblings counted once."""
    children = [pupil for row in lists.rows[Tab.NOT_TOLD] for pupil in row.pupils]
    absences = [Absence(usable(pupil, morning.stopped), "N") for pupil in children]
    return words.count(len(plan(absences, policy).asks), "family", "families")
