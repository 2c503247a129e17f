"""Being written to in another language than one registered in."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.factories import a_person, a_registration, a_session, a_webinar
from tests.mailbox import all_mail, calendar_of, mails_to, words_of
from tests.registration.test_services import a_registrant, token_of
from webinar.calendars.models import CalendarEntry
from webinar.foundation.db import db
from webinar.registration.models import Registration, RegistrationStatus
from webinar.registration.services import (
    HandedOver,
    NoSuchRegistration,
    NotWrittenIn,
    RegistrationOver,
    cancel,
    change_mail_language,
    hand_over,
    register,
    send_again,
)

pytestmark = pytest.mark.usefixtures("app")

TITLES = {"en": "Heat in cities", "fr": "La chaleur en ville"}


def languages() -> list[str]:
    """Return the languages that people are written to in, by the order of their registrations."""
    return list(db.session.scalars(select(Registration.language).order_by(Registration.id)))


def test_nothing_is_sent_and_what_is_sent_next_is_in_the_new_language() -> None:
    session = a_session(webinar=a_webinar(titles=TITLES))
    register(session.key, a_registrant())
    token = token_of("ana@lisbon.example")

    is_behind = change_mail_language(token, "fr")

    sent = len(all_mail())
    send_again(token)
    confirmation, again = mails_to("ana@lisbon.example")
    assert (is_behind, sent) == (True, 1)
    assert (calendar_of(confirmation).summary, calendar_of(again).summary) == ("Heat in cities", "La chaleur en ville")
    assert calendar_of(again).uid == calendar_of(confirmation).uid
    assert calendar_of(again).sequence == calendar_of(confirmation).sequence
    assert f"/fr/registrations/{token}" in words_of(again)
    assert db.session.scalars(select(CalendarEntry.language)).all() == ["fr"]


def test_other_registrations_stay_as_they_are_unless_one_says_so() -> None:
    person = a_person("ana@lisbon.example")
    first = a_registration(a_session(webinar=a_webinar(titles=TITLES)), person=person)
    a_registration(a_session(webinar=a_webinar(titles=TITLES)), person=person)
    a_registration(a_session(webinar=a_webinar(titles={"en": "Only in English"})), person=person)
    a_registration(a_session(webinar=a_webinar(titles=TITLES), starts="2020-05-14T13:00"), person=person)
    a_registration(a_session(webinar=a_webinar(titles=TITLES)))

    change_mail_language(first.token, "fr")
    alone, known = languages(), person.language
    change_mail_language(first.token, "fr", everywhere=True)

    assert (alone, known) == (["fr", "en", "en", "en", "en"], "en")
    assert languages() == ["fr", "fr", "en", "en", "en"]
    assert db.session.scalars(select(type(person).language).where(type(person).id == person.id)).one() == "fr"


@pytest.mark.parametrize("code", ["es", "de", "", "xx", "FR", "fr ", "<b>"])
def test_a_language_that_nobody_can_be_written_in_is_refused_and_changes_nothing(code: str) -> None:
    place = a_registration(a_session(webinar=a_webinar(titles=TITLES)))

    with pytest.raises(NotWrittenIn):
        change_mail_language(place.token, code, everywhere=True)

    assert languages() == ["en"]


def test_a_text_in_a_language_that_is_not_offered_does_not_make_it_one() -> None:
    place = a_registration(a_session(webinar=a_webinar(titles={"en": "Heat in cities", "de": "Hitze in Städten"})))

    with pytest.raises(NotWrittenIn):
        change_mail_language(place.token, "de")

    assert languages() == ["en"]


def test_only_who_has_a_place_or_waits_for_one_chooses() -> None:
    session = a_session(webinar=a_webinar(titles=TITLES))
    gone, handed = a_registration(session), a_registration(session)
    waits = a_registration(a_session(webinar=a_webinar(titles=TITLES), seats=1), status=RegistrationStatus.WAITING)
    cancel(gone.token)
    hand_over(handed.token, a_registrant("colleague@lisbon.example"))

    with pytest.raises(RegistrationOver):
        change_mail_language(gone.token, "fr")
    with pytest.raises(HandedOver):
        change_mail_language(handed.token, "fr")
    with pytest.raises(NoSuchRegistration):
        change_mail_language("nobody", "fr")
    assert change_mail_language(waits.token, "fr") is False
    assert languages() == ["en", "en", "fr", "en"]


def test_after_the_session_one_can_still_choose_for_what_is_sent_afterwards() -> None:
    place = a_registration(a_session(webinar=a_webinar(titles=TITLES), starts="2020-05-14T13:00"))

    change_mail_language(place.token, "fr")

    assert languages() == ["fr"]


def test_the_page_goes_on_in_the_new_language_and_offers_the_entry_in_it(client: FlaskClient) -> None:
    session = a_session(webinar=a_webinar(titles=TITLES))
    register(session.key, a_registrant())
    token = token_of("ana@lisbon.example")

    page = client.get(f"/en/registrations/{token}").text
    answer = client.post(f"/en/registrations/{token}/mail-language", data={"mail_language": "fr"})
    after = client.get(answer.headers["Location"])

    assert "At the moment we write to you in English." in page
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"/fr/registrations/{token}"
    assert "<h1>La chaleur en ville</h1>" in after.text
    assert f'action="/fr/registrations/{token}/send-again"' in after.text


def test_a_language_not_offered_is_refused_on_the_page_in_words(client: FlaskClient) -> None:
    place = a_registration(a_session(webinar=a_webinar(titles=TITLES)))

    answer = client.post(f"/en/registrations/{place.token}/mail-language", data={"mail_language": "de"})

    assert answer.status_code == 409
    assert "We cannot write to you about this webinar in that language." in answer.text
    assert client.get(f"/en/registrations/{place.token}/mail-language").status_code == 405
    assert client.post("/en/registrations/nobody/mail-language", data={"mail_language": "fr"}).status_code == 404


def test_where_the_webinar_has_its_texts_in_one_language_there_is_nothing_to_choose(client: FlaskClient) -> None:
    place = a_registration(a_session(webinar=a_webinar()))

    assert "mail_language" not in client.get(f"/en/registrations/{place.token}").text


def test_the_language_in_the_address_is_that_of_the_page_whatever_the_mails_are_written_in(client: FlaskClient) -> None:
    place = a_registration(a_session(webinar=a_webinar(titles=TITLES)))

    answer = client.get(f"/fr/registrations/{place.token}")

    assert '<html lang="fr" dir="ltr">' in answer.text
    assert "<h1>La chaleur en ville</h1>" in answer.text
    assert languages() == ["en"]
