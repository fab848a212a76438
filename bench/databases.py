"""Databases for the benchmark: filled once, copied for every round, gone at the end."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql


class Databases(Protocol):
    """A database that is filled once, and its copies."""

    @property
    def template(self) -> str:
        """Where the one to fill is; it is copied while nobody is connected to it."""

    def copy(self) -> str:
        """Make a fresh copy and tell where it is."""


class SqliteFiles:
    """Databases as files of one folder."""

    def __init__(self, folder: Path, name: str = "town") -> None:
        self._folder = folder
        self._name = name
        self._count = itertools.count(1)

    @property
    def template(self) -> str:
        """The address of the file to fill."""
        return f"sqlite:///{self._folder / self._name}.sqlite3"

    def copy(self) -> str:
        """Make a fresh copy and tell its address."""
        return f"sqlite:///{self.copied_file()}"

    def copied_file(self) -> Path:
        """Make a fresh copy and tell which file it is."""
        target = self._folder / f"{self._name}-{next(self._count)}.sqlite3"
        shutil.copyfile(self._folder / f"{self._name}.sqlite3", target)
        return target


class PostgresqlDatabases:
    """Databases of one PostgreSQL server; the server's own are left alone."""

    def __init__(self, server: str) -> None:
        self._server = server
        self._made: list[str] = []
        self.template = self._make()

    def copy(self) -> str:
        """Make a fresh copy and tell its address."""
        return self._make(self._made[0])

    def drop_all(self) -> None:
        """Drop every database that was made here."""
        with psycopg.connect(self._server, autocommit=True) as connection:
            for name in self._made:
                connection.execute(
                    sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
                )

    def _make(self, template: str = "template1") -> str:
        with psycopg.connect(self._server, autocommit=True) as connection:
            serial = connection.info.backend_pid
            name = f"firstday_bench_{serial}_{len(self._made)}"
            connection.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                    sql.Identifier(name), sql.Identifier(template)
                )
            )
        self._made.append(name)
        return urlunsplit(urlsplit(self._server)._replace(path=f"/{name}"))


@contextmanager
def on_postgresql(server: str) -> Iterator[PostgresqlDatabases]:
    """Give databases on a server until the block ends."""
    databases = PostgresqlDatabases(server)
    try:
        yield databases
    finally:
        databases.drop_all()
