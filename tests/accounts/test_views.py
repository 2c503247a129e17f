"""Signing in and out."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.conftest import Client
from tests.factories import a_staff_account
from tests.signing_in import PASSWORD, sign_in, signed_in_as, with_password
from webinar.accounts.models import Role, SignInLink
from webinar.accounts.services import sign_in_link_for
from webinar.foundation.db import db


def is_sent_to_sign_in(answer: TestResponse) -> bool:
    return answer.status_code in {302, 303} and answer.location.startswith("/staff/sign-in")


def path_of(link: str) -> str:
    return link.removeprefix("http://127.0.0.1:5000")


def test_who_signs_in_goes_on_to_what_they_wanted(client: FlaskClient) -> None:
    account = with_password()
    asked = client.get("/staff/audit?page=2")
    assert asked.location == "/staff/sign-in?next=/staff/audit?page%3D2"
    form = client.get(asked.location)
    assert 'name="next" type="hidden" value="/staff/audit?page=2"' in form.text

    answer = client.post(
        "/staff/sign-in", data={"email": account.email, "password": PASSWORD, "next": "/staff/audit?page=2"}
    )

    assert (answer.status_code, answer.location) == (303, "/staff/audit?page=2")
    assert client.get("/staff/audit").status_code == 200


@pytest.mark.parametrize(
    "following", ["", "//evil.example", "/\\evil.example", "https://evil.example", "javascript:x", "/x\r\nX-Evil: 1"]
)
def test_signing_in_leads_to_no_other_site(client: FlaskClient, following: str) -> None:
    account = with_password()

    answer = client.post("/staff/sign-in", data={"email": account.email, "password": PASSWORD, "next": following})

    assert (answer.status_code, answer.location) == (303, "/staff/")
    assert "X-Evil" not in answer.headers
    again = client.get("/staff/sign-in", query_string={"next": following})
    assert (again.status_code, again.location) == (302, "/staff/")


def test_a_refused_form_keeps_the_address_and_not_the_password(client: FlaskClient) -> None:
    answer = client.post("/staff/sign-in", data={"email": "ines@example.org", "password": "wrong password"})

    assert answer.status_code == 422
    assert "This address and this password do not belong together." in answer.text
    assert 'value="ines@example.org"' in answer.text
    assert "wrong password" not in answer.text


def test_an_empty_form_says_what_is_missing(client: FlaskClient) -> None:
    answer = client.post("/staff/sign-in", data={"email": "   ", "password": ""})

    assert answer.status_code == 422
    assert "Type the address of your account." in answer.text
    assert "Type your password." in answer.text


def test_too_many_attempts_are_answered_with_429_in_the_form(app: Flask, client: FlaskClient) -> None:
    app.config["SIGN_INS_PER_HOUR"] = 1
    data = {"email": "ines@example.org", "password": "wrong password"}
    client.post("/staff/sign-in", data=data)

    answer = client.post("/staff/sign-in", data=data)

    assert answer.status_code == 429
    assert "There were too many attempts." in answer.text


def test_opening_a_sign_in_link_changes_nothing_and_pressing_its_button_signs_in(client: FlaskClient) -> None:
    account = a_staff_account()
    path = path_of(sign_in_link_for(account.email))
    for _ in range(3):
        assert client.get(path).status_code == 200
        client.head(path)
    assert db.session.scalars(select(SignInLink.used_at)).one() is None

    answer = client.post(path)

    assert (answer.status_code, answer.location) == (303, "/staff/account/password")
    assert "Choose a password now" in client.get("/staff/account/password").text


def test_a_used_link_says_so_and_signs_nobody_in(app: Flask, client: FlaskClient) -> None:
    path = path_of(sign_in_link_for(a_staff_account().email))
    client.post(path)
    another = Client(app, app.response_class, use_cookies=True)

    answer = another.post(path)

    assert answer.status_code == 410
    assert "This link has been used or is too old." in answer.text
    assert is_sent_to_sign_in(another.get("/staff/account"))


def test_signing_out_ends_the_sessions_on_all_devices(app: Flask, client: FlaskClient) -> None:
    account = signed_in_as(client, Role.VIEWER)
    elsewhere = Client(app, app.response_class, use_cookies=True)
    sign_in(elsewhere, account)

    answer = client.post("/staff/sign-out")

    assert (answer.status_code, answer.location) == (303, "/staff/sign-in")
    assert is_sent_to_sign_in(client.get("/staff/account"))
    assert is_sent_to_sign_in(elsewhere.get("/staff/account"))


def test_a_copied_cookie_is_worth_nothing_after_signing_out(app: Flask, client: FlaskClient) -> None:
    signed_in_as(client, Role.ADMIN)
    cookie = client.get_cookie("session")
    assert cookie is not None
    client.post("/staff/sign-out")
    thief = Client(app, app.response_class, use_cookies=True)
    thief.set_cookie("session", cookie.value)

    assert is_sent_to_sign_in(thief.get("/staff/accounts"))


def test_nothing_of_the_session_before_signing_in_is_kept(client: FlaskClient) -> None:
    with client.session_transaction() as before:
        before["planted"] = "by somebody else"

    signed_in_as(client, Role.VIEWER)

    with client.session_transaction() as after:
        assert "planted" not in after


def test_a_closed_account_is_out_at_once(client: FlaskClient) -> None:
    account = signed_in_as(client, Role.ORGANISER)
    account.is_active = False
    db.session.commit()

    assert is_sent_to_sign_in(client.get("/staff/account"))


def test_before_signing_in_the_browser_s_language_is_spoken_and_afterwards_the_account_s(client: FlaskClient) -> None:
    french = {"Accept-Language": "fr"}
    assert '<html lang="fr"' in client.get("/staff/sign-in", headers=french).text

    account = with_password(language="es")
    sign_in(client, account)

    assert '<html lang="es"' in client.get("/staff/account", headers=french).text
    assert '<html lang="fr"' in client.get("/fr/", headers=french).text
