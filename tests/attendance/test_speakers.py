"""Speakers come in earlier than the audience, by links of their own that only organisers see."""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from tests.factories import a_session
from tests.signing_in import signed_in_as
from webinar.accounts.models import AuditEntry, Role
from webinar.attendance.models import AttendanceRecord
from webinar.catalogue.models import SessionStatus, Speaker, WebinarSession
from webinar.foundation.db import db

START = datetime(2030, 5, 14, 12, 0, tzinfo=UTC)
ROOM = "https://zoom.example/j/123"
LINKS = "/staff/sessions/heat/speaker-links"


def a_session_with_ana(**more: object) -> tuple[WebinarSession, Speaker]:
    session = a_session("heat", speakers=["Ana Pérez"], **more)  # type: ignore[arg-type]
    return session, session.speakers[0]


@pytest.mark.parametrize(
    ("moment", "status"),
    [
        (timedelta(minutes=-45, seconds=-1), 409),
        (timedelta(minutes=-45), 303),
        (timedelta(0), 303),
        (timedelta(minutes=75 + 29), 303),
        (timedelta(minutes=75 + 30), 409),
    ],
)
def test_the_doors_are_open_to_speakers_from_three_quarters_of_an_hour_before(
    client: FlaskClient, moment: timedelta, status: int
) -> None:
    _session, ana = a_session_with_ana()

    with time_machine.travel(START + moment, tick=False):
        answer = client.post(f"/join/{ana.join_token}")

    assert answer.status_code == status
    assert answer.headers.get("Location") == (ROOM if status == 303 else None)


def test_nothing_is_recorded_of_a_speaker_who_comes_in(client: FlaskClient) -> None:
    _session, ana = a_session_with_ana()

    with time_machine.travel(START, tick=False):
        client.post(f"/join/{ana.join_token}")

    assert db.session.scalar(select(func.count()).select_from(AttendanceRecord)) == 0


def test_before_the_doors_the_page_counts_down_and_says_whose_link_it_is(client: FlaskClient) -> None:
    _session, ana = a_session_with_ana()

    with time_machine.travel(START - timedelta(hours=2), tick=False):
        page = client.get(f"/join/{ana.join_token}")

    assert page.status_code == 200
    assert "Ana Pérez" in page.text
    assert "You speak here" in page.text
    assert f'data-again="{75 * 60}"' in page.text
    assert page.headers["Cache-Control"] == "no-store"


def test_the_page_at_the_open_doors_may_lead_to_the_room(client: FlaskClient) -> None:
    _session, ana = a_session_with_ana()

    with time_machine.travel(START - timedelta(minutes=30), tick=False):
        page = client.get(f"/join/{ana.join_token}")

    assert "data-by-itself" in page.text
    assert "https://zoom.example" in page.headers["Content-Security-Policy"]


def test_speakers_are_never_let_in_later_than_the_audience(app: Flask, client: FlaskClient) -> None:
    app.config.update(SPEAKER_DOORS_OPEN_MINUTES=5, DOORS_OPEN_MINUTES=20)
    _session, ana = a_session_with_ana()

    with time_machine.travel(START - timedelta(minutes=20), tick=False):
        assert client.post(f"/join/{ana.join_token}").status_code == 303


def test_a_speaker_is_led_to_the_room_of_the_original_language(client: FlaskClient) -> None:
    session, ana = a_session_with_ana(languages=("es", "en"), join_url="")
    session.language_versions[0].join_url = "https://zoom.example/j/es"
    session.language_versions[1].join_url = "https://zoom.example/j/en"
    db.session.commit()

    with time_machine.travel(START, tick=False):
        assert client.post(f"/join/{ana.join_token}").headers["Location"] == "https://zoom.example/j/es"


@pytest.mark.parametrize(
    ("more", "says"),
    [({"status": SessionStatus.CANCELLED}, "This session is not held"), ({"join_url": ""}, "One moment, please")],
)
def test_where_there_is_no_way_in_the_page_says_why(client: FlaskClient, more: dict[str, object], says: str) -> None:
    _session, ana = a_session_with_ana(**more)

    with time_machine.travel(START, tick=False):
        answer = client.post(f"/join/{ana.join_token}")

    assert answer.status_code == 409
    assert says in answer.text


# What the organisers see.


def sentence_on(page: str) -> str:
    found = re.search(r"<textarea[^>]*data-words[^>]*>(.*?)</textarea>", page, re.DOTALL)
    assert found is not None
    return html.unescape(found[1])


def noted() -> list[tuple[str, object]]:
    entries = db.session.scalars(select(AuditEntry).where(AuditEntry.subject == "session heat").order_by(AuditEntry.id))
    return [(entry.action, entry.changes) for entry in entries]


def test_an_organiser_copies_a_speaker_s_link_and_that_is_written_down(client: FlaskClient) -> None:
    _session, ana = a_session_with_ana()
    signed_in_as(client, Role.ORGANISER)

    listed = client.get(LINKS).text
    page = client.post(f"/staff/sessions/heat/speakers/{ana.id}/link").text

    assert "Ana Pérez" in listed
    assert ana.join_token not in listed
    assert sentence_on(page) == (
        "Hello Ana Pérez, here is your link as a speaker in “Heat in cities” (Tuesday, 14 May 2030, 13:00–14:15 in "
        f"Lisbon). It lets you in from 12:15 on: http://127.0.0.1:5000/join/{ana.join_token}"
    )
    assert noted() == [("showed the link of", {"speaker": "Ana Pérez"})]


def test_with_a_new_link_the_one_before_leads_nowhere(client: FlaskClient) -> None:
    _session, ana = a_session_with_ana()
    before = ana.join_token
    signed_in_as(client, Role.ORGANISER)

    answer = client.post(f"/staff/sessions/heat/speakers/{ana.id}/new-link")

    db.session.refresh(ana)
    assert (answer.status_code, answer.headers["Location"]) == (303, LINKS)
    assert ana.join_token != before
    assert client.get(f"/join/{before}").status_code == 404
    assert client.get(f"/join/{ana.join_token}").status_code == 200
    assert noted() == [("made a new link for", {"speaker": "Ana Pérez"})]


def test_a_viewer_sees_no_link_of_a_speaker(client: FlaskClient) -> None:
    _session, ana = a_session_with_ana()
    signed_in_as(client, Role.VIEWER)

    assert client.get(LINKS).status_code == 403
    for what in ("link", "new-link"):
        assert client.post(f"/staff/sessions/heat/speakers/{ana.id}/{what}").status_code == 403
    assert ana.join_token not in client.get("/staff/sessions/heat/").text
    assert ana.join_token not in client.get("/staff/sessions/heat/content").text


@pytest.mark.parametrize("what", ["link", "new-link"])
def test_a_speaker_of_another_session_or_of_none_is_not_found(client: FlaskClient, what: str) -> None:
    a_session_with_ana()
    other = a_session("other", speakers=["Bo"]).speakers[0]
    signed_in_as(client, Role.ORGANISER)

    for number in (other.id, 999_999, 2**63):
        assert client.post(f"/staff/sessions/heat/speakers/{number}/{what}").status_code == 404
    assert noted() == []


def test_a_session_without_speakers_says_so(client: FlaskClient) -> None:
    a_session("heat")
    signed_in_as(client, Role.ORGANISER)

    assert "Nobody speaks in this session yet." in client.get(LINKS).text
