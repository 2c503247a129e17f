"""Nothing of the staff area is open to anybody else, whatever is added to it."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.security.site_walk import READING, a_world, addresses, everything_stored
from tests.signing_in import signed_in_as
from webinar.accounts.guard import OPEN, needed_role, needs
from webinar.accounts.models import Role

METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE")


def test_who_is_not_signed_in_gets_nothing_of_the_staff_area_but_the_way_in(app: Flask, client: FlaskClient) -> None:
    values = a_world()
    before = everything_stored()
    walked = set()
    for csrf_is_checked in (True, False):
        app.config["WTF_CSRF_ENABLED"] = csrf_is_checked
        for address in addresses(app, values, *METHODS):
            if not address.is_staff or address.rule.endpoint in OPEN:
                continue
            for method in METHODS:
                answer = client.open(address.path, method=method)

                assert answer.status_code in {302, 303}, f"{method} {address.path}"
                assert answer.location.startswith("/staff/sign-in"), f"{method} {address.path}"
            walked.add(address.rule.rule)

    assert "/staff/accounts" in walked
    assert everything_stored() == before


@pytest.mark.parametrize(
    "path", ["/staff", "/staff/", "/staff/nothing", "/staff/../staff/accounts", "/staff//accounts", "/staff/accounts/"]
)
def test_an_odd_spelling_does_not_slip_past_the_guard(client: FlaskClient, path: str) -> None:
    answer = client.get(path)

    assert answer.status_code in {302, 308}
    assert answer.location.split("?")[0] in {"/staff/sign-in", "http://localhost/staff/accounts"}


def test_every_route_that_changes_something_declares_its_role(app: Flask) -> None:
    undeclared = [
        rule.rule
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/staff")
        and rule.endpoint not in OPEN
        and (rule.methods or set()) - READING
        and not hasattr(app.view_functions[rule.endpoint], "needed_role")
    ]

    assert undeclared == []


def test_somebody_with_a_lower_role_gets_403_and_changes_nothing(app: Flask, client: FlaskClient) -> None:
    values = a_world()
    for role in (Role.VIEWER, Role.ORGANISER):
        account = signed_in_as(client, role)
        before = everything_stored()
        refused = 0
        for address in addresses(app, values, *METHODS):
            view = app.view_functions[address.rule.endpoint]
            if not address.is_staff or address.rule.endpoint in OPEN:
                continue
            for method in sorted((address.rule.methods or set()) - {"OPTIONS"}):
                if not account.may(needed_role(view, method)):
                    assert client.open(address.path, method=method).status_code == 403, f"{method} {address.path}"
                    refused += 1

        assert refused >= 5
        assert everything_stored() == before
        client.post("/staff/sign-out")


def test_a_viewer_changes_nothing_but_their_own_account(app: Flask) -> None:
    for_viewers = {
        rule.rule
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/staff")
        and rule.endpoint not in OPEN
        and (rule.methods or set()) - READING
        and needed_role(app.view_functions[rule.endpoint], "POST") is Role.VIEWER
    }

    assert for_viewers <= {"/staff/account", "/staff/account/language", "/staff/account/password", "/staff/sign-out"}


def test_a_view_that_forgets_to_declare_lets_everybody_read_and_only_administrators_change() -> None:
    def forgetful() -> str:
        return ""

    assert needed_role(forgetful, "GET") is Role.VIEWER
    assert needed_role(forgetful, "POST") is Role.ADMIN
    assert needed_role(needs(Role.ORGANISER)(forgetful), "POST") is Role.ORGANISER


def test_the_public_pages_need_nobody_signed_in_and_vary_by_no_cookie(client: FlaskClient) -> None:
    answer = client.get("/en/")

    assert answer.status_code == 200
    assert "Cookie" not in answer.headers.get("Vary", "")
    assert "Set-Cookie" not in answer.headers
