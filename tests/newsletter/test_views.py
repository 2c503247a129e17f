"""Asking for the newsletter: nothing comes before the mailbox has confirmed it, and no page tells who gets it."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from tests.factories import a_consent, a_contact, a_person, a_suppression
from tests.mailbox import all_mail, mails_to, the_only_mail_to, words_of
from tests.newsletter.reading import link_to_confirm, readers
from webinar.foundation import clock
from webinar.foundation.db import db
from webinar.newsletter.models import NewsletterRequest
from webinar.newsletter.services.ask import forget_old_requests
from webinar.newsletter.views import MAILS_OF_A_MAILBOX
from webinar.people.models import Consent, Contact, MailKind, Person, Purpose, Suppression, SuppressionReason
from webinar.registration.notice import NEWSLETTER

ANA = "ana@lisbon.example"


def asked(client: FlaskClient, email: str = ANA, language: str = "en", **more: str) -> TestResponse:
    return client.post("/en/newsletter", data={"email": email, "mail_language": language, **more})


def people_known() -> int:
    return db.session.scalar(select(func.count()).select_from(Person)) or 0


def test_it_comes_once_the_button_behind_the_link_in_the_mail_is_pressed(client: FlaskClient) -> None:
    answer = asked(client, " Ana@Lisbon.EXAMPLE ")

    assert (answer.status_code, answer.headers["Location"]) == (303, "/en/newsletter/asked")
    assert "Ana@Lisbon.EXAMPLE" in client.get("/en/newsletter/asked").text
    link = link_to_confirm(ANA)
    for _ in range(10):  # mail scanners follow links
        assert client.get(link).status_code == 200
        assert client.head(link).status_code == 200
    assert (readers(), people_known()) == ([], 0)

    answer = client.post(link)

    assert (answer.status_code, answer.headers["Location"]) == (303, link)
    assert "The newsletter comes" in client.get(link).text
    assert readers() == [(ANA, "en")]


def test_what_was_agreed_to_can_be_proved(client: FlaskClient) -> None:
    asked(client)

    client.post(link_to_confirm(ANA))

    consent = db.session.scalars(select(Consent)).one()
    assert (consent.purpose, consent.text_language, consent.source) == (Purpose.NEWSLETTER, "en", "newsletter page")
    assert consent.text_version == NEWSLETTER.version
    assert consent.text_hash == hashlib.sha256(NEWSLETTER.shown_in("en").encode()).hexdigest()


def test_the_mail_and_its_link_speak_the_language_that_was_chosen(client: FlaskClient) -> None:
    asked(client, language="fr")

    link = link_to_confirm(ANA)
    client.post(link)

    assert link.startswith("/fr/")
    assert the_only_mail_to(ANA)["Content-Language"] in {None, "fr"}
    assert all_mail()[0].language == "fr"
    assert readers() == [(ANA, "fr")]


def test_asking_again_in_another_language_changes_the_language_and_keeps_what_was_agreed_to_before(
    client: FlaskClient,
) -> None:
    asked(client)
    client.post(link_to_confirm(ANA))

    asked(client, language="es")
    assert readers() == [(ANA, "en")]
    client.post(link_to_confirm(ANA))

    assert readers() == [(ANA, "es")]
    consents = db.session.scalars(select(Consent).order_by(Consent.id)).all()
    assert [(one.text_language, one.withdrawn_at is None) for one in consents] == [("en", False), ("es", True)]


def test_the_page_of_the_link_confirms_in_the_language_that_it_is_read_in(client: FlaskClient) -> None:
    asked(client, language="fr")

    client.post(link_to_confirm(ANA).replace("/fr/", "/pt/"))

    assert readers() == [(ANA, "pt")]


def test_pressed_twice_it_is_one_consent(client: FlaskClient) -> None:
    asked(client)
    link = link_to_confirm(ANA)

    assert [client.post(link).status_code for _ in range(3)] == [303, 303, 303]

    assert db.session.scalar(select(func.count()).select_from(Consent)) == 1


def test_who_gets_it_already_is_told_so_with_the_way_to_end_it(client: FlaskClient) -> None:
    asked(client)
    client.post(link_to_confirm(ANA))

    asked(client)

    mail = mails_to(ANA)[-1]
    assert mail["Subject"].startswith("You get the newsletter of")
    assert "/unsubscribe/" in words_of(mail)
    assert "/newsletter/" not in words_of(mail)


def test_a_contact_who_is_down_for_it_is_told_so_and_the_contact_is_not_changed(client: FlaskClient) -> None:
    a_contact(ANA, wants_newsletter=True, language="en")
    other = a_contact("bo@oslo.example", language="pt")

    asked(client)
    asked(client, "bo@oslo.example")
    client.post(link_to_confirm("bo@oslo.example"))

    assert the_only_mail_to(ANA)["Subject"].startswith("You get the newsletter of")
    assert readers() == [(ANA, "en"), ("bo@oslo.example", "en")]
    assert (other.wants_newsletter, other.language) == (False, "pt")
    assert db.session.scalar(select(func.count()).select_from(Contact)) == 2


def test_the_answer_is_the_same_for_every_address(client: FlaskClient, app: Flask) -> None:
    a_consent(a_person(ANA), purpose=Purpose.NEWSLETTER)
    a_suppression(a_person("gone@lisbon.example"), reason=SuppressionReason.UNSUBSCRIBED)
    a_contact("bo@oslo.example", wants_newsletter=True)
    pages = set()
    for email in (ANA, "gone@lisbon.example", "bo@oslo.example", "nobody@lisbon.example"):
        answer = asked(client, email)
        page = client.get(answer.headers["Location"])
        pages.add((answer.status_code, answer.headers["Location"], page.text.replace(email, "ADDRESS")))

    assert len(pages) == 1
    assert len(all_mail()) == 4


@pytest.mark.parametrize("kind", [MailKind.NEWSLETTER, None])
def test_confirming_lifts_an_earlier_end_and_nothing_else(client: FlaskClient, kind: MailKind | None) -> None:
    person = a_person(ANA)
    a_suppression(person, kind=kind, reason=SuppressionReason.UNSUBSCRIBED)
    asked(client)

    client.post(link_to_confirm(ANA))

    assert readers() == [(ANA, "en")]
    standing = db.session.scalars(select(Suppression.kind).where(Suppression.lifted_at.is_(None))).all()
    assert set(standing) == (set() if kind else {MailKind.INVITATIONS, MailKind.REMINDERS})
    lifted = db.session.scalars(select(Suppression).where(Suppression.lifted_at.is_not(None))).one()
    assert lifted.kind == kind


def test_an_address_that_did_not_work_works_where_its_mailbox_confirms(client: FlaskClient) -> None:
    a_suppression(a_person(ANA), reason=SuppressionReason.DOES_NOT_WORK)
    asked(client)

    client.post(link_to_confirm(ANA))

    assert readers() == [(ANA, "en")]
    assert db.session.scalars(select(Suppression.kind).where(Suppression.lifted_at.is_(None))).all() == []


def test_the_same_link_does_not_bring_it_back_to_who_ended_it_since(client: FlaskClient) -> None:
    asked(client)
    link = link_to_confirm(ANA)
    client.post(link)
    asked(client)
    client.post(words_of(mails_to(ANA)[-1]).partition("/unsubscribe/")[2].split()[0].join(["/unsubscribe/", ""]))
    assert readers() == []

    client.post(link)

    assert readers() == []
    assert "does not come any more" in client.get(link).text


def test_the_link_works_for_seven_days(client: FlaskClient) -> None:
    began = clock.now()
    with time_machine.travel(began, tick=False):
        asked(client)
    link = link_to_confirm(ANA)

    with time_machine.travel(began + timedelta(days=7), tick=False):
        assert client.get(link).status_code == 410
        assert client.post(link).status_code == 410
        assert readers() == []
    with time_machine.travel(began + timedelta(days=7, seconds=-1), tick=False):
        assert client.post(link).status_code == 303
    assert readers() == [(ANA, "en")]


def test_what_was_asked_for_is_forgotten_after_fourteen_days(client: FlaskClient) -> None:
    began = clock.now()
    with time_machine.travel(began, tick=False):
        asked(client)
    with time_machine.travel(began + timedelta(days=14, seconds=-1), tick=False):
        forget_old_requests()
        assert db.session.scalar(select(func.count()).select_from(NewsletterRequest)) == 1
    with time_machine.travel(began + timedelta(days=14), tick=False):
        forget_old_requests()

    assert db.session.scalar(select(func.count()).select_from(NewsletterRequest)) == 0
    assert client.get(link_to_confirm(ANA)).status_code == 404
    assert client.post(link_to_confirm(ANA)).status_code == 404


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"email": ""}, "Write the mail address that the newsletter is to go to."),
        ({"email": "nobody"}, "An @ is missing."),
        ({"email": "ana@lisbon.example\nBcc: all@lisbon.example"}, "Mail cannot reach this address."),
        ({"email": f"{'a' * 3000}@lisbon.example"}, "This is longer than any mail address."),
        ({"email": ANA, "mail_language": "de"}, "Choose one of these."),
        ({"email": ANA, "mail_language": ""}, "Choose one of these."),
        ({"email": ANA, "subject": "Buy"}, "This field is to stay empty."),
    ],
)
def test_what_is_wrong_is_said_at_its_place_and_nothing_is_written(
    client: FlaskClient, typed: dict[str, str], told: str
) -> None:
    answer = client.post("/en/newsletter", data={"mail_language": "fr", **typed})

    assert answer.status_code == 422
    assert told in answer.text
    assert all_mail() == []


def test_nobodys_mailbox_can_be_filled_by_asking_again_and_again(client: FlaskClient) -> None:
    addresses = [f"ana+{number}@lisbon.example" for number in range(MAILS_OF_A_MAILBOX + 2)]

    codes = [asked(client, address).status_code for address in addresses]

    assert codes == [303] * MAILS_OF_A_MAILBOX + [429] * 2
    assert len(all_mail()) == MAILS_OF_A_MAILBOX


def test_one_network_can_ask_only_so_often(client: FlaskClient, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "REGISTRATIONS_PER_HOUR", 2)

    codes = [asked(client, f"somebody{number}@lisbon.example").status_code for number in range(3)]

    assert codes == [303, 303, 429]
    assert len(all_mail()) == 2


def test_the_page_of_the_link_is_kept_by_nobody(client: FlaskClient) -> None:
    asked(client)

    answer = client.get(link_to_confirm(ANA))

    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert '<meta name="robots" content="noindex">' in answer.text


def test_the_public_pages_lead_to_it(client: FlaskClient) -> None:
    assert '<a href="/en/newsletter">' in client.get("/en/").text
    assert client.get("/newsletter").headers["Location"].endswith("/newsletter")
