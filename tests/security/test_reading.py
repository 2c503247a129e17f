"""Looking at something changes nothing: mail scanners follow every link, ten times."""

from __future__ import annotations

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from tests.security.site_walk import NOON, a_world, addresses, everything_stored
from tests.signing_in import signed_in_as
from webinar.accounts.models import Role


@pytest.mark.parametrize("role", [None, Role.ADMIN])
def test_no_get_changes_anything(app: Flask, client: FlaskClient, role: Role | None) -> None:
    with time_machine.travel(NOON, tick=False):
        values = a_world()
        if role is not None:
            signed_in_as(client, role)
        before = everything_stored()
        for address in addresses(app, values, "GET"):
            for method in ("GET", "HEAD", "OPTIONS", "GET"):
                client.open(address.path, method=method)
            assert everything_stored() == before, address.path
