"""The database: the base of all models, its column types, and the one way to change something."""

from __future__ import annotations

import enum
import fcntl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Connection, DateTime, Dialect, Enum, MetaData, String, Text, TypeDecorator, event
from sqlalchemy.engine import URL, Engine
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.orm import DeclarativeBase, Session, registry
from sqlalchemy.pool import ConnectionPoolEntry

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment in UTC; a naive one is refused, because nobody could say when it is.

    SQLite keeps no zone, so what comes back from it is told that it is UTC.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the moment in UTC, as it goes into the database.

        Raises:
            ValueError: it has no zone.
        """
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a moment without a zone cannot be stored: {value!r}")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the moment, aware, in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class WallTime(TypeDecorator[datetime]):
    """A local time as a clock on the wall shows it, without zone; the zone stands in a column beside it."""

    impl = DateTime(timezone=False)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the wall time as it is.

        Raises:
            ValueError: it has a zone.
        """
        if value is not None and value.tzinfo is not None:
            raise ValueError(f"a wall time has no zone: {value!r}")
        return value


class Code(enum.StrEnum):
    """A closed list of words that the database keeps as text and checks."""


def code_column(kind: type[Code], name: str = "") -> Enum:
    """Return the column type of a closed list: its values as text, with a check constraint named after it.

    A second column of the same list in one table gives its constraint another name.
    """
    return Enum(
        kind,
        native_enum=False,
        create_constraint=True,
        length=32,
        name=name or kind.__name__.lower(),
        values_callable=lambda members: [member.value for member in members],
        validate_strings=True,
    )


class Model(DeclarativeBase):
    """The base of every table: typed columns, moments always aware, constraints with names."""

    registry = registry(
        metadata=MetaData(naming_convention=NAMING),
        type_annotation_map={datetime: UtcDateTime(), str: Text()},
    )


Short = String(100)
Line = String(300)

# After a commit what was read stays readable: a page is shown after its use case, or after its refusal.
db = SQLAlchemy(
    model_class=Model,
    disable_autonaming=True,
    session_options={"expire_on_commit": False},
)


@contextmanager
def transaction() -> Iterator[None]:
    """Commit everything done in the block, or nothing of it.

    A block is a whole use case, so blocks do not nest. It first ends the read that the
    view began: on SQLite a read that turns into a write fails at once under load
    ("database is locked"), so the block begins as a writer. The work is a savepoint:
    after a refusal the lock is given back and the page can still show what was read.
    """
    with as_writer() as session, session.begin_nested():
        yield


@contextmanager
def as_writer() -> Iterator[Session]:
    """Begin as a writer and commit at the end whatever was done until then: the ground that ``transaction`` stands on.

    By itself it is for a single statement that stays, whatever becomes of the use case around it.
    """
    session = db.session()
    if session.in_nested_transaction():
        raise RuntimeError("transaction() blocks must not be nested")
    session.commit()
    with _turn_to_write(db.engine.url):
        session.connection(execution_options={"immediate": True})  # read by the "begin" listener on SQLite
        try:
            yield session
        finally:
            session.commit()


_turn_in_this_process = threading.Lock()


@contextmanager
def _turn_to_write(url: URL) -> Iterator[None]:
    """Wait for one's turn where only one can write: the writers of a SQLite file, in all threads and processes.

    SQLite would wait too, but asleep and looking ever more seldom, so its file lies idle between two writers. With
    eight people registering at once, run in turn with and without, four pairs gave 10 to 29 per cent more a second.
    """
    if url.get_backend_name() != "sqlite" or not url.database:
        yield
        return
    with _turn_in_this_process, Path(f"{url.database}-turn").open("ab") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        yield


@event.listens_for(Engine, "connect")
def _set_up_sqlite(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
    """Make SQLite durable, patient and strict; other databases are so by themselves."""
    if type(connection).__module__ != "sqlite3":
        return
    raw: Any = connection
    raw.isolation_level = None  # the driver must not begin by itself: _begin_on_sqlite does
    cursor = raw.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=20000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


@event.listens_for(Engine, "begin")
def _begin_on_sqlite(connection: Connection) -> None:
    """Begin as a writer where transaction() said so, else as a reader that blocks nobody."""
    if connection.dialect.name == "sqlite":
        immediate = connection.get_execution_options().get("immediate", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")
