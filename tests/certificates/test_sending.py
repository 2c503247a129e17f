"""The organisers' page of certificates, and sending them to all who came: each once, so many as was agreed to."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from io import BytesIO
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from pypdf import PdfReader
from sqlalchemy import select

from tests.certificates.test_own import AFTER, did_not_come, heat, who_came
from tests.conftest import Counted
from tests.factories import a_certificate, a_person, a_registration, a_suppression
from tests.mailbox import all_mail, kinds_of_mail_to, mails_to, words_of
from tests.people.test_services import at_once
from tests.signing_in import signed_in_as
from webinar.accounts.models import AuditEntry, Role
from webinar.catalogue.models import WebinarSession
from webinar.certificates.models import Certificate, SessionCertificates
from webinar.certificates.services.send import AnotherNumber, NotOver, send_to_all
from webinar.certificates.services.write_due import write_due
from webinar.foundation.db import db
from webinar.people.models import MailKind
from webinar.registration.models import RegistrationStatus

PAGE = "/staff/sessions/heat/certificates"

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture(autouse=True)
def frozen() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(AFTER, tick=False) as traveller:
        yield traveller


@pytest.fixture
def organiser(client: FlaskClient) -> FlaskClient:
    signed_in_as(client, Role.ORGANISER)
    return client


def said(page: str) -> str:
    """Return the words of a page."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def three_who_came() -> WebinarSession:
    """Store a session with Ana, Ben and Céline, who came, and Dan, who did not."""
    session = heat()
    for name, language in (("Ana", "en"), ("Ben", "en"), ("Céline", "fr")):
        address = f"{name.lower().replace('é', 'e')}@lisbon.example"
        who_came(session, given_name=name, email=address, language=language)
    a_registration(session, email="dan@lisbon.example")
    return session


def written() -> dict[str, list[str]]:
    while write_due(2):
        pass
    return {str(mail.to_address): kinds_of_mail_to(str(mail.to_address)) for mail in all_mail()}


def test_everybody_who_came_is_sent_the_link_once(app: Flask) -> None:
    three_who_came()

    assert send_to_all("heat", 3) == 3
    theirs = written()

    assert theirs == {f"{name}@lisbon.example": ["certificate"] for name in ("ana", "ben", "celine")}
    assert send_to_all("heat", 0) == 0
    assert written() == theirs


def test_the_mail_leads_to_the_pdf_and_a_get_is_enough(client: FlaskClient) -> None:
    session = heat()
    place = who_came(session, email="ana@lisbon.example")
    send_to_all("heat", 1)
    written()

    [mail] = mails_to("ana@lisbon.example")

    assert mail["Subject"] == "Your certificate: Heat in cities"
    [address] = re.findall(r"http://\S+/certificate\.pdf", words_of(mail))
    assert f"/en/registrations/{place.token}/certificate.pdf" in address
    assert f'href="{address}"' in words_of(mail, "html")
    assert client.get(address.partition("5000")[2]).mimetype == "application/pdf"


def test_who_cannot_be_written_to_or_wants_no_mails_is_left_out(organiser: FlaskClient) -> None:
    session = heat()
    who_came(session, email="ana@lisbon.example")
    a_suppression(who_came(session, email="stops@lisbon.example").person, kind=MailKind.REMINDERS)
    without_address = who_came(session, person=a_person("erased@lisbon.example"))
    without_address.person.email = None
    db.session.commit()
    who_came(session, status=RegistrationStatus.UNREGISTERED, person=a_person("guest@lisbon.example"))

    page = said(organiser.get(PAGE).text)

    assert "Came 4" in page
    assert "Came without registering 1" in page
    assert "1 person who came gets a mail" in page
    assert "2 people who came get no mail" in page
    assert send_to_all("heat", 1) == 1
    assert written() == {"ana@lisbon.example": ["certificate"]}


def test_who_turns_out_not_to_have_come_before_the_mail_is_written_gets_none(app: Flask) -> None:
    place = who_came(email="ana@lisbon.example")
    send_to_all("heat", 1)
    did_not_come(place)

    assert written() == {}


def test_two_organisers_at_once_send_each_one_mail(app: Flask) -> None:
    three_who_came()
    db.session.remove()

    def send() -> None:
        send_to_all("heat", 3)

    faults = at_once(app, 2, send)

    assert [type(fault) for fault in faults] == [AnotherNumber]
    assert {len(kinds) for kinds in written().values()} == {1}
    assert len(db.session.scalars(select(Certificate.number)).all()) == 3


