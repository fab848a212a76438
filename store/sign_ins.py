"""Who is signed in, and how often somebody tried in vain."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, func
from sqlmodel import col, select

from store.database import Transaction
from store.staff import SignInRow, SignInTryRow, StaffRow


async def failed_tries(session: Transaction, key: str, since: datetime) -> int:
    """Count the failed tries to sign in under a key since a time."""
    question = select(func.count()).where(
        SignInTryRow.key == key, col(SignInTryRow.tried_at) > since
    )
    return (await session.exec(question)).one()


async def forget_tries(session: Transaction, before: datetime) -> None:
    """Delete failed tries too old to count."""
    await session.exec(delete(SignInTryRow).where(col(SignInTryRow.tried_at) < before))


async def signed_in(session: Transaction, token: str) -> tuple[SignInRow, StaffRow] | None:
    """Give the sign-in of a hashed token with its person, who must still be active."""
    question = select(SignInRow, StaffRow).where(
        SignInRow.token == token, SignInRow.staff_id == StaffRow.id, col(StaffRow.active).is_(True)
    )
    return (await session.exec(question)).first()
