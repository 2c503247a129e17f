"""The organisers' pages of series and webinars."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.conftest import Counted
from tests.factories import a_series, a_session, a_webinar, an_agenda_item
from tests.signing_in import signed_in_as
from webinar.accounts.models import AuditEntry, Role
from webinar.catalogue.queries import find_series, find_webinar
from webinar.foundation.db import db


def series_input(**more: str) -> dict[str, str]:
    return {"slug": "heat", "title_en": "Heat in cities", "summary_en": "", **more}


def webinar_input(**more: str) -> dict[str, str]:
    return {
        "slug": "shade",
        "series_slug": "heat",
        "original_language": "en",
        "title": "Shade",
        "agenda_rows": "1",
        "agenda_0_kind": "talk",
        **more,
    }


def entries() -> list[tuple[str, str, dict[str, Any]]]:
    rows = db.session.scalars(select(AuditEntry).where(AuditEntry.subject.not_like("account%")).order_by(AuditEntry.id))
    return [(entry.action, entry.subject, entry.changes) for entry in rows]


def titles(texts: Any) -> dict[str, str]:
    return {text.language: text.title for text in texts}


def test_a_series_is_made_with_its_texts_and_an_audit_entry(client: FlaskClient) -> None:
    signed_in_as(client, Role.ORGANISER)

    answer = client.post(
        "/staff/new-series", data=series_input(title_es=" Calor  en las ciudades ", summary_es="Uno\r\ndos")
    )

    assert (answer.status_code, answer.location) == (303, "/staff/series/heat")
    series = find_series("heat")
    assert series is not None
    assert titles(series.texts) == {"en": "Heat in cities", "es": "Calor en las ciudades"}
    assert {text.summary for text in series.texts} == {"", "Uno\ndos"}
    action, subject, changes = entries()[0]
    assert (action, subject, changes["title (es)"]) == ("created", "series heat", ["", "Calor en las ciudades"])


def test_a_web_address_left_empty_is_made_from_the_title(client: FlaskClient) -> None:
    signed_in_as(client, Role.ORGANISER)

    answer = client.post("/staff/new-series", data={"title_en": "Île-de-France, ¿mañana? 2030"})

    assert answer.location == "/staff/series/ile-de-france-manana-2030"


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"title_en": "   "}, "Write the title in English too, or leave out the rest."),
        ({"title_en": "x" * 301}, "Write at most 300 characters."),
        ({"summary_fr": "Un résumé"}, "Write the title in French too, or leave out the rest."),
        ({"slug": "two words"}, "Use letters without accents, digits, dots and hyphens only"),
        ({"slug": "../staff"}, "Use letters without accents, digits, dots and hyphens only"),
        ({"slug": "taken"}, "“taken” is taken already."),
    ],
)
def test_bad_input_is_answered_at_the_field_and_nothing_typed_is_lost(
    client: FlaskClient, wrong: dict[str, str], says: str
) -> None:
    a_series("taken")
    signed_in_as(client, Role.ORGANISER)
    given = series_input(summary_en="A summary that must not be lost") | wrong

    answer = client.post("/staff/new-series", data=given)

    assert answer.status_code == 422
    assert says in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert "A summary that must not be lost" in answer.text
    assert find_series("heat") is None
    assert entries() == []


def test_a_series_without_any_title_is_refused(client: FlaskClient) -> None:
    signed_in_as(client, Role.ORGANISER)

    answer = client.post("/staff/new-series", data={"slug": "heat"})

    assert answer.status_code == 422
    assert "Write a title in at least one language." in answer.text


def test_a_series_is_changed_and_what_changed_is_written_down(client: FlaskClient) -> None:
    series = a_series("heat", title="Heat")
    signed_in_as(client, Role.ORGANISER)

    client.post("/staff/series/heat", data=series_input(title_en="", title_fr="La chaleur", slug="warm"))

    db.session.refresh(series, ["texts"])
    assert (series.slug, titles(series.texts)) == ("warm", {"fr": "La chaleur"})
    (entry,) = entries()
    assert entry == (
        "changed",
        "series warm",
        {"slug": ["heat", "warm"], "title (en)": ["Heat", None], "title (fr)": ["", "La chaleur"]},
    )


def test_saving_the_same_again_changes_nothing_and_writes_nothing_down(client: FlaskClient) -> None:
    a_series("heat", title="Heat in cities")
    signed_in_as(client, Role.ORGANISER)

    page = client.post("/staff/series/heat", data=series_input(), follow_redirects=True)

    assert "Nothing was changed." in page.text
    assert entries() == []


def test_a_web_address_stays_once_a_session_is_public(client: FlaskClient) -> None:
    series = a_series("heat", title="Heat in cities")
    webinar = a_webinar("shade", series=series, title="Shade")
    a_session(webinar=webinar)
    signed_in_as(client, Role.ORGANISER)

    of_series = client.post("/staff/series/heat", data=series_input(slug="warm"))
    of_webinar = client.post("/staff/webinars/shade", data=webinar_input(slug="cool"))

    for answer in (of_series, of_webinar):
        assert answer.status_code == 422
        assert "The web address stays as it is" in answer.text
    assert (series.slug, webinar.slug) == ("heat", "shade")


def test_a_webinar_is_made_with_texts_and_an_agenda_with_its_questions(client: FlaskClient) -> None:
    a_series("heat")
    signed_in_as(client, Role.ORGANISER)

    answer = client.post(
        "/staff/series/heat/new-webinar",
        data=webinar_input(
            description="**Trees** <script>alert(1)</script>",
            agenda_rows="2",
            agenda_0_minutes="20",
            agenda_0_title="Roundtable of mayors",
            agenda_0_kind="roundtable",
            agenda_0_questions="Which trees?\n\n  Who waters them? \n",
            agenda_1_kind="talk",
        ),
    )

    assert answer.location == "/staff/webinars/shade"
    webinar = find_webinar("shade")
    assert webinar is not None
    assert (webinar.original_language, titles(webinar.texts)) == ("en", {"en": "Shade"})
    ((kind, minutes, text),) = [(item.kind, item.minutes, item.texts[0]) for item in webinar.agenda]
    assert (kind, minutes) == ("roundtable", 20)
    assert (text.title, text.questions) == ("Roundtable of mayors", "Which trees?\nWho waters them?")
    page = client.get("/staff/webinars/shade").text
    assert "**Trees** &lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script>alert" not in page


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"original_language": "fr", "title": " "}, "Write the title in French: it is the original language."),
        ({"original_language": "tlh"}, "Choose a language of the list."),
        ({"series_slug": "gone"}, "This series is gone."),
        ({"agenda_0_questions": "Why?"}, "Write what part 1 of the agenda is called."),
        ({"agenda_0_title": "Talk", "agenda_0_minutes": "-5"}, "Write a whole number above 0"),
        ({"agenda_0_title": "Talk", "agenda_0_minutes": "soon"}, "Write a whole number above 0"),
        ({"agenda_0_title": "Talk", "agenda_0_kind": "dance"}, "Choose one of these."),
        ({"description": "x" * 50_001}, "Write at most 50,000 characters."),
    ],
)
def test_a_webinar_that_cannot_be_is_refused_at_the_field(
    client: FlaskClient, wrong: dict[str, str], says: str
) -> None:
    a_series("heat")
    signed_in_as(client, Role.ORGANISER)

    answer = client.post("/staff/series/heat/new-webinar", data=webinar_input(summary="Must stay") | wrong)

    assert answer.status_code == 422
    assert says in answer.text
    assert "Must stay" in answer.text
    assert find_webinar("shade") is None


def test_one_more_row_is_shown_without_storing_anything(client: FlaskClient) -> None:
    series = a_series("heat")
    a_webinar("shade", series=series, title="Shade")
    signed_in_as(client, Role.ORGANISER)

    answer = client.post("/staff/webinars/shade", data=webinar_input(title="Typed, not saved", add="agenda"))

    assert answer.status_code == 200
    assert 'name="agenda_1_title"' in answer.text
    assert 'name="agenda_2_title"' not in answer.text
    assert "Typed, not saved" in answer.text
    webinar = find_webinar("shade")
    assert webinar is not None
    assert titles(webinar.texts) == {"en": "Shade"}


def test_a_part_of_the_agenda_goes_when_its_row_is_emptied(client: FlaskClient) -> None:
    series = a_series("heat")
    webinar = a_webinar("shade", series=series, title="Shade")
    an_agenda_item(webinar, title="Welcome")
    an_agenda_item(webinar, title="Farewell")
    signed_in_as(client, Role.ORGANISER)

    client.post(
        "/staff/webinars/shade",
        data=webinar_input(
            agenda_rows="3",
            agenda_0_title="",
            agenda_0_minutes="",
            agenda_1_kind="talk",
            agenda_1_minutes="5",
            agenda_1_title="Farewell",
        ),
    )

    found = find_webinar("shade")
    assert found is not None
    db.session.refresh(found, ["agenda"])
    assert [item.minutes for item in found.agenda] == [5]
    changes = entries()[0][2]
    assert (changes["agenda 1"], changes["agenda 2"]) == (["Welcome", "Farewell"], ["Farewell", None])


def test_a_webinar_is_edited_in_its_original_language_whichever_it_is_and_keeps_its_translations(
    client: FlaskClient,
) -> None:
    series = a_series("heat", language="ar", title="الحر")
    webinar = a_webinar("shade", series=series, titles={"ar": "الظل", "en": "Shade"}, original_language="ar")
    signed_in_as(client, Role.ORGANISER)

    page = client.get("/staff/webinars/shade").text
    # As from a page that was made while another language was the original: each text stays in its own.
    client.post("/staff/webinars/shade", data=webinar_input(title="Shadows", written_in="en"))
    client.post("/staff/webinars/shade", data=webinar_input(title="ظل الأشجار", revision="1"))

    assert 'name="title" type="text" value="الظل"' in page
    assert 'dir="rtl" id="title" lang="ar"' in page
    assert "Texts are written here in Arabic, the original language." in page
    assert 'name="original_language"' not in page
    db.session.refresh(webinar, ["texts"])
    assert {text.language: (text.title, text.is_outdated) for text in webinar.texts} == {
        "ar": ("ظل الأشجار", False),
        "en": ("Shadows", True),
    }


def test_viewers_see_the_pages_and_change_nothing(client: FlaskClient) -> None:
    series = a_series("heat")
    a_webinar("shade", series=series)
    signed_in_as(client, Role.VIEWER)

    pages = [client.get(f"/staff/{address}") for address in ("series", "series/heat", "webinars/shade")]
    refused = [
        client.get("/staff/new-series"),
        client.get("/staff/series/heat/new-webinar"),
        client.post("/staff/new-series", data=series_input(slug="new")),
        client.post("/staff/series/heat", data=series_input(title_en="Mine")),
        client.post("/staff/series/heat/new-webinar", data=webinar_input(slug="new")),
        client.post("/staff/webinars/shade", data=webinar_input(title="Mine")),
    ]

    assert [page.status_code for page in pages] == [200, 200, 200]
    assert "disabled" in pages[1].text
    assert ">Save<" not in pages[1].text
    assert {answer.status_code for answer in refused} == {403}
    assert entries() == []


def test_strangers_are_led_to_the_sign_in(client: FlaskClient) -> None:
    a_series("heat")

    assert client.get("/staff/series/heat").location == "/staff/sign-in?next=/staff/series/heat"
    assert client.post("/staff/series/heat", data=series_input()).status_code == 303


def test_an_expired_token_shows_the_filled_form_again(app: Flask, client: FlaskClient) -> None:
    a_series("heat")
    signed_in_as(client, Role.ORGANISER)
    app.config["WTF_CSRF_ENABLED"] = True

    answer = client.post("/staff/series/heat", data=series_input(title_en="Typed for an hour", csrf_token="old"))

    assert answer.status_code == 422
    assert "This page lay open for a long time" in answer.text
    assert "Typed for an hour" in answer.text
    assert entries() == []


def test_lists_take_the_same_number_of_queries_however_much_there_is(
    client: FlaskClient, count_queries: Callable[[], AbstractContextManager[Counted]]
) -> None:
    a_session(webinar=a_webinar("shade", series=a_series("heat")))
    signed_in_as(client, Role.ORGANISER)
    addresses = ("/staff/series", "/staff/series/heat", "/staff/webinars/shade")

    def counted() -> list[int]:
        counts = []
        for address in addresses:
            with count_queries() as queries:
                assert client.get(address).status_code == 200
            counts.append(queries.count)
        return counts

    few = counted()
    for _number in range(4):
        series = find_series("heat")
        assert series is not None
        for _other in range(3):
            a_session(webinar=a_webinar(series=series))
        a_session(webinar=find_webinar("shade"))
        a_series()
    many = counted()

    assert many == few
    assert max(many) <= 10


def test_unknown_addresses_are_not_found(client: FlaskClient) -> None:
    signed_in_as(client, Role.ORGANISER)

    for address in ("series/none", "webinars/none", "series/none/new-webinar", "webinars/none/new-session"):
        assert client.get(f"/staff/{address}").status_code == 404
