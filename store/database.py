"""The database: one engine for SQLite or PostgreSQL, and one transaction at a time handed out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from typing import Any

from sqlalchemy import event, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker, create_async_engine
from sqlalchemy.pool import StaticPool
from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

Transaction = AsyncSession
"""What other rooms call a session: they are handed one, and never make one."""

MEMORY = "sqlite://"
"""A database that lives in this process only, for rehearsals."""

_BUSY_SECONDS = 5


class Database:
    """Hands out sessions. ``work`` is one transaction that commits; ``read`` changes nothing.

    On SQLite a writer takes the lock at once (BEGIN IMMEDIATE), since a transaction that reads
    first and writes later loses updates; writers of this process queue on one lock.
    """

    def __init__(self, url: str) -> None:
        self.url = _with_driver(url)
        self.is_sqlite = self.url.startswith("sqlite")
        self._memory = make_url(self.url).database in {None, "", ":memory:"} and self.is_sqlite
        self.engine = _engine(self.url, memory=self._memory)
        if self.is_sqlite:
            _prepare_sqlite(self.engine)
        self._writer = asyncio.Lock()
        self._write = _sessions(self.engine)
        self._read = _sessions(self.engine.execution_options(ro=True))

    @asynccontextmanager
    async def work(self) -> AsyncIterator[AsyncSession]:
        """Give one transaction; it commits when the block ends and rolls back when it raises."""
        async with AsyncExitStack() as stack:
            stack.enter_context(_without_words())
            if self.is_sqlite:
                await stack.enter_async_context(self._writer)
            session = await stack.enter_async_context(self._write())
            async with session.begin():
                yield session

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """Give a session for questions only."""
        async with AsyncExitStack() as stack:
            stack.enter_context(_without_words())
            if self._memory:  # one connection serves all of a database in memory
                await stack.enter_async_context(self._writer)
            yield await stack.enter_async_context(self._read())

    async def create_all(self) -> None:
        """Make every table at once: for a database in memory, which has no history to migrate."""
        async with self.engine.begin() as connection:
            await connection.run_sync(SQLModel.metadata.create_all)

    async def close(self) -> None:
        """Give every connection back; needed before the event loop ends."""
        await self.engine.dispose()


def _with_driver(url: str) -> str:
    """Add the asynchronous driver to a plain address."""
    for plain, full in (
        ("sqlite://", "sqlite+aiosqlite://"),
        ("postgresql://", "postgresql+psycopg://"),
        ("postgres://", "postgresql+psycopg://"),
    ):
        if url.startswith(plain):
            return full + url.removeprefix(plain)
    return url


def _engine(url: str, *, memory: bool) -> AsyncEngine:
    if memory:
        return create_async_engine(url, poolclass=StaticPool, hide_parameters=True)
    if url.startswith("sqlite"):
        return create_async_engine(
            url, connect_args={"timeout": _BUSY_SECONDS}, hide_parameters=True
        )
    return create_async_engine(
        url, pool_timeout=_BUSY_SECONDS, pool_pre_ping=True, hide_parameters=True
    )


class DriverError(Exception):
    """What PostgreSQL refused: the kind and the SQLSTATE, and nothing of the row."""


@contextmanager
def _without_words() -> Iterator[None]:
    """Keep personal data out of an error's text: PostgreSQL repeats the row in its DETAIL."""
    try:
        yield
    except DBAPIError as wrong:
        state = getattr(wrong.orig, "sqlstate", None)
        if state is None:  # SQLite names columns only; a lost connection has no row
            raise
        bare = DriverError(f"{type(wrong.orig).__name__} {state}")
        raise type(wrong)(wrong.statement, None, bare, hide_parameters=True) from None


def _sessions(engine: AsyncEngine) -> async_sessionmaker[AsyncSession]:
    return async_sessionmaker(engine, class_=AsyncSession, expire_on_commit=False)


def _prepare_sqlite(engine: AsyncEngine) -> None:
    @event.listens_for(engine.sync_engine, "connect")
    def _on_connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # this file decides when a transaction begins
        cursor = connection.cursor()
        for pragma in ("journal_mode=WAL", "foreign_keys=ON", "synchronous=FULL"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def _on_begin(connection: Any) -> None:
        reading = connection.get_execution_options().get("ro")
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")
