from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.factories import a_registration, a_session
from webinar.attendance.models import AttendanceRecord
from webinar.catalogue.models import Platform, SessionStatus, WebinarSession
from webinar.foundation.db import db
from webinar.registration.models import Approval, LeftFor, Registration, RegistrationStatus

# The session of a_session(): 13:00 in Lisbon, which is 12:00 UTC, for 75 minutes.
START = datetime(2030, 5, 14, 12, 0, tzinfo=UTC)
DOORS = START - timedelta(minutes=15)
END = START + timedelta(minutes=75)


def all_records() -> Sequence[AttendanceRecord]:
    return db.session.scalars(select(AttendanceRecord)).all()


def everything_about(place: Registration) -> tuple[Any, ...]:
    db.session.commit()
    db.session.refresh(place)
    return (place.status, place.language, place.join_token, len(all_records()))


def link(place: Registration) -> str:
    return f"/join/{place.join_token}"


@time_machine.travel(DOORS, tick=False)
def test_a_scanner_changes_nothing_and_the_person_after_it_still_gets_in(client: FlaskClient) -> None:
    place = a_registration(a_session())
    before = everything_about(place)

    for _ in range(10):
        assert client.get(link(place)).status_code == 200
    assert client.head(link(place)).status_code == 200
    assert client.options(link(place)).status_code == 200

    assert everything_about(place) == before
    answer = client.post(link(place))
    assert (answer.status_code, answer.location) == (303, "https://zoom.example/j/123")
    assert [record.joined_at for record in all_records()] == [DOORS]


@time_machine.travel(DOORS, tick=False)
def test_somebody_from_a_mail_gets_in_without_cookies_and_csrf_token(app: Flask, client: FlaskClient) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    place = a_registration(a_session())

    answer = client.post(link(place), headers={"Origin": "https://mail.example"})

    assert answer.status_code == 303
    assert "Set-Cookie" not in answer.headers


@time_machine.travel(DOORS - timedelta(seconds=1), tick=False)
def test_before_the_doors_the_page_counts_down_in_the_persons_own_time_and_language(client: FlaskClient) -> None:
    place = a_registration(
        a_session(languages=("fr",), speakers=("Paola Arjona",)), language="fr", timezone="Asia/Seoul"
    )

    answer = client.get(link(place), headers={"Accept-Language": "es"})

    page = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert '<html lang="fr"' in page
    assert "20:45" in page  # the doors, in Seoul
    assert 'data-again="1"' in page
    assert '<noscript><meta http-equiv="refresh" content="1"></noscript>' in page
    assert "Paola Arjona" in page
    assert "<form" not in page


@time_machine.travel(DOORS - timedelta(seconds=1), tick=False)
def test_a_post_before_the_doors_shows_the_countdown_and_records_nothing(client: FlaskClient) -> None:
    place = a_registration(a_session())

    answer = client.post(link(place))

    assert answer.status_code == 409
    assert "countdown" in answer.get_data(as_text=True)
    assert all_records() == []


@time_machine.travel(DOORS, tick=False)
def test_at_the_doors_the_page_has_a_form_that_the_script_sends(client: FlaskClient) -> None:
    place = a_registration(a_session(), given_name="Haeun", family_name="Kim")

    page = client.get(link(place)).get_data(as_text=True)

    assert f'<form method="post" action="/join/{place.join_token}" data-by-itself>' in page
    assert "join.js" in page
    assert "<bdi>Haeun Kim</bdi>" in page
    assert f"/en/sessions/{place.session.key}/register" in page  # "I am somebody else"
    assert "zoom.example" not in page  # the way to the room is not told without going in


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("https://zoom.example/j/1?pwd=x", "form-action 'self' https://zoom.example https:"),
        ("http://127.0.0.1:5600/room", "form-action 'self' http://127.0.0.1:5600 https:"),
        ("https://zoom.example;script-src */", "form-action 'self'"),
        ("https://zo_om.example/", "form-action 'self' https:"),
    ],
)
@time_machine.travel(DOORS, tick=False)
def test_the_policy_lets_the_form_lead_to_the_room_and_says_nothing_else(
    client: FlaskClient, address: str, allowed: str
) -> None:
    place = a_registration(a_session(join_url=address))

    policy = client.get(link(place)).headers["Content-Security-Policy"]

    directives = [directive.strip() for directive in policy.split(";")]
    assert [directive for directive in directives if directive.startswith("form-action")] == [allowed]
    assert "script-src 'self'" in directives
    assert len([directive for directive in directives if directive.startswith("script-src")]) == 1


