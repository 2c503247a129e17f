"""Whether the database is there and has the schema that this version of the program needs."""

from __future__ import annotations

from functools import cache

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import current_app
from sqlalchemy.exc import DBAPIError

from webinar.foundation.db import db


@cache
def _head(directory: str) -> str | None:
    return ScriptDirectory(directory).get_current_head()


def is_current() -> bool:
    """Tell whether the database can be reached and its schema is the newest this program knows."""
    head = _head(current_app.extensions["migrate"].directory)
    try:
        with db.engine.connect() as connection:
            return MigrationContext.configure(connection).get_current_revision() == head
    except DBAPIError:
        return False
