"""The organisers' page of the newsletter: figures by language, the addresses as a file, and ending it for somebody."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert, select

from tests.conftest import Counted
from tests.factories import LONG_AFTER, a_consent, a_contact, a_person, a_suppression
from tests.newsletter.reading import readers
from tests.signing_in import signed_in_as
from webinar.accounts.models import AuditEntry, Role
from webinar.foundation.db import db
from webinar.foundation.spreadsheet import read_table
from webinar.newsletter.queries import ReadersOfALanguage, readers_by_language
from webinar.people.models import Consent, MailKind, Person, Purpose, Suppression, SuppressionReason

Counting = Callable[[], AbstractContextManager[Counted]]

SINCE = datetime(2026, 5, 1, 10, 0, tzinfo=UTC)


def a_reader(email: str, language: str = "en", **more: object) -> Person:
    """Return somebody who asked for the newsletter themselves."""
    person = a_person(email)
    a_consent(person, purpose=Purpose.NEWSLETTER, text_language=language, given_at=SINCE, **more)
    return person


def some_readers() -> None:
    a_reader("ana@lisbon.example", "pt")
    a_reader("bo@oslo.example", "en", source="=cmd|'/C calc'!A0")
    both = a_reader("cy@oslo.example", "en")
    a_contact(person=both, wants_newsletter=True, language="fr")
    a_contact("di@rome.example", wants_newsletter=True, language="en", source="a meeting", obtained_at=SINCE)
    a_contact("ed@rome.example", wants_newsletter=True, person=a_person("ed@rome.example", language="es"))
    a_contact("fay@rome.example", language="en")
    a_suppression(a_reader("gil@rome.example"), kind=MailKind.NEWSLETTER)
    a_suppression(a_reader("hal@rome.example"))
    a_suppression(a_reader("ida@rome.example"), kind=MailKind.INVITATIONS)
    a_suppression(a_reader("jo@rome.example"), kind=MailKind.NEWSLETTER, since=SINCE, lifted_at=SINCE)
    a_reader("kai@rome.example", withdrawn_at=SINCE)
    a_consent(a_person("lea@rome.example"), purpose=Purpose.NOTICE)


def test_it_goes_to_who_asked_and_to_contacts_who_are_down_for_it_but_not_to_who_ended_it(app: Flask) -> None:
    some_readers()

    assert readers() == [
        ("ana@lisbon.example", "pt"),
        ("bo@oslo.example", "en"),
        ("cy@oslo.example", "en"),
        ("di@rome.example", "en"),
        ("ed@rome.example", "es"),
        ("ida@rome.example", "en"),
        ("jo@rome.example", "en"),
    ]


def test_the_figures_are_by_language(client: FlaskClient) -> None:
    signed_in_as(client, Role.VIEWER)
    some_readers()

    assert readers_by_language() == [
        ReadersOfALanguage("en", 4, 1),
        ReadersOfALanguage("es", 0, 1),
        ReadersOfALanguage("pt", 1, 0),
    ]
    page = client.get("/staff/newsletter").text
    assert "Portuguese" in page
    assert "Download" not in page


@pytest.mark.parametrize("how", ["csv", "xlsx"])
def test_the_addresses_are_given_as_a_file_without_formulas_and_it_is_written_down_by_whom(
    client: FlaskClient, how: str
) -> None:
    account = signed_in_as(client, Role.ORGANISER)
    some_readers()

    with client.post(f"/staff/newsletter.{how}") as answer:
        file = answer.data

    rows = [row.values for row in read_table(file)]
    assert [row["email"] for row in rows] == [email for email, _language in readers()]
    assert rows[0] == {
        "email": "ana@lisbon.example",
        "language": "pt",
        "since": "2026-05-01T10:00:00Z" if how == "csv" else "2026-05-01T10:00:00",
        "asked_themselves": "yes",
        "source": "form",
    }
    assert (rows[3]["asked_themselves"], rows[3]["source"]) == ("no", "a meeting")
    if how == "csv":
        assert "'=cmd" in next(
            line[4] for line in csv.reader(io.StringIO(file.decode("utf-8-sig"))) if line[0] == "bo@oslo.example"
        )
    entry = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert entry is not None
    assert (entry.account_id, entry.action, entry.subject, entry.changes) == (
        account.id,
        "exported",
        "newsletter",
        {"format": how},
    )


def test_only_organisers_take_addresses_away_and_end_it_for_somebody(client: FlaskClient) -> None:
    signed_in_as(client, Role.VIEWER)
    a_reader("ana@lisbon.example")

    assert client.post("/staff/newsletter.csv").status_code == 403
    assert client.post("/staff/newsletter", data={"email": "ana@lisbon.example"}).status_code == 403
    assert client.get("/staff/newsletter.json").status_code in {404, 405}

    assert readers() == [("ana@lisbon.example", "en")]


def test_it_ends_for_who_has_written_to_the_secretariat(client: FlaskClient) -> None:
    signed_in_as(client, Role.ORGANISER)
    person = a_reader("ana@lisbon.example")

    answer = client.post("/staff/newsletter", data={"email": " Ana@lisbon.example"})

    assert answer.status_code == 303
    assert readers() == []
    stopped = db.session.scalars(select(Suppression)).one()
    assert (stopped.person_id, stopped.kind, stopped.reason) == (
        person.id,
        MailKind.NEWSLETTER,
        SuppressionReason.BY_HAND,
    )
    assert db.session.scalars(select(Consent.withdrawn_at)).one() is not None
    entry = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert entry is not None
    assert (entry.action, entry.subject, entry.changes) == ("stopped", "newsletter", {"person": person.id})


@pytest.mark.parametrize("email", ["nobody@lisbon.example", "gone@lisbon.example", "", "nobody"])
def test_an_address_that_it_does_not_go_to_is_said_to_be_none(client: FlaskClient, email: str) -> None:
    signed_in_as(client, Role.ORGANISER)
    a_suppression(a_reader("gone@lisbon.example"))

    answer = client.post("/staff/newsletter", data={"email": email})

    assert answer.status_code == 422
    assert 'id="email-error"' in answer.text


def test_with_2_000_readers_the_page_asks_a_fixed_number_of_questions(
    client: FlaskClient, count_queries: Counting
) -> None:
    signed_in_as(client, Role.ORGANISER)
    numbers = range(1, 2_001)
    db.session.execute(
        insert(Person),
        [{"id": one, "email": f"p{one}@x.example", "language": "en", "erase_after": LONG_AFTER} for one in numbers],
    )
    db.session.execute(
        insert(Consent),
        [
            {
                "person_id": one,
                "purpose": Purpose.NEWSLETTER,
                "text_version": "1",
                "text_language": "en",
                "text_hash": "0" * 64,
                "source": "form",
                "given_at": SINCE,
                "erase_after": LONG_AFTER,
            }
            for one in numbers
        ],
    )
    db.session.commit()

    with count_queries() as counted:
        answer = client.get("/staff/newsletter")

    assert "2,000" in answer.text
    assert counted.count <= 11


def test_the_page_of_a_contact_says_that_they_asked_for_it_themselves(client: FlaskClient) -> None:
    signed_in_as(client, Role.VIEWER)
    asked = a_contact(person=a_reader("ana@lisbon.example", "pt"))
    listed = a_contact("di@rome.example", wants_newsletter=True)

    told = "They asked for it themselves on 1 May 2026, in Portuguese"
    assert told in client.get(f"/staff/contacts/{asked.id}").text
    assert "They asked for it themselves" not in client.get(f"/staff/contacts/{listed.id}").text
