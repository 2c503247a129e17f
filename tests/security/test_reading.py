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

COUNTED = "rate_limit"
"""How often a page was asked for, where numbers could be tried on it: that is no change, and goes by itself."""


@pytest.mark.parametrize("role", [None, Role.ADMIN])
def test_no_get_changes_anything(app: Flask, client: FlaskClient, role: Role | None) -> None:
    with time_machine.travel(NOON, tick=False):
        values = a_world()
        if role is not None:
            signed_in_as(client, role)
        before = everything_stored() | {COUNTED: []}
        writing: list[tuple[str, str]] = []
        path = ""

        def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
            is_writing = statement.lstrip().upper().startswith(("INSERT", "UPDATE", "DELETE"))
            if is_writing and not statement.startswith(f"INSERT INTO {COUNTED} "):
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
    assert everything_stored() | {COUNTED: []} == before
