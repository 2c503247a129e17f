"""Who comes late through an open door registers in a minute and goes straight in, whoever they are."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.factories import a_member, a_registration, a_session
from tests.mailbox import kinds_of_mail_to
from tests.registration.test_views_registering import a_form
from tests.signing_in import signed_in_as
from webinar.accounts.models import Role
from webinar.attendance.models import AttendanceRecord, AttendanceSource
from webinar.catalogue.models import Access, SessionStatus, WebinarSession
from webinar.foundation.db import db
from webinar.people.models import Person
from webinar.registration import services
from webinar.registration.models import Affiliation, Registration, RegistrationStatus
from webinar.registration.registrant import Registrant

START = datetime(2030, 5, 14, 12, 0, tzinfo=UTC)
FORM = "/en/sessions/heat/register"
COME_IN = "/en/sessions/heat/come-in"
MAILBOX = "/en/sessions/heat/registered"
ROOM = "https://zoom.example/j/123"


@pytest.fixture(autouse=True)
def _five_minutes_after_the_start() -> Iterator[None]:
    with time_machine.travel(START + timedelta(minutes=5), tick=False):
        yield


def an_open_session(**more: Any) -> WebinarSession:
    return a_session("heat", has_open_door=True, **more)


def sent(client: FlaskClient, **changes: Any) -> TestResponse:
    return client.post(FORM, data=a_form(**changes))


def arrived() -> list[str | None]:
    return list(
        db.session.scalars(
            select(Person.email)
            .join(AttendanceRecord, AttendanceRecord.person_id == Person.id)
            .where(AttendanceRecord.source == AttendanceSource.JOIN_LINK)
        )
    )


def test_who_comes_late_is_registered_led_in_and_noted_as_having_come(client: FlaskClient) -> None:
    an_open_session()

    answer = sent(client)
    page = client.get(answer.headers["Location"])

    assert (answer.status_code, answer.headers["Location"]) == (303, COME_IN)
    assert f'<meta http-equiv="refresh" content="0; url={ROOM}">' in page.text
    assert f'href="{ROOM}"' in page.text
    assert page.headers["Cache-Control"] == "no-store"
    assert kinds_of_mail_to("ana@lisbon.example") == ["confirmation"]
    assert arrived() == ["ana@lisbon.example"]


def test_the_room_is_that_of_the_language_they_chose(client: FlaskClient) -> None:
    session = an_open_session(languages=("en", "fr"))
    session.language_versions[1].join_url = "https://zoom.example/j/fr"
    db.session.commit()

    sent(client, language="fr")

    assert "https://zoom.example/j/fr" in client.get(COME_IN).text


@pytest.mark.parametrize("known", [RegistrationStatus.REGISTERED, RegistrationStatus.CANCELLED, None])
def test_a_known_address_is_led_in_like_a_new_one_and_the_page_says_the_same(
    app: Flask, client: FlaskClient, known: RegistrationStatus | None
) -> None:
    session = an_open_session()
    if known is not None:
        a_registration(session, email="known@lisbon.example", status=known)

    answer = sent(client, email="known@lisbon.example")
    page = client.get(answer.headers["Location"])

    other = app.test_client()
    answer_to_new = other.post(FORM, data=a_form(email="fresh@lisbon.example"))
    page_of_new = other.get(answer_to_new.headers["Location"])
    assert (answer.status_code, answer.headers["Location"]) == (303, COME_IN)
    assert (answer_to_new.status_code, answer_to_new.headers["Location"]) == (303, COME_IN)
    assert page.text == page_of_new.text


def test_whoever_types_the_address_of_somebody_known_makes_up_no_arrival_and_changes_nothing(
    client: FlaskClient,
) -> None:
    place = a_registration(an_open_session(), email="known@lisbon.example", given_name="Ana")

    sent(client, email="known@lisbon.example", given_name="Somebody")

    assert arrived() == []
    [stored] = db.session.scalars(select(Registration)).all()
    assert (stored.token, stored.given_name) == (place.token, "Ana")


def test_a_known_address_takes_as_long_as_a_new_one(client: FlaskClient) -> None:
    session = an_open_session()
    known = [f"known{number}@lisbon.example" for number in range(4)]
    for email in known:
        a_registration(session, email=email)
    sent(client, email="warm@lisbon.example")

    def seconds(email: str) -> float:
        began = time.perf_counter()
        sent(client, email=email)
        return time.perf_counter() - began

    took = [(seconds(email), seconds(f"new{email}")) for email in known]

    assert abs(min(one for one, _ in took) - min(other for _, other in took)) < 0.04


def test_registration_stays_open_until_the_end_although_it_has_closed(client: FlaskClient) -> None:
    an_open_session(registration_closes=START - timedelta(days=1))

    assert "Register and go in" in client.get(FORM).text
    assert sent(client).headers["Location"] == COME_IN


@pytest.mark.parametrize(
    ("moment", "leads_to"),
    [
        (timedelta(minutes=-15, seconds=-1), MAILBOX),
        (timedelta(minutes=-15), COME_IN),
        (timedelta(minutes=74, seconds=59), COME_IN),
    ],
)
def test_the_door_is_open_from_when_the_doors_open_until_the_end(
    client: FlaskClient, moment: timedelta, leads_to: str
) -> None:
    an_open_session()

    with time_machine.travel(START + moment, tick=False):
        assert sent(client).headers["Location"] == leads_to


def test_at_the_end_it_closes(client: FlaskClient) -> None:
    an_open_session()

    with time_machine.travel(START + timedelta(minutes=75), tick=False):
        answer = sent(client)

    assert answer.status_code == 409
    assert "This session is over" in answer.text


def test_without_an_open_door_nobody_is_led_in(client: FlaskClient) -> None:
    a_session("heat")

    assert sent(client).headers["Location"] == MAILBOX
    assert client.get(COME_IN).headers["Location"] == FORM
    assert arrived() == []


def test_where_every_seat_is_taken_who_comes_waits_known_or_not(client: FlaskClient) -> None:
    session = an_open_session(seats=1)
    a_registration(session, email="known@lisbon.example")

    answers = [sent(client, email=f"{who}@lisbon.example").headers["Location"] for who in ("new", "known")]

    assert answers == [MAILBOX, MAILBOX]
    assert "Come in" not in client.get(FORM).text
    assert arrived() == []


def test_in_a_session_for_members_who_has_their_address_goes_in_and_others_are_looked_at(client: FlaskClient) -> None:
    session = an_open_session(access=Access.MEMBERS)
    lisbon = a_member("Lisbon", mail_domains=["lisbon.example"])
    a_registration(session, email="known@elsewhere.example")

    def led_to(email: str) -> str:
        return sent(client, email=email, affiliation="member", member=lisbon.key).headers["Location"]

    assert led_to("ana@lisbon.example") == COME_IN
    assert led_to("new@elsewhere.example") == MAILBOX
    assert led_to("known@elsewhere.example") == MAILBOX
    assert arrived() == ["ana@lisbon.example"]


def test_beyond_a_member_s_seats_who_comes_waits(client: FlaskClient) -> None:
    lisbon = a_member("Lisbon")
    a_registration(an_open_session(most_per_member=1), member=lisbon)

    assert sent(client, affiliation="member", member="Lisbon").headers["Location"] == MAILBOX
    assert sent(client, email="other@example.org").headers["Location"] == COME_IN


@pytest.mark.parametrize("status", [SessionStatus.CANCELLED, SessionStatus.DRAFT])
def test_an_open_door_opens_no_session_that_is_not_held(client: FlaskClient, status: SessionStatus) -> None:
    an_open_session(status=status)

    assert sent(client).status_code == (409 if status is SessionStatus.CANCELLED else 404)
    assert client.get(COME_IN).status_code == (302 if status is SessionStatus.CANCELLED else 404)


def test_nobody_comes_in_who_has_not_sent_the_form(app: Flask, client: FlaskClient) -> None:
    an_open_session()
    sent(client)

    stranger = app.test_client().get(COME_IN)

    assert (stranger.status_code, stranger.headers["Location"]) == (302, FORM)


def test_who_was_led_in_is_not_led_into_another_session(client: FlaskClient) -> None:
    an_open_session()
    a_session("other", has_open_door=True, join_url="https://zoom.example/j/other")
    sent(client)

    assert client.get("/en/sessions/other/come-in").status_code == 302


def test_where_there_is_no_room_yet_the_page_says_so_and_looks_again(client: FlaskClient) -> None:
    an_open_session(join_url="")

    sent(client)
    page = client.get(COME_IN).text

    assert "One moment, please" in page
    assert 'data-again="30"' in page
    assert "url=" not in page


@pytest.mark.parametrize("join_url", ["javascript:alert(1)", 'https://zoom.example/"><script>', "zoom.example"])
def test_what_is_no_address_of_the_web_leads_nowhere(client: FlaskClient, join_url: str) -> None:
    an_open_session(join_url=join_url)

    sent(client)

    assert join_url not in client.get(COME_IN).text


def test_bad_input_is_said_at_the_field_as_ever(client: FlaskClient) -> None:
    an_open_session()

    answer = sent(client, email="ana", privacy="")

    assert answer.status_code == 422
    assert "An @ is missing." in answer.text
    assert db.session.scalars(select(Registration)).all() == []


@pytest.mark.parametrize(
    ("minutes", "says"), [(5, "It has started, and the door is open."), (-5, "It starts soon, and the door is open.")]
)
def test_the_public_page_says_that_one_can_come_in(client: FlaskClient, minutes: int, says: str) -> None:
    session = an_open_session()

    with time_machine.travel(START + timedelta(minutes=minutes), tick=False):
        page = client.get(f"/en/webinars/{session.webinar.slug}").text

    assert says in page
    assert re.search(rf'href="{FORM}\?language=en"><span class="unseen">Come in: <', page)


def test_an_organiser_opens_and_closes_the_door_and_it_is_written_down(client: FlaskClient) -> None:
    session = a_session("heat")
    signed_in_as(client, Role.ORGANISER)
    page = "/staff/sessions/heat/access"

    client.post(page, data={"access": "everyone", "has_open_door": "y", "revision": session.revision})
    db.session.refresh(session)
    opened = session.has_open_door
    client.post(page, data={"access": "everyone", "revision": session.revision})
    db.session.refresh(session)

    assert (opened, session.has_open_door) == (True, False)
    assert "Open door for who comes late" in client.get(f"{page}").text


def test_who_registers_for_several_sessions_at_once_is_led_into_none_and_has_not_come(app: Flask) -> None:
    an_open_session()

    goes_in = services.register(
        "heat",
        Registrant(
            email="ana@lisbon.example",
            given_name="Ana",
            family_name="Sousa",
            affiliation=Affiliation.OTHER,
            version="en",
            language="en",
            timezone="Europe/Lisbon",
        ),
    )

    assert not goes_in
    assert arrived() == []
