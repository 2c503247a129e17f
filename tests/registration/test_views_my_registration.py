"""One's own registration, by its personal link."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.factories import a_member, a_registration, a_session, a_webinar
from webinar.catalogue.models import SessionStatus
from webinar.foundation.db import db
from webinar.registration.models import RegistrationStatus


def test_the_page_shows_the_place_in_the_persons_own_time(client: FlaskClient) -> None:
    session = a_session(starts="2030-05-14T13:00", zone="Europe/Lisbon")
    place = a_registration(
        session, member=a_member("Seoul"), given_name="하은", family_name="김", timezone="Asia/Seoul"
    )

    answer = client.get(f"/en/registrations/{place.token}")

    assert "You have a place" in answer.text
    assert "21:00–22:15 for you in Seoul" in answer.text
    assert "<bdi>하은 김</bdi>" in answer.text
    assert f"/join/{place.join_token}" in answer.text


def test_nobody_else_learns_or_keeps_the_address(client: FlaskClient) -> None:
    place = a_registration()

    answer = client.get(f"/en/registrations/{place.token}")

    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "no-store"
    assert '<meta name="robots" content="noindex">' in answer.text
    assert '<link rel="alternate"' not in answer.text


@pytest.mark.parametrize(
    "change", [lambda token: token[:-1], lambda token: token + "x", lambda token: token.swapcase()]
)
def test_a_tampered_token_is_404_and_changes_nothing(client: FlaskClient, change: Any) -> None:
    place = a_registration()
    token = change(place.token)

    assert client.get(f"/en/registrations/{token}").status_code == 404
    assert client.post(f"/en/registrations/{token}/cancel").status_code == 404
    assert client.post(f"/en/registrations/{token}/language", data={"language": "en"}).status_code == 404
    assert place.status is RegistrationStatus.REGISTERED


def test_the_join_token_does_not_manage(client: FlaskClient) -> None:
    place = a_registration()

    assert client.get(f"/en/registrations/{place.join_token}").status_code == 404


def test_giving_up_takes_a_post_and_says_so(client: FlaskClient) -> None:
    place = a_registration()

    looked = client.get(f"/en/registrations/{place.token}/cancel")
    still = RegistrationStatus(place.status)
    answer = client.post(f"/en/registrations/{place.token}/cancel", follow_redirects=True)

    assert (looked.status_code, still) == (405, RegistrationStatus.REGISTERED)
    assert RegistrationStatus(place.status) is RegistrationStatus.CANCELLED
    assert "You gave up this place" in answer.text
    assert "Register again" in answer.text


def test_the_language_is_changed_by_a_post(client: FlaskClient) -> None:
    place = a_registration(a_session(languages=("en", "fr")))

    answer = client.post(f"/en/registrations/{place.token}/language", data={"language": "fr"}, follow_redirects=True)

    db.session.refresh(place, ["language_version"])
    assert place.language_version.code == "fr"
    assert "Your choice of language is stored." in answer.text


def test_a_language_the_session_does_not_have_is_refused_in_words(client: FlaskClient) -> None:
    place = a_registration(a_session(languages=("en", "fr")))

    answer = client.post(f"/en/registrations/{place.token}/language", data={"language": "de"})

    assert answer.status_code == 409
    assert "cannot be followed in the language “de”" in answer.text
    assert place.language_version.code == "en"


def test_who_waits_is_told_so_and_has_nothing_to_join(client: FlaskClient) -> None:
    place = a_registration(a_session(seats=1), status=RegistrationStatus.WAITING)

    text = client.get(f"/en/registrations/{place.token}").text

    assert "You are on the waiting list" in text
    assert "Stop waiting" in text
    assert place.join_token not in text


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"starts": "2020-05-14T13:00"}, "This session is over"),
        ({"status": SessionStatus.CANCELLED}, "This session has been cancelled"),
    ],
)
def test_when_there_is_nothing_left_to_change_nothing_is_offered(
    client: FlaskClient, changes: dict[str, Any], told: str
) -> None:
    webinar = a_webinar()
    place = a_registration(a_session(webinar=webinar, **changes))
    a_session("other", webinar=webinar, starts="2030-06-14T13:00")

    text = client.get(f"/en/registrations/{place.token}").text

    assert told in text
    assert "I cannot come" not in text
    assert "/en/sessions/other/register" in text


def test_the_notice_is_a_page_and_names_its_version(client: FlaskClient) -> None:
    text = client.get("/en/privacy").text

    assert "How your data are used" in text
    assert "erased 2 years after the session" in text
    assert "Version 20" in text


def test_the_statement_on_accessibility_says_whom_to_tell(client: FlaskClient) -> None:
    assert "webinars@example.org" in client.get("/en/accessibility").text
