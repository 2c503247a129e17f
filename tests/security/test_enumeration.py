"""Nobody learns from the page for signing in who has an account."""

from __future__ import annotations

import re
from time import thread_time

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.factories import a_staff_account
from tests.signing_in import with_password


def attempt(client: FlaskClient, email: str) -> TestResponse:
    return client.post("/staff/sign-in", data={"email": email, "password": "wrong password"})


def seconds(client: FlaskClient, email: str) -> float:
    """Return how long this process works at one attempt; what else the machine does is not counted."""
    begin = thread_time()
    attempt(client, email)
    return thread_time() - begin


def test_known_unknown_closed_and_passwordless_addresses_get_the_same_page(client: FlaskClient) -> None:
    emails = [
        with_password().email,
        with_password(is_active=False).email,
        a_staff_account().email,
        "nobody@example.org",
    ]
    pages = set()
    for email in emails:
        answer = attempt(client, email)
        text = re.sub(r'name="csrf_token" type="hidden" value="[^"]*"', "", answer.text.replace(email, "EMAIL"))
        pages.add((answer.status_code, text))

    assert len(pages) == 1


def test_an_unknown_address_takes_as_long_as_a_known_one(app: Flask, client: FlaskClient) -> None:
    app.config["SIGN_INS_PER_HOUR"] = 1000
    known = with_password().email
    attempt(client, known)

    # In turns, and the shortest of each, as processors change their speed.
    known_take, unknown_take = zip(
        *((seconds(client, known), seconds(client, "nobody@example.org")) for _ in range(8)), strict=True
    )

    assert 0.5 < min(unknown_take) / min(known_take) < 2
