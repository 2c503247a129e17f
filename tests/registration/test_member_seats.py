"""At most so many seats for one member: who gets one, who waits although seats are free, and who moves up."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.conftest import Counted
from tests.factories import a_member, a_person, a_registration, a_session
from tests.mailbox import calendar_parts, kinds_of_mail_to, mails_to, the_only_mail_to, words_of
from tests.registration.test_services import a_registrant
from webinar.catalogue.models import Access, WebinarSession
from webinar.catalogue.queries import lock_session
from webinar.foundation import clock
from webinar.foundation.db import db, transaction
from webinar.members.models import Member
from webinar.people.models import Person
from webinar.registration.models import Affiliation, Approval, Registration, RegistrationStatus
from webinar.registration.registrant import Registrant
from webinar.registration.services import cancel, register
from webinar.registration.services.import_registrations import import_registrations
from webinar.registration.services.seats import promote_waiting

pytestmark = pytest.mark.usefixtures("app")
WAITING = RegistrationStatus.WAITING


@pytest.fixture
def lisbon() -> Member:
    return a_member("Lisbon", mail_domains=["lisbon.example"])


@pytest.fixture
def porto() -> Member:
    return a_member("Porto")


def somebody_of(member: Member, email: str) -> Registrant:
    return a_registrant(email, affiliation=Affiliation.MEMBER, member_key=member.key)


def people(session: WebinarSession) -> list[tuple[str, str]]:
    rows = db.session.execute(
        select(Person.email, Registration.status)
        .join(Registration.person)
        .where(Registration.session_id == session.id)
        .order_by(Registration.turn)
    )
    return [((email or "").partition("@")[0], status.value) for email, status in rows]


def test_the_next_of_a_member_waits_although_seats_are_free_and_is_told_why(lisbon: Member) -> None:
    session = a_session(seats=10, most_per_member=1)
    register(session.key, somebody_of(lisbon, "ana@lisbon.example"))

    register(session.key, somebody_of(lisbon, "rui@lisbon.example"))

    mail = the_only_mail_to("rui@lisbon.example")
    assert people(session) == [("ana", "registered"), ("rui", "waiting")]
    assert calendar_parts(mail) == []
    assert "One person of each member can have a seat in this session, and somebody else has the one of Lisbon." in (
        words_of(mail)
    )
    assert "All seats" not in words_of(mail) + words_of(mail, "html")


def test_it_holds_without_a_limit_of_seats_too(lisbon: Member) -> None:
    session = a_session(most_per_member=2)

    for name in ("ana", "rui", "eva"):
        register(session.key, somebody_of(lisbon, f"{name}@lisbon.example"))

    assert people(session) == [("ana", "registered"), ("rui", "registered"), ("eva", "waiting")]
    assert "At most 2 people of each member" in words_of(the_only_mail_to("eva@lisbon.example"))


def test_others_of_other_members_partners_and_others_pass_those_who_wait_for_their_members_seat(
    lisbon: Member, porto: Member
) -> None:
    session = a_session(seats=10, most_per_member=1)
    for name in ("ana", "rui"):
        register(session.key, somebody_of(lisbon, f"{name}@lisbon.example"))

    register(session.key, somebody_of(porto, "bo@porto.example"))
    register(session.key, a_registrant("cy@partner.example", affiliation=Affiliation.PARTNER, organisation="UN"))
    register(session.key, a_registrant("di@partner.example", affiliation=Affiliation.PARTNER, organisation="UN"))

    assert dict(people(session)) == {
        "ana": "registered",
        "rui": "waiting",
        "bo": "registered",
        "cy": "registered",
        "di": "registered",
    }


def test_when_one_of_a_member_gives_up_the_first_of_that_member_moves_up(lisbon: Member, porto: Member) -> None:
    session = a_session(seats=2, most_per_member=1)
    ana = a_registration(session, email="ana@lisbon.example", member=lisbon)
    a_registration(session, email="bo@porto.example", member=porto)
    for member, email in ((porto, "cy@porto.example"), (lisbon, "rui@lisbon.example"), (lisbon, "eva@lisbon.example")):
        a_registration(session, email=email, member=member, status=WAITING)

    cancel(ana.token)

    assert people(session)[2:] == [("cy", "waiting"), ("rui", "registered"), ("eva", "waiting")]
    assert kinds_of_mail_to("rui@lisbon.example") == ["promotion"]
    assert kinds_of_mail_to("cy@porto.example") == []


def test_a_free_seat_that_nobody_who_waits_may_have_goes_to_the_next_who_may(lisbon: Member, porto: Member) -> None:
    session = a_session(seats=2, most_per_member=1)
    a_registration(session, email="ana@lisbon.example", member=lisbon)
    partner = a_registration(session, email="cy@partner.example")
    a_registration(session, email="rui@lisbon.example", member=lisbon, status=WAITING)

    cancel(partner.token)
    register(session.key, somebody_of(porto, "bo@porto.example"))

    assert people(session) == [("ana", "registered"), ("cy", "cancelled"), ("rui", "waiting"), ("bo", "registered")]


def test_who_comes_next_waits_behind_somebody_who_may_move_up(porto: Member, lisbon: Member) -> None:
    session = a_session(seats=2, most_per_member=1, starts="2030-05-14T12:00", zone="UTC")
    a_registration(session, email="ana@lisbon.example", member=lisbon)
    a_registration(session, email="cy@partner.example", status=WAITING)

    with time_machine.travel(datetime(2030, 5, 14, 12, 10, tzinfo=UTC), tick=False):  # nobody is promoted any more
        register(session.key, somebody_of(porto, "bo@porto.example"))

    assert people(session)[2] == ("bo", "waiting")


def test_promotion_does_not_ask_about_everybody_who_waits(
    lisbon: Member, count_queries: Callable[[], AbstractContextManager[Counted]]
) -> None:
    session = a_session(seats=300, most_per_member=1)
    a_registration(session, member=lisbon)
    everybody = [a_person() for _ in range(60)]
    db.session.add_all(
        Registration(
            session_id=session.id,
            person_id=person.id,
            language_version_id=session.language_versions[0].id,
            member_id=lisbon.id,
            affiliation=Affiliation.MEMBER,
            given_name="Ana",
            family_name="Sousa",
            language="en",
            timezone="UTC",
            status=WAITING,
            turn=turn,
            erase_after=person.erase_after,
        )
        for turn, person in enumerate(everybody, start=2)
    )
    db.session.commit()
    key = session.key

    with count_queries() as queries, transaction():
        locked = lock_session(key)
        assert locked is not None
        assert promote_waiting(locked, clock.now()) == 0

    assert queries.count == 3  # the session, its seats, who may move up


def test_who_comes_in_a_file_waits_too(lisbon: Member) -> None:
    session = a_session(most_per_member=1)
    a_registration(session, email="ana@lisbon.example", member=lisbon)
    lines = ["email,given_name,family_name,member", "rui@lisbon.example,Rui,Sousa,Lisbon", "cy@x.example,Cy,Sousa,"]

    import_registrations(session.key, "\n".join(lines).encode(), quiet=True)

    assert people(session)[1:] == [("rui", "waiting"), ("cy", "registered")]


def test_ones_own_page_says_why_one_waits(client: FlaskClient, lisbon: Member) -> None:
    session = a_session(seats=5, most_per_member=1)
    a_registration(session, member=lisbon)
    waits = a_registration(session, member=lisbon, status=WAITING)
    full = a_session(seats=1)
    a_registration(full)
    in_line = a_registration(full, status=WAITING)

    page = client.get(f"/en/registrations/{waits.token}").text
    other = client.get(f"/en/registrations/{in_line.token}").text

    assert "One person of each member can have a seat in this session" in page
    assert "can have a seat in this session" not in other


def test_the_form_says_beforehand_that_seats_are_counted_by_member(client: FlaskClient) -> None:
    session = a_session(most_per_member=2)

    page = client.get(f"/en/sessions/{session.key}/register").text
    mailbox = client.get(f"/en/sessions/{session.key}/registered").text

    assert "At most 2 people of each member get a seat." in page
    assert "You get a calendar invitation at once." not in page
    assert "says whether you have a place" in mailbox


# Registering in a session for members.


@pytest.fixture
def for_members() -> WebinarSession:
    return a_session(access=Access.MEMBERS, seats=5)


def test_with_a_mail_address_of_the_member_one_has_a_place_at_once(for_members: WebinarSession, lisbon: Member) -> None:
    register(for_members.key, somebody_of(lisbon, "ana@planning.lisbon.example"))

    assert people(for_members) == [("ana", "registered")]
    assert kinds_of_mail_to("ana@planning.lisbon.example") == ["confirmation"]


def test_everybody_else_is_to_be_approved_and_told_that_somebody_will_look(
    for_members: WebinarSession, lisbon: Member
) -> None:
    register(for_members.key, somebody_of(lisbon, "ana@mail.example"))
    register(for_members.key, a_registrant("bo@lisbon.example"))

    assert people(for_members) == [("ana", "waiting"), ("bo", "waiting")]
    assert [place.approval for place in db.session.scalars(select(Registration))] == [Approval.ASKED] * 2
    mail = the_only_mail_to("ana@mail.example")
    assert mail["Subject"] == "We have your registration: Heat in cities, 14 May 2030"
    assert "the secretariat will look at it" in words_of(mail)
    assert calendar_parts(mail) == []


def test_those_who_ask_keep_nobody_from_a_seat(for_members: WebinarSession, lisbon: Member) -> None:
    register(for_members.key, a_registrant("bo@else.example"))

    register(for_members.key, somebody_of(lisbon, "ana@lisbon.example"))

    assert people(for_members) == [("bo", "waiting"), ("ana", "registered")]


def test_asking_again_changes_nothing_and_reminds_once_a_day(for_members: WebinarSession) -> None:
    with time_machine.travel(datetime(2030, 5, 1, 9, 0, tzinfo=UTC), tick=False) as traveller:
        for minute in (0, 5, 20, 40):
            traveller.move_to(datetime(2030, 5, 1, 9, minute, tzinfo=UTC))
            register(for_members.key, a_registrant("bo@else.example"))

    assert people(for_members) == [("bo", "waiting")]
    assert kinds_of_mail_to("bo@else.example") == ["request", "reminder of place"]
    assert "still to look at it" in words_of(mails_to("bo@else.example")[1])


def test_who_was_declined_may_ask_again(for_members: WebinarSession) -> None:
    place = a_registration(
        for_members, email="bo@else.example", status=RegistrationStatus.CANCELLED, approval=Approval.DECLINED
    )

    register(for_members.key, a_registrant("bo@else.example"))

    db.session.refresh(place, ["status", "approval"])
    assert (place.status, place.approval) == (WAITING, Approval.ASKED)
    assert kinds_of_mail_to("bo@else.example") == ["request"]


def test_who_was_approved_and_gave_up_has_a_place_again_at_once(for_members: WebinarSession) -> None:
    place = a_registration(for_members, email="bo@else.example", approval=Approval.APPROVED)
    cancel(place.token)

    register(for_members.key, a_registrant("bo@else.example"))

    assert people(for_members) == [("bo", "registered")]


def test_the_answer_to_a_form_is_the_same_for_members_and_others(
    client: FlaskClient, for_members: WebinarSession, lisbon: Member
) -> None:
    address = f"/en/sessions/{for_members.key}/register"
    form = {"given_name": "Ana", "family_name": "Sousa", "affiliation": "member", "member": "Lisbon", "privacy": "y"}
    answers = []
    for email in ("ana@lisbon.example", "ana@mail.example", "ana@mail.example"):
        answer = client.post(address, data={**form, "email": email, "language": "en"})
        page = client.get(answer.location).text
        answers.append((answer.status_code, answer.location, page.replace(email, "")))

    assert answers[0] == answers[1] == answers[2]
    assert "says whether you have a place" in answers[0][2]


def test_the_form_says_beforehand_who_may_come(client: FlaskClient, for_members: WebinarSession) -> None:
    page = client.get(f"/en/sessions/{for_members.key}/register").text

    assert "This session is for members of the network" in page
    assert "You get a calendar invitation at once." not in page


def test_ones_own_page_says_that_one_is_to_be_approved_or_was_declined(
    client: FlaskClient, for_members: WebinarSession
) -> None:
    asks = a_registration(for_members, status=WAITING, approval=Approval.ASKED)
    declined = a_registration(for_members, status=RegistrationStatus.CANCELLED, approval=Approval.DECLINED)

    asking = client.get(f"/en/registrations/{asks.token}").text
    no_place = client.get(f"/en/registrations/{declined.token}").text

    assert "the secretariat will look at it" in asking
    assert "on the waiting list" not in asking
    assert "You gave up this place" not in no_place
    assert "The secretariat could not let you come" in no_place


def test_only_where_there_is_a_limit_per_member_it_is_asked_for(
    lisbon: Member, count_queries: Callable[[], AbstractContextManager[Counted]]
) -> None:
    plain, limited = a_session(seats=9).key, a_session(seats=9, most_per_member=5).key
    ana, rui = (somebody_of(lisbon, f"{name}@lisbon.example") for name in ("ana", "rui"))

    with count_queries() as simple:
        register(plain, ana)
    with count_queries() as counted:
        register(limited, rui)

    assert counted.count == simple.count + 1
