"""Looking at something changes nothing: mail scanners follow every link, ten times."""

from __future__ import annotations

from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from tests.security.site_walk import NOON, a_world, addresses, everything_stored
from tests.signing_in import signed_in_as
from webinar.accounts.models import Role
from webinar.foundation.db import db


@pytest.mark.parametrize("role", [None, Role.ADMIN])
def test_no_get_changes_anything(app: Flask, client: FlaskClient, role: Role | None) -> None:
    with time_machine.travel(NOON, tick=False):
        values = a_world()
        if role is not None:
            signed_in_as(client, role)
        before = everything_stored()
        writing: list[tuple[str, str]] = []
        path = ""

        def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
            if statement.lstrip().upper().startswith(("INSERT", "UPDATE", "DELETE")):
                writing.append((path, statement))

        event.listen(db.engine, "before_cursor_execute", note)
        try:
            for address in addresses(app, values, "GET"):
                path = address.path
                for method in ("GET", "HEAD", "OPTIONS"):
                    client.open(path, method=method)
        finally:
            event.remove(db.engine, "before_cursor_execute", note)

    assert writing == []
    assert everything_stored() == before
