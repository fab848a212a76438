"""Signing in and out of the office page, and who may: accounts, throttle, expiry.

A wrong password, an unknown account and too many tries get the same answer after the same work.
"""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from actions.errors import NotPossibleError
from school.people import Role
from store import sign_ins, staff
from store.database import Transaction
from store.staff import SignInRow, SignInTryRow, StaffRow

IDLE = timedelta(minutes=60)
"""A browser that nobody uses for so long is signed out."""
ABSOLUTE = timedelta(hours=12)
"""However busy, a sign-in lasts no longer than a working day."""
MAX_FAILURES = 10
"""After so many failures within ``WINDOW`` an account or an address has to wait."""
WINDOW = timedelta(minutes=15)
SHORTEST_PASSWORD = 12

_SEEN_AGAIN = timedelta(minutes=1)
_HASHER = PasswordHash((Argon2Hasher(),))


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A person at work. ``token`` goes into the cookie, ``form_token`` into every form."""

    staff: StaffRow
    token: str
    form_token: str
    seen_at: datetime


async def add_staff(
    session: Transaction, *, school_id: int, name: str, email: str, role: str, password: str
) -> StaffRow:
    """Let somebody sign in at a school.

    Raises:
        NotPossibleError: no name, no e-mail address, an unknown role, a short password, or an
            account that is there already; the message says which and how to mend it.
    """
    address = email.strip().lower()
    if not name.strip():
        raise NotPossibleError("Give the person's name: it stands in the amendment record.")
    if "@" not in address[1:-1]:
        raise NotPossibleError("Give an e-mail address, such as office@school.example.")
    if role not in set(Role):
        raise NotPossibleError(f"The role must be one of {', '.join(Role)}.")
    if len(password) < SHORTEST_PASSWORD:
        raise NotPossibleError(f"The password needs at least {SHORTEST_PASSWORD} characters.")
    if any(row.school_id == school_id for row in await staff.by_email(session, address)):
        raise NotPossibleError("This e-mail address has an account at this school already.")
    hashed = await asyncio.to_thread(_HASHER.hash, password)
    row = StaffRow(
        school_id=school_id, name=name.strip(), email=address, role=role, password=hashed
    )
    session.add(row)
    await session.flush()
    return row


async def owner(session: Transaction, *, email: str, password: str) -> StaffRow | None:
    """Find whose e-mail address and password these are; None for nobody's.

    Takes as long for an unknown account. It wants a session for questions only: the work of a
    tenth of a second must not keep webhooks from writing.
    """
    return await _owner(await staff.by_email(session, email), password)


async def sign_in(
    session: Transaction,
    *,
    email: str,
    person: StaffRow | None,
    network_address: str,
    now: datetime,
) -> SignedIn | None:
    """Open a new sign-in with a new token; None when the answer is no, whatever the cause.

    Args:
        session: the transaction to work in; it must be committed also when the answer is no.
        email: as typed.
        person: what ``owner`` found.
        network_address: of the connection itself, never from a header.
        now: UTC.
    """
    keys = (_key("account", email.strip().lower()), _key("address", network_address))
    since = now - WINDOW
    failures = [await sign_ins.failed_tries(session, key, since) for key in keys]
    if max(failures) >= MAX_FAILURES:
        return None  # not counted, or somebody else could lock an account for ever
    if person is None:
        await sign_ins.forget_tries(session, since)
        session.add_all([SignInTryRow(key=key, tried_at=now) for key in keys])
        return None
    token, form_token = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    session.add(
        SignInRow(
            token=_hashed(token),
            school_id=person.school_id,
            staff_id=person.id or 0,
            form_token=form_token,
            started_at=now,
            seen_at=now,
        )
    )
    await session.flush()
    return SignedIn(person, token, form_token, now)


async def who(session: Transaction, *, token: str, now: datetime) -> SignedIn | None:
    """Tell who holds a token; None when it is unknown, idle for an hour or twelve hours old."""
    found = await sign_ins.signed_in(session, _hashed(token))
    if found is None:
        return None
    row, person = found
    if now - row.seen_at > IDLE or now - row.started_at > ABSOLUTE:
        return None
    return SignedIn(person, token, row.form_token, row.seen_at)


def needs_noting(signed_in: SignedIn, now: datetime) -> bool:
    """Tell whether ``still_here`` is due: once a minute is often enough."""
    return now - signed_in.seen_at >= _SEEN_AGAIN


async def still_here(session: Transaction, *, token: str, now: datetime) -> None:
    """Note that somebody used this sign-in, so that it does not go idle."""
    row = await session.get(SignInRow, _hashed(token))
    if row is not None:
        row.seen_at = now
        session.add(row)


async def sign_out(session: Transaction, *, token: str) -> None:
    """End a sign-in; the token is worth nothing from then on."""
    row = await session.get(SignInRow, _hashed(token))
    if row is not None:
        await session.delete(row)


async def _owner(accounts: list[StaffRow], password: str) -> StaffRow | None:
    """Find the account this password opens, with the work of one check where there is none."""
    if not accounts:
        await asyncio.to_thread(_HASHER.verify, password, await asyncio.to_thread(_nobody))
    for row in accounts:
        if await asyncio.to_thread(_HASHER.verify, password, row.password):
            return row
    return None


@cache
def _nobody() -> str:
    """The hash of a password that nobody has."""
    return _HASHER.hash(secrets.token_urlsafe(32))


def _key(kind: str, value: str) -> str:
    return f"{kind}:{_hashed(value)}"


def _hashed(value: str) -> str:
    return hashlib.sha256(value.encode()).hexdigest()
