"""The stage of a rehearsal: a school, its calendar and one family, from a dialogue's fields."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from commands.json_lines import BadLineError, Row
from commands.json_lines import field as required
from school.people import Channel
from store import schools
from store.contacts import ContactRow, PupilContactRow
from store.database import Database, Transaction
from store.pupils import ClassRow, PupilRow
from store.schools import SchoolRow

_OUR_NUMBER = "+447700900001"
_OUR_ADDRESS = "absence@school.example"
ZONE = ZoneInfo("Europe/London")
"""The clock that the times of a dialogue are read by."""

_YEARS = range(2000, 2100)
_ADDRESSES = {
    Channel.SMS: "+447700900{:03d}",
    Channel.EMAIL: "contact{}@example.org",
    Channel.TELEGRAM: "50100200{}",
}


@dataclass(frozen=True, slots=True)
class Player:
    """A child of the rehearsal."""

    id: int
    first: str


@dataclass(slots=True)
class Stage:
    """Where a rehearsal stands. ``now`` is UTC and moves on with each turn."""

    school_id: int
    channel: Channel
    address: str
    is_known: bool
    now: datetime
    language: str
    pupils: tuple[Player, ...] = ()
    others: dict[str, str] = field(default_factory=dict)

    @property
    def addressed_to(self) -> str:
        """What the parent wrote to."""
        return {Channel.SMS: _OUR_NUMBER, Channel.EMAIL: _OUR_ADDRESS}.get(self.channel, "")

    async def school(self, session: Transaction) -> SchoolRow:
        """Give the school's row."""
        return await schools.by_id(session, self.school_id)

    async def address_of(self, db: Database, who: str) -> str:
        """Give the address of the parent, or of another contact of the same children."""
        if who == "parent":
            return self.address
        if who not in self.others:
            self.others[who] = _ADDRESSES[self.channel].format(100 + len(self.others))
            async with db.work() as session:
                await _add_contact(session, self, who, self.others[who], order=2, known=True)
        return self.others[who]


async def set_stage(db: Database, dialogue: Row) -> Stage:
    """Make the school, the children and the contact of a dialogue.

    Raises:
        BadLineError: a field is missing or cannot be read.
    """
    school = required(dialogue, "school", dict)
    contact = required(dialogue, "contact", dict)
    try:
        channel = Channel(required(dialogue, "channel"))
        address = _ADDRESSES[channel].format(7)
    except (ValueError, KeyError):
        raise BadLineError("'channel' must be sms, telegram or email") from None
    now = _time(required(dialogue, "now"))
    is_known = bool(contact.get("number_on_record", True))
    language = str(contact.get("language") or "en")
    async with db.work() as session:
        row = SchoolRow(
            slug="rehearsal",
            name=str(school.get("name") or "The school"),
            office_phone=str(school.get("office_phone") or "01632 960123"),
            policy=_policy(school),
            calendar=_calendar(school.get("calendar") or {}),
            sms_number=_OUR_NUMBER,
            email_address=_OUR_ADDRESS,
            created_at=now,
        )
        session.add(row)
        await session.flush()
        stage = Stage(row.key, channel, address, is_known, now, language)
        stage.pupils = await _add_pupils(session, row.key, required(dialogue, "children", list))
        name = str(contact.get("name") or "Parent")
        await _add_contact(session, stage, name, address, order=1, known=is_known)
    return stage


def _time(text: str) -> datetime:
    try:
        local = datetime.fromisoformat(text)
    except ValueError:
        raise BadLineError(
            f"'now' must be a local time such as 2027-01-12T09:25, not '{text}'"
        ) from None
    if local.year not in _YEARS:
        raise BadLineError(f"'now' must be between {_YEARS[0]} and {_YEARS[-1]}, not '{text}'")
    return local.replace(tzinfo=local.tzinfo or ZONE).astimezone(UTC)


def _policy(school: dict[str, Any]) -> str:
    """Write the policy of the dialogue's school; what it leaves open is as in the default."""
    day = school.get("day") or {}
    opens = day.get("register_opens") or "08:50"
    closes = day.get("register_closes") or "09:20"
    afternoon = str(day.get("afternoon") or "13:15")[:5]
    until = (datetime.fromisoformat(f"2027-01-01T{afternoon}") + timedelta(minutes=15)).time()
    return (
        f'name = "rehearsal"\n[day.am]\nregister_opens = "{opens}"\nregister_closes = "{closes}"\n'
        f'[day.pm]\nregister_opens = "{afternoon}"\nregister_closes = "{until:%H:%M}"\n'
    )


def _calendar(given: dict[str, Any]) -> str:
    """Write the calendar: each term in two halves around its half term, and the closed days."""
    lines: list[str] = [str(day) for day in given.get("closed_days") or ()]
    for term in ("autumn", "spring", "summer"):
        whole, half = given.get(term), given.get(f"{term}_half_term")
        if not whole:
            continue
        if not half:
            lines.append(str(whole))
            continue
        first, _, last = str(whole).partition("..")
        off, _, on = str(half).partition("..")
        before = date.fromisoformat(off) - timedelta(days=1)
        after = date.fromisoformat(on) + timedelta(days=1)
        lines += [f"{first}..{before}", f"{after}..{last}"]
    return "\n".join(lines)


async def _add_pupils(
    session: Transaction, school_id: int, children: list[dict[str, Any]]
) -> tuple[Player, ...]:
    players = []
    for n, child in enumerate(children):
        room = ClassRow(school_id=school_id, name=f"class {n}")
        session.add(room)
        await session.flush()
        row = PupilRow(
            school_id=school_id,
            external_id=str(n),
            first=str(required(child, "first")),
            last=str(child.get("last") or ""),
            year=str(child.get("year") or ""),
            class_id=room.id or 0,
        )
        session.add(row)
        await session.flush()
        players.append(Player(row.id or 0, row.first))
    return tuple(players)


async def _add_contact(
    session: Transaction, stage: Stage, name: str, address: str, *, order: int, known: bool
) -> None:
    """Put an adult on record; one whose number is not on record gets another address."""
    usable = address if known else ""
    row = ContactRow(
        school_id=stage.school_id,
        external_id=f"contact {order} {name}",
        name=name,
        language=stage.language,
        phone=usable if stage.channel is Channel.SMS else None,
        email=usable if stage.channel is Channel.EMAIL else None,
        telegram=usable if stage.channel is Channel.TELEGRAM else None,
    )
    session.add(row)
    await session.flush()
    for player in stage.pupils:
        session.add(
            PupilContactRow(
                school_id=stage.school_id,
                pupil_id=player.id,
                contact_id=row.id or 0,
                order=order,
            )
        )
