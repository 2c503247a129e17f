"""The migrations make the schema of the models, and bring rows along in both directions."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import func, inspect, select

from config import PROJECT, TestConfig
from tests.factories import a_row_in_every_table
from tests.migrations.schema import schema_of
from webinar import create_app
from webinar.foundation import schema
from webinar.foundation.db import db


@pytest.fixture
def bare_app(empty_database_url: str, tmp_path: Path) -> Iterator[Flask]:
    """Return an application on a database without tables, its context pushed."""
    app = create_app(TestConfig(tmp_path / "instance", empty_database_url))
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def rows_by_table() -> dict[str, int]:
    with db.engine.connect() as connection:
        return {
            table.name: connection.scalar(select(func.count()).select_from(table)) or 0
            for table in db.metadata.sorted_tables
        }


def test_the_migrations_make_exactly_the_schema_of_the_models(bare_app: Flask) -> None:
    db.create_all()
    of_the_models = schema_of(db.engine)
    db.drop_all()

    upgrade()

    assert schema_of(db.engine) == of_the_models


def test_alembic_finds_nothing_left_to_migrate(bare_app: Flask) -> None:
    upgrade()

    with db.engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), db.metadata)

    assert differences == []


def test_the_schema_is_current_after_an_upgrade_only(bare_app: Flask) -> None:
    before = schema.is_current()
    upgrade()

    assert (before, schema.is_current()) == (False, True)


def test_a_second_upgrade_keeps_every_row(bare_app: Flask) -> None:
    upgrade()
    a_row_in_every_table()
    before = rows_by_table()

    upgrade()

    assert rows_by_table() == before
    assert min(before.values()) > 0, "a table without a row proves nothing"


def test_a_downgrade_works_with_rows_in_every_table_and_leaves_nothing_behind(bare_app: Flask) -> None:
    upgrade()
    a_row_in_every_table()
    db.session.remove()

    downgrade(revision="base")

    assert inspect(db.engine).get_table_names() == ["alembic_version"]
    upgrade()
    assert set(rows_by_table().values()) == {0}


def test_altering_a_table_keeps_the_rows_that_point_to_it(bare_app: Flask, tmp_path: Path) -> None:
    """On SQLite a table is altered by dropping it, which with foreign keys on deletes what cascades from it."""
    upgrade()
    a_row_in_every_table()
    db.session.remove()
    before = rows_by_table()
    directory = a_copy_with_a_migration(
        tmp_path,
        """
    with op.batch_alter_table("webinar_session") as table:
        table.add_column(sa.Column("note", sa.Text(), nullable=True))
        table.alter_column("join_url", type_=sa.String(2000))
    with op.batch_alter_table("person") as table:
        table.add_column(sa.Column("note", sa.Text(), nullable=True))
""",
    )

    upgrade(directory=directory)

    assert rows_by_table() == before


def test_a_migration_that_fails_half_way_changes_nothing(bare_app: Flask, tmp_path: Path) -> None:
    upgrade()
    before = schema_of(db.engine)
    directory = a_copy_with_a_migration(
        tmp_path,
        """
    op.create_table("half", sa.Column("id", sa.Integer(), primary_key=True))
    raise ValueError("the power is cut")
""",
    )

    with pytest.raises(ValueError, match="the power is cut"):
        upgrade(directory=directory)

    assert schema_of(db.engine) == before
    assert schema.is_current()


def test_no_migration_imports_the_application() -> None:
    versions = (PROJECT / "migrations" / "versions").glob("*.py")
    importing = [
        path.name for path in versions if re.search(r"^(from|import) (webinar|config)", path.read_text(), re.M)
    ]

    assert importing == []


def test_the_command_brings_the_schema_up_from_nothing(tmp_path: Path) -> None:
    environment = {"PATH": os.environ["PATH"], "INSTANCE_PATH": str(tmp_path / "instance")}
    upgraded = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", "db", "upgrade"],
        cwd=PROJECT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (upgraded.returncode, (tmp_path / "instance" / "webinar.db").exists()) == (0, True), upgraded.stderr


def a_copy_with_a_migration(tmp_path: Path, body: str) -> str:
    """Copy the migrations and add one at the end; return the folder."""
    copied = tmp_path / "migrations"
    subprocess.run(["cp", "-R", str(PROJECT / "migrations"), str(copied)], check=True)
    heads = [path.stem.split("_")[0] for path in (copied / "versions").glob("*.py")]
    (copied / "versions" / "next.py").write_text(
        f"import sqlalchemy as sa\nfrom alembic import op\n\nrevision = 'next'\ndown_revision = {max(heads)!r}\n\n\n"
        f"def upgrade() -> None:{body}",
    )
    return str(copied)
