"""The menu of languages in the staff area changes the account's own language and stays on the page."""

from __future__ import annotations

import html
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.signing_in import PASSWORD, sign_in, signed_in_as, with_password
from webinar.accounts.models import Role

pytestmark = pytest.mark.usefixtures("app")


def back_to(page: str) -> str:
    """Return the page that the menu leads back to."""
    [found] = re.findall(r'action="/staff/account/language">.*?name="next" value="([^"]*)"', page, re.DOTALL)
    return html.unescape(found)


@pytest.mark.parametrize("role", [Role.VIEWER, Role.ORGANISER])
def test_a_language_that_is_chosen_is_spoken_from_then_on_and_one_stays_on_the_page(
    client: FlaskClient, role: Role
) -> None:
    account = signed_in_as(client, role)
    page = client.get("/staff/sessions?search=heat&page=1")

    answer = client.post("/staff/account/language", data={"language": "ar", "next": back_to(page.text)})

    assert page.headers["Content-Language"] == "en"
    assert (answer.status_code, answer.location) == (303, "/staff/sessions?search=heat&page=1")
    assert account.language == "ar"
    assert client.get(answer.location, headers={"Accept-Language": "es"}).headers["Content-Language"] == "ar"


def test_the_menu_has_a_button_for_each_language_in_itself(client: FlaskClient) -> None:
    signed_in_as(client, Role.VIEWER)

    page = client.get("/staff/").text

    assert re.findall(r'<button name="language" value="(\w+)" lang="(\w+)"( aria-current="true")?>([^<]+)<', page) == [
        ("en", "en", ' aria-current="true"', "English"),
        ("es", "es", "", "Español"),
        ("fr", "fr", "", "Français"),
        ("pt", "pt", "", "Português"),
        ("ar", "ar", "", "العربية"),
    ]


def test_an_answer_to_a_form_leads_back_to_the_page_of_the_form(client: FlaskClient) -> None:
    signed_in_as(client, Role.ORGANISER)

    refused = client.post("/staff/account", data={"name": "x" * 200, "language": "en"})

    assert (refused.status_code, back_to(refused.text)) == (422, "/staff/account")


@pytest.mark.parametrize("language", ["ko", "", "x" * 5000, "en\r\nX: 1"])
def test_a_language_that_is_not_offered_is_refused_and_nothing_changes(client: FlaskClient, language: str) -> None:
    account = signed_in_as(client, Role.VIEWER)

    answer = client.post("/staff/account/language", data={"language": language, "next": "/staff/sessions"})

    assert (answer.status_code, answer.location) == (303, "/staff/sessions")
    assert account.language == "en"
    assert "must be one of: en, es, fr, pt, ar." in client.get("/staff/").text


@pytest.mark.parametrize("away", ["https://evil.example/", "//evil.example", "/\\evil.example", "", "javascript:x"])
def test_it_leads_nowhere_else(client: FlaskClient, away: str) -> None:
    signed_in_as(client, Role.VIEWER)

    assert client.post("/staff/account/language", data={"language": "fr", "next": away}).location == "/staff/"


def test_who_is_not_signed_in_changes_no_language(client: FlaskClient) -> None:
    answer = client.post("/staff/account/language", data={"language": "fr"})

    assert answer.location.startswith("/staff/sign-in")


def test_the_page_for_signing_in_is_in_the_language_of_the_browser_until_another_is_chosen(
    client: FlaskClient,
) -> None:
    page = client.get("/staff/sign-in?next=/staff/series", headers={"Accept-Language": "pt-BR"})
    [arabic] = re.findall(r'<a href="([^"]+)" lang="ar"', page.text)
    chosen = client.get(html.unescape(arabic))
    refused = client.post(html.unescape(arabic), data={"email": "nobody@example.org", "password": "wrong"})

    assert (page.headers["Content-Language"], "Accept-Language" in page.headers["Vary"]) == ("pt", True)
    assert html.unescape(arabic) == "/staff/sign-in?next=%2Fstaff%2Fseries&lang=ar"
    assert chosen.headers["Content-Language"] == "ar"
    assert (refused.status_code, refused.headers["Content-Language"]) == (422, "ar")


def test_signing_in_ends_the_language_of_the_page_for_it(client: FlaskClient) -> None:
    account = with_password(Role.VIEWER, language="fr")

    data = {"email": account.email, "password": PASSWORD, "next": "/staff/sessions"}
    answer = client.post("/staff/sign-in?next=/staff/sessions&lang=ar", data=data)

    assert answer.location == "/staff/sessions"
    assert client.get(answer.location).headers["Content-Language"] == "fr"


def test_a_page_that_says_what_went_wrong_in_the_staff_area_can_be_read_in_another_language(
    app: Flask, client: FlaskClient
) -> None:
    sign_in(client, with_password(Role.ADMIN, language="en"))

    missing = client.get("/staff/sessions/nothing/")
    [arabic] = re.findall(r'<a href="([^"]+)" lang="ar"', missing.text)

    assert (missing.status_code, missing.headers["Content-Language"]) == (404, "en")
    assert client.get(html.unescape(arabic)).headers["Content-Language"] == "ar"
