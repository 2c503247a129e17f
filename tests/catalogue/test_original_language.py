"""Making another language of a webinar the original one."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from tests.factories import a_session, a_webinar, an_agenda_item, stored
from tests.signing_in import signed_in_as
from webinar.accounts.models import Role
from webinar.catalogue.models import AgendaItemText, Webinar
from webinar.catalogue.queries import find_webinar
from webinar.catalogue.services.edit_webinar import NoSuchWebinar
from webinar.catalogue.services.original_language import make_original
from webinar.foundation.db import db

ADDRESS = "/staff/webinars/shade"


def shade() -> Webinar:
    webinar = a_webinar("shade", titles={"en": "Shade", "fr": "Ombre"})
    an_agenda_item(webinar, title="Trees")
    a_session(webinar=webinar)
    return webinar


def make(client: FlaskClient, language: str, revision: int = 0) -> str:
    data = {"language": language, "revision": str(revision)}
    return client.post(f"{ADDRESS}/original-language", data=data, follow_redirects=True).text


def test_a_language_becomes_the_original_one_once_everything_is_translated_into_it(client: FlaskClient) -> None:
    webinar = shade()
    signed_in_as(client, Role.ORGANISER)

    refused = make(client, "fr")
    stored(AgendaItemText(agenda_item_id=webinar_item(webinar), language="fr", title="Arbres", is_outdated=True))
    still_refused = make(client, "fr")
    for text in find_webinar_item_texts():
        text.is_outdated = False
    db.session.commit()
    page = make(client, "fr")
    again = make(client, "fr", 1)

    for told in (refused, still_refused):
        assert "1 text is missing or to be looked at in French. See to it on the page “Translations”" in told
    assert "The webinar is stored." in page
    assert "Texts are written here in French, the original language." in page
    assert 'value="Ombre"' in page
    assert 'value="Arbres"' in page
    assert "Nothing was changed." in again
    found = find_webinar("shade")
    assert found is not None
    assert {text.language: (text.title, text.is_outdated) for text in found.texts} == {
        "en": ("Shade", False),
        "fr": ("Ombre", False),
    }


def webinar_item(webinar: Webinar) -> int:
    found = find_webinar(webinar.slug)
    assert found is not None
    return found.agenda[0].id


def find_webinar_item_texts() -> list[AgendaItemText]:
    found = find_webinar("shade")
    assert found is not None
    db.session.refresh(found.agenda[0], ["texts"])
    return found.agenda[0].texts


def test_who_did_not_know_of_a_change_is_told_and_a_language_without_a_title_is_not_found(client: FlaskClient) -> None:
    a_webinar("shade", titles={"en": "Shade", "fr": "Ombre"})
    signed_in_as(client, Role.ORGANISER)
    make(client, "fr")

    assert "Somebody has changed this while you were writing." in make(client, "en")
    assert client.post(f"{ADDRESS}/original-language", data={"language": "es"}).status_code == 404
    assert client.post(f"{ADDRESS}/original-language").status_code == 404
    with pytest.raises(NoSuchWebinar):
        make_original("none", "en")
    signed_in_as(client, Role.VIEWER)
    assert client.post(f"{ADDRESS}/original-language", data={"language": "en"}).status_code == 403
