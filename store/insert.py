"""Insert unless it is here already, in the words of whichever database it is."""

from __future__ import annotations

from typing import Any

from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession


def insert_once(session: AsyncSession, table: type[SQLModel], keys: list[str]) -> Any:
    """Give an insert that leaves alone a row with the same keys.

    Args:
        session: tells which database it is.
        table: where to.
        keys: the columns of the unique key.
    """
    if session.get_bind().dialect.name == "postgresql":
        # A tenth of a second that a school on SQLite need not pay at every start.
        from sqlalchemy.dialects.postgresql import insert  # noqa: PLC0415

        return insert(table).on_conflict_do_nothing(index_elements=keys)
    from sqlalchemy.dialects.sqlite import insert as insert_sqlite  # noqa: PLC0415

    return insert_sqlite(table).on_conflict_do_nothing(index_elements=keys)
