"""The programme, a series and a webinar, as a reader without scripts gets them."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.factories import a_member, a_registration, a_series, a_session, a_webinar, an_agenda_item
from webinar.catalogue.models import SessionStatus
from webinar.foundation import clock
from webinar.foundation.db import db
from webinar.registration.models import RegistrationStatus

CountQueries = Callable[[], AbstractContextManager[Any]]


def test_the_first_address_leads_to_the_language_that_the_browser_asks_for(client: FlaskClient) -> None:
    answer = client.get("/", headers={"Accept-Language": "fr-CA, en;q=0.5"})

    assert (answer.status_code, answer.headers["Location"]) == (302, "/fr/")
    assert "Accept-Language" in answer.headers["Vary"]


def test_a_browser_that_asks_for_no_language_of_ours_gets_the_first_one(client: FlaskClient) -> None:
    assert client.get("/", headers={"Accept-Language": "ko"}).headers["Location"] == "/en/"


@pytest.mark.parametrize("path", ["/xx/webinars/heat", "/nothing/", "/en/webinars/nothing", "/en/series/nothing"])
def test_what_is_not_there_is_404_on_a_page_of_ours(client: FlaskClient, path: str) -> None:
    answer = client.get(path)

    assert answer.status_code == 404
    assert "There is nothing here" in answer.text


def test_an_empty_programme_says_so_kindly(client: FlaskClient) -> None:
    answer = client.get("/en/")

    assert answer.status_code == 200
    assert "Nothing is planned at the moment" in answer.text
    assert '<html lang="en" dir="ltr">' in answer.text


def test_the_next_session_stands_first_and_the_others_by_month(client: FlaskClient) -> None:
    webinar = a_webinar("heat", title="Heat in cities")
    a_session("late", webinar=webinar, starts="2030-07-02T13:00")
    a_session("soon", webinar=webinar, starts="2030-05-14T13:00")

    text = client.get("/en/").text

    assert text.index("Next session") < text.index("/en/sessions/soon/register") < text.index("Coming sessions")
    assert text.index("July <span>2030</span>") < text.index("/en/sessions/late/register")


def test_a_draft_is_shown_nowhere(client: FlaskClient) -> None:
    session = a_session("secret", webinar=a_webinar("plans", title="Secret plans"), status=SessionStatus.DRAFT)
    series_slug = session.webinar.series.slug

    assert "Secret plans" not in client.get("/en/").text
    assert client.get("/en/webinars/plans").status_code == 404
    assert client.get(f"/en/series/{series_slug}").status_code == 404
    assert client.get("/en/sessions/secret/register").status_code == 404


def test_a_cancelled_session_is_shown_as_such_and_never_first(client: FlaskClient) -> None:
    a_session("off", starts="2030-05-14T13:00", status=SessionStatus.CANCELLED)
    a_session("on", starts="2030-06-14T13:00")

    text = client.get("/en/").text

    assert text.index("/en/sessions/on/register") < text.index("Coming sessions") < text.index("Cancelled")
    assert "/en/sessions/off/register" not in text


def test_the_programme_is_filtered_by_language_and_series(client: FlaskClient) -> None:
    heat, water = a_series("heat-series", title="Heat"), a_series("water-series", title="Water")
    a_session("heat-es", webinar=a_webinar(series=heat), starts="2030-05-14T13:00", languages=("es",))
    a_session("heat-en", webinar=a_webinar(series=heat), starts="2030-05-15T13:00", languages=("en", "es"))
    a_session("water-fr", webinar=a_webinar(series=water), starts="2030-05-16T13:00", languages=("fr",))

    def shown(query: str) -> list[str]:
        text = client.get(f"/en/?{query}").text
        return [key for key in ("heat-es", "heat-en", "water-fr") if f"/sessions/{key}/register" in text]

    assert shown("") == ["heat-es", "heat-en", "water-fr"]
    assert shown("language=es") == ["heat-es", "heat-en"]
    assert shown("language=fr") == ["water-fr"]
    assert shown("series=heat-series&language=en") == ["heat-en"]
    assert shown("series=water-series&language=en") == []
    assert shown("language=%3Cscript%3E") == []


def test_times_are_those_of_the_session_until_the_reader_has_a_zone(client: FlaskClient) -> None:
    a_session(starts="2030-05-14T23:30", zone="Europe/Lisbon", minutes=60)

    unknown = client.get("/en/").text
    client.set_cookie("timezone", "Asia/Seoul")
    known = client.get("/en/").text

    assert "23:30–00:30 in Lisbon" in unknown
    assert "Times where each session is held" in unknown
    assert "07:30–08:30 for you in Seoul" in known
    assert "Tuesday 14 May, 23:30 in Lisbon" in known
    assert '<span class="date-day">15</span>' in known
    assert "Times for Seoul" in known


@pytest.mark.parametrize("value", ["Mars/Olympus", "../../etc/passwd", "<script>", "", "Europe/Lisbon; x=1"])
def test_a_cookie_that_names_no_zone_counts_as_none(client: FlaskClient, value: str) -> None:
    a_session(starts="2030-05-14T13:00")
    client.set_cookie("timezone", value)

    answer = client.get("/en/")

    assert answer.status_code == 200
    assert "13:00–14:15 in Lisbon" in answer.text


def test_choosing_a_zone_leads_back_and_is_remembered(client: FlaskClient) -> None:
    answer = client.post("/en/timezone", data={"timezone": "Asia/Tokyo", "next": "/en/?language=fr"})

    assert (answer.status_code, answer.headers["Location"]) == (303, "/en/?language=fr")
    assert client.get_cookie("timezone").decoded_value == "Asia/Tokyo"  # type: ignore[union-attr]


def test_a_zone_that_nobody_knows_is_refused_at_the_field(client: FlaskClient) -> None:
    answer = client.post("/en/timezone", data={"timezone": "Moon/Base", "next": "/en/"})

    assert answer.status_code == 422
    assert "Choose a city of the list." in answer.text
    assert client.get_cookie("timezone") is None


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "/\t/evil.example",
        "\\\\evil.example",
        "javascript:x",
        "/a\r\nX: 1",
    ],
)
def test_choosing_a_zone_never_leads_to_another_site(client: FlaskClient, elsewhere: str) -> None:
    answer = client.post("/en/timezone", data={"timezone": "Asia/Tokyo", "next": elsewhere})

    assert (answer.status_code, answer.headers["Location"]) == (303, "/en/")


def test_the_other_languages_lead_to_the_same_page(client: FlaskClient) -> None:
    a_session(webinar=a_webinar("heat"))

    text = client.get("/en/webinars/heat?x=%22%3E&_external=1&_scheme=javascript").text

    assert 'href="/fr/webinars/heat?x=%22%3E&amp;_external=1&amp;_scheme=javascript"' in text
    assert 'hreflang="es" href="http://127.0.0.1:5000/es/webinars/heat"' in text


def test_a_title_missing_in_the_readers_language_is_shown_in_the_original_and_marked(client: FlaskClient) -> None:
    a_session(webinar=a_webinar("heat", title="Chaleur en ville", original_language="fr"), languages=("fr",))

    text = client.get("/es/webinars/heat").text

    assert '<html lang="es" dir="ltr">' in text
    assert '<h1 lang="fr" dir="ltr">Chaleur en ville</h1>' in text


def test_few_seats_are_counted_and_none_left_means_waiting(client: FlaskClient) -> None:
    webinar = a_webinar("heat")
    few = a_session("few", webinar=webinar, seats=3)
    full = a_session("full", webinar=webinar, seats=1)
    roomy = a_session("roomy", webinar=webinar, seats=500)
    for session in (few, full, roomy):
        a_registration(session)
    a_registration(few, status=RegistrationStatus.CANCELLED)

    text = client.get("/en/webinars/heat").text

    assert text.count("2 seats left") == 1
    assert text.count("Full: new registrations wait") == 1
    assert text.count("seats left") == 1


def test_a_session_not_open_yet_says_when_it_opens(client: FlaskClient) -> None:
    opens = clock.now() + timedelta(days=3)
    session = a_session("later", webinar=a_webinar("heat"), registration_opens=opens)

    assert "Registration opens on" in client.get("/en/webinars/heat").text
    answer = client.get(f"/en/sessions/{session.key}/register")
    assert answer.status_code == 200
    assert "Registration has not opened yet" in answer.text
    assert "<form" not in answer.text


def test_organisers_text_is_never_markup_of_its_own(client: FlaskClient) -> None:
    webinar = a_webinar("heat", title="<script>alert(1)</script>")
    webinar.texts[0].description = "**Bold** <img src=x onerror=alert(1)> [x](javascript:alert(1))"
    db.session.commit()
    a_session(webinar=webinar, speakers=("<b>Eve</b>",))
    an_agenda_item(webinar, title="{{ 7 * 7 }}", questions="<i>Why?</i>\n\n{% raw %}")

    text = client.get("/en/webinars/heat").text

    assert "<strong>Bold</strong>" in text
    assert "<img" not in text
    assert "<script>alert" not in text
    assert 'javascript:alert(1)"' not in text
    assert "<b>Eve" not in text
    assert "{{ 7 * 7 }}" in text


def test_the_webinar_page_takes_eight_queries_however_much_it_shows(
    client: FlaskClient, count_queries: CountQueries
) -> None:
    webinar = a_webinar("heat", titles={"en": "Heat", "es": "Calor", "fr": "Chaleur"})
    for _ in range(4):
        an_agenda_item(webinar, questions="One?\nTwo?")
    for number in range(6):
        session = a_session(
            webinar=webinar, starts=f"2030-05-{number + 10}T13:00", seats=5, languages=("en", "es"), speakers=("A", "B")
        )
        a_registration(session, member=a_member(f"City {number}"))

    with count_queries() as queries:
        answer = client.get("/en/webinars/heat")

    assert answer.status_code == 200
    assert queries.count <= 8, queries.statements


def test_the_programme_takes_as_many_queries_for_ten_sessions_as_for_two(
    client: FlaskClient, count_queries: CountQueries
) -> None:
    counts = []
    for number in range(5):
        a_session(starts=f"2030-05-{number + 10}T13:00", seats=5)
        a_session(starts=f"2020-05-{number + 10}T13:00")
        with count_queries() as queries:
            client.get("/en/")
        counts.append(queries.count)

    assert counts == [counts[0]] * 5


def test_pages_bring_their_files_at_addresses_that_may_be_kept_for_ever(app: Flask, client: FlaskClient) -> None:
    address = next(part.split('"')[0] for part in client.get("/en/").text.split('href="') if "style.css" in part)

    kept = client.get(address, headers={"Accept-Encoding": "gzip"})
    plain = client.get(address)
    older = client.get("/static/000000000000/style.css")

    assert kept.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert kept.headers["Content-Encoding"] == "gzip"
    assert "--brand: #1d3fbb" in plain.text
    assert older.headers["Cache-Control"] == "no-cache"
    assert client.get("/static/000000000000/../config.py").status_code == 404


def test_a_page_without_its_files_stays_small(client: FlaskClient) -> None:
    for number in range(12):
        a_session(starts=f"2030-05-{number + 10}T13:00", languages=("en", "es", "fr"))

    assert len(client.get("/en/").data) < 40_000


def ways_in(text: str) -> list[tuple[str, str]]:
    """Return where each way into a session leads, and how a screen reader names it."""
    found = re.findall(r'<a (?:class="[^"]*" )?href="([^"]*/register[^"]*)">(.*?)</a>', text, re.DOTALL)
    return [(address, " ".join(re.sub(r"<abbr.*?</abbr>|<[^>]+>", "", words).split())) for address, words in found]


def test_each_language_of_a_webinar_is_a_way_in_and_the_readers_own_stands_first(client: FlaskClient) -> None:
    webinar = a_webinar("heat", titles={"en": "Heat in cities", "fr": "La chaleur en ville"})
    a_session("april", webinar=webinar, starts="2030-04-03T16:30", languages=("es",))
    a_session("may", webinar=webinar, languages=("en", "es", "fr"))

    text = client.get("/fr/webinars/heat").text

    assert [address for address, _name in ways_in(text)] == [
        "/fr/sessions/april/register?language=es",
        "/fr/sessions/may/register?language=fr",
        "/fr/sessions/may/register?language=en",
        "/fr/sessions/may/register?language=es",
    ]
    assert ways_in(text)[1][1] == "S’inscrire : Français avec interprétation (La chaleur en ville, mardi 14 mai)"
    assert re.findall(r'class="button primary" href="([^"]*)"', text) == ["/fr/sessions/may/register?language=fr"]


def test_the_language_clicked_is_chosen_in_the_form(client: FlaskClient) -> None:
    a_session("may", languages=("en", "es", "fr"))

    asked = client.get("/en/sessions/may/register?language=fr").text
    own = client.get("/es/sessions/may/register").text
    unknown = client.get("/en/sessions/may/register?language=<x>").text

    assert [re.findall(r'<option value="(..)" lang=".." selected', page) for page in (asked, own, unknown)] == [
        ["fr"],
        ["es"],
        ["en"],
    ]


def test_who_cannot_hear_it_in_their_language_is_told_so_and_what_is_written_in_it(client: FlaskClient) -> None:
    described = a_webinar("described", titles={"en": "Heat in cities", "fr": "La chaleur en ville"})
    a_session(webinar=described, languages=("fr",))
    a_session(webinar=a_webinar("french", original_language="fr"), languages=("fr",))
    a_session(webinar=a_webinar("heard", original_language="fr"), languages=("fr", "en"))

    with_texts = client.get("/en/webinars/described").text
    without = client.get("/en/webinars/french").text
    heard = client.get("/en/webinars/heard").text

    assert "This webinar is not held in English. What we write to you about it is in English:" in with_texts
    assert "This webinar is not held in English. It is described in French, and our messages" in without
    assert "not held in" not in heard


def test_the_form_says_so_too_for_its_session(client: FlaskClient) -> None:
    webinar = a_webinar("heat", titles={"en": "Heat in cities", "fr": "La chaleur en ville"})
    a_session("french", webinar=webinar, languages=("fr", "es"))
    a_session("both", webinar=webinar, languages=("fr", "en"))
    a_session("untold", webinar=a_webinar(original_language="fr"), languages=("fr", "en"))

    not_heard = client.get("/en/sessions/french/register").text
    heard = client.get("/en/sessions/both/register").text
    untold = client.get("/en/sessions/untold/register").text

    assert "This session is not held in English. What we write to you about it is in English:" in not_heard
    assert "not held in" not in heard
    assert "not held in" not in untold
    assert "It is described in French, and our messages about it are written in one of these languages too." in untold


def test_in_the_list_a_session_in_several_languages_has_a_way_into_each(client: FlaskClient) -> None:
    a_session("one", starts="2030-04-03T16:30", languages=("es",))
    a_session("three", languages=("en", "es", "fr"))

    everything = client.get("/es/").text
    in_french = client.get("/es/?language=fr").text

    assert [address for address, _name in ways_in(everything)] == [
        "/es/sessions/one/register",
        "/es/sessions/three/register?language=es",
        "/es/sessions/three/register?language=en",
        "/es/sessions/three/register?language=fr",
        "/es/sessions/three/register",
    ]
    assert 'href="/es/sessions/three/register?language=fr">Inscribirse' in in_french


def test_a_day_that_is_cancelled_is_shown_but_not_counted_among_those_to_choose_from(client: FlaskClient) -> None:
    webinar = a_webinar("heat")
    on = a_session(webinar=webinar, starts="2030-05-14T13:00", languages=("en",))
    a_session(webinar=webinar, starts="2030-06-14T13:00", languages=("fr",), status=SessionStatus.CANCELLED)

    page = client.get("/en/webinars/heat").text

    assert '<h2 id="dates">One date, one language</h2>' in page
    assert "Choose the day and the language" not in page
    assert "Cancelled" in page

    on.status = SessionStatus.CANCELLED
    db.session.commit()

    assert '<h2 id="dates">2 dates, 2 languages</h2>' in client.get("/en/webinars/heat").text
