"""An invented town of schools for the benchmark: pupils, two contacts each, and registers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from importlib import resources
from typing import Any

from school.codes import UNEXPLAINED
from store.database import Database, Transaction
from store.tables import METADATA

DAY = date(2027, 1, 12)
"""A Tuesday in term; in January the schools' clocks show UTC."""

PUPILS = 400
CLASSES = 14
ABSENT = 20
"""Pupils marked absent without a reason each morning: 5 %."""

_FIRSTS = ("Amy", "Ben", "Zosia", "Tom", "Leo", "Idris", "Maya", "Noah", "Hana", "Piotr")
_HISTORY_CHUNK = 5
_WEEKEND = 5


def at(hour: int, minute: int = 0) -> datetime:
    """Give a time on the day that is measured."""
    return datetime(DAY.year, DAY.month, DAY.day, hour, minute, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Town:
    """So many schools; every id follows from the order in which things are made."""

    schools: int

    def number(self, school: int) -> str:
        """Give the number that a school's texts come from."""
        return f"+4478{school:08d}"

    def phones(self) -> list[tuple[str, str]]:
        """Give each pupil's first contact's number with the number of their school."""
        return [
            (_phone(pupil, 1), self.number(school))
            for school in range(1, self.schools + 1)
            for pupil in _pupils(school)
        ]

    async def build(self, db: Database) -> None:
        """Make the tables, the schools and everybody who belongs to them."""
        await db.create_all()
        policy = resources.files("school").joinpath("policies", "trjs.toml").read_text("utf-8")
        schools = range(1, self.schools + 1)
        async with db.work() as session:
            await _insert(session, "school", [self._school(n, policy) for n in schools])
            for n in schools:
                await _insert_people(session, n)

    async def take_registers(self, db: Database, days: list[date], halves: tuple[str, ...]) -> None:
        """Bring in every class's register of these days, the absent pupils without a reason."""
        for start in range(0, len(days), _HISTORY_CHUNK):
            chunk = days[start : start + _HISTORY_CHUNK]
            async with db.work() as session:
                for school in range(1, self.schools + 1):
                    slots = [(day, half) for day in chunk for half in halves]
                    await _insert(session, "register", list(_registers(school, slots)))
                    await _insert(session, "mark", list(_marks(school, slots)))

    def _school(self, n: int, policy: str) -> dict[str, Any]:
        return {
            "id": n,
            "slug": f"school-{n}",
            "name": f"Larkmead Primary {n}",
            "office_phone": "01632 960123",
            "policy": policy,
            "calendar": "",
            "sms_number": self.number(n),
            "created_at": at(7),
        }


def days_before(count: int) -> list[date]:
    """Give so many weekdays before the day that is measured, oldest first."""
    days: list[date] = []
    day = DAY
    while len(days) < count:
        day -= timedelta(days=1)
        if day.weekday() < _WEEKEND:
            days.insert(0, day)
    return days


async def _insert_people(session: Transaction, school: int) -> None:
    await _insert(session, "school_class", [
        {"id": _class(school, n), "school_id": school, "name": f"{n // 2 + 1}{'AB'[n % 2]}"}
        for n in range(CLASSES)
    ])  # fmt: skip
    await _insert(session, "pupil", [_pupil(school, pupil) for pupil in _pupils(school)])
    every = [(pupil, order) for pupil in _pupils(school) for order in (1, 2)]
    await _insert(session, "contact", [_contact(school, *one) for one in every])
    await _insert(session, "pupil_contact", [_link(school, *one) for one in every])


def _pupils(school: int) -> range:
    return range((school - 1) * PUPILS + 1, school * PUPILS + 1)


def _class(school: int, n: int) -> int:
    return (school - 1) * CLASSES + n % CLASSES + 1


def _phone(pupil: int, order: int) -> str:
    return f"+447{order}{pupil:08d}"


def _pupil(school: int, pupil: int) -> dict[str, Any]:
    return {
        "id": pupil,
        "school_id": school,
        "external_id": f"{pupil:06d}",
        "first": _FIRSTS[pupil % len(_FIRSTS)],
        "last": f"Okafor{pupil}",
        "year": "",
        "class_id": _class(school, pupil),
        "on_roll": True,
    }


def _contact(school: int, pupil: int, order: int) -> dict[str, Any]:
    return {
        "id": pupil * 2 + order - 2,
        "school_id": school,
        "external_id": f"{pupil}-{order}",
        "name": f"Gwen Okafor {pupil}",
        "language": "en",
        "phone": _phone(pupil, order),
    }


def _link(school: int, pupil: int, order: int) -> dict[str, Any]:
    return {
        "school_id": school,
        "pupil_id": pupil,
        "contact_id": pupil * 2 + order - 2,
        "order": order,
        "relationship": "mother" if order == 1 else "father",
        "parental_responsibility": True,
        "no_contact": False,
    }


def _registers(school: int, slots: list[tuple[date, str]]) -> Iterator[dict[str, Any]]:
    for day, half in slots:
        for n in range(CLASSES):
            yield {
                "school_id": school,
                "class_id": _class(school, n),
                "day": day,
                "session": half,
                "received_at": at(9, 10),
            }


def _marks(school: int, slots: list[tuple[date, str]]) -> Iterator[dict[str, Any]]:
    step = PUPILS // ABSENT
    for day, half in slots:
        present = "/" if half == "AM" else "\\"
        for pupil in _pupils(school):
            yield {
                "school_id": school,
                "pupil_id": pupil,
                "class_id": _class(school, pupil),
                "day": day,
                "session": half,
                "code": UNEXPLAINED if (pupil + day.toordinal()) % step == 0 else present,
            }


async def _insert(session: Transaction, table: str, rows: list[dict[str, Any]]) -> None:
    """Bring in many rows as the database's own many-row insert; rows one by one take minutes."""
    connection = await session.connection()
    await connection.execute(METADATA.tables[table].insert(), rows)
