"""How migrations run: in one transaction, on SQLite by copying tables, one runner at a time."""

from __future__ import annotations

from typing import Any

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Connection, text

from webinar.foundation.db import UtcDateTime, WallTime, db

# Any number will do, as long as it stays: PostgreSQL locks numbers.
MIGRATION_LOCK = 20200403


def render_item(kind: str, item: Any, _context: AutogenContext) -> str | bool:
    """Write our column types as SQLAlchemy's: a migration must not change when the application does."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, WallTime):
        return "sa.DateTime(timezone=False)"
    return False


def migrate(connection: Connection) -> None:
    """Run the migrations that were asked for, all of them or none."""
    context.configure(
        connection=connection,
        target_metadata=db.metadata,
        render_item=render_item,
        render_as_batch=True,
        # True of SQLite too, since our connections begin transactions themselves.
        transactional_ddl=True,
    )
    with context.begin_transaction():
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": MIGRATION_LOCK})
        context.run_migrations()
        if connection.dialect.name == "sqlite":
            broken = connection.execute(text("PRAGMA foreign_key_check")).all()
            if broken:
                raise RuntimeError(f"the migration would leave rows that point nowhere: {broken}")


def switch_foreign_keys(connection: Connection, state: str) -> None:
    """Switch SQLite's foreign keys, between transactions: inside one it does nothing.

    A table is altered by copying it, dropping it and renaming the copy. With foreign keys on, dropping it deletes
    the rows of all tables that point to it with ON DELETE CASCADE.
    """
    raw: Any = connection.connection.driver_connection
    raw.execute(f"PRAGMA foreign_keys={state}")


with db.engine.connect() as opened:
    if opened.dialect.name == "sqlite":
        switch_foreign_keys(opened, "OFF")
        try:
            # As a writer from the start, so that of two runners the second waits.
            migrate(opened.execution_options(immediate=True))
        finally:
            switch_foreign_keys(opened, "ON")
    else:
        migrate(opened)
