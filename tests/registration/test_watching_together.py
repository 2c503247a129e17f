"""How many watch with somebody in one room: said with the form or afterwards, shown apart, counted as nobody."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.attendance.test_export import in_csv
from tests.factories import a_registration, a_session, a_webinar
from tests.mailbox import all_mail
from tests.registration.test_views_registering import a_form, stored
from tests.signing_in import signed_in_as
from webinar.accounts.models import Role
from webinar.foundation.db import db
from webinar.registration.models import Registration, RegistrationStatus
from webinar.registration.services import import_registrations, move
from webinar.registration.standing import standing_of


def in_room() -> list[int]:
    db.session.rollback()
    return list(db.session.scalars(select(Registration.watching_with).order_by(Registration.id)))


@pytest.mark.parametrize(("typed", "people"), [("", 0), ("0", 0), (" 12 ", 12), ("500", 500), ("٣٧", 37)])
def test_the_form_takes_a_number_in_any_digits_or_none(client: FlaskClient, typed: str, people: int) -> None:
    a_session("heat")

    answer = client.post("/en/sessions/heat/register", data=a_form(watching_with=typed))

    assert answer.status_code == 303
    assert [place.watching_with for place in stored()] == [people]


@pytest.mark.parametrize("typed", ["-1", "501", "many", "1.5", "9" * 40, "=1+1"])
def test_what_is_no_number_of_people_in_a_room_is_refused_at_its_field(client: FlaskClient, typed: str) -> None:
    a_session("heat")

    answer = client.post("/en/sessions/heat/register", data=a_form(watching_with=typed))

    assert answer.status_code == 422
    assert 'id="watching_with-error"' in answer.text
    assert stored() == []


def test_it_is_said_on_the_persons_own_page_and_nobody_is_mailed(client: FlaskClient) -> None:
    place = a_registration()

    answer = client.post(f"/en/registrations/{place.token}/watching-with", data={"watching_with": "37"})

    assert answer.status_code == 303
    assert in_room() == [37]
    assert 'value="37"' in client.get(f"/en/registrations/{place.token}").text
    assert all_mail() == []


@pytest.mark.parametrize("typed", ["-1", "501", "x"])
def test_nonsense_on_the_own_page_changes_nothing_and_says_so(client: FlaskClient, typed: str) -> None:
    place = a_registration(watching_with=3)

    answer = client.post(f"/en/registrations/{place.token}/watching-with", data={"watching_with": typed})

    assert (answer.status_code, in_room()) == (422, [3])
    assert f'value="{typed}"' in answer.text


def test_who_gave_the_place_up_says_nothing_more(client: FlaskClient) -> None:
    place = a_registration(status=RegistrationStatus.CANCELLED)

    answer = client.post(f"/en/registrations/{place.token}/watching-with", data={"watching_with": "3"})

    assert (answer.status_code, in_room()) == (409, [0])
    assert client.post("/en/registrations/nobody/watching-with", data={"watching_with": "3"}).status_code == 404


def test_organisers_see_them_apart_and_no_figure_of_people_grows(client: FlaskClient) -> None:
    session = a_session("heat")
    a_registration(session, watching_with=30)
    a_registration(session, watching_with=7)
    a_registration(session, watching_with=100, status=RegistrationStatus.CANCELLED)
    signed_in_as(client, Role.VIEWER)

    standing = standing_of(session.id)

    assert (standing.registered, standing.in_rooms) == (2, 37)
    assert "More people in rooms, with who is registered" in client.get("/staff/sessions/heat/").text


def test_they_go_along_to_another_day(app: Flask) -> None:
    webinar = a_webinar("heat")
    place = a_registration(a_session("heat-1", webinar=webinar), watching_with=4)
    a_session("heat-2", webinar=webinar, starts="2030-06-14T13:00")

    move(place.token, "heat-2", may_wait=False)

    assert sorted(in_room()) == [4, 4]


def test_the_export_has_a_column_that_the_import_takes_again(app: Flask, tmp_path: Path) -> None:
    session = a_session("heat")
    place = a_registration(session, watching_with=12, registered_at=session.starts_at - timedelta(days=3))

    header, line = in_csv(session)

    assert dict(zip(header, line, strict=True))["watching_with"] == "12"
    db.session.delete(place)
    db.session.commit()
    again = io.StringIO()
    csv.writer(again).writerows([header, line])
    file = tmp_path / "again.csv"
    file.write_text(again.getvalue())
    import_registrations.import_registrations("heat", file.read_bytes(), quiet=True)
    assert in_room() == [12]
