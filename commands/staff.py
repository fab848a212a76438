"""``firstday staff add``: let somebody sign in."""

from __future__ import annotations

from typing import TextIO

from actions.errors import NotPossibleError
from actions.sign_in import add_staff
from commands import schools
from mis import phones
from mis.cells import CellError
from store.database import Database


async def add(
    db: Database,
    *,
    school: str,
    email: str,
    name: str,
    role: str,
    phone: str | None,
    password: str,
    out: TextIO,
    err: TextIO,
) -> int:
    """Add one person; gives the exit status."""
    found = await schools.find(db, school, err)
    if found is None:
        return 2
    try:
        mobile = _mobile(phone) if phone else None
        async with db.work() as session:
            row = await add_staff(
                session, school_id=found.key, name=name, email=email, role=role, password=password
            )
            row.phone = mobile
            session.add(row)
    except NotPossibleError as wrong:
        err.write(f"firstday: {wrong}\n")
        return 1
    out.write(f"{role} added; they can sign in now.\n")
    return 0


def _mobile(given: str) -> str:
    """Bring a number into the form that texts are sent to.

    Raises:
        NotPossibleError: texts cannot reach it; the number itself is not repeated.
    """
    try:
        phone = phones.read(given)
        number, trouble = phone.number, phone.trouble
    except CellError as wrong:
        number, trouble = None, str(wrong)
    if number is None:
        trouble = trouble.removesuffix(" (left out)")
        raise NotPossibleError(f"The --phone {trouble}. Give a mobile, such as 07700 900190.")
    return number
