"""The cities of a webinar as the board shows them, and what organisers write down about them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest

from tests.conftest import Counted
from tests.factories import (
    a_calendar_entry,
    a_contact,
    a_mailing,
    a_member,
    a_person,
    a_recipient,
    a_registration,
    a_session,
    a_suppression,
    an_invitation,
    an_outbox_mail,
)
from webinar.accounts.revisions import ChangedMeanwhile
from webinar.calendars.models import CalendarAnswer
from webinar.catalogue.models import WebinarSession
from webinar.foundation import clock
from webinar.foundation.db import db
from webinar.invitations.board import City, CityState, board_of, city_of, notes_of
from webinar.invitations.models import CityAnswer
from webinar.invitations.services.follow_up import NoSuchCity, follow_up
from webinar.mail.models import MailState
from webinar.people.models import Contact
from webinar.registration.models import RegistrationStatus

pytestmark = pytest.mark.usefixtures("app")


def board(session: WebinarSession) -> dict[str, City]:
    """Return the cities of the board of a session's webinar, by name."""
    return {city.member.name: city for city in board_of(session.webinar_id)}


def asked(session: WebinarSession, contact: Contact, *, is_sent: bool = True) -> None:
    """Let somebody have been asked by a mail that left, or was refused."""
    mailing = a_mailing(session)
    state = {"state": MailState.SENT, "sent_at": clock.now()} if is_sent else {"state": MailState.REFUSED}
    a_recipient(mailing, contact.person, mail_id=an_outbox_mail(person_id=contact.person_id, **state).id)
    an_invitation(session, contact.person, mailing_id=mailing.id)


def test_every_city_stands_where_it_is() -> None:
    session = a_session()
    names = ["Registered", "Waiting", "Declined", "Calendar", "Silent", "Unreached", "Unasked", "Unwanted", "Nobody"]
    cities = {name: a_member(name, timezone="UTC") for name in names}
    contacts = {
        name: a_contact(f"ana@{name.lower()}.example", member=member, is_focal_point=True)
        for name, member in cities.items()
        if name != "Nobody"
    }
    a_registration(session, member=cities["Registered"], email="somebody@registered.example")
    a_registration(
        session, member=cities["Waiting"], email="somebody@waiting.example", status=RegistrationStatus.WAITING
    )
    an_invitation(session, contacts["Declined"].person, declined_at=clock.now())
    asked(session, contacts["Calendar"])
    a_calendar_entry(
        a_registration(
            session,
            person=contacts["Calendar"].person,
            status=RegistrationStatus.CANCELLED,
            cancelled_at=clock.now(),
        ),
        answer=CalendarAnswer.DECLINED,
        answered_at=clock.now(),
    )
    asked(session, contacts["Silent"])
    asked(session, contacts["Unreached"], is_sent=False)
    a_suppression(contacts["Unwanted"].person)

    assert {name: city.state for name, city in board(session).items()} == {
        "Registered": CityState.REGISTERED,
        "Waiting": CityState.WAITING,
        "Declined": CityState.DECLINED,
        "Calendar": CityState.DECLINED,
        "Silent": CityState.SILENT,
        "Unreached": CityState.NOT_REACHED,
        "Unasked": CityState.NOT_ASKED,
        "Unwanted": CityState.NO_CONTACT,
        "Nobody": CityState.NO_CONTACT,
    }
    assert [contact.person.email for contact in board(session)["Silent"].focal_points] == ["ana@silent.example"]
    assert board(session)["Unwanted"].focal_points == ()


def test_a_city_that_comes_on_another_day_comes() -> None:
    session = a_session("one")
    other = a_session("two", webinar=session.webinar)
    a_registration(other, member=a_member("Accra"))

    assert not board(session)["Accra"].is_open


def test_the_board_asks_as_often_for_many_cities_as_for_few(
    count_queries: Callable[[], AbstractContextManager[Counted]],
) -> None:
    session = a_session()
    for number in range(12):
        member = a_member(f"City {number}")
        asked(session, a_contact(f"ana@city{number}.example", member=member, is_focal_point=True))
        comes: dict[str, Any] = {"responsible_id": None, "answer": CityAnswer.COMES, "made_from": 0}
        follow_up(session.webinar.slug, member.key, **comes, note="Called.")
    db.session.expunge_all()

    with count_queries() as counted:
        cities = board_of(session.webinar_id)

    assert len(cities) == 12
    assert counted.count == 3


def test_one_city_is_told_of_as_on_the_board() -> None:
    session = a_session()
    for number in range(3):
        member = a_member(f"City {number}")
        asked(session, a_contact(f"ana@city{number}.example", member=member, is_focal_point=True))
        a_registration(session, member=member, person=a_person(f"bo@city{number}.example"))
    a_member("Gone", merged_into_id=member.id)

    found = city_of(session.webinar_id, "city-1")

    assert found == {city.member.key: city for city in board_of(session.webinar_id)}["city-1"]
    assert (found.counts.registered, found.counts.asked) == (1, 1)
    assert city_of(session.webinar_id, "gone") is None


def test_what_a_city_said_on_the_telephone_is_kept_with_who_follows_it_up() -> None:
    session = a_session()
    a_member("Accra")

    said: dict[str, Any] = {"responsible_id": None, "answer": CityAnswer.DOES_NOT_COME}
    follow_up(session.webinar.slug, "accra", **said, made_from=0, note=" Called on Tuesday. ")
    follow_up(session.webinar.slug, "accra", **said, made_from=1, note="They have elections.")
    follow_up(session.webinar.slug, "accra", **said, made_from=1, note="  ")

    city = board(session)["Accra"]
    assert city.answer is CityAnswer.DOES_NOT_COME
    assert not city.is_open
    assert city.note is not None
    assert [note.text for note in notes_of(session.webinar_id, city.member.id)] == [
        "They have elections.",
        "Called on Tuesday.",
    ]
    assert city.note.text == "They have elections."


def test_the_second_who_changes_it_is_told_of_the_first() -> None:
    session = a_session()
    a_member("Accra")
    follow_up(session.webinar.slug, "accra", responsible_id=None, answer=CityAnswer.COMES, made_from=0)

    with pytest.raises(ChangedMeanwhile):
        follow_up(session.webinar.slug, "accra", responsible_id=None, answer=None, made_from=0)

    assert board(session)["Accra"].answer is CityAnswer.COMES


def test_there_is_no_board_of_what_is_not_there() -> None:
    session = a_session()

    with pytest.raises(NoSuchCity):
        follow_up(session.webinar.slug, "nowhere", responsible_id=None, answer=None, made_from=0)
    with pytest.raises(NoSuchCity):
        follow_up("nothing", "accra", responsible_id=None, answer=None, made_from=0)
