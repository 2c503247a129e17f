"""The language somebody registered in governs all they are sent, whoever or whatever sends it."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.factories import a_calendar_entry, a_registration, a_series, a_session, a_webinar
from tests.mailbox import all_mail, calendar_parts, read, words_of
from tests.registration.test_services import a_registrant, all_registrations
from webinar.catalogue.models import Access, Webinar, WebinarSession
from webinar.mail.models import OutboxMail
from webinar.registration import services
from webinar.registration.models import Approval, Registration, RegistrationStatus
from webinar.registration.services.approval import approve, decline
from webinar.registration.services.change_mail_language import change_mail_language
from webinar.registration.services.correct_address import correct_address
from webinar.registration.services.send_links import send_links_again, send_plain

ANA, BO = "ana@lisbon.example", "bo@lisbon.example"
OTHER = {"ar": "fr", "fr": "ar", "pt": "ar"}
FORM = {"given_name": "Ana", "family_name": "Sousa", "affiliation": "other", "privacy": "y"}

in_each_language = pytest.mark.parametrize("language", ["ar", "fr", "pt"])


@pytest.fixture
def database_kind() -> str:
    """Languages do not depend on the database."""
    return "sqlite"


@pytest.fixture
def heat(app: Flask) -> Webinar:
    titles = {"en": "Heat", "fr": "Chaleur", "ar": "الحرارة", "pt": "Calor"}
    return a_webinar("heat", series=a_series("heat"), titles=titles, original_language="en")


def sessions(heat: Webinar, **more: object) -> tuple[WebinarSession, WebinarSession]:
    """Return two sessions in English, so that no mail is in its language because of what is heard."""
    first = a_session("first", webinar=heat, starts="2030-05-14T13:00", **more)  # type: ignore[arg-type]
    return first, a_session("second", webinar=heat, starts="2030-05-21T13:00")


def place_in(session: WebinarSession, language: str, email: str = ANA, **more: object) -> Registration:
    place = a_registration(session, email=email, language=language, **more)  # type: ignore[arg-type]
    if place.status is RegistrationStatus.REGISTERED:
        a_calendar_entry(place, language=language, announced_sequence=0)
    return place


def languages_of(mail: OutboxMail) -> set[str]:
    """Return every language that a mail says it is in: as it is kept, its HTML, its links, its calendar part."""
    message = read(mail)
    told = {mail.language}
    if message.get_body(("html",)) is not None:
        page = words_of(message, "html")
        told |= set(re.findall(r'<html lang="([\w-]+)"', page))
    told |= set(re.findall(r"http://127\.0\.0\.1:5000/(\w\w)/", html.unescape(words_of(message))))
    for part in calendar_parts(message):
        unfolded = part.decode().replace("\r\n ", "")
        told |= set(re.findall(r"^SUMMARY;LANGUAGE=(\w+)", unfolded, re.MULTILINE))
    return told


def by_form(client: FlaskClient, heat: Webinar, language: str) -> str:
    sessions(heat)
    sent = client.post(f"/{language}/sessions/first/register", data={**FORM, "email": ANA, "language": "en"})
    assert sent.status_code == 303
    return ANA


def several_at_once(client: FlaskClient, heat: Webinar, language: str) -> str:
    sessions(heat)
    data = {**FORM, "email": ANA, "sessions": ["first", "second"]}
    assert client.post(f"/{language}/series/heat/register", data=data).status_code == 303
    return ANA


def so_many_that_one_mail_tells_all(client: FlaskClient, heat: Webinar, language: str) -> str:
    keys = [a_session(webinar=heat).key for _number in range(4)]
    data = {**FORM, "email": ANA, "sessions": keys}
    assert client.post(f"/{language}/series/heat/register", data=data).status_code == 303
    return ANA


def on_the_waiting_list(client: FlaskClient, heat: Webinar, language: str) -> str:
    first, _second = sessions(heat, seats=1)
    a_registration(first, email="zoe@lisbon.example")
    services.register("first", a_registrant(ANA, language=language))
    return ANA


def again(client: FlaskClient, heat: Webinar, language: str) -> str:
    first, _second = sessions(heat)
    place_in(first, language, registered_at=first.changed_at.replace(year=2020))
    services.register("first", a_registrant(ANA, language=OTHER[language]))
    return ANA


def cancelling(client: FlaskClient, heat: Webinar, language: str) -> str:
    services.cancel(place_in(sessions(heat)[0], language).token)
    return ANA


def taking_back(client: FlaskClient, heat: Webinar, language: str) -> str:
    place = place_in(sessions(heat)[0], language, status=RegistrationStatus.CANCELLED)
    services.take_back(place.token, may_wait=False)
    return ANA


def promoting(client: FlaskClient, heat: Webinar, language: str) -> str:
    first, _second = sessions(heat, seats=1)
    seated = place_in(first, OTHER[language], "zoe@lisbon.example")
    place_in(first, language, status=RegistrationStatus.WAITING)
    services.cancel(seated.token)
    return ANA


def moving(client: FlaskClient, heat: Webinar, language: str) -> str:
    first, _second = sessions(heat)
    services.move(place_in(first, language).token, "second", may_wait=False)
    return ANA


def hearing_another(client: FlaskClient, heat: Webinar, language: str) -> str:
    session = a_session("both", webinar=heat, languages=("en", OTHER[language]))
    services.change_version(place_in(session, language).token, OTHER[language])
    return ANA


def who_hands_over(client: FlaskClient, heat: Webinar, language: str) -> str:
    token = place_in(sessions(heat)[0], language).token
    services.hand_over(token, a_registrant(BO, language=OTHER[language]))
    return ANA


def the_colleague(client: FlaskClient, heat: Webinar, language: str) -> str:
    token = place_in(sessions(heat)[0], OTHER[language]).token
    services.hand_over(token, a_registrant(BO, language=language))
    return BO


def a_colleague_who_has_a_place(client: FlaskClient, heat: Webinar, language: str) -> str:
    first, _second = sessions(heat)
    token = place_in(first, OTHER[language]).token
    place_in(first, language, BO)
    services.hand_over(token, a_registrant(BO, language=OTHER[language]))
    return BO


def asking(client: FlaskClient, heat: Webinar, language: str) -> str:
    sessions(heat, access=Access.MEMBERS)
    services.register("first", a_registrant(ANA, language=language))
    return ANA


def approving(client: FlaskClient, heat: Webinar, language: str) -> str:
    first, _second = sessions(heat, access=Access.MEMBERS)
    approve("first", place_in(first, language, status=RegistrationStatus.WAITING, approval=Approval.ASKED).turn, "Olá")
    return ANA


def declining(client: FlaskClient, heat: Webinar, language: str) -> str:
    first, _second = sessions(heat, access=Access.MEMBERS)
    decline("first", place_in(first, language, status=RegistrationStatus.WAITING, approval=Approval.ASKED).turn)
    return ANA


def at_the_right_address(client: FlaskClient, heat: Webinar, language: str) -> str:
    correct_address(place_in(sessions(heat)[0], language).token, BO)
    return BO


def lost_links(client: FlaskClient, heat: Webinar, language: str) -> str:
    place_in(sessions(heat)[0], language)
    send_links_again("first", ANA)
    return ANA


def links_by_the_staff(client: FlaskClient, heat: Webinar, language: str) -> str:
    send_plain(place_in(sessions(heat)[0], language).token)
    return ANA


def sent_again(client: FlaskClient, heat: Webinar, language: str) -> str:
    services.send_again(place_in(sessions(heat)[0], language).token)
    return ANA


def by_the_staff(client: FlaskClient, heat: Webinar, language: str) -> str:
    sessions(heat)
    services.register_on_behalf("first", a_registrant(ANA, language=language))
    return ANA


def after_changing_it(client: FlaskClient, heat: Webinar, language: str) -> str:
    place = place_in(sessions(heat)[0], OTHER[language])
    change_mail_language(place.token, language)
    services.cancel(place.token)
    return ANA


WAYS: list[Callable[[FlaskClient, Webinar, str], str]] = [
    by_form,
    several_at_once,
    so_many_that_one_mail_tells_all,
    on_the_waiting_list,
    again,
    cancelling,
    taking_back,
    promoting,
    moving,
    hearing_another,
    who_hands_over,
    the_colleague,
    a_colleague_who_has_a_place,
    asking,
    approving,
    declining,
    at_the_right_address,
    lost_links,
    links_by_the_staff,
    sent_again,
    by_the_staff,
    after_changing_it,
]


@in_each_language
@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__.replace("_", " "))
def test_a_mail_is_in_the_language_that_the_person_registered_in(
    client: FlaskClient, heat: Webinar, way: Callable[[FlaskClient, Webinar, str], str], language: str
) -> None:
    address = way(client, heat, language)

    written = [mail for mail in all_mail() if mail.to_address == address]
    assert written
    assert [languages_of(mail) for mail in written] == [{language}] * len(written)
    title = {"ar": "الحرارة", "fr": "Chaleur", "pt": "Calor"}[language]
    assert all(title in words_of(read(mail)) for mail in written)


def test_a_language_without_texts_of_the_webinar_is_that_of_what_is_heard_in_pages_and_mails(
    client: FlaskClient, app: Flask
) -> None:
    webinar = a_webinar("quebec", titles={"fr": "Chaleur"}, original_language="fr")
    a_session("quebec", webinar=webinar, languages=("fr",))

    client.post("/ar/sessions/quebec/register", data={**FORM, "email": ANA, "language": "fr"})

    [mail] = all_mail()
    assert languages_of(mail) == {"fr"}


# A language that is taken away while people are registered in it.


@pytest.mark.parametrize("way", [cancelling, moving, promoting, approving, hearing_another, lost_links, sent_again])
def test_who_registered_in_a_language_that_is_taken_away_is_written_to_in_it_with_links_that_lead_somewhere(
    app: Flask, client: FlaskClient, heat: Webinar, way: Callable[[FlaskClient, Webinar, str], str]
) -> None:
    app.config["LANGUAGES"] = ("fr", "ar")

    address = way(client, heat, "pt")

    written = [mail for mail in all_mail() if mail.to_address == address]
    words = [words_of(read(mail)) for mail in written]
    links = re.findall(r"http://127\.0\.0\.1:5000(/\w\w/\S+)", "\n".join(words))
    assert {link[:4] for link in links} == {"/fr/"}
    assert {client.get(link).status_code for link in links} == {200}
    assert [mail.language for mail in written] == ["pt"] * len(written)
    assert all(languages_of(mail) <= {"pt", "fr"} for mail in written)
    assert all("Calor" in one for one in words)


def test_their_join_page_stays_in_their_language_and_an_old_link_to_their_page_says_which_there_are(
    app: Flask, client: FlaskClient, heat: Webinar
) -> None:
    place = place_in(sessions(heat)[0], "pt")
    app.config["LANGUAGES"] = ("fr", "ar")

    join = client.get(f"/join/{place.join_token}")
    old = client.get(f"/pt/registrations/{place.token}")

    assert '<html lang="pt"' in join.text
    assert set(re.findall(r'href="/(\w\w)/', join.text)) == {"fr"}
    assert old.status_code == 404
    assert re.findall(r'<a class="button[^"]*" href="([^"]+)"', old.text) == [
        f"/{code}/registrations/{place.token}" for code in ("fr", "ar")
    ]


def test_the_language_that_was_taken_away_can_be_kept_on_their_page_and_left_but_not_taken_up(
    app: Flask, client: FlaskClient, heat: Webinar
) -> None:
    first, _second = sessions(heat)
    kept, other = place_in(first, "pt"), place_in(first, "fr", BO)
    app.config["LANGUAGES"] = ("fr", "ar")

    answer = client.post(f"/ar/registrations/{kept.token}/mail-language", data={"mail_language": "pt"})
    client.post(f"/fr/registrations/{other.token}/mail-language", data={"mail_language": "pt"})
    assert [place.language for place in all_registrations()] == ["pt", "fr"]
    assert answer.location == f"/ar/registrations/{kept.token}"

    client.post(f"/fr/registrations/{kept.token}/mail-language", data={"mail_language": "ar"})
    assert [place.language for place in all_registrations()] == ["ar", "fr"]


def test_a_language_whose_catalogue_is_gone_breaks_no_mail(app: Flask, client: FlaskClient, heat: Webinar) -> None:
    services.cancel(place_in(sessions(heat)[0], "is").token)

    [mail] = all_mail()
    assert "Heat" in words_of(read(mail))
