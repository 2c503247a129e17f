"""A database's schema as plain values, to compare two of them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine, inspect

Schema = dict[str, dict[str, Any]]


def schema_of(engine: Engine) -> Schema:
    """Return what the database itself says of every table: columns, keys, checks, indexes."""
    inspector = inspect(engine)
    return {
        table: {
            "columns": {
                column["name"]: (repr(column["type"]), column["nullable"], column["default"])
                for column in inspector.get_columns(table)
            },
            "primary key": inspector.get_pk_constraint(table),
            "foreign keys": _by_name(inspector.get_foreign_keys(table)),
            "unique": _by_name(inspector.get_unique_constraints(table)),
            "checks": _by_name(inspector.get_check_constraints(table)),
            "indexes": _by_name(inspector.get_indexes(table)),
        }
        for table in inspector.get_table_names()
        if table != "alembic_version"
    }


def _by_name(found: list[Any]) -> dict[str, dict[str, str]]:
    return {one["name"]: {key: _plain(value) for key, value in one.items()} for one in found}


def _plain(value: Any) -> str:
    # The condition of a partial index is an object that equals only itself.
    return str({key: str(one) for key, one in value.items()} if isinstance(value, dict) else value)