@pytest.mark.parametrize(
    ("prepare", "moment", "says"),
    [
        ({"status": RegistrationStatus.WAITING}, DOORS, "You are still waiting for a seat"),
        (
            {"status": RegistrationStatus.WAITING, "approval": Approval.ASKED},
            DOORS,
            "The secretariat looks at your registration",
        ),
        ({"status": RegistrationStatus.CANCELLED}, DOORS, "This place was given up"),
        ({"status": RegistrationStatus.UNREGISTERED}, DOORS, "This place was given up"),
        (
            {"status": RegistrationStatus.CANCELLED, "left_for": LeftFor.HANDED_OVER},
            DOORS,
            "This place was handed over",
        ),
        ({"status": RegistrationStatus.CANCELLED, "left_for": LeftFor.MOVED}, DOORS, "You moved to another day"),
        ({}, END + timedelta(minutes=30), "This session is over"),
    ],
)
def test_a_link_that_lets_nobody_in_says_why_and_what_to_do(
    client: FlaskClient, prepare: dict[str, Any], moment: datetime, says: str
) -> None:
    with time_machine.travel(moment, tick=False):
        place = a_registration(a_session(), **prepare)

        shown, refused = client.get(link(place)), client.post(link(place))

    assert (shown.status_code, refused.status_code) == (200, 409)
    for answer in (shown, refused):
        page = answer.get_data(as_text=True)
        assert says in page
        assert "data-by-itself" not in page
        assert "data-again" not in page
    assert all_records() == []


@time_machine.travel(DOORS, tick=False)
def test_a_cancelled_session_says_so(client: FlaskClient) -> None:
    place = a_registration(a_session(status=SessionStatus.CANCELLED))

    assert "This session is not held" in client.get(link(place)).get_data(as_text=True)
    assert client.post(link(place)).status_code == 409


@time_machine.travel(DOORS, tick=False)
def test_without_a_room_yet_the_page_looks_again_and_nothing_is_recorded(client: FlaskClient) -> None:
    session = a_session(join_url="")
    place = a_registration(session)

    answer = client.post(link(place))
    assert answer.status_code == 409
    assert "have not set up the link" in answer.get_data(as_text=True)
    assert 'data-again="30"' in answer.get_data(as_text=True)
    assert all_records() == []

    session.join_url = "https://zoom.example/late"
    db.session.commit()
    assert client.post(link(place)).location == "https://zoom.example/late"


@time_machine.travel(DOORS, tick=False)
def test_a_session_in_a_hall_has_no_link_to_wait_for(client: FlaskClient) -> None:
    place = a_registration(a_session(join_url="", platform=Platform.ROOM))

    page = client.get(link(place)).get_data(as_text=True)

    assert "This session is held in a room" in page


@pytest.mark.parametrize(
    ("token", "status"), [("x", 404), ("x" * 5000, 404), ("%00", 400), ("%F0%9F%90%8C", 404), ("..%2f..%2fetc", 404)]
)
def test_a_tampered_link_is_refused(client: FlaskClient, token: str, status: int) -> None:
    for answer in (client.get(f"/join/{token}"), client.post(f"/join/{token}")):
        assert answer.status_code == status


def test_a_link_of_nobody_has_a_page_of_its_own(client: FlaskClient) -> None:
    assert "This link is not known" in client.get("/join/somebody").get_data(as_text=True)


@time_machine.travel(DOORS, tick=False)
def test_where_the_link_leads_cannot_be_said_from_outside(client: FlaskClient) -> None:
    place = a_registration(a_session())

    answer = client.post(
        f"{link(place)}?next=https://evil.example&url=https://evil.example",
        data={"next": "https://evil.example", "join_url": "https://evil.example"},
        headers={"Host": "evil.example", "X-Forwarded-Host": "evil.example"},
    )

    assert answer.location == "https://zoom.example/j/123"


@time_machine.travel(DOORS, tick=False)
def test_a_name_is_shown_as_text(client: FlaskClient) -> None:
    place = a_registration(a_session(speakers=("<b>Bold</b>",)), given_name="<script>alert(1)</script>")

    page = client.get(link(place)).get_data(as_text=True)

    assert "<script>alert(1)" not in page
    assert "&lt;b&gt;Bold&lt;/b&gt;" in page


@time_machine.travel(DOORS, tick=False)
def test_the_page_is_stored_by_no_cache_and_told_to_nobody(client: FlaskClient) -> None:
    answer = client.get(link(a_registration(a_session())))

    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"


@time_machine.travel(DOORS, tick=False)
def test_joining_takes_few_queries_whatever_the_session_has(
    client: FlaskClient, count_queries: Callable[[], AbstractContextManager[Any]]
) -> None:
    address = link(a_registration(a_big_session()))

    with count_queries() as shown:
        client.get(address)
    with count_queries() as joined:
        client.post(address)
    with count_queries() as joined_again:
        client.post(address)

    assert shown.count <= 6
    assert joined.count <= 11  # the first time, the one answer is made of what is known
    assert joined_again.count <= 6


def a_big_session() -> WebinarSession:
    return a_session(languages=("en", "fr", "es"), speakers=[f"Speaker {number}" for number in range(20)])


def test_what_the_organisers_tell_just_now_stands_before_the_day_so_that_a_phone_shows_it_at_once(
    client: FlaskClient,
) -> None:
    session = a_session(starts="2030-05-14T13:00", notice={"en": "We start ten minutes late."})

    page = client.get(f"/join/{a_registration(session).join_token}").text

    assert page.index("</h1>") < page.index("We start ten minutes late.") < page.index('class="place"')
