"""An installation offers the languages that it was told to, and everything is there in them."""

from __future__ import annotations

import time_machine
from flask import Flask
from flask.testing import FlaskClient

from tests.security.site_walk import NOON, a_world, addresses
from tests.signing_in import sign_in, with_password
from webinar.accounts.models import Role


@time_machine.travel(NOON, tick=False)
def test_where_english_is_not_offered_every_page_is_there_all_the_same(app: Flask, client: FlaskClient) -> None:
    values = a_world() | {"lang": ["ar"]}
    sign_in(client, with_password(Role.ADMIN, language="en"))
    app.config["LANGUAGES"] = ("fr", "ar")
    spoken = set()

    for address in addresses(app, values, "GET"):
        if address.path.endswith("/readyz"):  # the tests have tables, but no marks of migrations
            continue
        answer = client.get(address.path)
        assert answer.status_code in {200, 302, 303, 304, 404, 409}, address.path
        if answer.status_code == 404:
            app.config["LANGUAGES"] = ("en", "fr", "ar")
            assert client.get(address.path).status_code == 404, address.path
            app.config["LANGUAGES"] = ("fr", "ar")
        if address.path == "/staff/settings":
            assert "العربية" in answer.text
        if address.path.startswith("/staff/accounts"):
            spoken.add(answer.headers.get("Content-Language"))
        answer.close()

    assert spoken <= {"fr", None}
    assert "fr" in spoken
