"""Public pages are kept as they were made, and are never out of date."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from tests.conftest import Client, Counted
from tests.factories import a_registration, a_session, a_webinar
from webinar.catalogue.models import SessionStatus, Webinar
from webinar.foundation.db import db, transaction
from webinar.registration import page_cache
from webinar.registration.models import RegistrationStatus

pytestmark = pytest.mark.usefixtures("app")
PAGE = "/en/webinars/heat"


@pytest.fixture
def heat() -> Webinar:
    return a_webinar("heat", titles={"en": "Heat in cities", "fr": "La chaleur en ville"})


def test_a_page_asked_for_again_costs_one_query(
    client: FlaskClient, heat: Webinar, count_queries: Callable[[], AbstractContextManager[Counted]]
) -> None:
    a_session(webinar=heat, seats=10)
    with time_machine.travel(datetime(2030, 1, 1, 9, 0, tzinfo=UTC), tick=False):
        first = client.get(PAGE)
        with count_queries() as queries:
            again = client.get(PAGE)

    assert again.data == first.data
    assert queries.count == 1


def test_a_changed_title_shows_at_once(client: FlaskClient, heat: Webinar) -> None:
    a_session(webinar=heat)
    assert "Heat in cities" in client.get(PAGE).text

    with transaction():
        db.session.get_one(Webinar, heat.id).texts[0].title = "Cities in the heat"

    assert "Cities in the heat" in client.get(PAGE).text


def test_a_session_that_becomes_public_shows_at_once(client: FlaskClient, heat: Webinar) -> None:
    session = a_session(webinar=heat, status=SessionStatus.DRAFT)
    assert client.get(PAGE).status_code == 404

    with transaction():
        session.status = SessionStatus.PUBLISHED

    assert client.get(PAGE).status_code == 200


def test_a_seat_taken_shows_at_once(client: FlaskClient, heat: Webinar) -> None:
    session = a_session(webinar=heat, seats=3)
    assert "3 seats left" in client.get(PAGE).text

    place = a_registration(session)
    assert "2 seats left" in client.get(PAGE).text

    with transaction():
        place.status = RegistrationStatus.WAITING
    assert "2 seats left" not in client.get(PAGE).text


def test_a_session_that_ends_is_shown_as_over(client: FlaskClient, heat: Webinar) -> None:
    session = a_session(webinar=heat, starts="2030-05-14T12:00", zone="UTC", minutes=60)
    address = f"/en/sessions/{session.key}/register"
    with time_machine.travel(datetime(2030, 5, 14, 12, 59, tzinfo=UTC), tick=False) as traveller:
        assert address in client.get(PAGE).text

        traveller.move_to(datetime(2030, 5, 14, 13, 0, tzinfo=UTC))

        assert address not in client.get(PAGE).text


def test_each_language_and_zone_has_its_own_page(client: FlaskClient, heat: Webinar) -> None:
    a_session(webinar=heat, starts="2030-05-14T12:00", zone="UTC")
    pages = {client.get(PAGE).text, client.get("/fr/webinars/heat").text}
    client.set_cookie("timezone", "Asia/Seoul")
    pages.add(client.get(PAGE).text)

    assert len(pages) == 3


def test_only_so_many_pages_are_kept(app: Flask, client: FlaskClient, heat: Webinar) -> None:
    a_session(webinar=heat)

    for number in range(page_cache.MOST_PAGES + 5):
        client.get(f"{PAGE}?n={number}")

    assert len(app.extensions[page_cache.EXTENSION]) == page_cache.MOST_PAGES


def test_a_kept_form_has_each_browsers_own_token_and_takes_it(app: Flask, heat: Webinar) -> None:
    key = a_session(webinar=heat).key
    app.config["WTF_CSRF_ENABLED"] = True
    pages, answers = [], []

    for email in ("ana@lisbon.example", "rui@lisbon.example"):
        browser = Client(app, app.response_class, use_cookies=True)
        page = browser.get(f"/en/sessions/{key}/register")
        token = page.text.partition('name="csrf_token"')[2].partition('value="')[2].partition('"')[0]
        pages.append(page.text.replace(token, ""))
        form = {"email": email, "given_name": "Ana", "family_name": "Sousa", "affiliation": "other", "privacy": "y"}
        answers.append(
            browser.post(
                f"/en/sessions/{key}/register", data={**form, "language": "en", "csrf_token": token}
            ).status_code
        )
        assert page.headers["Cache-Control"] == "no-store"
        assert token

    assert pages[0] == pages[1]
    assert answers == [303, 303]


def test_another_browsers_token_is_worth_nothing(app: Flask, heat: Webinar) -> None:
    key = a_session(webinar=heat).key
    app.config["WTF_CSRF_ENABLED"] = True
    first, second = (Client(app, app.response_class, use_cookies=True) for _ in range(2))
    page = first.get(f"/en/sessions/{key}/register").text
    second.get(f"/en/sessions/{key}/register")
    token = page.partition('name="csrf_token"')[2].partition('value="')[2].partition('"')[0]

    form = {"email": "ana@lisbon.example", "given_name": "Ana", "family_name": "Sousa", "affiliation": "other"}
    answer = second.post(
        f"/en/sessions/{key}/register", data={**form, "privacy": "y", "language": "en", "csrf_token": token}
    )

    assert answer.status_code == 422


def test_a_form_whose_registration_has_closed_is_not_kept_open(client: FlaskClient, heat: Webinar) -> None:
    session = a_session(
        webinar=heat, starts="2030-05-14T12:00", zone="UTC", registration_closes=datetime(2030, 5, 14, 9, 0, tzinfo=UTC)
    )
    address = f"/en/sessions/{session.key}/register"
    with time_machine.travel(datetime(2030, 5, 14, 8, 59, tzinfo=UTC), tick=False) as traveller:
        assert 'name="email"' in client.get(address).text

        traveller.move_to(datetime(2030, 5, 14, 9, 0, tzinfo=UTC))

        assert 'name="email"' not in client.get(address).text
