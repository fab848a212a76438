"""Bring a database to the newest form of its tables, and tell whether it is there."""

from __future__ import annotations

from importlib import resources
from typing import Any

from sqlalchemy import inspect, text

import store.tables  # noqa: F401 - the metadata must be whole before anything is compared
from store.database import Database

NEWEST = "0001"
"""The newest migration; a test compares it with the files."""


async def version(db: Database) -> str | None:
    """Give the form a database is in; None for one without tables."""
    async with db.engine.connect() as connection:
        tables = await connection.run_sync(lambda c: inspect(c).get_table_names())
        if "alembic_version" not in tables:
            return None
        found = (await connection.execute(text("SELECT version_num FROM alembic_version"))).first()
    return str(found[0]) if found else None


async def upgrade(db: Database) -> bool:
    """Run the migrations that are missing; False when there were none."""
    if await version(db) == NEWEST:
        return False
    async with db.engine.begin() as connection:
        await connection.run_sync(_run)
    return True


def _run(connection: Any) -> None:
    from alembic import command  # noqa: PLC0415 - half a second that most starts do not need
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(resources.files("store") / "migrations"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
