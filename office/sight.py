"""One look at the Today page: what was asked for, what was read, what the templates are given."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, time
from zoneinfo import ZoneInfo

from actions.ask_contact import rules
from actions.sign_in import SignedIn
from actions.undo import UNDO_FOR
from office import words
from office.card import Card, card
from office.lists import TITLES, Lists, Tab, lists
from office.rows import Builder, Row
from office.strip import Strip, half_of, strip
from school.codes import CODES, FromReport, staff_may_set
from school.policy import Policy
from store import schools, today
from store.database import Transaction
from store.today import Morning


@dataclass(frozen=True, slots=True)
class Wish:
    """What the address asks to see, and what was typed before it was refused."""

    tab: Tab = Tab.TO_CODE
    key: str = ""
    did: tuple[int, ...] = ()
    undone: tuple[int, ...] = ()
    closed: bool = False
    trouble: str = ""
    typed: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sight:
    """Everything a rendering needs."""

    morning: Morning
    lists: Lists
    strip: Strip
    local: datetime
    chosen: Card | None
    did: tuple[Row, ...]
    undone: tuple[Row, ...]


async def look(session: Transaction, school_id: int, wish: Wish, now: datetime) -> Sight:
    """Read one school's morning, sort it, and read the chosen row in full."""
    school = await schools.by_id(session, school_id)
    policy = rules(school)
    local, since = _day_of(policy, now)
    morning = await today.morning(
        session,
        school.key,
        day=local.date(),
        half=half_of(policy, local),
        since=since,
    )
    sorted_lists = lists(morning, policy)
    build = Builder(morning, policy)
    row = _chosen(sorted_lists, wish)
    chosen = await card(session, row, build, since=since, now=now) if row else None
    return Sight(
        morning,
        sorted_lists,
        strip(morning, policy, sorted_lists, now),
        local,
        chosen,
        _holding(sorted_lists, wish.did, done=True),
        _holding(sorted_lists, wish.undone, done=False),
    )


async def state(session: Transaction, school_id: int, now: datetime) -> str:
    """Give a text that stays the same while a look would show the same: it costs two questions.

    The minute is part of it, since the page shows the time and what is due by it.
    """
    school = await schools.by_id(session, school_id)
    local, since = _day_of(school.rules(), now)
    changed = await today.changes(session, school.key, local.date(), since)
    return f"{local:%H:%M} {school.held_until} {changed}"


def _day_of(policy: Policy, now: datetime) -> tuple[datetime, datetime]:
    """The time at the school, and when its day began."""
    local = now.astimezone(ZoneInfo(policy.time_zone))
    return local, datetime.combine(local.date(), time(), local.tzinfo)


def values(signed_in: SignedIn, sight: Sight, wish: Wish) -> dict[str, object]:
    """Give the templates what they show."""
    rows = sight.lists.shown(wish.tab)
    keys = [row.key for row in rows]
    chosen = sight.chosen.row.key if sight.chosen else ""
    at = keys.index(chosen) if chosen in keys else -1
    return {
        "me": signed_in.staff,
        "form_token": signed_in.form_token,
        "school": sight.morning.school,
        "local": sight.local,
        "strip": sight.strip,
        "tabs": [(tab, TITLES[tab], sight.lists.counts[tab]) for tab in Tab],
        "tab": wish.tab,
        "rows": rows,
        "card": sight.chosen,
        "before": keys[at - 1] if at > 0 else "",
        "after": keys[at + 1] if 0 <= at < len(keys) - 1 else "",
        "did": sight.did,
        "fresh": _fresh(signed_in, sight),
        "undone": sight.undone,
        "closed": wish.closed,
        "confirmations": sight.morning.confirmations,
        "trouble": wish.trouble,
        "about": _about(sight, wish),
        "typed": wish.typed,
        "choices": words.choices(),
        "letters": " ".join(letter for letter in CODES if staff_may_set(letter)),
        "granted": " ".join(c.letter for c in CODES.values() if c.from_report is FromReport.LEAVE),
    }


def _fresh(signed_in: SignedIn, sight: Sight) -> set[str]:
    """The rows this person confirmed so lately that one press takes it back."""
    fresh = set()
    for row in sight.did:
        by = sight.morning.confirmations.get(row.id)
        name, at = (by.staff_name, by.amended_at) if by else ("", row.reports[0].changed_at)
        if name in {"", signed_in.staff.name} and sight.local - at <= UNDO_FOR:
            fresh.add(row.key)
    return fresh


def _about(sight: Sight, wish: Wish) -> str:
    """Whom a refusal is about, if the row is still there."""
    row = sight.chosen.row if sight.chosen else None
    keys = {f"r{report.id}" for report in row.reports} | {row.key} if row else set()
    return row.name if row and wish.key in keys else ""


def _chosen(found: Lists, wish: Wish) -> Row | None:
    """The row asked for; else the first of the list's own; else the first above them."""
    asked = found.holding(int(wish.key[1:])) if wish.key.startswith("r") else found.find(wish.key)
    own = found.rows[wish.tab] or found.shown(wish.tab)
    return asked or next(iter(own), None)


def _holding(found: Lists, ids: tuple[int, ...], *, done: bool) -> tuple[Row, ...]:
    rows = (found.holding(report_id) for report_id in ids)
    return tuple({row.key: row for row in rows if row and row.done == done}.values())
