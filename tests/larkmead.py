"""Larkmead, the invented school of the tests: its people, and one line to change its register."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from actions.inbound import Inbound
from school.people import Channel
from store.contacts import ContactRow, PupilContactRow
from store.database import Database
from store.pupils import ClassRow, PupilRow
from store.registers import MarkRow, RegisterRow
from store.schools import SchoolRow
from store.staff import StaffRow

DAY = date(2027, 1, 12)
NUMBER = "+447700900001"
MAILBOX = "absence@larkmead.example"


def at(hour: int, minute: int = 0, day: date = DAY) -> datetime:
    """A time on the school's day; in January the school's clock is UTC."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC)


@dataclass
class Larkmead:
    """The ids of one school as it was made."""

    school: int
    classes: dict[str, int] = field(default_factory=dict)
    pupils: dict[str, int] = field(default_factory=dict)
    contacts: dict[str, int] = field(default_factory=dict)


PUPILS = {
    # first name: (last name, class, contacts in order)
    "Amy": ("Okafor", "3A", ["gwen", "sam"]),
    "Ben": ("Okafor", "4A", ["gwen", "sam"]),
    "Zosia": ("Nowak", "3A", ["ewa"]),
    "Tom": ("Reid", "4A", ["rob"]),
    "Leo": ("Frost", "5A", ["nina"]),
    "Idris": ("Khan", "4A", []),
}
CONTACTS = {
    "gwen": ("Gwen Okafor", "+447700900101", None, None, "en"),
    "sam": ("Sam Okafor", "+447700900102", None, None, "en"),
    "ewa": ("Ewa Nowak", "+447700900103", None, None, "pl"),
    "rob": ("Rob Reid", None, "rob@example.org", None, "en"),
    "nina": ("Nina Frost", None, None, "501002003", "en"),
}


async def found(db: Database, policy: str, *, slug: str = "larkmead") -> Larkmead:
    """Make the school with its pupils, contacts and one member of staff."""
    async with db.work() as session:
        school = SchoolRow(
            slug=slug,
            name="Larkmead Primary",
            office_phone="01632 960123",
            policy=policy,
            sms_number=NUMBER,
            email_address=MAILBOX,
            created_at=at(7),
        )
        session.add(school)
        await session.flush()
        made = Larkmead(school.key)
        for key, (name, phone, email, telegram, language) in CONTACTS.items():
            row = ContactRow(
                school_id=school.key,
                external_id=key,
                name=name,
                phone=phone,
                email=email,
                telegram=telegram,
                language=language,
            )
            session.add(row)
            await session.flush()
            made.contacts[key] = row.id or 0
        for first, (last, class_name, contacts) in PUPILS.items():
            await _pupil(session, made, first, last, class_name, contacts)
        session.add(
            StaffRow(
                school_id=school.key,
                name="Jo Marsh",
                email="jo@larkmead.example",
                role="safeguarding_lead",
                password="",
                phone="+447700900190",
            )
        )
    return made


async def _pupil(session, made, first, last, class_name, contacts):
    if class_name not in made.classes:
        row = ClassRow(school_id=made.school, name=class_name)
        session.add(row)
        await session.flush()
        made.classes[class_name] = row.id or 0
    pupil = PupilRow(
        school_id=made.school,
        external_id=f"00{len(made.pupils)}",
        first=first,
        last=last,
        class_id=made.classes[class_name],
    )
    session.add(pupil)
    await session.flush()
    made.pupils[first] = pupil.id or 0
    for order, key in enumerate(contacts, start=1):
        session.add(
            PupilContactRow(
                school_id=made.school,
                pupil_id=pupil.id or 0,
                contact_id=made.contacts[key],
                order=order,
                relationship="parent",
            )
        )


async def register(
    db: Database, made: Larkmead, marks: dict[str, str], *, half: str = "AM", missing: str = ""
) -> None:
    """Take the registers: everybody is present but those named; one class may be missing."""
    async with db.work() as session:
        for name, class_id in made.classes.items():
            if name == missing:
                continue
            session.add(
                RegisterRow(
                    school_id=made.school,
                    class_id=class_id,
                    day=DAY,
                    session=half,
                    received_at=at(9, 10),
                )
            )
        for first, pupil_id in made.pupils.items():
            class_name = PUPILS[first][1]
            if class_name == missing:
                continue
            session.add(
                MarkRow(
                    school_id=made.school,
                    pupil_id=pupil_id,
                    class_id=made.classes[class_name],
                    day=DAY,
                    session=half,
                    code=marks.get(first, "/"),
                )
            )


_count = iter(range(1, 1_000_000))


def text(sender: str, words: str, **more) -> Inbound:
    """A text message to the school."""
    return Inbound(Channel.SMS, "AC1", f"SM{next(_count)}", sender, NUMBER, words, **more)


def mail(sender: str, words: str) -> Inbound:
    """An e-mail to the school."""
    return Inbound(Channel.EMAIL, "box", f"1:{next(_count)}", sender, MAILBOX, words)


def telegram(chat: str, words: str, **more) -> Inbound:
    """A Telegram message to the bot."""
    return Inbound(Channel.TELEGRAM, "7000000001", str(next(_count)), chat, "", words, **more)
