"""Runs migrations in one transaction over the engine the product itself would use."""

from __future__ import annotations

from alembic import context

from backend.storage.database import Database
from backend.storage.tables.base import metadata

database = Database(context.config.attributes["database_url"])
with database.write() as connection:
    if not database.on_sqlite:
        # Two upgrades at once: the second waits, then finds nothing to do.
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(4242)")
    context.configure(connection=connection, target_metadata=metadata, transactional_ddl=False)
    context.run_migrations()
database.engine.dispose()
