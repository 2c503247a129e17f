"""Public pages are kept as they were made, and are never out of date."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from tests.conftest import Counted
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
