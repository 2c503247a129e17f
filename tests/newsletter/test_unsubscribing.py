"""Ending the newsletter takes back what was agreed to; undoing that, and merging contacts, keep what people said."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.factories import a_consent, a_contact, a_person, a_suppression
from tests.newsletter.reading import readers
from webinar.foundation.db import db, transaction
from webinar.people.models import Consent, MailKind, Person, Purpose, SuppressionReason
from webinar.people.services.merge_contacts import merge_contacts
from webinar.people.services.unsubscribe import unsubscribe_links

ANA = "ana@lisbon.example"


def a_reader(email: str = ANA, language: str = "pt") -> Person:
    person = a_person(email)
    a_consent(person, purpose=Purpose.NEWSLETTER, text_language=language, source="newsletter page")
    return person


def link_of(person: Person, kind: MailKind = MailKind.NEWSLETTER) -> str:
    with transaction():
        return f"/unsubscribe/{unsubscribe_links([person.id], kind)[person.id]}"


def consents() -> list[tuple[str, str, bool]]:
    """Return what was agreed to about the newsletter: the language, where, and whether it counts."""
    db.session.rollback()
    return [
        (one.text_language, one.source, one.withdrawn_at is None)
        for one in db.session.scalars(select(Consent).order_by(Consent.id))
        if one.purpose is Purpose.NEWSLETTER
    ]


def test_unsubscribing_takes_the_consent_back_and_again_changes_nothing(client: FlaskClient) -> None:
    link = link_of(a_reader())

    assert client.get(link).status_code == 200
    assert readers() == [(ANA, "pt")]
    assert [client.post(link).status_code for _ in range(3)] == [200, 200, 200]

    assert readers() == []
    assert consents() == [("pt", "newsletter page", False)]


def test_undoing_it_is_a_consent_of_its_own_to_the_same_words(client: FlaskClient) -> None:
    link = link_of(a_reader())
    for _ in range(2):
        client.post(link)
        client.post(f"{link}/again")
    client.post(f"{link}/again")

    assert readers() == [(ANA, "pt")]
    assert consents() == [
        ("pt", "newsletter page", False),
        ("pt", "undone: newsletter page", False),
        ("pt", "undone: newsletter page", True),
    ]


def test_undoing_agrees_to_nothing_for_a_contact_who_was_down_for_it(client: FlaskClient) -> None:
    contact = a_contact(ANA, wants_newsletter=True, language="en")
    link = link_of(contact.person)

    client.post(link)
    assert readers() == []
    client.post(f"{link}/again")

    assert readers() == [(ANA, "en")]
    assert consents() == []


def test_stopping_another_kind_of_mail_leaves_the_newsletter(client: FlaskClient) -> None:
    client.post(link_of(a_reader(), MailKind.INVITATIONS))

    assert readers() == [(ANA, "pt")]
    assert consents() == [("pt", "newsletter page", True)]


def test_of_two_merged_contacts_the_one_that_stays_gets_what_the_other_asked_for(app: Flask) -> None:
    contact = a_contact(person=a_reader("ana.old@lisbon.example"))
    into = a_contact(ANA)

    merge_contacts(contact.id, into.id)

    assert readers() == [(ANA, "pt")]


@pytest.mark.parametrize("whose", ["contact", "into"])
def test_who_ended_it_under_one_address_does_not_get_it_because_of_the_other(app: Flask, whose: str) -> None:
    contact = a_contact(person=a_reader("ana.old@lisbon.example"))
    into = a_contact(ANA)
    a_suppression(
        (contact if whose == "contact" else into).person,
        kind=MailKind.NEWSLETTER,
        reason=SuppressionReason.UNSUBSCRIBED,
    )

    merge_contacts(contact.id, into.id)

    assert readers() == []
    assert consents() == [("pt", "newsletter page", False)]


def test_what_both_of_two_merged_contacts_asked_for_counts_once(app: Flask) -> None:
    contact = a_contact(person=a_reader("ana.old@lisbon.example", "fr"))
    into = a_contact(person=a_reader(ANA, "pt"))

    merge_contacts(contact.id, into.id)

    assert readers() == [(ANA, "pt")]
