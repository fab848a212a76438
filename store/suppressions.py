"""Addresses that may not be used: opted out, wrong number, dead."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

OPTED_OUT = "opted out"
DOES_NOT_WORK = "does not work"


class SuppressionRow(SQLModel, table=True):
    """One channel and address of one school that may not be used, and why."""

    __tablename__ = "suppression"
    __table_args__ = (UniqueConstraint("school_id", "channel", "address"),)

    id: int | None = Field(default=None, primary_key=True)
    school_id: int = Field(foreign_key="school.id")
    channel: str
    address: str
    reason: str
    since: datetime


async def stopped(session: AsyncSession, school_id: int) -> frozenset[tuple[str, str]]:
    """Give every (channel, address) of a school that may not be used."""
    found = await session.exec(
        select(SuppressionRow.channel, SuppressionRow.address).where(
            SuppressionRow.school_id == school_id
        )
    )
    return frozenset((channel, address) for channel, address in found)


async def stop(
    session: AsyncSession, *, school_id: int, channel: str, address: str, reason: str, now: datetime
) -> None:
    """Stop using an address; the first reason stays."""
    have = await session.exec(
        select(SuppressionRow.id).where(
            SuppressionRow.school_id == school_id,
            SuppressionRow.channel == channel,
            SuppressionRow.address == address,
        )
    )
    if have.first() is None:
        session.add(
            SuppressionRow(
                school_id=school_id, channel=channel, address=address, reason=reason, since=now
            )
        )
        await session.flush()


async def lift(session: AsyncSession, *, school_id: int, channel: str, address: str) -> bool:
    """Use an address again, since its owner wrote from it; False where it was not stopped.

    A wrong number stays stopped: it works, and belongs to somebody else.
    """
    found = await session.exec(
        select(SuppressionRow).where(
            SuppressionRow.school_id == school_id,
            SuppressionRow.channel == channel,
            SuppressionRow.address == address,
            col(SuppressionRow.reason).in_((OPTED_OUT, DOES_NOT_WORK)),
        )
    )
    row = found.first()
    if row is not None:
        await session.delete(row)
    return row is not None


async def reasons(session: AsyncSession, school_id: int) -> dict[tuple[str, str], str]:
    """Give why each (channel, address) of a school may not be used."""
    found = await session.exec(select(SuppressionRow).where(SuppressionRow.school_id == school_id))
    return {(row.channel, row.address): row.reason for row in found}
