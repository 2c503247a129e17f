"""Registering from an invitation: the form filled in with what is known, and what it tells to whom it is passed on."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.factories import (
    a_contact,
    a_member,
    a_person,
    a_question,
    a_registration,
    a_session,
    an_invitation,
    an_invited_entry,
)
from tests.mailbox import calendar_of, mails_to, the_only_mail_to
from tests.registration.test_views_registering import a_form, stored
from webinar.calendars.models import CalendarEntry
from webinar.catalogue.models import Access, SessionStatus, WebinarSession
from webinar.foundation import clock
from webinar.foundation.db import db
from webinar.invitations.models import Invitation
from webinar.people.models import Contact, Person
from webinar.registration.models import Affiliation, RegistrationStatus

CountQueries = Callable[[], AbstractContextManager[Any]]
ANA = "ana.costa@lisbon.example"


def an_invited_official(session: WebinarSession, email: str = ANA, **more: Any) -> Invitation:
    """Return the invitation of somebody who is known well."""
    member = a_member("Lisbon", timezone="Europe/Lisbon")
    contact = a_contact(email, member=member, role="Mayor's office", language="fr", **more)
    return an_invitation(session, contact.person)


def address_of(invitation: Invitation, lang: str = "en", key: str = "heat") -> str:
    return f"/{lang}/sessions/{key}/register?invitation={invitation.token}"


def fields_of(page: str) -> dict[str, str]:
    """Return what a browser would send if its user only pressed the button."""
    form = page[page.index('<form class="form"') : page.index('<button class="button primary')]
    found = {}
    for tag in re.findall(r"<input[^>]*>", form):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and (not re.search("checkbox|radio", tag) or " checked" in tag):
            found[name[1]] = value[1] if value else ""
    if chosen := re.search(r'<option value="([^"]*)"[^>]* selected>', form):
        found["language"] = chosen[1]
    return {name: value.replace("&#39;", "'") for name, value in found.items()}


def test_the_button_of_the_mail_and_one_press_register_with_what_is_known(app: Flask, client: FlaskClient) -> None:
    session = a_session("heat", languages=("en", "fr"))
    invitation = an_invited_official(session)
    page = client.get(address_of(invitation))

    answer = client.post(address_of(invitation), data=fields_of(page.text))

    assert (answer.status_code, answer.headers["Location"]) == (303, "/en/sessions/heat/registered")
    [place] = stored()
    assert (place.full_name, place.role, place.person.email) == ("Ana Costa", "Mayor's office", ANA)
    assert (place.affiliation, place.member.name if place.member else "") == (Affiliation.MEMBER, "Lisbon")
    assert (place.language_version.code, place.timezone) == ("fr", "Europe/Lisbon")
    assert calendar_of(the_only_mail_to(ANA)).method == "REQUEST"


def test_the_page_says_as_whom_one_registers_and_shows_no_whole_address(client: FlaskClient) -> None:
    invitation = an_invited_official(a_session("heat"))

    page = client.get(address_of(invitation))

    assert "You register as <strong><bdi>Ana Costa</bdi></strong>, <strong><bdi>Lisbon</bdi></strong>." in page.text
    assert ANA not in page.text
    assert "a…@lisbon.example" in page.text
    assert page.headers["Cache-Control"] == "no-store"
    assert '<a href="/en/sessions/heat/register">I am somebody else</a>' in page.text
    assert "Ana Costa" not in client.get("/en/sessions/heat/register").text


def test_the_page_that_follows_shows_no_whole_address_either(client: FlaskClient) -> None:
    invitation = an_invited_official(a_session("heat"))
    client.post(address_of(invitation), data=fields_of(client.get(address_of(invitation)).text))

    page = client.get("/en/sessions/heat/registered").text

    assert ANA not in page
    assert "a…@lisbon.example" in page


def test_the_page_is_the_same_whether_one_is_registered_or_not(client: FlaskClient) -> None:
    session = a_session("heat")
    invitation = an_invited_official(session)
    before = client.get(address_of(invitation))
    a_registration(session, person=invitation.person, registered_at=clock.now() - timedelta(days=2))

    after = client.get(address_of(invitation))
    answer = client.post(address_of(invitation), data=fields_of(after.text))

    without_token = re.compile(r'name="csrf_token"[^>]*>')
    assert without_token.sub("", before.text) == without_token.sub("", after.text)
    assert answer.headers["Location"] == "/en/sessions/heat/registered"
    assert len(stored()) == 1


def test_looking_at_it_changes_nothing(client: FlaskClient) -> None:
    invitation = an_invited_official(a_session("heat"))

    for _time in range(3):
        client.get(address_of(invitation))

    assert stored() == []
    assert mails_to(ANA) == []


@pytest.mark.parametrize("token", ["", "nonsense", "a" * 5000, "' OR 1=1 --"])
def test_a_token_that_is_none_shows_the_empty_form(client: FlaskClient, token: str) -> None:
    an_invited_official(a_session("heat"))

    page = client.get("/en/sessions/heat/register", query_string={"invitation": token})

    assert page.status_code == 200
    assert "Ana" not in page.text
    assert re.search(r'<input[^>]*name="privacy"[^>]*type="checkbox"', page.text)


def test_a_token_of_another_session_shows_the_empty_form(client: FlaskClient) -> None:
    a_session("heat")
    invitation = an_invited_official(a_session("floods"))

    assert "Ana Costa" not in client.get(address_of(invitation)).text


def test_a_withdrawn_invitation_shows_the_empty_form(client: FlaskClient) -> None:
    invitation = an_invited_official(a_session("heat"))
    invitation.withdrawn_at = clock.now()
    db.session.commit()

    page = client.get(address_of(invitation))

    assert page.status_code == 200
    assert "Ana Costa" not in page.text


def test_whoever_was_erased_is_not_named_any_more(client: FlaskClient) -> None:
    invitation = an_invited_official(a_session("heat"))
    db.session.delete(db.session.scalars(select(Contact)).one())
    invitation.person.email, invitation.person.erased_at = None, clock.now()
    db.session.commit()

    page = client.get(address_of(invitation))

    assert page.status_code == 200
    assert "You register as" not in page.text


def test_whoever_was_merged_registers_as_who_they_count_as(client: FlaskClient) -> None:
    invitation = an_invited_official(a_session("heat"), email="old@lisbon.example")
    other = a_contact("new@lisbon.example", given_name="Ana", family_name="Sousa")
    db.session.delete(db.session.scalars(select(Contact).where(Contact.id != other.id)).one())
    invitation.person.merged_into_id = other.person_id
    db.session.commit()

    page = client.get(address_of(invitation)).text
    client.post(address_of(invitation), data=fields_of(page) | {"affiliation": "other"})

    assert "n…@lisbon.example" in page
    assert [place.person.email for place in stored()] == ["new@lisbon.example"]


def test_another_address_registers_that_one_and_opens_nothing_for_it(client: FlaskClient) -> None:
    session = a_session("heat", access=Access.MEMBERS)
    invitation = an_invited_official(session)

    client.post(address_of(invitation), data=a_form(email="eva@else.example"))

    [place] = stored()
    assert (place.person.email, place.is_asked) == ("eva@else.example", True)


def test_an_invited_person_needs_no_approval_in_a_session_for_members(client: FlaskClient) -> None:
    session = a_session("heat", access=Access.MEMBERS)
    contact = a_contact("eva@else.example", organisation="A university")
    invitation = an_invitation(session, contact.person)

    page = client.get(address_of(invitation)).text
    client.post(address_of(invitation), data=fields_of(page))

    [place] = stored()
    assert (place.status, place.approval) == (RegistrationStatus.REGISTERED, None)
    assert (place.affiliation, place.organisation) == (Affiliation.PARTNER, "A university")
    assert "This session is for members of the network" not in page


def test_a_withdrawn_invitation_spares_no_approval(client: FlaskClient) -> None:
    session = a_session("heat", access=Access.MEMBERS)
    an_invitation(session, a_person("eva@else.example"), withdrawn_at=clock.now())

    client.post("/en/sessions/heat/register", data=a_form(email="eva@else.example"))

    assert [place.is_asked for place in stored()] == [True]


def test_the_token_opens_a_session_that_needs_its_link(client: FlaskClient) -> None:
    session = a_session("heat", access=Access.WITH_LINK)
    invitation = an_invited_official(session)

    page = client.get(address_of(invitation))
    answer = client.post(address_of(invitation), data=fields_of(page.text))

    assert "Ana Costa" in page.text
    assert client.get(answer.headers["Location"]).status_code == 200
    assert client.get("/en/sessions/heat/register?invitation=nonsense").status_code == 404


def test_the_language_asked_for_goes_before_that_of_the_reader(client: FlaskClient) -> None:
    session = a_session("heat", languages=("en", "fr", "es"))
    invitation = an_invited_official(session)

    assert fields_of(client.get(address_of(invitation)).text)["language"] == "fr"
    assert fields_of(client.get(address_of(invitation) + "&language=es").text)["language"] == "es"


def test_who_is_known_by_address_alone_writes_their_name(client: FlaskClient) -> None:
    invitation = an_invitation(a_session("heat"), a_person(ANA))

    page = client.get(address_of(invitation)).text
    answer = client.post(address_of(invitation), data=fields_of(page))

    assert "<details open>" in page
    assert answer.status_code == 422
    assert "Write your given name." in answer.text


def test_the_questions_of_the_webinar_are_asked_all_the_same(client: FlaskClient) -> None:
    session = a_session("heat")
    a_question(session.webinar, is_needed=True)
    invitation = an_invited_official(session)

    page = client.get(address_of(invitation)).text
    answer = client.post(address_of(invitation), data=fields_of(page))

    assert 'name="question-' in page
    assert (answer.status_code, stored()) == (422, [])
    assert "You register as" in answer.text


@pytest.mark.parametrize("status", [SessionStatus.CANCELLED, SessionStatus.DRAFT])
def test_a_session_that_is_not_held_says_so(client: FlaskClient, status: SessionStatus) -> None:
    invitation = an_invited_official(a_session("heat", status=status))

    page = client.get(address_of(invitation))

    assert page.status_code == (404 if status is SessionStatus.DRAFT else 200)
    assert "Ana Costa" not in page.text


def test_registering_keeps_the_uid_of_the_invitation(client: FlaskClient) -> None:
    session = a_session("heat")
    invitation = an_invited_official(session)
    entry = an_invited_entry(session, invitation.person, language="fr")
    uid = entry.uid

    client.post(address_of(invitation), data=fields_of(client.get(address_of(invitation)).text))

    db.session.rollback()
    known = db.session.scalars(select(CalendarEntry)).one()
    assert (known.uid, known.sequence) == (uid, 0)
    assert calendar_of(the_only_mail_to(ANA)).uid == uid


def test_the_page_of_an_invitation_takes_few_queries(client: FlaskClient, count_queries: CountQueries) -> None:
    invitation = an_invited_official(a_session("heat", languages=("en", "fr")))
    address = address_of(invitation)
    client.get(address)
    db.session.expunge_all()

    with count_queries() as queries:
        client.get(address)

    assert queries.count <= 4


def test_nobody_elses_page_is_kept(client: FlaskClient) -> None:
    session = a_session("heat")
    first, second = an_invited_official(session), an_invitation(session, a_contact("bo@bern.example").person)

    client.get(address_of(first))
    client.get(address_of(second))
    first.person.email = "other@lisbon.example"
    db.session.commit()

    assert "o…@lisbon.example" in client.get(address_of(first)).text
    assert db.session.scalars(select(Person)).first() is not None
