"""Play a morning without any network: hear, run, and read what is owed to whom."""

from sqlmodel import select

from actions import first_day, hear, wake
from notifier.render import render
from school.people import Session
from store.database import Database
from store.outbox import OutboundRow
from store.reports import ReportRow
from store.tasks import TaskRow

LANGUAGES = ("en", "pl")


async def say(db: Database, message, now):
    """Let the service hear a message and think about it; gives the turn."""
    inbox_id = await hear.keep(db, message, now)
    return None if inbox_id is None else await hear.think(db, inbox_id, now, LANGUAGES)


async def run(db: Database, school: int, now, half: Session = Session.AM):
    """Make the first-day run by hand."""
    return await first_day.run(db, school, half, now=now, started_by="test", languages=LANGUAGES)


async def quiet(db: Database, now):
    """Let every talk that is due hear the silence."""
    return await wake.wake_due(db, now, LANGUAGES)


async def owed(db: Database, address: str | None = None) -> list[str]:
    """Every text we owe, as it would be read, oldest first."""
    async with db.read() as session:
        rows = (await session.exec(select(OutboundRow).order_by(OutboundRow.id))).all()
    return [render(r.sentence, r.words, r.language) for r in rows if address in {None, r.address}]


async def rows(db: Database, table):
    """Every row of a table, oldest first."""
    async with db.read() as session:
        return list((await session.exec(select(table).order_by(table.id))).all())


async def reports(db: Database) -> list[ReportRow]:
    """Every report, oldest first."""
    return await rows(db, ReportRow)


async def tasks(db: Database) -> list[TaskRow]:
    """Every task, oldest first."""
    return await rows(db, TaskRow)
