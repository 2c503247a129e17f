"""No page of the staff area asks the database more than it may, however much there is to show."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

from flask import Flask
from flask.testing import FlaskClient

from tests.conftest import Counted
from tests.factories import (
    a_calendar_entry,
    a_co_host,
    a_material,
    a_member,
    a_question,
    a_registration,
    a_session,
    a_webinar,
    an_agenda_item,
    an_answer,
    an_attendance,
    an_audit_entry,
    an_outbox_mail,
)
from tests.security.site_walk import SLUG, Values, a_world, addresses
from tests.signing_in import signed_in_as
from webinar.accounts.models import Role
from webinar.catalogue.models import SessionStatus
from webinar.catalogue.queries import find_session_of_any_status, find_webinar
from webinar.foundation.db import db
from webinar.registration.models import Approval, RegistrationStatus

MOST = 11
SEVERAL = 5


def a_network_with_several_of_everything() -> Values:
    """Store what ``a_world`` does and several more of each thing, so that a query for each of them is seen."""
    values = a_world()
    webinar, session = find_webinar(SLUG), find_session_of_any_status("next-en")
    assert webinar is not None
    assert session is not None
    for number in range(SEVERAL):
        member = a_member(f"City {number}", region=f"Region {number}", aliases=[f"Stadt {number}"])
        place = a_registration(session, member=member, version=("en", "fr")[number % 2])
        a_calendar_entry(place)
        an_attendance(place)
        an_answer(place, a_question(webinar, title=f"Question {number}"), text="Yes")
        an_outbox_mail(to=f"person{number}@example.org", person_id=place.person_id, topic="session next-en")
        a_registration(session, organisation=f"Institute {number}", status=RegistrationStatus.WAITING)
        a_registration(session, member=member, status=RegistrationStatus.WAITING, approval=Approval.ASKED)
        starts = f"2030-05-14T{14 + number}:00"
        a_session(webinar=webinar, starts=starts, languages=("en", "es"), speakers=["Bo", "Cy"], join_url="")
        a_session(webinar=a_webinar(series=webinar.series), starts=starts, status=SessionStatus.DRAFT)
        an_agenda_item(webinar, title=f"Part {number}")
        a_material(webinar, title=f"Paper {number}")
        a_co_host(webinar, name=f"Host {number}")
        an_audit_entry(subject="session next-en")
    db.session.commit()
    return values


def test_every_page_of_the_staff_asks_eleven_queries_at_most(
    app: Flask, client: FlaskClient, count_queries: Callable[[], AbstractContextManager[Counted]]
) -> None:
    values = a_network_with_several_of_everything()
    signed_in_as(client, Role.ADMIN)
    paths = sorted({one.path for one in addresses(app, values, "GET") if one.is_staff})

    asked = {}
    for path in paths:
        with count_queries() as queries:
            answer = client.get(path)
        if answer.status_code == 200:
            asked[path] = queries.count

    assert {path: count for path, count in asked.items() if count > MOST} == {}
    assert len(asked) > 20
