"""What every answer tells the browser."""

from __future__ import annotations

import re

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from tests.security.conftest import MakeApplication
from tests.security.site_walk import NOON, a_world, addresses
from tests.signing_in import PASSWORD, signed_in_as, with_password
from webinar.accounts.models import Role

INLINE = re.compile(r"<style|\sstyle=|\son[a-z]+=\"|<script(?![^>]*\ssrc=)|javascript:", re.I)
ELSEWHERE = re.compile(r"<(?:script|link|img|iframe)[^>]*(?:src|href)=\"(?:https?:)?//(?!127\.0\.0\.1:5000/)", re.I)


def directives(policy: str) -> dict[str, str]:
    return {name: value for name, _, value in (part.partition(" ") for part in policy.split("; "))}


@pytest.mark.parametrize("role", [None, Role.ADMIN])
def test_every_page_allows_nothing_inline_and_nothing_from_elsewhere(
    app: Flask, client: FlaskClient, role: Role | None
) -> None:
    with time_machine.travel(NOON, tick=False):
        values = a_world()
        if role is not None:
            signed_in_as(client, role)
        for address in addresses(app, values, "GET"):
            answer = client.get(address.path)
            assert answer.status_code < 500 or address.path == "/readyz", address.path
            policy = directives(answer.headers["Content-Security-Policy"])

            assert policy["default-src"] == "'none'", address.path
            assert policy["base-uri"] == "'none'", address.path
            assert answer.headers["X-Content-Type-Options"] == "nosniff", address.path
            assert answer.headers["Referrer-Policy"] in {"same-origin", "no-referrer"}, address.path
            assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin", address.path
            assert "camera=()" in answer.headers["Permissions-Policy"], address.path
            if "sandbox" in policy:  # a mail as it will look, with inline styles; a file; and no script at all
                assert "script-src" not in policy
                assert policy["frame-ancestors"] == ("'none'" if address.path.startswith("/files/") else "'self'")
                continue
            assert policy["frame-ancestors"] == "'none'", address.path
            assert policy["script-src"] == policy["style-src"] == "'self'", address.path
            assert policy["form-action"].split()[0] == "'self'", address.path
            if not address.path.startswith("/join/"):
                assert policy["form-action"] == "'self'", address.path
            if answer.mimetype == "text/html":
                assert INLINE.search(answer.text) is None, address.path
                assert ELSEWHERE.search(answer.text) is None, address.path


def test_pages_of_the_staff_and_with_a_token_are_kept_nowhere_and_named_to_nobody(
    app: Flask, client: FlaskClient
) -> None:
    values = a_world()
    signed_in_as(client, Role.ADMIN)
    paths = [
        address.path
        for address in addresses(app, values, "GET")
        if address.is_staff or "token" in address.rule.arguments
    ]
    for path in [*paths, "/en/sessions/next-en/register?invitation=secret"]:
        assert client.get(path).headers["Cache-Control"] == "no-store", path
    for path in [*(path for path in paths if not path.startswith("/staff")), "/en/?invitation=secret"]:
        assert client.get(path).headers["Referrer-Policy"] == "no-referrer", path


def test_faults_carry_the_headers_too(client: FlaskClient) -> None:
    for path in ("/nothing/here/at/all", "/tlh/", "/en/registrations/wrong", "/join/wrong"):
        answer = client.get(path)

        assert answer.status_code == 404
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_behind_tls_cookies_are_secure_and_browsers_are_told_to_stay_there(make_application: MakeApplication) -> None:
    app = make_application(PUBLIC_URL="https://webinars.example.org")
    client = app.test_client()
    with app.app_context():
        account = with_password()

    answer = client.post(
        "/staff/sign-in", data={"email": account.email, "password": PASSWORD}, base_url="https://webinars.example.org"
    )

    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-session=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))
    assert "Domain" not in cookie
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"


def test_without_tls_the_cookie_is_still_closed_to_scripts_and_other_sites(client: FlaskClient) -> None:
    account = with_password()

    answer = client.post("/staff/sign-in", data={"email": account.email, "password": PASSWORD})

    assert {"HttpOnly", "Path=/", "SameSite=Lax"} <= set(answer.headers["Set-Cookie"].split("; "))
    assert "Strict-Transport-Security" not in answer.headers


def test_addresses_are_made_from_the_setting_whatever_host_a_request_claims(app: Flask, client: FlaskClient) -> None:
    a_world()
    admin = signed_in_as(client, Role.ADMIN)
    claimed = {"Host": "evil.example", "X-Forwarded-Host": "evil.example"}

    pages = [client.post(f"/staff/accounts/{admin.id}/link", headers=claimed, base_url="http://localhost")]
    pages += [client.get(path, headers=claimed) for path in ("/en/", "/en/webinars/heat", "/sessions/next-en.ics")]

    for page in pages:
        assert "evil.example" not in page.text
        assert "evil.example" not in str(page.headers)
