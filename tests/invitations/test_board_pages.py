"""The organisers' pages of the cities of a webinar."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.conftest import Counted
from tests.factories import a_contact, a_member, a_registration, a_session, an_invitation
from tests.signing_in import signed_in_as
from webinar.accounts.models import AuditEntry, Role
from webinar.foundation.db import db
from webinar.invitations.board import CityState, board_of
from webinar.invitations.models import CityAnswer, Mailing, MailingKind
from webinar.invitations.queries import counted, find_mailing

pytestmark = pytest.mark.usefixtures("app")


def test_the_cities_that_are_missing_stand_first_and_the_others_behind_a_link(client: FlaskClient) -> None:
    session = a_session()
    a_registration(session, member=a_member("Accra"))
    a_contact(member=a_member("Lagos", country_code="NG"), is_focal_point=True)
    signed_in_as(client, Role.VIEWER)
    address = f"/staff/webinars/{session.webinar.slug}/cities"

    first, everybody = client.get(address).text, client.get(f"{address}?show=all").text

    assert "One of 2 cities is not registered yet" in first
    assert ("/cities/lagos" in first, "/cities/accra" in first) == (True, False)
    assert ("/cities/lagos" in everybody, "/cities/accra" in everybody) == (True, True)
    assert "Not registered yet: Lagos." in first
    assert " · English\n" in first  # of each day, in a text for a chat
    assert "Invite the focal points" not in first


def test_one_press_makes_a_draft_to_the_focal_points_of_the_cities_that_are_missing(client: FlaskClient) -> None:
    session = a_session()
    accra, lagos = a_member("Accra"), a_member("Lagos")
    a_registration(session, member=accra)
    a_contact("kofi@accra.example", member=accra, is_focal_point=True)
    a_contact("ada@lagos.example", member=lagos, is_focal_point=True)
    a_contact("obi@lagos.example", member=lagos)
    signed_in_as(client, Role.ORGANISER)

    answer = client.post(f"/staff/webinars/{session.webinar.slug}/cities/write", data={"kind": "invitation"})

    mailing = db.session.scalars(select(Mailing)).one()
    assert answer.location == f"/staff/mailings/{mailing.id}/text"
    found = find_mailing(mailing.id)
    assert found is not None
    assert (found.kind, [one.session_id for one in found.sessions]) == (MailingKind.INVITATION, [session.id])
    assert sum(one.people for one in counted(found)) == 1


def test_a_silent_city_is_reminded(client: FlaskClient) -> None:
    session = a_session()
    contact = a_contact("ada@lagos.example", member=a_member("Lagos"), is_focal_point=True)
    an_invitation(session, contact.person)
    signed_in_as(client, Role.ORGANISER)
    address = f"/staff/webinars/{session.webinar.slug}/cities"

    page = client.get(f"{address}/lagos").text
    client.post(f"{address}/write", data={"kind": "reminder", "member": "lagos"})

    assert 'value="reminder"' in page
    found = find_mailing(db.session.scalars(select(Mailing)).one().id)
    assert found is not None
    assert (found.kind, sum(one.people for one in counted(found))) == (MailingKind.REMINDER, 1)


def test_what_a_city_said_is_stored_and_what_a_colleague_stored_meanwhile_is_shown(client: FlaskClient) -> None:
    session = a_session()
    a_member("Lagos")
    signed_in_as(client, Role.ORGANISER)
    address = f"/staff/webinars/{session.webinar.slug}/cities/lagos"
    comes = {"responsible": "", "answer": "comes", "revision": "0"}

    first = client.post(address, data=comes)
    second = client.post(address, data={**comes, "answer": "does_not_come"})

    assert (first.status_code, second.status_code) == (303, 409)
    assert "Will come" in second.text
    (city,) = board_of(session.webinar_id)
    assert city.answer is CityAnswer.COMES


def test_a_note_is_shown_as_it_was_written_and_a_book_is_refused(client: FlaskClient) -> None:
    session = a_session()
    a_member("Lagos")
    signed_in_as(client, Role.ORGANISER)
    address = f"/staff/webinars/{session.webinar.slug}/cities/lagos"

    nothing = {"responsible": "", "answer": "", "revision": "0"}

    too_long = client.post(address, data={**nothing, "note": "x" * 2001})
    written = client.post(address, data={**nothing, "note": "<b>called</b>"})

    assert (too_long.status_code, written.status_code) == (422, 303)
    assert "&lt;b&gt;called&lt;/b&gt;" in client.get(address).text


def test_the_board_goes_out_as_a_file_and_that_is_written_down(client: FlaskClient) -> None:
    session = a_session()
    a_contact("=ada@lagos.example", member=a_member("Lagos"), is_focal_point=True)
    signed_in_as(client, Role.ORGANISER)

    file = client.post(f"/staff/webinars/{session.webinar.slug}/cities.csv", buffered=True)
    sheet = client.post(f"/staff/webinars/{session.webinar.slug}/cities.xlsx", buffered=True)

    (line,) = csv.DictReader(io.StringIO(file.data.decode("utf-8-sig")))
    assert (line["member"], line["state"], line["focal_points"]) == (
        "Lagos",
        CityState.NOT_ASKED.value,
        "'=ada@lagos.example",
    )
    assert sheet.data[:2] == b"PK"
    exported = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "exported")).all()
    assert [entry.changes["format"] for entry in exported] == ["csv", "xlsx"]


@pytest.mark.parametrize("end", ["", "/nowhere"])
def test_what_is_not_there_is_not_found(client: FlaskClient, end: str) -> None:
    signed_in_as(client, Role.ORGANISER)

    assert client.get(f"/staff/webinars/nothing/cities{end}").status_code == 404


def test_the_page_of_a_city_asks_few_questions(
    client: FlaskClient, count_queries: Callable[[], AbstractContextManager[Counted]]
) -> None:
    session = a_session()
    a_contact(member=a_member("Lagos", country_code="NG"), is_focal_point=True)
    signed_in_as(client, Role.ORGANISER)
    address = f"/staff/webinars/{session.webinar.slug}/cities/lagos"

    with count_queries() as counted_queries:
        answer = client.get(address)

    assert answer.status_code == 200
    assert counted_queries.count <= 10
