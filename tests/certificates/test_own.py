"""Who came gets a certificate, under one number for ever, and anybody can see whether that is valid."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from pypdf import PdfReader
from sqlalchemy import select

from tests.factories import (
    a_certificate,
    a_member,
    a_person,
    a_registration,
    a_session,
    a_webinar,
    an_attendance,
    session_certificates,
)
from tests.people.test_services import at_once
from webinar.attendance.models import Attendance
from webinar.attendance.services.settle import settle
from webinar.catalogue.models import WebinarSession
from webinar.certificates.models import Certificate, in_groups
from webinar.certificates.services.issue import NoCertificate, issue
from webinar.certificates.views import COPIES_AN_HOUR, WRONG_NUMBERS_AN_HOUR
from webinar.files.pictures import LOGO, checked_picture
from webinar.foundation import clock
from webinar.foundation.db import db
from webinar.registration.models import LeftFor, Registration, RegistrationStatus
from webinar.settings.services import set_mark

AFTER = datetime(2030, 5, 15, 9, 0, tzinfo=UTC)

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture(autouse=True)
def frozen() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(AFTER, tick=False) as traveller:
        yield traveller


def heat(*, is_open: bool = True, shows_minutes: bool = False, **choices: str) -> WebinarSession:
    """Store a session that was held yesterday at 16:00 in Madrid, with certificates."""
    webinar = a_webinar(titles={"en": "Heat in cities", "ar": "الحرارة في المدن"})
    session = a_session("heat", webinar=webinar, starts="2030-05-14T16:00", zone="Europe/Madrid")
    session_certificates(session, is_open=is_open, shows_minutes=shows_minutes, **choices)
    return session


def who_came(session: WebinarSession | None = None, **more: Any) -> Registration:
    """Store somebody who came to a session for an hour."""
    place = a_registration(session or heat(), **more)
    an_attendance(place, minutes=60)
    return place


def address(place: Registration, lang: str = "en") -> str:
    return f"/{lang}/registrations/{place.token}/certificate.pdf"


def made(client: FlaskClient, place: Registration, lang: str = "en") -> str:
    """Make somebody's certificate as they would, and return the words of its PDF."""
    answer = client.post(f"/{lang}/registrations/{place.token}/certificate")
    assert answer.status_code == 303
    assert answer.location == address(place, lang)
    return the_pdf(client, place, lang)


def the_pdf(client: FlaskClient, place: Registration, lang: str = "en") -> str:
    answer = client.get(address(place, lang))
    assert answer.status_code == 200
    assert answer.mimetype == "application/pdf"
    assert answer.headers["Cache-Control"] == "no-store"
    [page] = PdfReader(BytesIO(answer.data)).pages
    return page.extract_text()


def numbers() -> list[str]:
    return list(db.session.scalars(select(Certificate.number).order_by(Certificate.registration_id)))


def did_not_come(place: Registration) -> None:
    db.session.execute(Attendance.__table__.update().values(came=False))  # type: ignore[attr-defined]
    db.session.commit()


def test_it_says_who_for_whom_what_when_and_how_to_check_it(client: FlaskClient) -> None:
    session = heat(shows_minutes=True, signer_name="Octavi Roca", signer_role="Secretary", place="Barcelona")
    place = who_came(session, given_name="Ana", family_name="Sousa", member=a_member(name="Lisboa"))

    words = made(client, place)

    [number] = numbers()
    for said in (
        *("Certificate of attendance", "Ana Sousa", "Lisboa", "Heat in cities", "Present for 60 minutes"),
        *("Tuesday, 14 May 2030, 16:00–17:15 in Madrid", "Octavi Roca", "Secretary", "Barcelona, 15 May 2030"),
        *(in_groups(number), f"/en/certificates/{in_groups(number)}"),
    ):
        assert said in words


def test_the_mark_of_the_network_stands_in_place_of_its_name(client: FlaskClient) -> None:
    drawn = BytesIO()
    Image.new("RGB", (480, 20), "red").save(drawn, "PNG")
    set_mark(checked_picture(drawn.getvalue(), "mark.png", LOGO))
    place = who_came()
    certificate = a_certificate(place)

    [page] = PdfReader(BytesIO(client.get(address(place)).data)).pages

    assert len(page.images) == 1
    assert "Metropolis" not in page.extract_text()
    assert in_groups(certificate.number) in page.extract_text()


def test_it_is_in_the_language_of_the_address_and_names_keep_their_script(client: FlaskClient) -> None:
    place = who_came(given_name="محمد", family_name="الأمين", organisation="بلدية الرباط")

    words = made(client, place, "ar")

    # Word by word: what reads the page back puts the spaces elsewhere.
    for word in ["محمد", "الأمين", "بلدية", "الرباط", "الحرارة", "في", "المدن", "مايو"]:
        assert word in words


@pytest.mark.parametrize(
    ("given", "family"),
    [
        ("민준", "김"),
        ("=HYPERLINK(1)", "+1"),
        ("#panic()", "$x$ *b*"),
        ("<b>Ana</b>", "{{ 7*7 }}"),
        ("A" * 100, "B" * 100),
    ],
)
def test_a_name_is_printed_as_it_was_typed(client: FlaskClient, given: str, family: str) -> None:
    words = made(client, who_came(given_name=given, family_name=family))

    assert f"{given} {family}" in words.replace("\n", " ").replace("  ", " ") or given in words.replace("\n", "")


def test_a_certificate_that_was_made_stays_and_the_page_leads_to_it(client: FlaskClient) -> None:
    place = who_came()
    before = client.get(f"/en/registrations/{place.token}").text
    made(client, place)
    first = numbers()

    with time_machine.travel(AFTER + timedelta(days=400)):
        made(client, place)
        page = client.get(f"/en/registrations/{place.token}").text

    assert f'action="/en/registrations/{place.token}/certificate"' in before
    assert f'href="{address(place)}"' in page
    assert numbers() == first


