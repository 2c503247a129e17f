"""Every page in its languages: how one is chosen, kept and changed, and what search engines are told of it."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.conftest import Counted
from tests.factories import a_registration, a_session, a_webinar
from webinar.catalogue.models import Access
from webinar.registration.models import Registration

SITE = "http://127.0.0.1:5000"


@pytest.fixture(autouse=True)
def network(app: Flask) -> Registration:
    webinar = a_webinar("heat", titles={"en": "Heat in cities", "fr": "La chaleur en ville"})
    return a_registration(a_session("next", webinar=webinar, languages=("en", "fr")), language="fr")


def menu(page: str) -> dict[str, str]:
    """Return where the menu of languages leads, by language."""
    [found] = re.findall(r'<details class="language-menu">.*?</details>', page, re.DOTALL)
    return {code: html.unescape(address) for address, code in re.findall(r'<a href="([^"]+)" lang="(\w+)"', found)}


def links(page: str, rel: str) -> dict[str, str]:
    """Return what the head of a page says to search engines."""
    tags = re.findall(rf'<link rel="{rel}"[^>]*>', page)
    return {
        (re.findall(r'hreflang="([\w-]+)"', tag) or [""])[0]: html.unescape(re.findall(r'href="([^"]+)"', tag)[0])
        for tag in tags
    }


# Addresses without a language, or in one that is written differently.


@pytest.mark.parametrize(
    ("asked", "led_to"),
    [
        ("/", "/fr/"),
        ("/webinars/heat", "/fr/webinars/heat"),
        ("/sessions/next/register?language=en", "/fr/sessions/next/register?language=en"),
        ("/privacy", "/fr/privacy"),
        ("/privacy/", "/fr/privacy"),
        ("/webinars/heat?lang=pt&access=x", "/pt/webinars/heat?access=x"),
    ],
)
def test_an_address_without_a_language_leads_to_that_of_the_reader(
    client: FlaskClient, asked: str, led_to: str
) -> None:
    answer = client.get(asked, headers={"Accept-Language": "fr-CA, en;q=0.5"})

    assert (answer.status_code, answer.location) == (302, led_to)
    assert "lang=" in asked or "Accept-Language" in answer.headers["Vary"]


@pytest.mark.parametrize(
    ("asked", "led_to"),
    [
        ("/FR/", "/fr/"),
        ("/Fr/webinars/heat?language=fr", "/fr/webinars/heat?language=fr"),
        ("/pt-BR/", "/pt/"),
        ("/ar_EG/webinars/heat", "/ar/webinars/heat"),
    ],
)
def test_capitals_and_regions_lead_to_the_language(client: FlaskClient, asked: str, led_to: str) -> None:
    answer = client.get(asked)

    assert (answer.status_code, answer.location) == (302, led_to)


def test_neither_leads_anywhere_with_a_form(client: FlaskClient) -> None:
    assert client.post("/FR/sessions/next/register").status_code == 404
    assert client.post("/sessions/next/register").status_code == 404
    assert client.post("/ko/sessions/next/register").status_code == 404


# A language that is not offered.


def test_a_language_not_offered_is_404_and_the_page_leads_to_the_same_one_in_those_that_are(
    client: FlaskClient,
) -> None:
    answer = client.get("/ko/webinars/heat?language=fr", headers={"Accept-Language": "es"})

    assert (answer.status_code, answer.headers["Content-Language"]) == (404, "es")
    assert "Accept-Language" in answer.headers["Vary"]
    [listed] = re.findall(r'<ul class="actions">.*?</ul>', answer.text, re.DOTALL)
    assert re.findall(r'href="([^"]+)" lang="(\w+)"', listed) == [
        (f"/{code}/webinars/heat?language=fr", code) for code in ("en", "es", "fr", "pt", "ar")
    ]
    assert re.findall(r'"button primary" href="([^"]+)"', listed) == ["/es/webinars/heat?language=fr"]
    assert links(answer.text, "alternate") == {}


@pytest.mark.parametrize("address", ["/ko/webinars/nothing", "/ko/registrations/nothing"])
def test_where_no_language_has_such_a_page_the_first_page_is_offered(client: FlaskClient, address: str) -> None:
    answer = client.get(address)

    assert answer.status_code == 404
    assert re.findall(r'<a class="button[^"]*" href="([^"]+)"', answer.text) == [
        f"/{code}/" for code in ("en", "es", "fr", "pt", "ar")
    ]


def test_looking_for_the_page_elsewhere_leaves_the_reader_no_cookie(client: FlaskClient) -> None:
    answer = client.get("/ko/sessions/next/register")

    assert answer.status_code == 404
    assert "/en/sessions/next/register" in answer.text
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("address", ["/nothing/", "/nothing/at/all", "/ko/nothing", "/tlh/", "/<script>/", "/%00/"])
def test_what_names_no_language_is_just_not_there(client: FlaskClient, address: str) -> None:
    answer = client.get(address)

    assert answer.status_code in {400, 404}
    assert "Not in this language" not in answer.text


def test_a_language_that_is_taken_away_is_not_offered_any_more(app: Flask, client: FlaskClient) -> None:
    app.config["LANGUAGES"] = ("fr", "ar")

    assert client.get("/en/").status_code == 404
    assert client.get("/", headers={"Accept-Language": "en, es"}).location == "/fr/"
    assert client.get("/", headers={"Accept-Language": "en, ar-EG;q=0.1"}).location == "/ar/"
    assert menu(client.get("/ar/").text) == {"fr": "/fr/", "ar": "/ar/"}


def test_where_one_language_is_offered_there_is_no_menu(app: Flask, client: FlaskClient) -> None:
    app.config["LANGUAGES"] = ("ar",)

    page = client.get("/ar/").text

    assert '<html lang="ar" dir="rtl"' in page
    assert "language-menu" not in page


# The menu.


def test_the_menu_names_each_language_in_itself_and_marks_the_present_one(client: FlaskClient) -> None:
    page = client.get("/fr/").text

    assert '<a href="/ar/" lang="ar" hreflang="ar">العربية</a>' in page
    assert '<a href="/fr/" lang="fr" hreflang="fr" aria-current="true">Français</a>' in page
    assert list(menu(page)) == ["en", "es", "fr", "pt", "ar"]


@pytest.mark.parametrize(
    "address",
    [
        "/en/",
        "/en/?language=fr&series=a%26b",
        "/en/webinars/heat",
        "/en/webinars/heat?access=abc",
        "/en/sessions/next/register?language=fr",
        "/en/timezone?next=/en/webinars/heat",
        "/en/webinars/nothing",
        "/en/privacy",
    ],
)
def test_the_menu_stays_on_the_page_with_its_query(client: FlaskClient, address: str) -> None:
    assert menu(client.get(address).text)["pt"] == address.replace("/en/", "/pt/", 1).replace(
        "next=/en/webinars/heat", "next=%2Fen%2Fwebinars%2Fheat"
    )


def test_the_menu_of_a_personal_page_stays_on_it(client: FlaskClient, network: Registration) -> None:
    for page in ("", "/details", "/hand-over"):
        address = f"/fr/registrations/{network.token}{page}"
        assert menu(client.get(address).text)["ar"] == address.replace("/fr/", "/ar/")


def test_a_form_that_is_shown_again_leads_to_its_own_address_in_the_other_language(
    client: FlaskClient, network: Registration
) -> None:
    refused = client.post("/en/sessions/next/register?language=fr", data={"email": "no address"})
    assert refused.status_code == 422
    assert menu(refused.text)["es"] == "/es/sessions/next/register?language=fr"

    refused = client.post(f"/en/registrations/{network.token}/language", data={"language": "ko"})
    assert refused.status_code >= 400
    assert menu(refused.text)["es"] == f"/es/registrations/{network.token}"
    assert client.get(menu(refused.text)["es"]).status_code == 200


def test_an_address_that_only_takes_forms_leads_to_the_page_above_it(
    client: FlaskClient, network: Registration
) -> None:
    answer = client.get(f"/en/registrations/{network.token}/cancel")

    assert answer.status_code == 405
    assert menu(answer.text)["es"] == f"/es/registrations/{network.token}"


def test_the_time_zone_is_changed_on_the_page_that_a_refused_form_stands_on(
    client: FlaskClient, network: Registration
) -> None:
    refused = client.post(f"/en/registrations/{network.token}/language", data={"language": "ko"})

    assert f"/en/timezone?next=/en/registrations/{network.token}" in html.unescape(refused.text)


def test_the_join_page_is_in_the_language_of_the_registration_until_another_is_chosen(
    client: FlaskClient, network: Registration
) -> None:
    by_itself = client.get(f"/join/{network.join_token}", headers={"Accept-Language": "es"})
    chosen = client.get(menu(by_itself.text)["ar"])

    assert by_itself.headers["Content-Language"] == "fr"
    assert '<html lang="fr" dir="ltr"' in by_itself.text
    assert menu(by_itself.text)["ar"] == f"/join/{network.join_token}?lang=ar"
    assert chosen.headers["Content-Language"] == "ar"
    assert '<html lang="ar" dir="rtl"' in chosen.text
    assert menu(chosen.text)["en"] == f"/join/{network.join_token}?lang=en"
    assert client.get(f"/join/{network.join_token}?lang=ko").headers["Content-Language"] == "fr"


def test_an_unknown_join_link_speaks_the_language_of_the_browser(client: FlaskClient) -> None:
    answer = client.get("/join/nobody", headers={"Accept-Language": "pt-BR"})

    assert (answer.status_code, answer.headers["Content-Language"]) == (404, "pt")
    assert "Accept-Language" in answer.headers["Vary"]


def test_a_query_cannot_turn_the_menu_into_a_way_out(client: FlaskClient) -> None:
    page = client.get("/en/?_external=1&_scheme=javascript&_host=evil.example&lang=fr&endpoint=x").text

    assert menu(page)["es"] == "/es/?_external=1&_scheme=javascript&_host=evil.example&endpoint=x"


# What search engines and caches are told.


def test_a_public_page_names_its_languages_and_itself(client: FlaskClient) -> None:
    page = client.get("/fr/webinars/heat?language=en").text

    assert links(page, "canonical") == {"": f"{SITE}/fr/webinars/heat"}
    assert links(page, "alternate") == {
        **{code: f"{SITE}/{code}/webinars/heat" for code in ("en", "es", "fr", "pt", "ar")},
        "x-default": f"{SITE}/webinars/heat",
    }
    assert client.get("/webinars/heat").status_code == 302


def test_the_programme_has_the_address_without_a_language_as_its_default(client: FlaskClient) -> None:
    page = client.get("/es/?language=en&series=x").text

    assert links(page, "canonical") == {"": f"{SITE}/es/"}
    assert links(page, "alternate")["x-default"] == f"{SITE}/"


def test_no_search_engine_is_told_of_pages_that_are_not_public(client: FlaskClient, network: Registration) -> None:
    behind_link = a_session("board", access=Access.WITH_LINK, webinar=a_webinar("board"))
    for address in (
        f"/fr/registrations/{network.token}",
        f"/fr/registrations/{network.token}/hand-over",
        f"/join/{network.join_token}",
        "/fr/sessions/next/registered",
        "/fr/sessions/next/register?invitation=abc",
        "/fr/webinars/nothing",
        *(
            f"/fr/{page}?access={behind_link.access_token}"
            for page in ("webinars/board", "sessions/board/register", "sessions/board/lost-link")
        ),
        "/staff/sign-in",
    ):
        page = client.get(address).text
        assert (links(page, "canonical"), links(page, "alternate")) == ({}, {}), address
        assert '<meta name="robots" content="noindex">' in page, address


@pytest.mark.parametrize("code", ["en", "es", "fr", "pt", "ar"])
def test_a_page_says_its_language_and_direction_in_header_and_element(client: FlaskClient, code: str) -> None:
    answer = client.get(f"/{code}/", headers={"Accept-Language": "es"})

    assert answer.headers["Content-Language"] == code
    assert f'<html lang="{code}" dir="{"rtl" if code == "ar" else "ltr"}"' in answer.text
    # Its address decided, so a cache may give it to everybody.
    assert "Accept-Language" not in answer.headers.get("Vary", "")


def test_choosing_asks_the_database_nothing(
    client: FlaskClient, count_queries: Callable[[], AbstractContextManager[Counted]]
) -> None:
    with count_queries() as queries:
        client.get("/", headers={"Accept-Language": "fr"})
        client.get("/FR/")
        client.get("/webinars/heat")
        client.get("/tlh/")
        client.get("/staff/sign-in?lang=ar")

    assert queries.statements == []


def test_a_page_that_is_kept_says_its_language_too(client: FlaskClient) -> None:
    client.get("/fr/webinars/heat")

    assert client.get("/fr/webinars/heat").headers["Content-Language"] == "fr"
