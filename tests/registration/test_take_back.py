"""Taking a place back that was given up, while there are seats."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import time_machine

from tests.factories import a_registration, a_session
from tests.mailbox import all_mail, calendar_of, calendar_parts, kinds_of_mail_to, mails_to
from tests.registration.test_services import a_registrant, statuses, token_of
from webinar.catalogue.models import SessionStatus
from webinar.registration.models import Approval, RegistrationStatus
from webinar.registration.services import (
    NoSuchRegistration,
    RegistrationOver,
    WouldWait,
    cancel,
    register,
    take_back,
)

pytestmark = pytest.mark.usefixtures("app")


def test_the_seat_comes_back_with_the_same_entry_under_a_higher_sequence() -> None:
    session = a_session(seats=1)
    register(session.key, a_registrant())
    token = token_of("ana@lisbon.example")
    cancel(token)

    take_back(token, may_wait=False)

    confirmation, _cancellation, again = mails_to("ana@lisbon.example")
    assert statuses(session) == ["registered"]
    assert token_of("ana@lisbon.example") == token
    assert (calendar_of(again).method, calendar_of(again).status, calendar_of(again).sequence) == (
        "REQUEST",
        "CONFIRMED",
        2,
    )
    assert calendar_of(again).uid == calendar_of(confirmation).uid
    assert again["References"] == confirmation["Message-ID"]


def test_without_a_seat_nobody_waits_who_does_not_want_to() -> None:
    session = a_session(seats=1)
    register(session.key, a_registrant())
    register(session.key, a_registrant("second@example.org"))
    token = token_of("ana@lisbon.example")
    cancel(token)

    with pytest.raises(WouldWait):
        take_back(token, may_wait=False)
    nothing_changed = statuses(session)
    take_back(token, may_wait=True)

    assert nothing_changed == ["cancelled", "registered"]
    assert statuses(session) == ["registered", "waiting"]
    assert kinds_of_mail_to("ana@lisbon.example") == ["confirmation", "cancellation", "waiting list"]
    assert calendar_parts(mails_to("ana@lisbon.example")[-1]) == []


def test_twice_is_done_once() -> None:
    session = a_session()
    place = a_registration(session, status=RegistrationStatus.CANCELLED)

    take_back(place.token, may_wait=False)
    take_back(place.token, may_wait=False)

    assert len(all_mail()) == 1


def test_it_works_after_registration_has_closed_and_until_the_start() -> None:
    session = a_session(starts="2030-05-14T13:00", zone="UTC", registration_closes=datetime(2030, 5, 1, tzinfo=UTC))
    places = [a_registration(session, status=RegistrationStatus.CANCELLED) for _number in range(2)]

    with time_machine.travel(datetime(2030, 5, 14, 12, 59, tzinfo=UTC), tick=False) as traveller:
        take_back(places[0].token, may_wait=False)
        traveller.move_to(datetime(2030, 5, 14, 13, 0, tzinfo=UTC))
        with pytest.raises(RegistrationOver):
            take_back(places[1].token, may_wait=False)

    assert sorted(statuses(session)) == ["cancelled", "registered"]


@pytest.mark.parametrize("status", [SessionStatus.CANCELLED, SessionStatus.DRAFT])
def test_nothing_is_taken_back_where_nothing_is_held(status: SessionStatus) -> None:
    place = a_registration(a_session(status=status), status=RegistrationStatus.CANCELLED)

    with pytest.raises(RegistrationOver):
        take_back(place.token, may_wait=True)


def test_a_registration_that_the_organisers_declined_is_not_taken_back() -> None:
    place = a_registration(a_session(), status=RegistrationStatus.CANCELLED, approval=Approval.DECLINED)

    with pytest.raises(RegistrationOver):
        take_back(place.token, may_wait=True)


def test_who_was_still_to_be_approved_waits_for_that_again() -> None:
    session = a_session()
    place = a_registration(session, status=RegistrationStatus.CANCELLED, approval=Approval.ASKED)

    take_back(place.token, may_wait=False)

    assert statuses(session) == ["waiting"]


def test_a_link_of_nobody_is_refused() -> None:
    with pytest.raises(NoSuchRegistration):
        take_back("nobody's", may_wait=True)
