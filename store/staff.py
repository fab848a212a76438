"""Members of staff and their signed-in sessions."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession


class StaffRow(SQLModel, table=True):
    """One person who may sign in at one school. ``password`` is an argon2 hash."""

    __tablename__ = "staff"
    __table_args__ = (UniqueConstraint("school_id", "email"),)

    id: int | None = Field(default=None, primary_key=True)
    school_id: int = Field(foreign_key="school.id", index=True)
    name: str
    email: str = Field(index=True)
    role: str
    password: str
    phone: str | None = None
    active: bool = True


class SignInRow(SQLModel, table=True):
    """One signed-in browser; ``token`` is a hash of what the cookie holds."""

    __tablename__ = "sign_in"

    token: str = Field(primary_key=True)
    school_id: int = Field(foreign_key="school.id")
    staff_id: int = Field(foreign_key="staff.id")
    form_token: str
    started_at: datetime
    seen_at: datetime


class SignInTryRow(SQLModel, table=True):
    """A failed try to sign in, counted by account and by network address."""

    __tablename__ = "sign_in_try"

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(index=True)
    tried_at: datetime


async def by_email(session: AsyncSession, email: str) -> list[StaffRow]:
    """Give the active accounts of an e-mail address, one a school."""
    return list(
        await session.exec(
            select(StaffRow)
            .where(StaffRow.email == email.strip().lower(), col(StaffRow.active).is_(True))
            .order_by(col(StaffRow.id))
        )
    )


async def with_role(session: AsyncSession, school_id: int, role: str) -> list[StaffRow]:
    """Give the active staff of one role."""
    return list(
        await session.exec(
            select(StaffRow).where(
                StaffRow.school_id == school_id,
                StaffRow.role == role,
                col(StaffRow.active).is_(True),
            )
        )
    )
