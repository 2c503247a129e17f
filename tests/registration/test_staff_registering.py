"""An organiser registers somebody who is on the telephone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.factories import a_member, a_registration, a_session
from tests.mailbox import all_mail, kinds_of_mail_to, the_only_mail_to
from tests.signing_in import signed_in_as
from webinar.accounts.models import AuditEntry, Role
from webinar.catalogue.models import Access, SessionStatus
from webinar.foundation import clock
from webinar.foundation.db import db
from webinar.people.models import Consent, Purpose
from webinar.registration.models import Approval, Registration, RegistrationStatus

PAGE = "/staff/sessions/heat/new-registration"
ANA = "ana@lisbon.example"


def sent(client: FlaskClient, **changes: Any) -> TestResponse:
    form = {
        "email": ANA,
        "given_name": "Ana",
        "family_name": "Sousa",
        "affiliation": "other",
        "member": "",
        "organisation": "",
        "role": "",
        "language": "en",
        "mail_language": "en",
        "privacy": "y",
        **changes,
    }
    return client.post(PAGE, data={name: value for name, value in form.items() if value is not None})


def stored() -> list[Registration]:
    return list(db.session.scalars(select(Registration).order_by(Registration.turn)))


def noted() -> list[tuple[str, object]]:
    entries = db.session.scalars(select(AuditEntry).where(AuditEntry.subject == "session heat"))
    return [(entry.action, entry.changes) for entry in entries]


def test_somebody_on_the_telephone_gets_a_place_and_the_mail_and_it_is_written_down(client: FlaskClient) -> None:
    a_member("Seoul", timezone="Asia/Seoul")
    a_session("heat", languages=("en", "fr"))
    signed_in_as(client, Role.ORGANISER)

    answer = sent(client, affiliation="member", member="seoul", language="fr", mail_language="fr")

    [place] = stored()
    assert (answer.status_code, answer.headers["Location"]) == (303, "/staff/sessions/heat/registrations/1")
    assert (place.status, place.language, place.timezone) == (RegistrationStatus.REGISTERED, "fr", "Asia/Seoul")
    assert kinds_of_mail_to(ANA) == ["confirmation"]
    assert "/fr/registrations/" in str(the_only_mail_to(ANA).get_body(("plain",)).get_content())  # type: ignore[union-attr]
    assert noted() == [("registered", {"registration": 1})]


def test_that_they_were_told_how_their_data_are_used_is_recorded_as_told_by_the_staff(client: FlaskClient) -> None:
    a_session("heat")
    signed_in_as(client, Role.ORGANISER)

    sent(client, newsletter="y")

    consents = db.session.execute(select(Consent.purpose, Consent.source).order_by(Consent.id)).all()
    assert [tuple(row) for row in consents] == [
        (Purpose.NOTICE, "the staff, session heat"),
        (Purpose.NEWSLETTER, "the staff, session heat"),
    ]


def test_without_having_told_them_nobody_is_registered(client: FlaskClient) -> None:
    a_session("heat")
    signed_in_as(client, Role.ORGANISER)

    answer = sent(client, privacy=None)

    assert answer.status_code == 422
    assert "Tell them how their data are used, and tick the box." in answer.text
    assert f'value="{ANA}"' in answer.text
    assert stored() == []


def test_the_zone_of_the_organiser_s_browser_is_not_that_of_the_person(client: FlaskClient) -> None:
    a_session("heat", zone="Europe/Lisbon")
    signed_in_as(client, Role.ORGANISER)

    sent(client, timezone="Pacific/Auckland")

    assert stored()[0].timezone == "Europe/Lisbon"
    assert 'name="timezone"' not in client.get(PAGE).text


@pytest.mark.parametrize(
    "window",
    [{"registration_closes": clock.now() - timedelta(days=1)}, {"registration_opens": clock.now() + timedelta(days=1)}],
)
def test_registration_need_not_be_open(client: FlaskClient, window: dict[str, Any]) -> None:
    a_session("heat", **window)
    signed_in_as(client, Role.ORGANISER)

    assert sent(client).status_code == 303


def test_in_a_session_for_members_that_the_staff_register_somebody_is_the_approval(client: FlaskClient) -> None:
    a_session("heat", access=Access.MEMBERS)
    signed_in_as(client, Role.ORGANISER)

    sent(client)

    assert (stored()[0].status, stored()[0].approval) == (RegistrationStatus.REGISTERED, Approval.APPROVED)


def test_seats_are_never_oversold_by_the_staff(client: FlaskClient) -> None:
    a_registration(a_session("heat", seats=1))
    signed_in_as(client, Role.ORGANISER)

    assert "Every seat is taken: they wait in line." in client.get(PAGE).text
    sent(client)

    assert [place.status for place in stored()] == [RegistrationStatus.REGISTERED, RegistrationStatus.WAITING]


def test_an_address_that_is_registered_already_is_refused_with_the_way_to_it(client: FlaskClient) -> None:
    a_registration(a_session("heat"), email=ANA, given_name="Other")
    signed_in_as(client, Role.ORGANISER)

    answer = sent(client)

    assert answer.status_code == 422
    assert 'href="/staff/sessions/heat/registrations/1"' in answer.text
    assert len(stored()) == 1
    assert all_mail() == []
    assert noted() == []


def test_who_gave_their_place_up_is_registered_again(client: FlaskClient) -> None:
    a_registration(a_session("heat"), email=ANA, status=RegistrationStatus.CANCELLED)
    signed_in_as(client, Role.ORGANISER)

    assert sent(client).status_code == 303
    assert [place.status for place in stored()] == [RegistrationStatus.REGISTERED]


@pytest.mark.parametrize(
    ("session", "says"),
    [
        ({"status": SessionStatus.CANCELLED}, "This session has been cancelled."),
        ({"starts": "2020-05-14T13:00"}, "This session is over."),
        ({"status": SessionStatus.DRAFT}, "Registration for this session has not opened yet."),
    ],
)
def test_for_a_session_that_is_not_held_or_not_public_nobody_is_registered(
    client: FlaskClient, session: dict[str, Any], says: str
) -> None:
    a_session("heat", **session)
    signed_in_as(client, Role.ORGANISER)

    answer = sent(client)

    assert answer.status_code == 422
    assert says in answer.text
    assert stored() == []


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"email": "ana"}, "An @ is missing."),
        ({"given_name": " "}, "Write their given name."),
        ({"family_name": "https://evil.example"}, "Write only the name"),
        ({"affiliation": "member", "member": "nowhere"}, "We found no member with this name."),
        ({"language": "xx"}, "This session cannot be followed in that language."),
        ({"mail_language": "xx"}, "Choose one of these."),
        ({"affiliation": "x" * 500}, "Choose one of these."),
    ],
)
def test_bad_input_is_said_at_the_field(client: FlaskClient, changes: dict[str, Any], says: str) -> None:
    a_session("heat")
    signed_in_as(client, Role.ORGANISER)

    answer = sent(client, **changes)

    assert answer.status_code == 422
    assert says in answer.text
    assert stored() == []


def test_a_viewer_can_register_nobody(client: FlaskClient) -> None:
    a_session("heat")
    signed_in_as(client, Role.VIEWER)

    assert (client.get(PAGE).status_code, sent(client).status_code) == (403, 403)
    assert "Register somebody" not in client.get("/staff/sessions/heat/registrations").text
    assert stored() == []


def test_of_no_session_there_is_no_form(client: FlaskClient) -> None:
    signed_in_as(client, Role.ORGANISER)

    assert (client.get(PAGE).status_code, sent(client).status_code) == (404, 404)
