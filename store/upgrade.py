"""Bring a database to the newest form of its tables, and tell whether it is there."""

from __future__ import annotations

from importlib import resources
from typing import Any

from sqlalchemy import inspect, text

import store.tables  # noqa: F401 - the metadata must be whole before anything is compared
from store.database import Database

NEWEST = "0001"
"""The newest migration; a test compares it with the files."""

_LOCK = 7201
"""Any number will do, as long as every version of this program takes the same one."""


async def version(db: Database) -> str | None:
    """Give the form a database is in; None for one without tables."""
    async with db.engine.connect() as connection:
        return await connection.run_sync(_version)


async def upgrade(db: Database) -> bool:
    """Run the migrations that are missing; False when there were none.

    Several processes may start at once: one upgrades, the others wait and find nothing to do.
    """
    if await version(db) == NEWEST:
        return False
    async with db.engine.begin() as connection:  # on SQLite this alone keeps the others out
        if not db.is_sqlite:
            await connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
        if await connection.run_sync(_version) == NEWEST:
            return False
        await connection.run_sync(_run)
    return True


def _version(connection: Any) -> str | None:
    if "alembic_version" not in inspect(connection).get_table_names():
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version")).first()
    return str(found[0]) if found else None


def _run(connection: Any) -> None:
    from alembic import command  # noqa: PLC0415 - half a second that most starts do not need
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(resources.files("store") / "migrations"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
