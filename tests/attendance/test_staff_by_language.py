"""The organisers' pages of figures by language, and what they can send to the interpreters."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from tests.conftest import Counted
from tests.factories import a_member, a_person, a_registration, a_series, a_session, a_webinar, an_attendance
from tests.signing_in import signed_in_as
from webinar.accounts.models import Role
from webinar.catalogue.models import SessionStatus
from webinar.foundation.db import db
from webinar.registration.models import RegistrationStatus

WAITING, CANCELLED, UNREGISTERED = (
    RegistrationStatus.WAITING,
    RegistrationStatus.CANCELLED,
    RegistrationStatus.UNREGISTERED,
)
NOW = datetime(2030, 5, 1, 10, 0, tzinfo=UTC)


def tables(page: str) -> dict[str, list[list[str]]]:
    """Return the tables of a page by their captions, as the words in their cells."""
    found = {}
    for table in re.findall(r"<table.*?</table>", page, re.DOTALL):
        rows = [
            [words(cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)]
            for row in re.findall(r"<tr.*?</tr>", table, re.DOTALL)
        ]
        found[words(table.partition("</caption>")[0])] = rows
    return found


def words(markup: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", markup)).split())


def order_in(page: str) -> str:
    match = re.search(r"<textarea[^>]*>\n(.*?)</textarea>", page, re.DOTALL)
    return html.unescape(match.group(1)) if match else ""


def test_the_page_of_a_session_counts_hearers_and_readers(client: FlaskClient) -> None:
    session = a_session("heat", languages=("en", "fr"))
    lisbon = a_member("Lisbon")
    a_registration(session, version="fr", language="pt", member=lisbon)
    a_registration(session, version="fr", language="fr", member=lisbon)
    a_registration(session, version="fr", language="fr", status=WAITING)
    a_registration(session, version="en", language="fr", status=CANCELLED)
    signed_in_as(client, Role.VIEWER)

    answer = client.get("/staff/sessions/heat/languages")

    assert answer.status_code == 200
    assert tables(answer.text) == {
        "How many hear each language": [
            ["Language", "Registered", "Members", "Waiting"],
            ["English the original", "0", "0", "0"],
            ["French interpreted", "2", "1", "1"],
            ["Everybody, counted once", "2", "1", "1"],
        ],
        "How many are written to in each language": [
            ["Language", "Registered", "Waiting"],
            ["French", "1", "1"],
            ["Portuguese", "1", "0"],
        ],
    }
    assert "/staff/sessions/heat/registrations?language=fr&amp;status=registered" in answer.text
    assert "/staff/sessions/heat/registrations?language=fr&amp;status=registered&amp;member=lisbon" in answer.text


def test_who_came_is_told_once_anybody_has_come(client: FlaskClient) -> None:
    session = a_session("heat", starts="2020-05-14T13:00", languages=("en", "fr"))
    an_attendance(a_registration(session, version="en"))
    a_registration(session, version="en")
    an_attendance(a_registration(session, version="fr", status=UNREGISTERED))
    signed_in_as(client, Role.VIEWER)

    assert tables(client.get("/staff/sessions/heat/languages").text)["How many hear each language"] == [
        ["Language", "Registered", "Members", "Came", "Came without a place"],
        ["English the original", "2", "0", "1", "0"],
        ["French interpreted", "0", "0", "0", "1"],
        ["Everybody, counted once", "2", "0", "1", "1"],
    ]


@time_machine.travel(NOW, tick=False)
def test_the_interpreters_are_told_when_which_channels_and_for_how_many_from_where(client: FlaskClient) -> None:
    session = a_session("heat", starts="2030-05-14T13:00", languages=("en", "es", "fr"))
    accra, tehran = a_member("Accra"), a_member("تهران")
    for member in (accra, accra, tehran, None):
        a_registration(session, version="es", member=member)
    a_registration(session, version="es", status=WAITING)
    a_registration(session, version="en", member=accra)
    signed_in_as(client, Role.VIEWER)

    assert order_in(client.get("/staff/sessions/heat/languages").text).splitlines() == [
        "Heat in cities",
        "Tuesday, 14 May 2030, 13:00–14:15 in Lisbon, 12:00 UTC",
        "",
        "Original language: English",
        "Interpretation into: Spanish and French",
        "",
        "English: 1 person from 1 member",
        "  Accra (1)",
        "Spanish (interpreted): 4 people from 2 members",
        "  Accra (2), \u2068تهران\u2069 (1) and partners and others (1)",
        "  1 more waits for a seat",
        "French (interpreted): 0 people",
        "",
        "As of 1 May 2030, 11:00 in Lisbon.",
    ]


@pytest.mark.parametrize(
    ("languages", "status"), [(("en",), SessionStatus.PUBLISHED), (("en", "fr"), SessionStatus.CANCELLED)]
)
def test_no_interpreters_are_ordered_where_none_are_needed(
    client: FlaskClient, languages: tuple[str, ...], status: SessionStatus
) -> None:
    a_session("heat", languages=languages, status=status)
    signed_in_as(client, Role.VIEWER)

    page = client.get("/staff/sessions/heat/languages").text

    assert "For the interpreters" not in page
    assert "Nobody has registered yet." in page


def test_the_page_of_a_webinar_counts_somebody_in_two_languages_once(client: FlaskClient) -> None:
    webinar = a_webinar("heat")
    english = a_session("heat-en", webinar=webinar, starts="2020-05-14T13:00", languages=("en",))
    both = a_session("heat-fr", webinar=webinar, starts="2020-06-14T13:00", languages=("fr", "en"))
    a_session("off", webinar=webinar, starts="2020-07-14T13:00", languages=("es",), status=SessionStatus.CANCELLED)
    ana = a_person()
    an_attendance(a_registration(english, person=ana))
    a_registration(both, version="fr", person=ana)
    a_registration(both, version="fr")
    signed_in_as(client, Role.VIEWER)

    answer = client.get("/staff/webinars/heat/languages")

    assert tables(answer.text) == {
        "How many hear each language": [
            ["Language", "Sessions", "Registered", "Members", "Came"],
            ["French", "1", "2", "0", "– not known"],
            ["English", "2 interpreted in 1", "1", "0", "1 known of 1 session"],
            ["Everybody, counted once", "", "2", "0", "1"],
        ],
        "How many are written to in each language": [
            ["Language", "Registered"],
            ["English", "2"],
        ],
        "How many are registered in each session": [
            ["Day", "French", "English", "People"],
            ["14 May 2020 13:00–14:15 in Lisbon", "– not offered", "1 1 came", "1"],
            ["14 June 2020 13:00–14:15 in Lisbon", "2", "0 interpreted", "2"],
            ["14 July 2020 13:00–14:15 in Lisbon Cancelled", "– not offered", "– not offered", "0"],
        ],
    }
    assert "Who is registered in two languages counts once in each, and once in all." in answer.text


def test_the_page_of_a_series_counts_over_its_webinars(client: FlaskClient) -> None:
    series = a_series("climate")
    heat, water = a_webinar(series=series, title="Heat"), a_webinar(series=series, title="Water")
    ana = a_person()
    a_registration(a_session(webinar=heat, languages=("fr",)), person=ana)
    a_registration(a_session(webinar=water, languages=("fr", "en")), person=ana)
    signed_in_as(client, Role.VIEWER)

    answer = client.get("/staff/series/climate/languages")

    found = tables(answer.text)
    assert found["How many hear each language"][1:] == [
        ["French", "2", "1", "0"],
        ["English", "1 interpreted in 1", "0", "0"],
        ["Everybody, counted once", "", "1", "0"],
    ]
    assert found["How many are registered in each webinar"] == [
        ["Webinar", "French", "English", "People"],
        ["Heat", "1", "– not offered", "1"],
        ["Water", "1", "0 interpreted", "1"],
    ]


def test_languages_are_called_as_the_account_calls_them(client: FlaskClient) -> None:
    a_registration(a_session("heat", languages=("en", "fr")), version="fr")
    account = signed_in_as(client, Role.VIEWER)
    account.language = "es"
    db.session.commit()

    page = client.get("/staff/sessions/heat/languages").text

    assert "Francés" in page
    assert "Inglés" in page


@pytest.mark.parametrize("what", ["sessions", "webinars", "series"])
def test_what_there_is_not_is_not_found(client: FlaskClient, what: str) -> None:
    signed_in_as(client, Role.VIEWER)

    assert client.get(f"/staff/{what}/nowhere/languages").status_code == 404


@pytest.mark.parametrize("page", ["0", "-3", "99999999999999999999", "x", "2"])
def test_a_page_that_is_none_is_the_first_or_the_last(client: FlaskClient, page: str) -> None:
    series = a_series("climate")
    webinar = a_webinar("heat", series=series)
    for number in range(11):
        a_session(f"heat-{number}", webinar=webinar, starts=f"2030-05-{number + 1:02}T13:00")
    signed_in_as(client, Role.VIEWER)

    assert client.get(f"/staff/webinars/heat/languages?page={page}").status_code == 200
    assert client.get(f"/staff/series/climate/languages?page={page}").status_code == 200


def test_nobody_looks_without_signing_in(app: Flask, client: FlaskClient) -> None:
    a_session("heat", webinar=a_webinar("heat", series=a_series("climate")))

    for address in ("sessions/heat", "webinars/heat", "series/climate"):
        assert client.get(f"/staff/{address}/languages").status_code == 302


def test_the_pages_take_few_queries_however_much_there_is(
    client: FlaskClient, count_queries: Callable[[], AbstractContextManager[Counted]]
) -> None:
    series = a_series("climate")
    webinar = a_webinar("heat", series=series)
    for number in range(4):
        session = a_session(f"heat-{number}", webinar=webinar, languages=("en", "fr", "es"))
        a_session(webinar=a_webinar(series=series), languages=("es",))
        for version in ("en", "fr"):
            an_attendance(a_registration(session, version=version, member=a_member(f"City {number} {version}")))
    signed_in_as(client, Role.VIEWER)

    asked = {}
    for address in ("sessions/heat-1", "webinars/heat", "series/climate"):
        with count_queries() as queries:
            client.get(f"/staff/{address}/languages")
        asked[address] = queries.count

    assert asked == {"sessions/heat-1": 7, "webinars/heat": 10, "series/climate": 9}