def test_the_number_kept_from_before_is_the_one_that_is_sent(app: Flask) -> None:
    place = who_came()
    number = a_certificate(place).number

    send_to_all("heat", 1)

    assert db.session.scalars(select(Certificate.number)).all() == [number]


def test_nothing_is_sent_before_the_end_or_to_another_number_of_people(frozen: Any, organiser: FlaskClient) -> None:
    three_who_came()

    answer = organiser.post(f"{PAGE}/send", data={"people": "2"})

    assert answer.status_code == 409
    assert "Meanwhile it is 3 people who would get a certificate." in said(answer.text)
    for wild in ("", "x", "-1", "9" * 40):
        assert organiser.post(f"{PAGE}/send", data={"people": wild}).status_code == 409
    frozen.move_to("2030-05-14T14:30:00+00:00")
    with pytest.raises(NotOver):
        send_to_all("heat", 3)
    assert written() == {}


def test_the_page_says_how_many_and_sending_is_written_down(organiser: FlaskClient) -> None:
    three_who_came()

    before = said(organiser.get(PAGE).text)
    answer = organiser.post(f"{PAGE}/send", data={"people": "3"})
    on_their_way = said(organiser.get(PAGE).text)

    assert "Send them to 3 people" in before
    assert answer.status_code == 303
    assert "Certificates made 3 Mails on their way 3" in on_their_way
    assert "Everybody who came and can be written to has been sent theirs." in on_their_way
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "sent the certificates of")).one()
    assert (entry.subject, entry.changes) == ("session heat", {"people": 3})


def test_what_is_chosen_is_stored_and_written_down(organiser: FlaskClient) -> None:
    heat(is_open=False)

    answer = organiser.post(
        PAGE, data={"is_open": "y", "signer_name": " Octavi \u202e Roca ", "signer_role": "Secretary", "place": ""}
    )

    assert answer.status_code == 303
    choices = db.session.scalars(select(SessionCertificates)).one()
    assert (choices.is_open, choices.shows_minutes, choices.signer_name) == (True, False, "Octavi Roca")
    changes = db.session.scalars(select(AuditEntry.changes).where(AuditEntry.action == "changed")).one()
    assert changes["certificates_is_open"] == [False, True]


def test_what_is_too_long_is_said_at_its_field_and_nothing_is_lost(organiser: FlaskClient) -> None:
    heat()

    answer = organiser.post(PAGE, data={"signer_name": "A" * 101, "signer_role": "Secretary"})

    assert answer.status_code == 422
    assert "Write at most 100 characters." in said(answer.text)
    assert 'value="Secretary"' in answer.text


def test_a_preview_is_of_nobody_in_each_language(organiser: FlaskClient) -> None:
    heat(signer_name="Octavi Roca")

    for code in ("en", "fr", "ar"):
        [page] = PdfReader(BytesIO(organiser.get(f"{PAGE}/{code}.pdf").data)).pages
        assert "Octavi Roca" in page.extract_text()
        assert "XXXX-XXXX-XXXX" in page.extract_text()
    assert organiser.get(f"{PAGE}/xx.pdf").status_code == 404


def test_names_that_no_font_has_are_told_to_the_organiser(organiser: FlaskClient) -> None:
    session = heat()
    who_came(session, given_name="B\u0379", family_name="Roca")
    who_came(session, given_name="محمد", family_name="الأمين")

    page = said(organiser.get(PAGE).text)

    assert "The letters of 1 name cannot be printed here" in page
    assert "B\u0379 Roca" in page
    assert "محمد" not in page


def test_a_viewer_looks_and_changes_nothing(client: FlaskClient) -> None:
    three_who_came()
    signed_in_as(client, Role.VIEWER)

    assert client.get(PAGE).status_code == 200
    assert client.post(PAGE, data={}).status_code == 403
    assert client.post(f"{PAGE}/send", data={"people": "3"}).status_code == 403


def test_the_page_asks_the_database_as_often_for_many_as_for_few(
    organiser: FlaskClient, count_queries: Callable[[], AbstractContextManager[Counted]]
) -> None:
    session = three_who_came()
    db.session.remove()
    with count_queries() as few:
        organiser.get(PAGE)
    for _person in range(10):
        who_came(session)
    db.session.remove()
    with count_queries() as many:
        organiser.get(PAGE)

    assert few.count == many.count < 12