def test_two_requests_at_once_make_one_number(app: Flask) -> None:
    place = who_came()
    token = place.token
    db.session.remove()

    def make() -> None:
        issue(token)

    assert at_once(app, 4, make) == []
    assert len(numbers()) == 1


@pytest.mark.parametrize("why", ["is not over", "did not come", "not opened", "handed over"])
def test_nobody_makes_one_without_the_right_to_it(client: FlaskClient, frozen: Any, why: str) -> None:
    place = who_came(heat(is_open=why != "not opened"))
    if why == "is not over":
        frozen.move_to(datetime(2030, 5, 14, 15, 14, 59, tzinfo=UTC))
    elif why == "did not come":
        did_not_come(place)
    elif why == "handed over":
        place.status, place.cancelled_at, place.left_for = RegistrationStatus.CANCELLED, AFTER, LeftFor.HANDED_OVER
        db.session.commit()

    with pytest.raises(NoCertificate):
        issue(place.token)
    answer = client.post(f"/en/registrations/{place.token}/certificate")

    assert answer.status_code == 409
    assert "certificate.pdf" not in client.get(f"/en/registrations/{place.token}").text
    assert client.get(address(place)).status_code == 404
    assert numbers() == []


def test_a_get_makes_none(client: FlaskClient) -> None:
    place = who_came()

    assert client.get(address(place)).status_code == 404
    assert client.get("/en/registrations/nobody/certificate.pdf").status_code == 404
    assert client.post("/en/registrations/nobody/certificate").status_code == 404
    assert numbers() == []


def test_what_was_made_can_be_had_when_the_organisers_let_nobody_make_any_more(client: FlaskClient) -> None:
    place = who_came(heat(is_open=False))
    a_certificate(place)

    assert "Ana Sousa" in the_pdf(client, place)


def test_copies_are_counted(client: FlaskClient) -> None:
    place = who_came()
    a_certificate(place)

    answers = [client.get(address(place)).status_code for _copy in range(COPIES_AN_HOUR + 1)]

    assert answers == [200] * COPIES_AN_HOUR + [429]


def test_a_number_is_checked_however_it_is_typed_and_says_what_is_printed(client: FlaskClient) -> None:
    place = who_came(heat(), member=a_member(name="Lisboa"), role="Mayor")
    number = a_certificate(place).number

    for typed in (in_groups(number), number, in_groups(number).lower()):
        answer = client.get(f"/en/certificates/{typed}")
        assert answer.status_code == 200
        assert "This number is valid." in answer.text
        assert '<meta name="robots"' in answer.text or "noindex" in answer.headers.get("X-Robots-Tag", "")
        for said in ("Ana Sousa", "Lisboa", "Heat in cities", in_groups(number), "16:00–17:15"):
            assert said in answer.text
        for kept in (place.person.email or "", "Mayor", "Present for", place.token):
            assert kept not in answer.text


def test_a_certificate_is_not_valid_any_more_when_its_person_did_not_come_after_all(client: FlaskClient) -> None:
    place = who_came()
    number = a_certificate(place).number
    did_not_come(place)

    page = client.get(f"/en/certificates/{number}")

    assert page.status_code == 200
    assert "it is not valid any more" in page.text
    assert "Ana Sousa" not in page.text
    assert client.get(address(place)).status_code == 409

    settle(place.session_id)
    db.session.commit()
    assert "This number is valid." in client.get(f"/en/certificates/{number}").text


def test_what_an_organiser_corrects_is_on_the_next_copy_and_on_the_page(client: FlaskClient) -> None:
    place = who_came(family_name="Suosa")
    number = a_certificate(place).number
    place.family_name = "Sousa"
    db.session.commit()

    assert "Ana Sousa" in the_pdf(client, place)
    assert "Ana Sousa" in client.get(f"/en/certificates/{number}").text
    assert numbers() == [number]


def test_of_who_was_erased_nothing_is_said(client: FlaskClient) -> None:
    place = who_came()
    number = a_certificate(place).number
    place.person.email, place.person.erased_at = None, clock.now()
    db.session.commit()

    assert client.get(f"/en/certificates/{number}").status_code == 404
    assert client.get(address(place)).status_code == 404


def test_a_certificate_stays_with_its_registration_when_its_person_is_merged(client: FlaskClient) -> None:
    place = who_came()
    number = a_certificate(place).number
    place.person.merged_into_id = a_person("ana.sousa@lisbon.example").id
    db.session.commit()

    assert "This number is valid." in client.get(f"/en/certificates/{number}").text


def test_wrong_numbers_are_404_and_many_of_them_are_refused(client: FlaskClient) -> None:
    right = a_certificate(who_came()).number
    for wrong in ("x", "AAAA-AAAA-AAAA", "BCDF-GHJK-MNPQ", "A" * 3000, "١٢٣٤", "%00x", "'; --"):
        assert client.get(f"/en/certificates/{wrong}").status_code in {400, 404}

    answers = {client.get("/en/certificates/BCDFGHJKMNPQ").status_code for _time in range(WRONG_NUMBERS_AN_HOUR)}

    assert answers == {404, 429}
    assert client.get(f"/en/certificates/{right}").status_code == 200


def test_letters_that_cannot_be_printed_give_way_to_a_name_that_the_person_gave(client: FlaskClient) -> None:
    place = who_came(given_name="A\u0378", family_name="B\u0379")
    a_registration(person=place.person, given_name="Ana", family_name="Latin")

    assert "Ana Latin" in made(client, place)
