"""Alembic's door: run the migrations on the connection that ``store/upgrade.py`` hands over."""

from alembic import context

from store.tables import METADATA

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=METADATA, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
