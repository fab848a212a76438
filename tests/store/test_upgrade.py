"""The migrations make just the tables that the code knows, on both databases."""

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlmodel import SQLModel

from store.tables import METADATA
from store.upgrade import NEWEST, upgrade, version


async def test_the_migrations_make_the_tables_the_code_knows(db):
    async with db.engine.begin() as connection:
        await connection.run_sync(SQLModel.metadata.drop_all)
    assert await version(db) is None
    assert await upgrade(db) is True
    assert await version(db) == NEWEST
    async with db.engine.connect() as connection:
        differences = await connection.run_sync(
            lambda c: compare_metadata(MigrationContext.configure(c), METADATA)
        )
    assert differences == []


async def test_a_second_upgrade_changes_nothing(db):
    async with db.engine.begin() as connection:
        await connection.run_sync(SQLModel.metadata.drop_all)
    await upgrade(db)
    assert await upgrade(db) is False


def test_the_newest_migration_is_the_one_the_code_names():
    assert ScriptDirectory("store/migrations").get_current_head() == NEWEST
