"""The organisers' pages of translations: how far each language is, and all texts of one beside the original."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.catalogue.test_editing_together import revision_on, words_of
from tests.catalogue.test_translate import a_speaker, outdated_in, shade, the_title_changes, written_in
from tests.conftest import Counted
from tests.factories import a_material, a_person, a_question, a_registration, a_session, a_webinar, an_agenda_item
from tests.signing_in import sign_in, signed_in_as, with_password
from webinar.accounts.models import Role
from webinar.catalogue.models import SessionStatus, Webinar
from webinar.catalogue.services.translate import translate
from webinar.foundation.db import db
from webinar.foundation.spreadsheet import csv_lines, read_table
from webinar.registration.models import RegistrationStatus

OVERVIEW = "/staff/webinars/shade/translations"
INTO_FRENCH = "/staff/webinars/shade/translations/fr"


@pytest.fixture
def organiser(client: FlaskClient) -> FlaskClient:
    """Return a client in which an organiser is signed in."""
    signed_in_as(client, Role.ORGANISER)
    return client


def line_of(page: str, code: str) -> str:
    """Return what the overview says of a language."""
    found = re.search(rf'<li id="{code}">(.*?)</div>\s*</li>', page, re.DOTALL)
    assert found is not None
    return words_of(found[1])


def languages_on(page: str) -> list[str]:
    return re.findall(r'<li id="([a-z]+)">', page)


def sent_from(page: str, **typed: str) -> dict[str, str]:
    """Return what a browser sends from the page of a translation, with something typed into its fields."""
    names = re.findall(r'<(?:input|textarea)[^>]* name="([a-z]+-[^"]*)"', page)
    sent = {name: "" for name in names if not name.startswith(("same-", "fits-"))}
    for name, value in re.findall(r'<input type="hidden" name="(seen-[^"]*)" value="([^"]*)"', page):
        sent[name] = value
    for name in [name for name in sent if not name.startswith("seen-")]:
        area = re.search(rf'<textarea[^>]* name="{name}"[^>]*>\s*(.*?)</textarea>', page, re.DOTALL)
        line = re.search(rf'<input[^>]* name="{name}"[^>]* value="([^"]*)"', page)
        sent[name] = area[1] if area else line[1] if line else ""
    return {**sent, "revision": revision_on(page), **{name.replace("__", "-"): text for name, text in typed.items()}}


def everything() -> Webinar:
    """Store a webinar with something to translate of each kind."""
    webinar = shade(fr="Ombre")
    session = a_session("shade-en", webinar=webinar, languages=("en", "fr"), notes={"fr": "Choose channel 2."})
    a_speaker(session, "Ana", "Mayor", "City of Lisbon")
    an_agenda_item(webinar, title="Trees", questions="Which?")
    a_question(webinar, choices=["A ramp", "Captions"])
    a_material(webinar)
    return webinar


# The overview


def test_the_overview_begins_with_the_original_then_what_is_heard_then_what_the_site_offers(
    organiser: FlaskClient,
) -> None:
    webinar = shade(de="Schatten")
    a_session(webinar=webinar, languages=("en", "fa"))

    assert languages_on(organiser.get(OVERVIEW).text) == ["en", "fa", "es", "fr", "pt", "ar", "de"]


def test_a_missing_title_of_a_public_session_is_said_first_and_loud(organiser: FlaskClient) -> None:
    webinar = shade()
    a_session(webinar=webinar, languages=("en", "fr"), starts="2030-05-14T13:00")
    a_session(webinar=webinar, languages=("es",), starts="2030-06-14T13:00", status=SessionStatus.DRAFT)
    a_session(webinar=webinar, languages=("pt",), starts="2030-07-14T13:00", status=SessionStatus.CANCELLED)
    a_session(webinar=webinar, languages=("pt",), starts="2020-07-14T13:00")

    page = organiser.get(OVERVIEW).text

    assert "The title is missing, and Tuesday 14 May is public already." in line_of(page, "fr")
    assert "The title is missing: Friday 14 June cannot be published." in line_of(page, "es")
    assert "Nothing is translated yet" in line_of(page, "pt")
    assert "No coming session is held in it." in line_of(page, "pt")
    assert '<strong class="loud">Title</strong>' in page


def test_what_is_missing_is_named_by_kind_and_counted(organiser: FlaskClient) -> None:
    everything()

    says = line_of(organiser.get(OVERVIEW).text, "fr")

    assert "10 texts are missing" in says
    assert "1 of 11 texts translated" in says
    assert (
        "Missing: Parts of the agenda, Guiding questions, Questions on the form, Purpose of the questions, "
        "Choices (2), Titles of materials, Roles of speakers, Whom speakers speak for, Practical notes" in says
    )


def test_a_language_that_is_whole_is_complete_and_one_whose_source_changed_is_not(organiser: FlaskClient) -> None:
    shade(fr="Ombre", es="Sombra")
    assert "Complete" in line_of(organiser.get(OVERVIEW).text, "fr")

    the_title_changes("More shade")
    translate("shade", "fr", {"webinar-title": "Plus d'ombre"})
    page = organiser.get(OVERVIEW).text

    assert "Complete" in line_of(page, "fr")
    assert "1 text is to be looked at" in line_of(page, "es")


def test_who_is_written_to_in_a_language_and_who_hears_it_is_counted_once_each(organiser: FlaskClient) -> None:
    webinar = shade(fr="Ombre")
    first = a_session(webinar=webinar, languages=("en", "fr"))
    second = a_session(webinar=webinar, languages=("fr",), starts="2030-06-14T13:00")
    twice = a_person()
    a_registration(first, person=twice, version="fr", language="fr")
    other_address = a_person()
    other_address.merged_into_id = twice.id
    a_registration(second, person=other_address, language="fr")
    a_registration(first, language="fr", status=RegistrationStatus.WAITING)
    a_registration(first, version="fr", language="en")
    a_registration(first, language="fr", status=RegistrationStatus.CANCELLED)
    a_registration(a_session(webinar=webinar, languages=("fr",), starts="2020-05-14T13:00"), language="fr")

    page = organiser.get(OVERVIEW).text

    assert "2 people who come are written to in it · 2 hear it" in line_of(page, "fr")
    assert "1 person who comes is written to in it · 1 hears it" in line_of(page, "en")
    assert "Nobody who comes is written to in it or hears it yet." in line_of(page, "es")


def test_the_overview_takes_the_same_few_queries_however_much_there_is(
    organiser: FlaskClient, count_queries: Callable[[], AbstractContextManager[Counted]]
) -> None:
    webinar = everything()
    the_title_changes("More shade")

    def counted() -> list[int]:
        counts = []
        for address in (OVERVIEW, INTO_FRENCH):
            db.session.expunge_all()
            with count_queries() as queries:
                assert organiser.get(address).status_code == 200
            counts.append(queries.count)
        return counts

    few = counted()
    for number in range(3):
        session = a_session(webinar=webinar, languages=("en", "fr", "es"), starts=f"2030-06-1{number}T13:00")
        a_speaker(session, f"Speaker {number}", "Mayor")
        a_registration(session)
        an_agenda_item(webinar)
        a_question(webinar, choices=["Yes", "No"])
        a_material(webinar)
    many = counted()

    assert many == few
    assert max(many) < 12


# The page of one language


def test_each_text_stands_beside_its_source_in_its_own_language_and_direction(organiser: FlaskClient) -> None:
    everything()

    page = organiser.get("/staff/webinars/shade/translations/ar").text

    assert '<p class="words" lang="en" dir="ltr">Shade</p>' in page
    assert re.search(r'<input[^>]*dir="rtl"[^>]*id="webinar-title"[^>]*lang="ar"', page)
    assert "Choose channel 2." in page
    assert "For who hears French" in words_of(page)


def test_what_is_typed_is_stored_and_what_is_left_is_said(organiser: FlaskClient) -> None:
    everything()
    page = organiser.get(INTO_FRENCH).text
    agenda = re.search(r'name="(agenda-\d+)-title"', page)
    assert agenda is not None

    sent = sent_from(page) | {f"{agenda[1]}-title": "  Arbres\n", "webinar-title": "De l’ombre"}
    answer = organiser.post(INTO_FRENCH, data=sent, follow_redirects=True)

    assert "The texts in French are stored. 9 still need work." in words_of(answer.text)
    assert written_in("fr") == {"webinar-title": "De l’ombre", f"{agenda[1]}-title": "Arbres"}


def test_what_reads_the_same_is_ticked_in_place_of_being_typed(organiser: FlaskClient) -> None:
    everything()
    page = organiser.get(INTO_FRENCH).text
    affiliation = re.search(r'name="(speaker-\d+-affiliation)"', page)
    assert affiliation is not None

    organiser.post(INTO_FRENCH, data=sent_from(page) | {f"same-{affiliation[1]}": "y"})

    assert written_in("fr")[affiliation[1]] == "City of Lisbon"


def test_what_is_to_be_looked_at_is_marked_with_what_it_was_and_loses_the_mark_by_a_tick(
    organiser: FlaskClient,
) -> None:
    shade(fr="Ombre")
    the_title_changes("More shade")
    page = organiser.get(INTO_FRENCH).text
    assert "The original has changed since. Look at it." in page
    assert "What it was before Shade" in words_of(page)

    answer = organiser.post(INTO_FRENCH, data=sent_from(page) | {"fits-webinar-title": "y"}, follow_redirects=True)

    assert "The texts in French are stored. Nothing is missing." in words_of(answer.text)
    assert outdated_in("fr") == []


def test_saving_without_touching_anything_changes_nothing(organiser: FlaskClient) -> None:
    everything()
    the_title_changes("More shade")

    page = organiser.get(INTO_FRENCH).text
    answer = organiser.post(INTO_FRENCH, data=sent_from(page), follow_redirects=True)

    assert "Nothing was changed." in answer.text
    assert outdated_in("fr") == ["webinar-title"]


def test_only_what_needs_work_is_shown_where_it_is_wished_and_what_is_hidden_stays(organiser: FlaskClient) -> None:
    webinar = everything()
    an_agenda_item(webinar, title="Water")
    page = organiser.get(f"{INTO_FRENCH}?only=work").text

    assert 'name="webinar-title"' not in page
    assert "Water" in page
    answer = organiser.post(f"{INTO_FRENCH}?only=work", data=sent_from(page))
    assert answer.location.endswith("?only=work")

    assert written_in("fr") == {"webinar-title": "Ombre"}


def test_a_field_with_an_error_is_never_hidden(organiser: FlaskClient) -> None:
    shade(fr="Ombre")

    answer = organiser.post(f"{INTO_FRENCH}?only=work", data={"webinar-title": "x" * 301, "revision": "0"})

    assert answer.status_code == 422
    assert "Write at most 300 characters." in answer.text
    assert "x" * 301 in answer.text


def test_when_nothing_needs_work_the_page_says_so(organiser: FlaskClient) -> None:
    shade(fr="Ombre")

    assert "Everything is translated into French." in organiser.get(f"{INTO_FRENCH}?only=work").text


def test_the_original_leads_to_its_own_form_and_other_words_lead_nowhere(organiser: FlaskClient) -> None:
    shade()

    answer = organiser.get(f"{OVERVIEW}/en")
    assert (answer.status_code, answer.location) == (303, "/staff/webinars/shade")
    for language in ("xx", "FR", "fr-CA", "de", "a" * 300, "%0A"):
        assert organiser.get(f"{OVERVIEW}/{language}").status_code == 404
        assert organiser.post(f"{OVERVIEW}/{language}", data={"webinar-title": "x"}).status_code == 404
    assert organiser.post(f"{OVERVIEW}/en", data={"webinar-title": "x"}).status_code == 404
    assert organiser.get("/staff/webinars/none/translations").status_code == 404
    assert organiser.get("/staff/webinars/none/translations/fr").status_code == 404


def test_a_viewer_may_read_and_not_save(client: FlaskClient) -> None:
    everything()
    signed_in_as(client, Role.VIEWER)

    page = client.get(INTO_FRENCH).text
    assert '<fieldset class="edit" disabled>' in page
    assert "Look at the texts in French" in client.get(OVERVIEW).text
    assert client.post(INTO_FRENCH, data=sent_from(page, webinar__title="Ombrage")).status_code == 403
    assert written_in("fr") == {"webinar-title": "Ombre"}


# Two at once


def test_the_second_to_save_a_language_is_told_and_what_the_first_wrote_elsewhere_stays(
    organiser: FlaskClient, app: Flask
) -> None:
    webinar = everything()
    webinar.texts[0].summary = "Under trees."
    db.session.commit()
    first = app.test_client()
    sign_in(first, with_password(Role.ORGANISER, name="Amina First"))
    begun = organiser.get(INTO_FRENCH).text
    first.post(INTO_FRENCH, data=sent_from(begun, webinar__title="De l'ombre", webinar__summary="Sous les arbres."))

    told = organiser.post(INTO_FRENCH, data=sent_from(begun, webinar__title="Plus d'ombre"))

    assert told.status_code == 409
    says = words_of(told.text)
    assert "Amina First changed" in says
    assert "theirs stands where you typed nothing" in says
    assert "Title (French) Ombre → De l'ombre" in says
    again = sent_from(told.text)
    assert again["webinar-title"] == "Plus d&#39;ombre"
    assert again["webinar-summary"] == "Sous les arbres."

    organiser.post(INTO_FRENCH, data=sent_from(told.text, webinar__title="Plus d'ombre"))

    assert written_in("fr") == {"webinar-title": "Plus d'ombre", "webinar-summary": "Sous les arbres."}


def test_two_languages_are_saved_at_once_without_a_word(organiser: FlaskClient) -> None:
    everything()
    french, spanish = organiser.get(INTO_FRENCH).text, organiser.get(f"{OVERVIEW}/es").text

    organiser.post(INTO_FRENCH, data=sent_from(french, webinar__title="De l'ombre"))
    answer = organiser.post(f"{OVERVIEW}/es", data=sent_from(spanish, webinar__title="Sombra"))

    assert answer.status_code == 303
    assert written_in("es") == {"webinar-title": "Sombra"}


def test_a_source_that_changed_meanwhile_is_told_at_the_field_and_nothing_typed_is_lost(
    organiser: FlaskClient,
) -> None:
    shade(fr="Ombre")
    begun = organiser.get(INTO_FRENCH).text
    the_title_changes("More shade")

    told = organiser.post(INTO_FRENCH, data=sent_from(begun, webinar__title="Toute l’ombre"))

    assert told.status_code == 422
    assert "The original has changed while you were writing." in told.text
    assert "More shade" in told.text
    assert outdated_in("fr") == ["webinar-title"]
    assert organiser.post(INTO_FRENCH, data=sent_from(told.text)).status_code == 303
    assert (written_in("fr"), outdated_in("fr")) == ({"webinar-title": "Toute l’ombre"}, [])


def test_a_text_whose_part_was_taken_away_is_told_in_full_and_the_rest_can_be_saved(organiser: FlaskClient) -> None:
    webinar = shade(fr="Ombre")
    item = an_agenda_item(webinar, title="Trees")
    begun = organiser.get(INTO_FRENCH).text
    db.session.delete(item)
    db.session.commit()
    typed = sent_from(begun, webinar__title="De l’ombre") | {f"agenda-{item.id}-title": "Arbres <b>"}

    told = organiser.post(INTO_FRENCH, data=typed)

    assert told.status_code == 422
    assert "Arbres &lt;b&gt;" in told.text
    assert "is about something that has been taken away meanwhile." in told.text
    assert organiser.post(INTO_FRENCH, data=sent_from(told.text)).status_code == 303
    assert written_in("fr") == {"webinar-title": "De l’ombre"}


# Bad input


@pytest.mark.parametrize("length", [50_000, 50_001])
def test_a_description_has_the_same_limit_as_its_source(organiser: FlaskClient, length: int) -> None:
    webinar = shade(fr="Ombre")
    webinar.texts[0].description = "Trees."
    db.session.commit()

    page = organiser.get(INTO_FRENCH).text
    answer = organiser.post(INTO_FRENCH, data=sent_from(page, webinar__description="ظ" * length))

    assert answer.status_code == (303 if length == 50_000 else 422)
    assert len(written_in("fr").get("webinar-description", "")) == (length if length == 50_000 else 0)


def test_controls_overrides_and_unbalanced_markdown_are_data(organiser: FlaskClient) -> None:
    webinar = shade(fr="Ombre")
    webinar.texts[0].description = "Trees."
    db.session.commit()

    page = organiser.get(INTO_FRENCH).text
    sent = sent_from(page, webinar__title="De\x1b l’om\u202ebre\x07", webinar__description="**a [b](c <script>\r\n`")
    answer = organiser.post(INTO_FRENCH, data=sent)

    assert answer.status_code == 303
    assert written_in("fr") == {"webinar-title": "De l’ombre", "webinar-description": "**a [b](c <script>\n`"}
    assert "<script>\n`" not in organiser.get(INTO_FRENCH).text


def test_made_up_fields_and_marks_harm_nothing(organiser: FlaskClient) -> None:
    shade(fr="Ombre")

    answer = organiser.post(
        INTO_FRENCH,
        data={
            "revision": "-1",
            "seen-webinar-title": "x" * 1000,
            "seen-": "y-z",
            "": "z",
            "fits-webinar-title": "y",
            "fits-nothing-1": "y",
            "same-webinar-title": "y",
            "agenda-99999999999999999999-title": "x",
            "seen-agenda-1-title": "",
            "webinar-nonsense": "x",
        },
    )

    assert answer.status_code in (303, 409, 422)
    assert written_in("fr") == {"webinar-title": "Ombre"}


def test_the_title_of_a_public_session_cannot_be_emptied(organiser: FlaskClient) -> None:
    everything()
    page = organiser.get(INTO_FRENCH).text

    answer = organiser.post(INTO_FRENCH, data=sent_from(page, webinar__title=""))

    assert answer.status_code == 422
    assert "It is needed: a public session is held in French, on" in words_of(answer.text)
    assert written_in("fr") == {"webinar-title": "Ombre"}


def test_a_webinar_that_nobody_has_made_yet_much_of_has_pages_too(organiser: FlaskClient) -> None:
    a_webinar("shade", titles={"fr": "Ombre"}, original_language="en")

    assert organiser.get(OVERVIEW).status_code == 200
    assert organiser.get(INTO_FRENCH).status_code == 200


def test_the_history_tells_translations_in_peoples_words(organiser: FlaskClient) -> None:
    webinar = everything()
    keys = re.findall(r'name="((?:agenda-\d+-title|speaker-\d+-role))"', organiser.get(INTO_FRENCH).text)
    translate("shade", "fr", dict(zip(keys, ["Arbres", "Maire"], strict=True)))
    the_title_changes("More shade")
    translate("shade", "fr", {}, confirmed={"webinar-title"})

    says = words_of(organiser.get(f"/staff/webinars/{webinar.slug}/changes").text)

    assert "Agenda 1 (French) Arbres" in says
    assert "Ana: Role (French) Maire" in says
    assert "It still fits: Title (French) Ombre" in says


# For a translator elsewhere


def translated(content: bytes, translations: dict[str, str]) -> bytes:
    """Return a downloaded file as it comes back: as CSV, with some translations filled in."""
    rows = [row.values for row in read_table(content)]
    for row in rows:
        row["translation"] = translations.get(row["original"], row["translation"])
    return b"".join(csv_lines(list(rows[0]), [list(row.values()) for row in rows]))


def brought_back(client: FlaskClient, content: bytes, name: str = "back.csv") -> TestResponse:
    return client.post(f"{INTO_FRENCH}/file", data={"file": (io.BytesIO(content), name)})


@pytest.mark.parametrize("how", ["csv", "xlsx"])
def test_a_file_goes_to_a_translator_and_what_comes_back_is_shown_before_it_is_stored(
    organiser: FlaskClient, how: str
) -> None:
    everything()
    file = organiser.get(f"{INTO_FRENCH}/texts.{how}")
    assert f"shade-fr.{how}" in file.headers["Content-Disposition"]

    page = brought_back(organiser, translated(file.data, {"Shade": "=De l’ombre", "Trees": "Arbres"}))

    assert page.status_code == 200
    assert "Nothing is stored yet" in page.text
    assert written_in("fr") == {"webinar-title": "Ombre"}
    organiser.post(INTO_FRENCH, data=sent_from(page.text))
    assert sorted(written_in("fr").values()) == ["=De l’ombre", "Arbres"]


def test_a_file_that_was_overtaken_is_told_where_and_by_whom(organiser: FlaskClient) -> None:
    shade(fr="Ombre")
    file = translated(organiser.get(f"{INTO_FRENCH}/texts.csv").data, {"Shade": "De l’ombre"})
    the_title_changes("More shade")
    translate("shade", "fr", {"webinar-title": "Plus d’ombre"})

    page = brought_back(organiser, file).text

    assert "The original has changed while you were writing." in page
    told = organiser.post(INTO_FRENCH, data=sent_from(page))
    assert told.status_code == 409
    assert written_in("fr") == {"webinar-title": "Plus d’ombre"}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe\xff",
        b"PK\x03\x04 broken",
        b"name,city\nAna,Lisbon\n",
        b"key,translation\n",
        b"key,translation\n" + b"x,y\n" * 5_001,
        b'key,translation\n"x,y\n',
        "clé,traduction\nx,y\n".encode("latin-1"),
    ],
)
def test_another_file_is_refused_with_what_to_do(organiser: FlaskClient, content: bytes) -> None:
    shade(fr="Ombre")

    answer = brought_back(organiser, content)

    assert answer.status_code == 422
    assert 'id="file-error"' in answer.text
    assert written_in("fr") == {"webinar-title": "Ombre"}


def test_a_file_of_another_webinar_or_without_its_marks_loses_nothing(organiser: FlaskClient) -> None:
    shade(fr="Ombre")

    page = brought_back(
        organiser, b"key,translation\nagenda-999-title,Arbres\nwebinar-title,De l\xe2\x80\x99ombre\n,\n"
    )

    assert page.status_code == 200
    assert sent_from(page.text)["webinar-title"] == "De l’ombre"
    assert organiser.post(f"{INTO_FRENCH}/file").status_code == 422
    assert organiser.get(f"{INTO_FRENCH}/texts.json").status_code == 404
    assert organiser.get(f"{OVERVIEW}/en/texts.csv").status_code == 404
    assert organiser.post(f"{OVERVIEW}/xx/file").status_code == 404


def test_a_text_too_long_for_a_cell_is_left_out_of_the_file(organiser: FlaskClient) -> None:
    webinar = shade(fr="Ombre")
    webinar.texts[0].description = "x" * 32_001
    db.session.commit()

    rows = list(read_table(organiser.get(f"{INTO_FRENCH}/texts.xlsx").data))

    assert [row.values["key"] for row in rows] == ["webinar-title"]


def test_a_viewer_takes_no_file_and_brings_none(client: FlaskClient) -> None:
    shade()
    signed_in_as(client, Role.VIEWER)

    assert client.get(f"{INTO_FRENCH}/texts.csv").status_code == 403
    assert brought_back(client, b"key,translation\n").status_code == 403
