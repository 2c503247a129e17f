"""The calendar file that anybody may download."""

from __future__ import annotations

import vobject
from flask.testing import FlaskClient

from tests.factories import a_registration, a_session, a_webinar
from webinar.catalogue.models import SessionStatus
from webinar.foundation.db import db


def test_a_session_can_be_downloaded_as_a_calendar_file(client: FlaskClient) -> None:
    session = a_session(key="heat", starts="2030-05-14T13:00", zone="Europe/Lisbon")
    a_registration(session, email="ana@lisbon.example")

    response = client.get("/sessions/heat.ics")

    calendar = vobject.readOne(response.text)
    assert response.content_type == "text/calendar; charset=utf-8"
    assert calendar.method.value == "PUBLISH"
    assert calendar.vevent.uid.value == session.uid
    assert calendar.vevent.dtstart.value.isoformat() == "2030-05-14T12:00:00+00:00"
    assert "ana@lisbon.example" not in response.text


def test_the_same_session_has_the_same_bytes_so_a_calendar_that_asks_again_gets_304(client: FlaskClient) -> None:
    a_session(key="heat")
    first = client.get("/sessions/heat.ics")

    again = client.get("/sessions/heat.ics")
    conditional = client.get("/sessions/heat.ics", headers={"If-None-Match": first.headers["ETag"]})

    assert again.data == first.data
    assert conditional.status_code == 304
    assert not first.headers["ETag"].startswith("W/")


def test_who_only_says_when_they_have_asked_last_gets_the_texts_as_they_are_now(client: FlaskClient) -> None:
    session = a_session(key="heat", webinar=a_webinar(titles={"en": "Heat in cities", "fr": "La chaleur en ville"}))
    since = {"If-Modified-Since": client.get("/sessions/heat.ics").headers["Last-Modified"]}
    session.webinar.texts[0].title = "Heat waves"
    db.session.commit()

    assert "SUMMARY;LANGUAGE=en:Heat waves" in client.get("/sessions/heat.ics", headers=since).text
    assert "La chaleur en ville" in client.get("/sessions/heat.ics", headers={**since, "Accept-Language": "fr"}).text


def test_the_file_speaks_the_language_asked_for(client: FlaskClient) -> None:
    a_session(key="heat", webinar=a_webinar(titles={"en": "Heat in cities", "fr": "La chaleur en ville"}))

    french = client.get("/sessions/heat.ics?lang=fr").text
    by_browser = client.get("/sessions/heat.ics", headers={"Accept-Language": "fr-CA,fr;q=0.9"}).text

    assert vobject.readOne(french).vevent.summary.value == "La chaleur en ville"
    assert by_browser == french


def test_a_draft_is_not_there(client: FlaskClient) -> None:
    a_session(key="secret", status=SessionStatus.DRAFT)

    assert client.get("/sessions/secret.ics").status_code == 404
    assert client.get("/sessions/nowhere.ics").status_code == 404
