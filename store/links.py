"""One-use links by which a contact joins a Telegram chat to the school's record."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field, SQLModel, select
from sqlmodel.ext.asyncio.session import AsyncSession


class LinkRow(SQLModel, table=True):
    """One deep link; ``token`` is a hash of what the link holds."""

    __tablename__ = "telegram_link"

    token: str = Field(primary_key=True)
    school_id: int = Field(foreign_key="school.id")
    contact_id: int = Field(foreign_key="contact.id")
    expires_at: datetime
    used_at: datetime | None = None


async def usable(session: AsyncSession, token: str, now: datetime) -> LinkRow | None:
    """Give the link of a hashed token if it is fresh and unused."""
    row = (
        await session.exec(select(LinkRow).where(LinkRow.token == token).with_for_update())
    ).first()
    return row if row and row.used_at is None and row.expires_at > now else None
