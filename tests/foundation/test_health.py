"""The two addresses for whoever watches over the server."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import stamp

from config import TestConfig
from webinar import create_app
from webinar.foundation.db import db


def test_healthz_says_that_the_process_is_up(client: FlaskClient) -> None:
    assert client.get("/healthz").status_code == 200


def test_readyz_says_how_to_bring_an_old_schema_up_to_date(client: FlaskClient) -> None:
    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert "flask --app wsgi db upgrade" in answer.text


def test_readyz_is_content_when_the_schema_is_current(app: Flask, client: FlaskClient) -> None:
    stamp()
    try:
        assert client.get("/readyz").status_code == 200
    finally:
        stamp(revision="base")


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_readyz_says_when_the_database_cannot_be_reached(tmp_path: Path) -> None:
    nowhere = create_app(TestConfig(tmp_path, "postgresql://nobody@127.0.0.1:9/nothing?connect_timeout=1"))

    assert nowhere.test_client().get("/readyz").status_code == 503

    with nowhere.app_context():
        db.engine.dispose()
