"""Contacts, which pupils they belong to and in what order, and who speaks from an address."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from school.people import Channel, Contact, Pupil
from store.pupils import ClassRow, PupilRow


class ContactRow(SQLModel, table=True):
    """One adult. Phone in E.164, e-mail in lower case, Telegram as the numeric chat."""

    __tablename__ = "contact"
    __table_args__ = (UniqueConstraint("school_id", "external_id"),)

    id: int | None = Field(default=None, primary_key=True)
    school_id: int = Field(foreign_key="school.id")
    external_id: str
    name: str
    language: str = "en"
    phone: str | None = Field(default=None, index=True)
    email: str | None = Field(default=None, index=True)
    telegram: str | None = Field(default=None, index=True)
    preferred: str | None = None

    def addresses(self) -> tuple[tuple[Channel, str], ...]:
        """What we can send to, by channel."""
        have = (
            (Channel.SMS, self.phone),
            (Channel.EMAIL, self.email),
            (Channel.TELEGRAM, self.telegram),
        )
        return tuple((channel, address) for channel, address in have if address)


class PupilContactRow(SQLModel, table=True):
    """One adult's place in one pupil's record."""

    __tablename__ = "pupil_contact"
    __table_args__ = (UniqueConstraint("pupil_id", "contact_id"),)

    id: int | None = Field(default=None, primary_key=True)
    school_id: int = Field(foreign_key="school.id")
    pupil_id: int = Field(foreign_key="pupil.id", index=True)
    contact_id: int = Field(foreign_key="contact.id", index=True)
    order: int
    relationship: str = ""
    parental_responsibility: bool | None = None
    no_contact: bool = False


async def with_contacts(
    session: AsyncSession,
    pupil_ids: Iterable[int],
    *,
    stopped: frozenset[tuple[str, str]] = frozenset(),
) -> list[Pupil]:
    """Give pupils as snapshots with their contacts in the stored order.

    Args:
        session: the transaction to read in.
        pupil_ids: whom.
        stopped: (channel, address) pairs that may not be used; they are left out.
    """
    ids = list(pupil_ids)
    pupils = await session.exec(
        select(PupilRow, ClassRow)
        .where(PupilRow.class_id == ClassRow.id, col(PupilRow.id).in_(ids))
        .order_by(col(PupilRow.id))
    )
    links = await session.exec(
        select(PupilContactRow, ContactRow)
        .where(PupilContactRow.contact_id == ContactRow.id, col(PupilContactRow.pupil_id).in_(ids))
        .order_by(col(PupilContactRow.order), col(PupilContactRow.id))
    )
    by_pupil: dict[int, list[Contact]] = {}
    for link, row in links:
        by_pupil.setdefault(link.pupil_id, []).append(snapshot(link, row, stopped))
    return [
        Pupil(
            id=row.id or 0,
            first=row.first,
            last=row.last,
            class_id=row.class_id,
            class_name=school_class.name,
            year=row.year,
            contacts=tuple(by_pupil.get(row.id or 0, ())),
        )
        for row, school_class in pupils
    ]


def snapshot(
    link: PupilContactRow, row: ContactRow, stopped: frozenset[tuple[str, str]]
) -> Contact:
    """One adult as seen from one pupil, without the addresses that may not be used."""
    usable = tuple(
        (channel, address)
        for channel, address in row.addresses()
        if (str(channel), address) not in stopped
    )
    return Contact(
        id=row.id or 0,
        name=row.name,
        order=link.order,
        relationship=link.relationship,
        language=row.language,
        parental_responsibility=link.parental_responsibility,
        no_contact=link.no_contact,
        addresses=usable,
        preferred=Channel(row.preferred) if row.preferred else None,
    )


async def speaking_from(
    session: AsyncSession, school_id: int | None, channel: Channel, address: str
) -> list[ContactRow]:
    """Give everybody who may be writing from an address: none, one, or several.

    Args:
        session: the transaction to read in.
        school_id: the school written to; None where the channel serves all schools.
        channel: by which channel.
        address: the sender's address in the channel's own form.
    """
    field = {
        Channel.SMS: col(ContactRow.phone),
        Channel.EMAIL: col(ContactRow.email),
        Channel.TELEGRAM: col(ContactRow.telegram),
    }.get(channel)
    if field is None:
        return []
    question = select(ContactRow).where(field == address)
    if school_id is not None:
        question = question.where(ContactRow.school_id == school_id)
    return list(await session.exec(question.order_by(col(ContactRow.id))))


async def pupils_of(session: AsyncSession, contact_ids: Iterable[int]) -> list[int]:
    """Give the pupils on the roll whom these adults may be spoken to about."""
    found = await session.exec(
        select(PupilContactRow.pupil_id)
        .where(
            PupilContactRow.pupil_id == PupilRow.id,
            col(PupilContactRow.contact_id).in_(list(contact_ids)),
            col(PupilContactRow.no_contact).is_(False),
            col(PupilRow.on_roll).is_(True),
        )
        .distinct()
    )
    return sorted(found)


async def by_external_id(
    session: AsyncSession, school_id: int, external_id: str
) -> ContactRow | None:
    """Find a contact by the number it has in the school's own system."""
    return (
        await session.exec(
            select(ContactRow).where(
                ContactRow.school_id == school_id, ContactRow.external_id == external_id
            )
        )
    ).first()
