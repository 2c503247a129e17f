"""What a reader finds written in their language, and how what is not is marked: each text for itself."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from tests.factories import a_material, a_registration, a_session, a_webinar, an_agenda_item, stored
from tests.mailbox import calendar_of, the_only_mail_to, words_of
from tests.registration.test_services import a_registrant
from webinar.catalogue.models import (
    AgendaItemText,
    LanguageVersionText,
    MaterialText,
    SpeakerText,
    Webinar,
    WebinarSession,
    WebinarText,
)
from webinar.foundation.db import db
from webinar.registration.services import register

pytestmark = pytest.mark.usefixtures("app")

NOTES = "Choose the channel “French”, then mute the original."


def a_webinar_told_in_part() -> Webinar:
    """Return a webinar written in English, with a French title and hardly more."""
    webinar = a_webinar("heat", title="Heat in cities")
    webinar.texts[0].summary = "What cities do about it."
    webinar.texts[0].description = "All of it."
    webinar.texts.append(WebinarText(language="fr", title="La chaleur en ville"))
    return stored(webinar)


def a_session_with_everybody(webinar: Webinar) -> WebinarSession:
    """Return a session with a speaker of whom only the role is said in French."""
    session = a_session("may", webinar=webinar, languages=("en", "fr"), speakers=("Ana Sousa",), notes={"fr": NOTES})
    session.speakers[0].texts = [
        SpeakerText(language="en", role="Planner", affiliation="City of Lisbon"),
        SpeakerText(language="fr", role="Urbaniste"),
    ]
    return stored(session)


def test_each_text_that_falls_back_on_the_page_of_a_webinar_is_marked_for_itself(client: FlaskClient) -> None:
    webinar = a_webinar_told_in_part()
    a_session_with_everybody(webinar)
    item = an_agenda_item(webinar, title="Roundtable", questions="Who pays?")
    item.texts.append(AgendaItemText(language="fr", title="Table ronde", questions=""))
    material = a_material(webinar, title="Issue paper")
    material.texts.append(MaterialText(language="fr", title="Dossier"))
    a_material(webinar, title="Slides")
    db.session.commit()

    text = client.get("/fr/webinars/heat").text

    assert "<h1>La chaleur en ville</h1>" in text
    assert '<p class="lede" lang="en" dir="ltr">What cities do about it.</p>' in text
    assert '<section aria-labelledby="about" class="prose" lang="en" dir="ltr">' in text
    assert "<h3>Table ronde</h3>" in text
    assert '<ul class="marked" lang="en" dir="ltr"><li>Who pays?</li></ul>' in text
    assert '<bdi>Urbaniste</bdi><br><bdi lang="en" dir="ltr">City of Lisbon</bdi>' in text
    assert re.search(r'dir="auto">Dossier</a>', text)
    assert re.search(r'lang="en" dir="ltr">Slides</a>', text)


def test_the_programme_and_the_series_mark_a_summary_that_is_not_translated(client: FlaskClient) -> None:
    a_session_with_everybody(a_webinar_told_in_part())

    assert '<p class="lede" lang="en" dir="ltr">What cities do about it.</p>' in client.get("/fr/").text


def test_how_to_hear_a_language_stands_on_ones_page_in_its_language_or_marked(client: FlaskClient) -> None:
    session = a_session_with_everybody(a_webinar_told_in_part())
    place = a_registration(session)
    place.language_version = session.language_versions[1]
    db.session.commit()

    english = client.get(f"/en/registrations/{place.token}").text
    french = client.get(f"/fr/registrations/{place.token}").text
    joining = client.get(f"/join/{place.join_token}").text

    assert f"<p>{NOTES}</p>" in english
    assert f'<p lang="en" dir="ltr">{NOTES}</p>' in french
    assert f"<p>{NOTES}</p>" in joining


def test_mail_and_calendar_name_the_language_of_what_is_not_written_in_theirs() -> None:
    session = a_session_with_everybody(a_webinar_told_in_part())

    register(session.key, a_registrant(language="fr", version="fr"))

    mail = the_only_mail_to("ana@lisbon.example")
    description = calendar_of(mail).description
    assert calendar_of(mail).summary == "La chaleur en ville"
    assert f" anglais) {NOTES}" in words_of(mail)
    assert re.search(rf'<p lang="en" dir="ltr"[^>]*>{NOTES}</p>', words_of(mail, "html"))
    assert f" anglais) {NOTES}" in description
    assert " anglais) What cities do about it." in description


def test_what_is_written_in_the_language_of_the_mail_has_no_mark() -> None:
    session = a_session_with_everybody(a_webinar_told_in_part())
    session.language_versions[1].texts.append(
        LanguageVersionText(language="fr", practical_notes="Choisissez le canal français.")
    )
    db.session.commit()

    register(session.key, a_registrant(language="fr", version="fr"))

    mail = the_only_mail_to("ana@lisbon.example")
    assert "Choisissez le canal français." in words_of(mail).splitlines()
    assert re.search("<p style=[^>]*>Choisissez le canal français.</p>", words_of(mail, "html"))
    assert "Choisissez le canal français." in calendar_of(mail).description.splitlines()


def test_a_title_that_is_missing_in_the_language_of_a_mail_is_marked_there_too() -> None:
    session = a_session(webinar=a_webinar(title="Hitze in Städten", original_language="de"), languages=("de",))

    register(session.key, a_registrant(language="en", version="de"))

    mail = the_only_mail_to("ana@lisbon.example")
    assert words_of(mail).startswith("(in German) ")
    assert '<h1 lang="de" dir="ltr"' in words_of(mail, "html")
