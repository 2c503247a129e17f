"""Sessions for members: who comes at once, whom the organisers look at first, and what they decide."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.factories import a_member, a_registration, a_session
from tests.mailbox import all_mail, calendar_of, calendar_parts, kinds_of_mail_to, the_only_mail_to, words_of
from tests.signing_in import signed_in_as
from webinar.accounts.models import AuditEntry, Role
from webinar.catalogue.models import Access, SessionStatus, WebinarSession
from webinar.foundation.db import db
from webinar.registration.models import Approval, Registration, RegistrationStatus
from webinar.registration.queries import seating_of
from webinar.registration.services import NoSuchRegistration, cancel
from webinar.registration.services.approval import (
    DecidedAlready,
    TooLateToDecide,
    approval_for,
    approve,
    decline,
)

Decide = Callable[[str, int], object]

pytestmark = pytest.mark.usefixtures("app")


def a_request(session: WebinarSession, email: str | None = "eva@else.example", **more: Any) -> Registration:
    return a_registration(
        session,
        email=email,
        given_name="Eva",
        status=RegistrationStatus.WAITING,
        approval=Approval.ASKED,
        **more,
    )


def state_of(place: Registration) -> tuple[str, str | None]:
    db.session.refresh(place, ["status", "approval"])
    return place.status.value, place.approval.value if place.approval else None


def audited() -> list[tuple[str, str, dict[str, object]]]:
    return [
        (entry.action, entry.subject, entry.changes)
        for entry in db.session.scalars(select(AuditEntry).order_by(AuditEntry.id))
    ]


@pytest.mark.parametrize(
    ("email", "needed"),
    [
        ("ana@lisbon.example", None),
        ("ana@planning.lisbon.example", None),
        ("ana@notlisbon.example", Approval.ASKED),
        ("ana@lisbon.example.evil.example", Approval.ASKED),
        ("ana@example", Approval.ASKED),
        ("ana@porto.example", Approval.ASKED),  # of another member
        ("ana@metro.lisbon.example", Approval.ASKED),  # the nearest domain is another's
    ],
)
def test_with_an_address_of_the_member_one_comes_at_once(email: str, needed: Approval | None) -> None:
    lisbon = a_member("Lisbon", mail_domains=["lisbon.example"])
    a_member("Porto", mail_domains=["porto.example"])
    a_member("Lisbon metro", mail_domains=["metro.lisbon.example"])
    session = a_session(access=Access.MEMBERS)

    assert approval_for(session, lisbon, email, None) is needed


def test_a_domain_that_two_members_share_is_good_for_both() -> None:
    city, area = (a_member(name, mail_domains=["barcelona.example"]) for name in ("Barcelona", "AMB"))
    session = a_session(access=Access.MEMBERS)

    assert approval_for(session, city, "ana@barcelona.example", None) is None
    assert approval_for(session, area, "ana@barcelona.example", None) is None


def test_who_comes_for_no_member_is_looked_at_whatever_their_address() -> None:
    a_member("Lisbon", mail_domains=["lisbon.example"])

    assert approval_for(a_session(access=Access.MEMBERS), None, "ana@lisbon.example", None) is Approval.ASKED


@pytest.mark.parametrize("access", [Access.EVERYONE, Access.WITH_LINK])
def test_where_no_membership_is_needed_nobody_is_looked_at(access: Access) -> None:
    assert approval_for(a_session(access=access), None, "ana@else.example", None) is None


def test_who_was_approved_once_is_not_looked_at_again_but_who_was_declined_is() -> None:
    session = a_session(access=Access.MEMBERS)

    assert approval_for(session, None, "eva@else.example", Approval.APPROVED) is Approval.APPROVED
    assert approval_for(session, None, "eva@else.example", Approval.DECLINED) is Approval.ASKED


def test_approving_gives_a_seat_with_the_calendar_entry_and_the_organisers_word() -> None:
    session = a_session(access=Access.MEMBERS, seats=1)
    place = a_request(session)

    assert approve(session.key, place.turn, "Welcome, <b>Eva</b>!") is RegistrationStatus.REGISTERED

    mail = the_only_mail_to("eva@else.example")
    assert state_of(place) == ("registered", "approved")
    assert calendar_of(mail).status == "CONFIRMED"
    assert mail["Subject"] == "Your place: Heat in cities, 14 May 2030"
    assert "The secretariat writes to you:\r\nWelcome, <b>Eva</b>!\r\n" in words_of(mail)
    assert "Welcome, &lt;b&gt;Eva&lt;/b&gt;!" in words_of(mail, "html")
    assert kinds_of_mail_to("eva@else.example") == ["approval"]
    assert audited() == [("approved", f"session {session.key}", {"registration": place.turn})]


def test_without_a_word_the_mail_says_nothing_of_one() -> None:
    session = a_session(access=Access.MEMBERS)

    approve(session.key, a_request(session).turn)

    assert "writes to you" not in words_of(the_only_mail_to("eva@else.example"))


def test_who_is_approved_when_every_seat_is_taken_waits_by_when_they_asked() -> None:
    session = a_session(access=Access.MEMBERS, seats=1)
    first = a_request(session)
    seated = a_registration(session)
    later = a_registration(session, status=RegistrationStatus.WAITING)

    assert approve(session.key, first.turn) is RegistrationStatus.WAITING

    mail = the_only_mail_to("eva@else.example")
    assert calendar_parts(mail) == []
    assert "you may come" in words_of(mail)
    assert "All seats of this session are taken" in words_of(mail)
    cancel(seated.token)
    assert state_of(first) == ("registered", "approved")
    assert state_of(later) == ("waiting", None)


def test_who_is_approved_for_a_member_that_has_all_its_seats_waits_and_is_told_why() -> None:
    session = a_session(access=Access.MEMBERS, most_per_member=1)
    lisbon = a_member("Lisbon <3")
    a_registration(session, member=lisbon)
    place = a_request(session, member=lisbon)

    assert approve(session.key, place.turn) is RegistrationStatus.WAITING

    mail = the_only_mail_to("eva@else.example")
    assert "One person of each member can have a seat in this session" in words_of(mail)
    assert "<bdi>Lisbon &lt;3</bdi>" in words_of(mail, "html")


def test_declining_takes_the_turn_and_tells_the_organisers_word() -> None:
    session = a_session(access=Access.MEMBERS)
    place = a_request(session)

    decline(session.key, place.turn, "Please come to the open session in June.")

    mail = the_only_mail_to("eva@else.example")
    assert state_of(place) == ("cancelled", "declined")
    assert calendar_parts(mail) == []
    assert "cannot give you a place" in words_of(mail)
    assert "Please come to the open session in June." in words_of(mail)
    assert audited() == [("declined", f"session {session.key}", {"registration": place.turn})]


@pytest.mark.parametrize("first", [approve, decline])
@pytest.mark.parametrize("second", [approve, decline])
def test_what_was_decided_is_not_decided_again(first: Decide, second: Decide) -> None:
    session = a_session(access=Access.MEMBERS)
    place = a_request(session)
    first(session.key, place.turn)
    decided = state_of(place)

    with pytest.raises(DecidedAlready, match=r"Eva Sousa has been (approved|declined) already"):
        second(session.key, place.turn)

    assert state_of(place) == decided
    assert len(all_mail()) == 1


def test_who_has_taken_the_request_back_is_not_decided_on() -> None:
    session = a_session(access=Access.MEMBERS)
    place = a_request(session)
    cancel(place.token)

    with pytest.raises(DecidedAlready, match="does not wait to be approved any more"):
        approve(session.key, place.turn)

    assert place.status is RegistrationStatus.CANCELLED
    assert kinds_of_mail_to("eva@else.example") == ["cancellation"]


@pytest.mark.parametrize("decide", [approve, decline])
def test_nothing_is_decided_once_the_session_is_over_or_cancelled(decide: Decide) -> None:
    over = a_session(access=Access.MEMBERS, starts="2030-05-14T12:00", zone="UTC", minutes=60)
    cancelled = a_session(access=Access.MEMBERS, status=SessionStatus.CANCELLED)
    places = [a_request(over), a_request(cancelled, "rui@else.example")]

    with time_machine.travel(datetime(2030, 5, 14, 13, 0, tzinfo=UTC), tick=False):
        for place, told in zip(places, ("is over", "has been cancelled"), strict=True):
            with pytest.raises(TooLateToDecide, match=told):
                decide(place.session.key, place.turn)

    assert [state_of(place) for place in places] == [("waiting", "asked")] * 2
    assert all_mail() == []


def test_nobody_is_decided_on_who_is_not_there() -> None:
    session = a_session(access=Access.MEMBERS)

    with pytest.raises(NoSuchRegistration):
        approve(session.key, 7)
    with pytest.raises(NoSuchRegistration):
        approve("no-such-session", 1)


def test_who_asks_stands_in_no_line_and_no_free_seat_reaches_them() -> None:
    session = a_session(access=Access.MEMBERS, seats=1)
    asks = a_request(session)
    seated = a_registration(session)

    cancel(seated.token)

    assert state_of(asks) == ("waiting", "asked")
    assert seating_of(session.id) == (0, 0, 1, 2)
    assert kinds_of_mail_to("eva@else.example") == []


def test_the_mail_comes_in_the_language_of_the_person() -> None:
    session = a_session(access=Access.MEMBERS, languages=("fr",))
    place = a_request(session, language="fr")

    decline(session.key, place.turn, "See you in June.")

    assert [mail.language for mail in all_mail()] == ["fr"]


# The organisers' pages.


@pytest.fixture
def organiser(client: FlaskClient) -> FlaskClient:
    signed_in_as(client, Role.ORGANISER)
    return client


PAGE = "/staff/sessions/board/registrations"


def test_the_registrations_of_a_session_begin_with_those_to_approve(organiser: FlaskClient) -> None:
    session = a_session("board", access=Access.MEMBERS)
    lisbon = a_member("Lisbon", mail_domains=["lisbon.example"])
    a_request(session, member=lisbon)
    a_registration(session, status=RegistrationStatus.WAITING)

    page = organiser.get(PAGE).text
    narrowed = organiser.get(f"{PAGE}?status=to_approve").text
    waiting = organiser.get(f"{PAGE}?status=waiting").text

    assert "1 person to approve" in page
    assert "eva@else.example" in page
    assert "end in lisbon.example" in page
    assert "1–1 of 1 people" in narrowed
    assert "1–1 of 1 people" in waiting
    assert waiting != narrowed


def test_where_nobody_asks_nothing_is_to_approve(organiser: FlaskClient) -> None:
    a_registration(a_session("board", access=Access.MEMBERS))

    assert "to-approve" not in organiser.get(PAGE).text


@pytest.mark.parametrize(
    ("decision", "told", "becomes"),
    [
        ("approve", "has been approved and has a place", ("registered", "approved")),
        ("decline", "has been declined", ("cancelled", "declined")),
    ],
)
def test_one_click_settles_it_and_says_so(
    organiser: FlaskClient, decision: str, told: str, becomes: tuple[str, str]
) -> None:
    place = a_request(a_session("board", access=Access.MEMBERS))

    answer = organiser.post(f"{PAGE}/{place.turn}/approval", data={"decision": decision, "word": " Hello. "})

    assert (answer.status_code, answer.location) == (303, PAGE)
    assert told in organiser.get(PAGE).text
    assert state_of(place) == becomes
    assert "The secretariat writes to you:\r\nHello.\r\n" in words_of(the_only_mail_to("eva@else.example"))


def test_a_word_that_is_too_long_is_refused_with_everything_typed_kept(organiser: FlaskClient) -> None:
    place = a_request(a_session("board", access=Access.MEMBERS))

    answer = organiser.post(f"{PAGE}/{place.turn}/approval", data={"decision": "decline", "word": "w" * 501})

    assert answer.status_code == 422
    assert "Write at most 500 characters." in answer.text
    assert "w" * 501 in answer.text
    assert state_of(place) == ("waiting", "asked")


def test_a_second_organiser_is_told_that_it_is_settled(organiser: FlaskClient) -> None:
    place = a_request(a_session("board", access=Access.MEMBERS))
    decline("board", place.turn)

    page = organiser.post(f"{PAGE}/{place.turn}/approval", data={"decision": "approve"}, follow_redirects=True)

    assert "Eva Sousa has been declined already. Nothing was changed." in page.text
    assert state_of(place) == ("cancelled", "declined")


def test_a_viewer_sees_who_asks_and_settles_nothing(client: FlaskClient) -> None:
    place = a_request(a_session("board", access=Access.MEMBERS))
    signed_in_as(client, Role.VIEWER)

    assert "1 person to approve" in client.get(PAGE).text
    assert "approval" not in client.get(PAGE).text
    assert client.post(f"{PAGE}/{place.turn}/approval", data={"decision": "approve"}).status_code == 403
    assert state_of(place) == ("waiting", "asked")


@pytest.mark.parametrize("path", ["board/registrations/7", f"board/registrations/{2**40}", "none/registrations/1"])
@pytest.mark.parametrize("data", [{"decision": "approve"}, {"decision": "both"}, {}])
def test_an_address_of_nobody_settles_nothing(organiser: FlaskClient, path: str, data: dict[str, str]) -> None:
    place = a_request(a_session("board", access=Access.MEMBERS))

    answer = organiser.post(f"/staff/sessions/{path}/approval", data=data)

    assert answer.status_code in {303, 404}
    assert state_of(place) == ("waiting", "asked")


def test_one_registration_says_that_it_is_to_be_approved_and_what_was_decided(organiser: FlaskClient) -> None:
    place = a_request(a_session("board", access=Access.MEMBERS))
    assert "To approve" in organiser.get(f"{PAGE}/{place.turn}").text

    decline("board", place.turn)

    assert "Declined" in organiser.get(f"{PAGE}/{place.turn}").text
