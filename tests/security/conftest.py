"""What the tests of security share: applications with settings of their own, and CSRF tokens as on a server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from config import TestConfig
from webinar import create_app
from webinar.foundation.db import db

MakeApplication = Callable[..., Flask]


@pytest.fixture
def make_application(tmp_path: Path) -> Iterator[MakeApplication]:
    """Return a function that makes an application with other settings, on a SQLite database of its own."""
    made: list[Flask] = []

    def make(**settings: str) -> Flask:
        folder = tmp_path / str(len(made))
        folder.mkdir()
        app = create_app(TestConfig(folder / "instance", f"sqlite:///{folder / 'test.db'}", **settings))
        app.config["WTF_CSRF_ENABLED"] = False
        with app.app_context():
            db.create_all()
        made.append(app)
        return app

    yield make

    for app in made:
        with app.app_context():
            db.engine.dispose()
