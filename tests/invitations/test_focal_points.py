"""A focal point's own page: their city's places and nobody else's, under the rules that hold for everybody."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from tests.conftest import Counted
from tests.factories import (
    a_calendar_entry,
    a_contact,
    a_focal_point_link,
    a_member,
    a_registration,
    a_session,
    a_webinar,
)
from tests.mailbox import all_mail, calendar_of, kinds_of_mail_to, mails_to, the_only_mail_to, words_of
from tests.signing_in import signed_in_as
from webinar.accounts.models import AuditEntry, Role
from webinar.catalogue.models import Access, SessionStatus
from webinar.foundation import clock
from webinar.foundation.db import db
from webinar.invitations.models import FocalPointLink
from webinar.invitations.services.focal_point_page import NoSuchPage, give_back, hand_on, register_colleague
from webinar.invitations.views.focal_point import CHANGES_A_DAY, LINKS_OF_A_MAILBOX, MAILS_TO_A_MAILBOX
from webinar.members.models import Member
from webinar.people.models import Consent, Contact, Purpose
from webinar.people.services.merge_contacts import merge_contacts
from webinar.registration.models import Affiliation, Approval, LeftFor, Registration, RegistrationStatus
from webinar.registration.registrant import Registrant
from webinar.registration.services import NoSuchRegistration

Counting = Callable[[], AbstractContextManager[Counted]]

ANA = "ana@lisbon.example"
BEN = "ben@lisbon.example"
CY = "cy@lisbon.example"


def lisbon() -> Member:
    return a_member("Lisbon", mail_domains=["lisbon.example"])


def a_focal_point(member: Member, email: str = ANA) -> tuple[Contact, str]:
    """Return a focal point of a member, and the token of their page."""
    contact = a_contact(email, member=member, is_focal_point=True, language="en")
    return contact, a_focal_point_link(contact).token


def typed(email: str = BEN, **more: str) -> dict[str, str]:
    return {
        "email": email,
        "given_name": "Ben",
        "family_name": "Alves",
        "role": "Planner",
        "language": "en",
        "mail_language": "en",
        **more,
    }


def a_colleague(email: str = BEN, **more: Any) -> Registrant:
    values: dict[str, Any] = {
        "given_name": "Ben",
        "family_name": "Alves",
        "affiliation": Affiliation.MEMBER,
        "version": "en",
        "language": "en",
        "timezone": "UTC",
    }
    return Registrant(email=email, **{**values, **more})


def places() -> list[tuple[str, RegistrationStatus]]:
    """Return who has, or had, what in all sessions, in their turn."""
    db.session.rollback()
    found = db.session.scalars(select(Registration).order_by(Registration.session_id, Registration.turn)).all()
    return [(place.full_name, place.status) for place in found]


SEAT, WAITS, GONE = RegistrationStatus.REGISTERED, RegistrationStatus.WAITING, RegistrationStatus.CANCELLED


# The page.


def test_it_shows_who_of_the_city_has_what_and_nobody_of_another_city(client: FlaskClient) -> None:
    member = lisbon()
    _contact, token = a_focal_point(member)
    session = a_session("heat", seats=1)
    a_registration(session, member=member, email=BEN, given_name="Ben", family_name="Alves")
    a_registration(
        session, member=member, email=CY, given_name="Cy", family_name="Dias", status=RegistrationStatus.WAITING
    )
    a_registration(session, member=a_member("Oslo"), email="bo@oslo.example", given_name="Bo", family_name="Berg")
    a_registration(a_session("other"), member=member, given_name="Eva", family_name="Gone", status=GONE)
    a_session(webinar=a_webinar(title="A draft"), status=SessionStatus.DRAFT)
    a_session(webinar=a_webinar(title="By link only"), access=Access.WITH_LINK)

    page = client.get(f"/en/focal-points/{token}")

    assert page.status_code == 200
    assert re.findall(r"<strong><bdi>([^<]+)</bdi></strong>", page.text) == ["Ben Alves", "Cy Dias"]
    for hidden in (BEN, CY, "Berg", "Oslo", "Gone", "By link only", "A draft"):
        assert hidden not in page.text
    assert "Has a place" in page.text
    assert "Waits for a seat" in page.text


def test_the_page_is_kept_by_nobody_and_found_by_no_search_engine(client: FlaskClient) -> None:
    _contact, token = a_focal_point(lisbon())

    page = client.get(f"/en/focal-points/{token}")

    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert '<meta name="robots" content="noindex">' in page.text


def test_it_follows_the_contact_to_another_member(client: FlaskClient) -> None:
    contact, token = a_focal_point(lisbon())
    porto = a_member("Porto")
    a_registration(a_session("heat"), member=porto, given_name="Pia", family_name="Reis")

    contact.member = porto
    db.session.commit()

    page = client.get(f"/en/focal-points/{token}").text
    assert "<h1><bdi>Porto</bdi></h1>" in page
    assert "Pia Reis" in page


def test_the_link_leads_nowhere_once_it_is_taken_away_or_the_contact_is_no_focal_point_any_more(
    client: FlaskClient,
) -> None:
    member = lisbon()
    session = a_session("heat")
    place = a_registration(session, member=member, email=CY)
    no_more, first = a_focal_point(member)
    taken, second = a_focal_point(member, "eva@lisbon.example")
    merged, third = a_focal_point(member, "fay@lisbon.example")
    into = a_contact("gil@lisbon.example")
    no_more.is_focal_point = False
    db.session.delete(db.session.get_one(FocalPointLink, taken.id))
    db.session.commit()
    merge_contacts(merged.id, into.id)

    for token in (first, second, third, "x"):
        base = f"/en/focal-points/{token}"
        assert client.get(base).status_code == 404
        assert client.get(f"{base}/sessions/heat/register").status_code == 404
        assert client.post(f"{base}/sessions/heat/register", data=typed()).status_code == 404
        assert client.get(f"{base}/sessions/heat/places/{place.turn}").status_code == 404
        assert client.post(f"{base}/sessions/heat/places/{place.turn}", data=typed()).status_code == 404
        assert client.post(f"{base}/sessions/heat/places/{place.turn}/give-back").status_code == 404
        with pytest.raises(NoSuchPage):
            register_colleague(token, "heat", a_colleague())
        with pytest.raises(NoSuchPage):
            hand_on(token, "heat", place.turn, a_colleague())
        with pytest.raises(NoSuchPage):
            give_back(token, "heat", place.turn)

    assert places() == [(place.full_name, SEAT)]
    assert all_mail() == []


def test_with_many_sessions_and_people_it_asks_a_fixed_number_of_questions(
    client: FlaskClient, count_queries: Counting
) -> None:
    member = lisbon()
    _contact, token = a_focal_point(member)
    counts = []
    for _round in range(2):
        for _number in range(4):
            session = a_session(seats=10, languages=("en", "fr"))
            for _person in range(3):
                a_registration(session, member=member)
        with count_queries() as counted:
            assert client.get(f"/en/focal-points/{token}").status_code == 200
        counts.append(counted.count)

    assert counts[0] == counts[1]


# Registering a colleague.


def test_a_colleague_is_registered_for_the_city_and_told_who_gave_their_name(client: FlaskClient) -> None:
    member = lisbon()
    _contact, token = a_focal_point(member)
    a_session("heat")

    answer = client.post(f"/en/focal-points/{token}/sessions/heat/register", data=typed(" Ben@Lisbon.example "))

    assert (answer.status_code, answer.headers["Location"]) == (303, f"/en/focal-points/{token}")
    place = db.session.scalars(select(Registration)).one()
    assert (place.full_name, place.role, place.member_id, place.timezone) == (
        "Ben Alves",
        "Planner",
        member.id,
        "Europe/Lisbon",
    )
    mail = the_only_mail_to(BEN)
    assert calendar_of(mail).method == "REQUEST"
    assert "Ana Costa, who speaks for your city in our network, has registered you" in words_of(mail)
    assert f"/registrations/{place.token}" in words_of(mail)
    assert "privacy" in words_of(mail)
    told = db.session.scalars(select(Consent)).all()
    assert [(one.purpose, one.source) for one in told] == [(Purpose.NOTICE, "a colleague, session heat")]
    assert "We have written to" in client.get(answer.headers["Location"]).text


def test_whatever_is_sent_along_the_colleague_comes_for_the_focal_points_member(client: FlaskClient) -> None:
    member = lisbon()
    oslo = a_member("Oslo")
    _contact, token = a_focal_point(member)
    a_session("heat")

    client.post(
        f"/en/focal-points/{token}/sessions/heat/register",
        data=typed(member="oslo", member_key="oslo", affiliation="other", organisation="Oslo", newsletter="y"),
    )
    register_colleague(token, "heat", a_colleague(CY, member_key=oslo.key, newsletter=True))

    found = db.session.scalars(select(Registration)).all()
    assert {place.member_id for place in found} == {member.id}
    assert {one.purpose for one in db.session.scalars(select(Consent))} == {Purpose.NOTICE}


def test_sent_twice_it_is_one_place_and_one_mail(client: FlaskClient) -> None:
    _contact, token = a_focal_point(lisbon())
    a_session("heat")

    answers = [client.post(f"/en/focal-points/{token}/sessions/heat/register", data=typed()) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [303, 303]
    assert places() == [("Ben Alves", SEAT)]
    assert kinds_of_mail_to(BEN) == ["confirmation"]


def test_a_colleague_who_comes_for_another_city_keeps_that_place_and_the_answer_is_the_same(
    client: FlaskClient,
) -> None:
    _contact, token = a_focal_point(lisbon())
    oslo = a_member("Oslo")
    place = a_registration(a_session("heat"), member=oslo, email=BEN, given_name="Benjamin")

    answer = client.post(f"/en/focal-points/{token}/sessions/heat/register", data=typed())

    assert answer.status_code == 303
    db.session.expire_all()
    assert (place.given_name, place.member_id) == ("Benjamin", oslo.id)
    assert "Benjamin" not in client.get(f"/en/focal-points/{token}").text


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"registration_closes": "past"}, 409),
        ({"registration_opens": "future"}, 409),
        ({"status": SessionStatus.CANCELLED}, 409),
        ({"status": SessionStatus.DRAFT}, 404),
        ({"access": Access.WITH_LINK}, 404),
        ({"starts": "2020-05-14T13:00"}, 409),
    ],
)
def test_the_rules_of_the_session_hold(client: FlaskClient, more: dict[str, Any], status: int) -> None:
    moments = {"past": clock.now() - timedelta(days=1), "future": clock.now() + timedelta(days=1)}
    _contact, token = a_focal_point(lisbon())
    a_session("heat", **{name: moments.get(value, value) for name, value in more.items()})

    answer = client.post(f"/en/focal-points/{token}/sessions/heat/register", data=typed())

    assert answer.status_code == status
    assert places() == []
    assert all_mail() == []


def test_beyond_the_seats_and_beyond_those_of_the_member_a_colleague_waits(app: Flask) -> None:
    member = lisbon()
    _contact, token = a_focal_point(member)
    full = a_session("full", seats=1)
    a_registration(full)
    few = a_session("few", most_per_member=1)
    a_registration(few, member=member, email=CY)

    register_colleague(token, "full", a_colleague())
    register_colleague(token, "few", a_colleague())

    found = db.session.scalars(select(Registration).where(Registration.given_name == "Ben")).all()
    assert [place.status for place in found] == [WAITS, WAITS]
    assert kinds_of_mail_to(BEN) == ["waiting list", "waiting list"]
    assert "Ana Costa, who speaks for your city" in words_of(mails_to(BEN)[0])


def test_in_a_session_for_members_the_secretariat_looks_at_who_has_another_address(app: Flask) -> None:
    _contact, token = a_focal_point(lisbon())
    a_session("heat", access=Access.MEMBERS)

    register_colleague(token, "heat", a_colleague("ben@consultant.example"))
    register_colleague(token, "heat", a_colleague())

    assert places() == [("Ben Alves", WAITS), ("Ben Alves", SEAT)]
    assert kinds_of_mail_to("ben@consultant.example") == ["request"]


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"email": "ben"}, "An @ is missing."),
        ({"email": "ben@lisbon.example\nBcc: all@lisbon.example"}, "Mail cannot reach this address."),
        ({"given_name": ""}, "Write your colleague"),
        ({"family_name": "https://evil.example"}, "Write only the name"),
        ({"family_name": "a" * 101}, "Write at most 100 characters."),
        ({"language": "de"}, "This session cannot be followed in that language."),
        ({"mail_language": "xx"}, "Choose one of these."),
    ],
)
def test_what_is_wrong_is_said_at_its_place_and_nothing_is_stored(
    client: FlaskClient, wrong: dict[str, str], told: str
) -> None:
    _contact, token = a_focal_point(lisbon())
    a_session("heat", languages=("en", "fr"))

    answer = client.post(f"/en/focal-points/{token}/sessions/heat/register", data=typed(**wrong))

    assert answer.status_code == 422
    assert told in answer.text
    assert "Planner" in answer.text
    assert places() == []


def test_a_focal_point_writes_to_so_many_people_a_day_and_to_one_mailbox_less_often(client: FlaskClient) -> None:
    _contact, token = a_focal_point(lisbon())
    a_session("heat")
    address = f"/en/focal-points/{token}/sessions/heat/register"

    to_one = [
        client.post(address, data=typed(f"ben+{number}@lisbon.example")).status_code
        for number in range(MAILS_TO_A_MAILBOX + 1)
    ]
    to_many = [
        client.post(address, data=typed(f"person{number}@lisbon.example")).status_code
        for number in range(CHANGES_A_DAY - len(to_one) + 1)
    ]

    assert to_one == [303] * MAILS_TO_A_MAILBOX + [429]
    assert to_many == [303] * (len(to_many) - 1) + [429]


# Handing places on, and giving them back.


def test_a_place_is_handed_on_and_both_are_told_by_whom(client: FlaskClient) -> None:
    member = lisbon()
    _contact, token = a_focal_point(member)
    place = a_registration(a_session("heat", seats=1), member=member, email=CY, given_name="Cy", family_name="Dias")
    a_calendar_entry(place, announced_sequence=0)
    address = f"/en/focal-points/{token}/sessions/heat/places/{place.turn}"
    assert client.get(address).status_code == 200
    assert places() == [("Cy Dias", SEAT)]

    answer = client.post(address, data=typed())

    assert answer.status_code == 303
    assert sorted(places()) == sorted([("Ben Alves", SEAT), ("Cy Dias", GONE)])
    db.session.expire_all()
    assert place.left_for is LeftFor.HANDED_OVER
    assert calendar_of(the_only_mail_to(CY)).method == "CANCEL"
    assert "Ana Costa, who speaks for your city in our network, has given your place to a colleague" in words_of(
        the_only_mail_to(CY)
    )
    assert calendar_of(the_only_mail_to(BEN)).method == "REQUEST"
    assert "Ana Costa, who speaks for your city in our network, has registered you" in words_of(the_only_mail_to(BEN))
    assert "Cy" not in words_of(the_only_mail_to(BEN))


def test_a_place_is_given_back_and_the_next_in_line_gets_it(client: FlaskClient) -> None:
    member = lisbon()
    _contact, token = a_focal_point(member)
    session = a_session("heat", seats=1)
    place = a_registration(session, member=member, email=CY)
    a_registration(session, email="bo@oslo.example", status=WAITS, turn=place.turn + 1)
    address = f"/en/focal-points/{token}/sessions/heat/places/{place.turn}/give-back"
    assert client.get(address).status_code == 405

    answers = [client.post(address).status_code for _ in range(2)]

    assert answers == [303, 404]
    assert [status for _name, status in places()] == [GONE, SEAT]
    assert kinds_of_mail_to(CY) == ["cancellation"]
    assert kinds_of_mail_to("bo@oslo.example") == ["promotion"]
    assert "has given your place back" in words_of(the_only_mail_to(CY))


def test_places_of_another_city_cannot_be_reached(client: FlaskClient) -> None:
    _contact, token = a_focal_point(lisbon())
    session = a_session("heat")
    theirs = a_registration(session, member=a_member("Oslo"), email="bo@oslo.example")
    nobodys = a_registration(session, email="fay@uni.example", turn=theirs.turn + 1)
    hidden = a_registration(
        a_session("hidden", access=Access.WITH_LINK), member=db.session.get(Member, _contact.member_id)
    )
    before = places()

    for key, turn in (
        ("heat", theirs.turn),
        ("heat", nobodys.turn),
        ("hidden", hidden.turn),
        ("heat", 0),
        ("heat", 10**30),
        ("none", theirs.turn),
    ):
        address = f"/en/focal-points/{token}/sessions/{key}/places/{turn}"
        assert client.get(address).status_code == 404
        assert client.post(address, data=typed()).status_code == 404
        assert client.post(f"{address}/give-back").status_code == 404
        with pytest.raises(NoSuchRegistration):
            give_back(token, key, turn)
        with pytest.raises(NoSuchRegistration):
            hand_on(token, key, turn, a_colleague())

    assert places() == before
    assert all_mail() == []


def test_a_place_is_not_handed_to_who_has_it_nor_while_the_secretariat_decides(client: FlaskClient) -> None:
    member = lisbon()
    _contact, token = a_focal_point(member)
    session = a_session("heat", access=Access.MEMBERS)
    place = a_registration(session, member=member, email=CY)
    asked = a_registration(
        session, member=member, email="di@uni.example", status=WAITS, approval=Approval.ASKED, turn=place.turn + 1
    )
    base = f"/en/focal-points/{token}/sessions/heat/places"

    own = client.post(f"{base}/{place.turn}", data=typed(CY))
    outside = client.post(f"{base}/{place.turn}", data=typed("ben@uni.example"))
    undecided = client.post(f"{base}/{asked.turn}", data=typed())

    assert (own.status_code, outside.status_code, undecided.status_code) == (422, 422, 409)
    assert [status for _name, status in places()] == [SEAT, WAITS]
    assert all_mail() == []


def test_when_a_session_is_over_its_places_stay_as_they_are(client: FlaskClient) -> None:
    member = lisbon()
    _contact, token = a_focal_point(member)
    place = a_registration(a_session("heat", starts="2020-05-14T13:00"), member=member, email=CY)
    address = f"/en/focal-points/{token}/sessions/heat/places/{place.turn}"

    assert client.get(address).status_code == 302
    assert client.post(address, data=typed()).status_code == 409
    assert client.post(f"{address}/give-back").status_code == 409

    assert [status for _name, status in places()] == [SEAT]


# What the staff do.


def test_the_staff_send_the_link_and_the_same_one_again(client: FlaskClient) -> None:
    signed_in_as(client, Role.ORGANISER)
    contact = a_contact(ANA, member=lisbon(), is_focal_point=True, language="fr")

    for _ in range(2):
        assert client.post(f"/staff/contacts/{contact.id}/own-page").status_code == 303

    token = db.session.scalars(select(FocalPointLink.token)).one()
    links = [re.findall(r"/\w\w/focal-points/[\w-]+", words_of(mail)) for mail in mails_to(ANA)]
    assert links == [[f"/fr/focal-points/{token}"]] * 2
    assert client.get(f"/fr/focal-points/{token}").status_code == 200
    done = db.session.scalars(select(AuditEntry.action).where(AuditEntry.subject == f"contact {contact.id}")).all()
    assert done == ["sent a link to", "sent a link to"]


def test_a_link_that_was_taken_away_does_not_come_back_with_the_next(client: FlaskClient) -> None:
    signed_in_as(client, Role.ORGANISER)
    contact, token = a_focal_point(lisbon())

    client.post(f"/staff/contacts/{contact.id}/own-page/take-away")
    client.post(f"/staff/contacts/{contact.id}/own-page/take-away")
    client.post(f"/staff/contacts/{contact.id}/own-page")

    assert client.get(f"/en/focal-points/{token}").status_code == 404
    assert db.session.scalars(select(FocalPointLink.token)).one() != token


def test_who_is_no_focal_point_gets_no_link(client: FlaskClient) -> None:
    signed_in_as(client, Role.ORGANISER)
    contact = a_contact(ANA)

    answer = client.post(f"/staff/contacts/{contact.id}/own-page", follow_redirects=True)

    assert "Only a focal point of a member has a page of their own." in answer.text
    assert all_mail() == []
    assert db.session.scalar(select(func.count()).select_from(FocalPointLink)) == 0


def test_only_organisers_send_and_take_away_links(client: FlaskClient) -> None:
    signed_in_as(client, Role.VIEWER)
    contact, token = a_focal_point(lisbon())

    page = client.get(f"/staff/contacts/{contact.id}/own-page")

    assert page.status_code == 200
    assert token not in page.text
    assert client.post(f"/staff/contacts/{contact.id}/own-page").status_code == 403
    assert client.post(f"/staff/contacts/{contact.id}/own-page/take-away").status_code == 403
    assert client.get("/staff/contacts/999999999999/own-page").status_code == 404
    assert all_mail() == []


# The link was lost.


def test_a_lost_link_is_sent_again_and_the_answer_is_the_same_for_every_address(client: FlaskClient) -> None:
    member = lisbon()
    _contact, token = a_focal_point(member)
    a_contact("without.link@lisbon.example", member=member, is_focal_point=True)
    a_contact("no.focal.point@lisbon.example", member=member)
    no_more, _old = a_focal_point(member, "no.more@lisbon.example")
    no_more.is_focal_point = False
    db.session.commit()
    pages = set()
    for email in (
        ANA,
        "without.link@lisbon.example",
        "no.focal.point@lisbon.example",
        no_more.person.email,
        "x@y.example",
    ):
        answer = client.post("/en/focal-points", data={"email": email})
        page = client.get(answer.headers["Location"])
        pages.add((answer.status_code, page.status_code, page.text.replace(str(email), "ADDRESS")))

    assert len(pages) == 1
    assert [mail.to_address for mail in all_mail()] == [ANA]
    assert f"/en/focal-points/{token}" in words_of(the_only_mail_to(ANA))


def test_a_link_that_leads_nowhere_says_how_to_get_one_that_does(client: FlaskClient) -> None:
    answer = client.get("/en/focal-points/cut")

    assert answer.status_code == 404
    assert 'href="/en/focal-points"' in answer.text


def test_nobodys_mailbox_is_filled_by_asking_for_a_link(client: FlaskClient) -> None:
    a_focal_point(lisbon())

    codes = [client.post("/en/focal-points", data={"email": ANA}).status_code for _ in range(LINKS_OF_A_MAILBOX + 1)]

    assert codes == [303] * LINKS_OF_A_MAILBOX + [429]
    assert len(all_mail()) == LINKS_OF_A_MAILBOX
    assert client.post("/en/focal-points", data={"email": "nobody"}).status_code == 422
