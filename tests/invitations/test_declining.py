"""The page of an invitation: saying that one cannot come, and taking that back."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.factories import a_contact, a_member, a_registration, a_session, a_webinar, an_invitation, an_invited_entry
from tests.mailbox import all_mail, calendar_of, kinds_of_mail_to, mails_to, the_only_mail_to, words_of
from tests.registration.test_services import a_registrant
from webinar.calendars.models import CalendarEntry, EntryStatus
from webinar.catalogue.models import SessionStatus, WebinarSession
from webinar.foundation import clock
from webinar.foundation.db import db
from webinar.invitations.models import Invitation
from webinar.invitations.services.decline import CHANGES_A_DAY
from webinar.people.models import MailKind
from webinar.people.services.unsubscribe import unsubscribe_links
from webinar.registration.services import register

ANA = "ana@lisbon.example"
DESCRIBED = datetime(2030, 5, 1, 9, 0, tzinfo=UTC)


@pytest.fixture
def invitation(app: object) -> Invitation:
    """Return an invitation whose entry stands in the calendar."""
    return an_invitation_with_entry()


def an_invitation_with_entry(session: WebinarSession | None = None, **more: Any) -> Invitation:
    session = session or a_session("heat", webinar=a_webinar("heat", titles={"en": "Heat", "fr": "Chaleur"}))
    contact = a_contact(ANA, language="fr")
    an_invited_entry(session, contact.person, **{"language": "fr", **more})
    return an_invitation(session, contact.person)


def page_of(invitation: Invitation, lang: str = "en") -> str:
    return f"/{lang}/invitations/{invitation.token}"


def entry() -> CalendarEntry:
    db.session.rollback()
    return db.session.scalars(select(CalendarEntry).execution_options(populate_existing=True)).one()


def known() -> Invitation:
    db.session.rollback()
    return db.session.scalars(select(Invitation).execution_options(populate_existing=True)).one()


def test_looking_changes_nothing(invitation: Invitation, client: FlaskClient) -> None:
    for _time in range(10):
        assert "I cannot come" in client.get(page_of(invitation)).text

    assert known().declined_at is None
    assert all_mail() == []


def test_who_declines_gets_a_cancellation_in_their_language_under_a_higher_sequence(
    invitation: Invitation, client: FlaskClient
) -> None:
    uid = entry().uid

    page = client.post(page_of(invitation))

    assert page.status_code == 200
    assert "You said that you cannot come" in page.text
    assert known().declined_at is not None
    told = calendar_of(the_only_mail_to(ANA))
    assert (told.method, told.uid, told.sequence) == ("CANCEL", uid, 1)
    assert entry().status is EntryStatus.CANCELLED
    assert f"/fr/invitations/{invitation.token}" in words_of(the_only_mail_to(ANA))
    assert invitation.token not in str(told)


@pytest.mark.parametrize(("city", "hours"), [("Toronto", "for you in Toronto"), (None, "in Madrid")])
def test_the_mail_after_a_no_tells_the_hour_of_the_readers_city_and_never_takes_another_for_it(
    client: FlaskClient, city: str | None, hours: str
) -> None:
    session = a_session("heat", zone="Europe/Madrid")
    member = a_member(city, timezone="America/Toronto") if city else None
    contact = a_contact(ANA, member=member)
    an_invited_entry(session, contact.person, language="en")

    client.post(page_of(an_invitation(session, contact.person)))

    words = words_of(the_only_mail_to(ANA))
    assert hours in words
    assert "for you in Madrid" not in words


def test_declining_twice_is_declining_once(invitation: Invitation, client: FlaskClient) -> None:
    client.post(page_of(invitation))
    first = known().declined_at

    client.post(page_of(invitation))

    assert known().declined_at == first
    assert kinds_of_mail_to(ANA) == ["invitation declined"]


def test_who_takes_it_back_has_the_entry_again_under_the_same_uid(invitation: Invitation, client: FlaskClient) -> None:
    uid = entry().uid
    client.post(page_of(invitation))

    client.post(page_of(invitation) + "/again")

    assert known().declined_at is None
    _gone, back = [calendar_of(mail) for mail in mails_to(ANA)]
    assert (back.method, back.uid, back.sequence) == ("REQUEST", uid, 2)
    assert invitation.token not in str(back)


def test_who_declines_and_registers_after_all_keeps_the_uid_and_the_sequence_rises(
    invitation: Invitation, client: FlaskClient
) -> None:
    uid = entry().uid
    client.post(page_of(invitation))

    register("heat", a_registrant(ANA))

    told = [(part.method, part.uid, part.sequence) for part in map(calendar_of, mails_to(ANA))]
    assert told == [("CANCEL", uid, 1), ("REQUEST", uid, 2)]


@pytest.mark.parametrize("announced", [None])
def test_an_entry_that_was_never_sent_brings_no_mail(client: FlaskClient, announced: int | None) -> None:
    invitation = an_invitation_with_entry(announced_sequence=announced, dtstamp=None)

    client.post(page_of(invitation))
    client.post(page_of(invitation) + "/again")

    assert all_mail() == []
    assert entry().status is EntryStatus.CONFIRMED


def test_who_has_a_place_is_told_where_to_give_it_up_and_cannot_decline(
    invitation: Invitation, client: FlaskClient
) -> None:
    a_registration(invitation.session, person=invitation.person)

    page = client.get(page_of(invitation)).text
    answer = client.post(page_of(invitation))

    assert "You are registered" in page
    assert "I cannot come</button>" not in page
    assert (answer.status_code, known().declined_at) == (409, None)
    assert all_mail() == []


def test_a_withdrawn_invitation_says_so_and_takes_no_answer(invitation: Invitation, client: FlaskClient) -> None:
    invitation.withdrawn_at = clock.now()
    db.session.commit()

    assert "The invitation was withdrawn" in client.get(page_of(invitation)).text
    assert client.post(page_of(invitation)).status_code == 409


@pytest.mark.parametrize("how", ["cancelled", "over", "running"])
def test_a_session_that_is_not_to_come_takes_no_answer(client: FlaskClient, how: str) -> None:
    session = a_session("heat", starts="2030-05-14T13:00", minutes=75)
    invitation = an_invitation_with_entry(session)
    if how == "cancelled":
        session.status = SessionStatus.CANCELLED
        db.session.commit()
    moment = {"cancelled": session.starts_at, "over": session.ends_at, "running": session.starts_at}[how]

    with time_machine.travel(moment if how != "cancelled" else DESCRIBED, tick=False):
        page, answer = client.get(page_of(invitation)), client.post(page_of(invitation))

    assert (page.status_code, answer.status_code) == (200, 409)
    assert known().declined_at is None


@pytest.mark.parametrize("token", ["nonsense", "a" * 3000, "' OR 1=1 --"])
def test_a_token_that_is_none_leads_nowhere(invitation: Invitation, client: FlaskClient, token: str) -> None:
    assert client.get(f"/en/invitations/{token}").status_code == 404
    assert client.post(f"/en/invitations/{token}").status_code == 404
    assert client.post(f"/en/invitations/{token}/again").status_code == 404


def test_whoever_was_erased_has_no_page_any_more(invitation: Invitation, client: FlaskClient) -> None:
    invitation.person.email, invitation.person.erased_at = None, clock.now()
    db.session.commit()

    assert client.get(page_of(invitation)).status_code == 404


def test_the_page_shows_no_address_and_no_name(invitation: Invitation, client: FlaskClient) -> None:
    page = client.get(page_of(invitation)).text

    assert ANA not in page
    assert "Costa" not in page


def test_it_offers_the_page_to_pass_on_and_no_more_invitations(invitation: Invitation, client: FlaskClient) -> None:
    with db.session.begin_nested():
        token = unsubscribe_links([invitation.person_id], MailKind.INVITATIONS)[invitation.person_id]
    db.session.commit()

    page = client.get(page_of(invitation)).text

    assert re.search(r'href="/en/webinars/heat"[^>]*>The page to pass on', page)
    assert f"/unsubscribe/{token}?lang=en" in page


def test_nobody_fills_a_mailbox_by_changing_their_mind(invitation: Invitation, client: FlaskClient) -> None:
    for _time in range(CHANGES_A_DAY):
        client.post(page_of(invitation))
        client.post(page_of(invitation) + "/again")

    assert len(all_mail()) == CHANGES_A_DAY
    assert client.post(page_of(invitation)).status_code == 409


def test_who_is_asked_to_several_days_can_say_no_to_all_of_them_at_once(
    invitation: Invitation, client: FlaskClient
) -> None:
    webinar = invitation.session.webinar
    days = [a_session(f"heat-{number}", webinar=webinar) for number in range(3)]
    theirs = [an_invitation(day, invitation.person) for day in days]
    a_registration(days[2], person=invitation.person)
    elsewhere = an_invitation(a_session("other"), invitation.person)
    somebody = an_invitation(days[0], a_contact("bo@lisbon.example").person)

    before = client.get(page_of(invitation)).text
    after = client.post(page_of(invitation), data={"days": "all"}).text

    db.session.expire_all()
    assert "You are invited to this webinar on 2 other days too." in before
    assert "on any day" not in after
    said_no = [one.declined_at is not None for one in (invitation, *theirs, elsewhere, somebody)]
    assert said_no == [True, True, True, False, False, False]
    assert entry().status is EntryStatus.CANCELLED


def test_who_said_no_to_one_day_can_still_say_no_to_the_others(invitation: Invitation, client: FlaskClient) -> None:
    other = an_invitation(a_session("heat-2", webinar=invitation.session.webinar), invitation.person)
    assert "on another day too" in client.post(page_of(invitation)).text
    assert other.declined_at is None

    client.post(page_of(invitation), data={"days": "all"})

    db.session.expire_all()
    assert other.declined_at is not None
    assert len(all_mail()) == 1
