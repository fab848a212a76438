"""Adds a school: its short name, its policy, its calendar, and the addresses it speaks from."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from datetime import datetime

import phonenumbers

from school.policy import PolicyError, read
from store import schools
from store.database import Transaction
from store.schools import SchoolRow

_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


class SchoolError(ValueError):
    """A school cannot be added; ``problems`` says why, one line each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


async def add_school(
    session: Transaction,
    *,
    slug: str,
    name: str,
    office_phone: str,
    policy_text: str,
    sms_number: str | None = None,
    email_address: str | None = None,
    calendar_text: str = "",
    now: datetime,
) -> SchoolRow:
    """Add a school.

    Args:
        session: the transaction; the caller commits it.
        slug: the short name used in commands and addresses, such as "trjs".
        name: what parents call the school.
        office_phone: the number that parents are told to ring, written as they should read it.
        policy_text: the school's rules as TOML.
        sms_number: the number texts come from and go to; any usual way of writing it.
        email_address: the address e-mails come from and go to.
        calendar_text: one line a term (``2027-01-04..2027-03-25``) or a closed day.
        now: the time of adding.

    Raises:
        SchoolError: with everything that has to be mended.
    """
    number, problems = _sms_number(sms_number)
    address = (email_address or "").strip().lower() or None
    problems += _wrong(slug, name, office_phone, address)
    problems += _wrong_policy(policy_text)
    problems += _wrong_calendar(calendar_text)
    problems += [problem async for problem in _taken(session, slug, number, address)]
    if problems:
        raise SchoolError(problems)
    row = SchoolRow(
        slug=slug,
        name=name.strip(),
        office_phone=office_phone.strip(),
        policy=policy_text,
        calendar=calendar_text,
        sms_number=number,
        email_address=address,
        created_at=now,
    )
    session.add(row)
    await session.flush()
    return row


def _sms_number(given: str | None) -> tuple[str | None, list[str]]:
    if not given:
        return None, []
    try:
        number = phonenumbers.parse(given, "GB")
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_possible_number(number):
        return None, [f'"{given}" is not a telephone number: write it as +44 7700 900123']
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164), []


def _wrong(slug: str, name: str, office_phone: str, address: str | None) -> Iterator[str]:
    if not _SLUG.fullmatch(slug):
        yield (
            f'"{slug}" cannot be a short name: use up to 40 small letters, digits and hyphens, '
            'such as "trjs" or "st-annes"'
        )
    if not name.strip():
        yield "the school's name is empty: give the name that parents know"
    if len(re.sub(r"\D", "", office_phone)) < 5:
        yield f'"{office_phone}" is not a telephone number: give the office number for parents'
    if address and not _EMAIL.fullmatch(address):
        yield f'"{address}" is not an e-mail address'


def _wrong_policy(text: str) -> list[str]:
    try:
        read(text)
    except PolicyError as wrong:
        return [f"policy: {problem}" for problem in wrong.problems]
    return []


def _wrong_calendar(text: str) -> Iterator[str]:
    for number, line in enumerate(text.splitlines(), start=1):
        try:
            terms = schools.read_calendar(line).terms
        except ValueError:
            yield (
                f"calendar: line {number} is neither a term (2027-01-04..2027-03-25) nor a "
                "closed day (2027-02-15)"
            )
            continue
        if any(last < first for first, last in terms):
            yield f"calendar: line {number} ends before it begins"


async def _taken(
    session: Transaction, slug: str, number: str | None, address: str | None
) -> AsyncIterator[str]:
    if await schools.by_slug(session, slug):
        yield f'there is a school "{slug}" already: choose another short name'
    for given in filter(None, (number, address)):
        other = await schools.speaking_from(session, given)
        if other:
            yield f'{given} belongs to "{other.slug}" already: each school needs its own'
