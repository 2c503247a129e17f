"""No other site can make somebody's browser change something here."""

from __future__ import annotations

from html.parser import HTMLParser

import time_machine
from flask import Flask
from flask.testing import FlaskClient

from tests.security.site_walk import NOON, Address, a_world, addresses, everything_stored
from tests.signing_in import PASSWORD, sign_in, with_password
from webinar.accounts.models import Role
from webinar.foundation.security import csrf

# Whoever has the address may do what its page does; no cookie gives any authority there.
THE_ADDRESS_IS_THE_AUTHORITY = {
    *("/join/", "/unsubscribe/"),
    *(
        f"/{lang}/{page}/"
        for lang in ("en", "fr")
        for page in ("registrations", "invitations", "newsletter", "focal-points")
    ),
}
# Only sets a cookie with the reader's zone: nothing is stored, and the page says which zone it is.
NEEDS_NO_AUTHORITY = {"/en/timezone", "/fr/timezone"}

THE_FORM_IS_SHOWN_AGAIN = ("This page lay open for a long time", "Cette page est restée ouverte longtemps")


class Forms(HTMLParser):
    """Reads the forms of a page: where each goes to by POST, and the names of its inputs."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[tuple[str, set[str]]] = []
        self._names: set[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        if tag == "form":
            self._names = set()
            if (attributes.get("method") or "get").lower() == "post":
                self.forms.append((attributes.get("action") or "", self._names))
        elif tag == "input" and self._names is not None:
            self._names.add(attributes.get("name") or "")


def needs_no_token(path: str) -> bool:
    return path in NEEDS_NO_AUTHORITY or any(path.startswith(beginning) for beginning in THE_ADDRESS_IS_THE_AUTHORITY)


def signed_in_administrator(app: Flask, client: FlaskClient) -> None:
    account = with_password(Role.ADMIN)
    app.config["WTF_CSRF_ENABLED"] = False
    sign_in(client, account, PASSWORD)
    app.config["WTF_CSRF_ENABLED"] = True


def test_every_form_that_is_shown_carries_a_token(app: Flask, client: FlaskClient) -> None:
    with time_machine.travel(NOON, tick=False):
        values = a_world()
        signed_in_administrator(app, client)
        seen = set()
        for address in addresses(app, values, "GET"):
            answer = client.get(address.path)
            if answer.mimetype != "text/html":
                continue
            page = Forms()
            page.feed(answer.text)
            for action, names in page.forms:
                target = action or address.path
                seen.add(target)
                assert "csrf_token" in names or needs_no_token(target), f"{address.path}: form to {target}"

    assert {"/staff/sign-out", "/staff/accounts/new", "/en/sessions/next-en/register"} <= seen


def test_a_post_without_a_token_changes_nothing(app: Flask, client: FlaskClient) -> None:
    with time_machine.travel(NOON, tick=False):
        values = a_world()
        signed_in_administrator(app, client)
        walked: list[Address] = []
        for address in addresses(app, values, "POST", "PUT", "PATCH", "DELETE"):
            if needs_no_token(address.path):
                continue
            before = everything_stored()
            data = {
                "email": "bo@example.org",
                "role": "admin",
                "name": "Planted",
                "language": "fr",
                "password": PASSWORD,
            }
            answer = client.post(address.path, data=data)

            view = app.view_functions[address.rule.endpoint]
            if f"{view.__module__}.{view.__name__}" in csrf._exempt_views:
                # Its form has to check the token itself, and to say so; a part of another session is not there at all.
                assert answer.status_code in {404, 409, 422, 429}, address.path
                shown_again = any(words in answer.text for words in THE_FORM_IS_SHOWN_AGAIN)
                assert shown_again or answer.status_code in {404, 409}, address.path
            else:
                assert answer.status_code in {303, 400}, address.path
            after = everything_stored()
            for counted in (before, after):
                counted.pop("rate_limit")  # attempts are counted, whatever comes of them
            assert after == before, address.path
            walked.append(address)

    assert {"/staff/accounts/new", "/staff/account", "/staff/sign-out"} <= {address.path for address in walked}


def test_one_s_own_token_is_of_no_use_in_somebody_else_s_session(app: Flask, client: FlaskClient) -> None:
    signed_in_administrator(app, client)
    before = everything_stored()
    stranger = app.test_client()
    page = Forms()
    with app.app_context():
        text = stranger.get("/staff/sign-in").text
    page.feed(text)
    token = text.split('name="csrf_token"')[1].split('value="')[1].split('"')[0]

    answer = client.post("/staff/account", data={"name": "Planted", "language": "en", "csrf_token": token})

    assert answer.status_code == 422
    assert everything_stored() == before
