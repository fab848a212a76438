"""``firstday telegram invite``: a one-use link by which a parent joins by Telegram."""

from __future__ import annotations

from datetime import datetime
from typing import TextIO

from actions.link_telegram import LINK_LIVES, make_link
from commands import schools
from store import contacts
from store.database import Database


async def invite(
    db: Database,
    *,
    school: str,
    contact: str,
    bot: str,
    now: datetime,
    out: TextIO,
    err: TextIO,
) -> int:
    """Print the link for one contact, named as in the school's own system."""
    if not bot:
        err.write("firstday: set FIRSTDAY_TELEGRAM_BOT to the bot's user name first\n")
        return 2
    row = await schools.find(db, school, err)
    if row is None:
        return 2
    async with db.work() as session:
        person = await contacts.by_external_id(session, row.key, contact)
        if person is None:
            err.write(f"firstday: {school} has no contact '{contact}'\n")
            return 1
        payload = await make_link(session, person, now)
    out.write(f"https://t.me/{bot}?start={payload}\n")
    out.write(f"It works once, within {LINK_LIVES.days} days.\n")
    return 0
