"""Somebody whom one of the staff added as come without registering, wherever a registration's status matters."""

from __future__ import annotations

import csv
import io

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from tests.factories import a_member, a_registration, a_session, an_invitation
from tests.platform_reports.reports import a_zoom_report, take_over
from tests.signing_in import signed_in_as
from webinar.accounts.models import Role
from webinar.attendance.by_language import figures_of, part_of_session, places_in
from webinar.attendance.queries import turnout_by_member
from webinar.calendars.models import CalendarEntry
from webinar.catalogue.models import WebinarSession
from webinar.foundation.db import db
from webinar.invitations.invited_list import InvitedState, invited_page
from webinar.invitations.models import MailingKind
from webinar.invitations.queries import people
from webinar.mail.models import OutboxMail
from webinar.people.models import Person
from webinar.platform_reports.services.decide import CameWithout, add
from webinar.registration.models import Affiliation, Registration, RegistrationStatus
from webinar.registration.queries import people_in, seating_of


@pytest.fixture
def session(app: Flask, request: pytest.FixtureRequest) -> WebinarSession:
    """Return a session with one seat, which Ana has, and Maria who came without, also without an address if need be."""
    email: str | None = getattr(request, "param", None)
    session = a_session("heat-en", seats=1)
    a_registration(session, email="ana@lisbon.example", member=a_member("Lisbon"))
    a_registration(session, email="rui@lisbon.example", given_name="Rui", status=RegistrationStatus.WAITING)
    report = a_zoom_report(
        ("Ana Sousa", "ana@lisbon.example", "13:00:00", "14:00:00"),
        ("Maria Lopez", email, "13:00:00", "14:00:00"),
    )
    who = CameWithout(
        given_name="Maria",
        family_name="Lopez",
        affiliation=Affiliation.MEMBER,
        member_key=a_member("Porto").key,
        email=email,
    )
    add(session.key, take_over(session, report).report_id, 2, who)
    return session


def maria() -> Registration:
    return db.session.scalars(select(Registration).where(Registration.given_name == "Maria")).one()


def test_they_take_no_seat_and_count_as_who_came_without_a_place(session: WebinarSession) -> None:
    seating = seating_of(session.id)
    assert (seating.registered, seating.waiting, people_in(session.id)) == (1, 1, 2)
    assert [(one.name, one.registered, one.came) for one in turnout_by_member(session.id)] == [
        ("Lisbon", 1, 1),
        ("Porto", 0, 1),
    ]
    everybody, _ = figures_of(places_in(part_of_session(session.id)))
    assert everybody.everybody == (1, 1, 1, 1)


@pytest.mark.parametrize("session", ["maria@porto.example", None], indirect=True)
def test_they_are_written_nothing_and_stand_in_no_calendar(session: WebinarSession) -> None:
    asked = db.session.execute(people(MailingKind.THANKS, [session.id], []))

    assert [row.email for row in asked] == ["ana@lisbon.example"]
    assert db.session.scalar(select(func.count()).select_from(OutboxMail)) == 0
    assert db.session.scalar(select(func.count()).select_from(CalendarEntry)) == 0


def test_the_staff_see_who_they_are_and_that_there_is_no_address(session: WebinarSession, client: FlaskClient) -> None:
    signed_in_as(client, Role.ORGANISER)
    place = maria()

    pages = [
        client.get(f"/staff/sessions/heat-en/{page}")
        for page in ("registrations", f"registrations/{place.turn}", "attendance")
    ] + [client.get("/staff/people?search=Lopez")]

    for page in pages:
        assert page.status_code == 200
        assert "Lopez" in page.text
        assert ">None<" not in page.text
        assert "erased" not in page.text
    assert "no address" in pages[1].text


def test_the_export_names_them_as_unregistered(session: WebinarSession, client: FlaskClient) -> None:
    signed_in_as(client, Role.ORGANISER)

    file = client.post("/staff/sessions/heat-en/attendance.csv").data.decode("utf-8-sig")

    lines = {line["given_name"]: line for line in csv.DictReader(io.StringIO(file))}
    assert [lines["Maria"][column] for column in ("email", "status", "member", "attended", "minutes")] == [
        "",
        "unregistered",
        "Porto",
        "yes",
        "60.00",
    ]


def test_nobody_has_their_links_but_the_pages_behind_them_hold(session: WebinarSession, client: FlaskClient) -> None:
    place = maria()

    for address in (f"/en/registrations/{place.token}", f"/join/{place.join_token}"):
        assert client.get(address, follow_redirects=True).status_code in {200, 404, 409, 410}


def test_of_those_invited_they_are_not_the_silent_ones(session: WebinarSession) -> None:
    an_invitation(session, db.session.get_one(Person, maria().person_id))

    [invited] = invited_page(session.id, None, 1).people

    assert invited.state is InvitedState.CAME_WITHOUT
