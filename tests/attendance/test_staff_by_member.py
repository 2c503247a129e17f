"""The organisers' pages of figures by member."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.attendance.test_staff_by_language import tables, words
from tests.conftest import Counted
from tests.factories import a_member, a_person, a_registration, a_series, a_session, a_webinar, an_attendance
from tests.signing_in import signed_in_as
from webinar.accounts.models import Role
from webinar.catalogue.models import SessionStatus

PAGES = ("webinars/heat", "series/climate")


def listed(page: str, heading: str) -> list[str]:
    """Return what the list under a heading has, as words."""
    part = re.search(rf">{heading}</h2>.*?</section>", page, re.DOTALL)
    return [words(one) for one in re.findall(r"<li>(.*?)</li>", part.group(), re.DOTALL)] if part else []


def test_the_page_of_a_series_tells_members_and_sessions_and_counts_everybody_once(client: FlaskClient) -> None:
    series = a_series("climate")
    heat, water = a_webinar("heat", series=series, title="Heat"), a_webinar("water", series=series, title="Water")
    first = a_session(webinar=heat, starts="2020-05-14T13:00")
    second = a_session(webinar=heat, starts="2020-07-14T13:00")
    unknown = a_session(webinar=water, starts="2020-06-14T13:00")
    a_session(webinar=water, starts="2020-06-15T13:00", status=SessionStatus.CANCELLED)
    lisbon, accra, quito = (a_member(name, region=f"{name}’s") for name in ("Lisbon", "Accra", "Quito"))
    a_member("Seoul", region="Asia")
    ana = a_person()
    for session in (first, second):
        an_attendance(a_registration(session, person=ana, member=lisbon))
    a_registration(first, member=accra)
    a_registration(unknown, member=quito)
    an_attendance(a_registration(second))
    signed_in_as(client, Role.VIEWER)

    answer = client.get("/staff/series/climate/attendance")

    assert answer.status_code == 200
    found = tables(answer.text)
    none = "· Nobody is registered"
    assert found["Who came, by member and session"] == [
        ["", "", "Heat", "Water"],
        ["Member", "All sessions", "14 May 2020", "14 Jul 2020", "14 Jun 2020"],
        ["Lisbon for the first time", *["1/1 1 came, 1 registered"] * 3, none],
        ["Accra", *["0/1 0 came, 1 registered"] * 2, none, none],
        ["Quito", "?/1 1 registered, not known who came", none, none, "?/1 1 registered, not known who came"],
        ["For no member", "1/1 1 came, 1 registered", none, "1/1 1 came, 1 registered", none],
        [
            "Everybody",
            "2/4 2 came, 4 registered",
            "1/2 1 came, 2 registered",
            "2/2 2 came, 2 registered",
            "?/1 1 registered, not known who came",
        ],
    ]
    assert found["How many came to each session"][1:] == [
        ["14 May 2020", "2", "1", "1"],
        ["14 June 2020", "1", "– not known", "– not known"],
        ["14 July 2020", "2", "2", "1"],
    ]
    assert found["How many came to each webinar"][1:] == [["Heat", "2", "3", "2"], ["Water", "1", "1", "– not known"]]
    assert found["Members and people by region"][1:] == [
        ["Accra’s", "0 of 1", "1", "0"],
        ["Asia", "0 of 1", "0", "– not known"],
        ["Lisbon’s", "1 of 1", "1", "1"],
        ["Quito’s", "0 of 1", "1", "– not known"],
    ]
    assert found["How many came on whose behalf"][1:] == [["A member", "3", "1"], ["Somebody else", "1", "1"]]
    assert listed(answer.text, "Came for the first time") == ["Lisbon 1"]
    assert listed(answer.text, "Registered, but did not come") == ["Accra 1"]
    assert listed(answer.text, "Registered; who came is not known") == ["Quito 1"]
    assert listed(answer.text, "Not registered") == ["Seoul"]
    assert "Of 1 session that has begun one does not know who came" in words(answer.text)


def test_the_page_of_a_session_tells_its_members_alone(client: FlaskClient) -> None:
    session = a_session("heat-en", starts="2020-05-14T13:00")
    lisbon, accra = a_member("Lisbon"), a_member("Accra")
    an_attendance(a_registration(session, member=lisbon))
    a_registration(session, member=accra)
    a_registration(a_session(), member=a_member("Quito"))
    signed_in_as(client, Role.VIEWER)

    answer = client.get("/staff/sessions/heat-en/attendance/members")

    assert tables(answer.text)["Who came, by member"] == [
        ["Member", "Came, of how many registered"],
        ["Lisbon for the first time", "1/1 1 came, 1 registered"],
        ["Accra", "0/1 0 came, 1 registered"],
        ["For no member", "· Nobody is registered"],
        ["Everybody", "1/2 1 came, 2 registered"],
    ]
    assert "How many came to each session" not in answer.text
    assert "/staff/sessions/heat-en/attendance/members" in client.get("/staff/sessions/heat-en/attendance").text
    assert client.get("/staff/sessions/cold/attendance/members").status_code == 404


def test_before_anybody_was_seen_the_page_says_who_is_registered_and_that_one_does_not_know(
    client: FlaskClient,
) -> None:
    session = a_session(webinar=a_webinar("heat", series=a_series("climate")), starts="2020-05-14T13:00")
    a_registration(session, member=a_member(latitude=38.7, longitude=-9.1))
    signed_in_as(client, Role.VIEWER)

    for page in PAGES:
        text = client.get(f"/staff/{page}/attendance").text

        assert "World map: somebody is registered for 1 of 1 members" in text
        assert tables(text)["Members and people by region"][1:] == [["Europe", "1 of 1", "1", "– not known"]]
        assert "Came for the first time" not in text


def test_without_a_session_or_without_members_the_pages_say_what_will_stand_there(client: FlaskClient) -> None:
    webinar = a_webinar("heat", series=a_series("climate"))
    signed_in_as(client, Role.VIEWER)

    assert all("No session yet." in client.get(f"/staff/{page}/attendance").text for page in PAGES)

    a_session(webinar=webinar)
    assert all("Nobody comes for a member yet." in client.get(f"/staff/{page}/attendance").text for page in PAGES)


def test_the_table_shows_a_region_in_an_order_and_a_part_at_a_time(client: FlaskClient) -> None:
    webinar = a_webinar("heat", series=a_series("climate"))
    sessions = [a_session(webinar=webinar, starts=f"2020-05-{day:02}T13:00") for day in range(1, 14)]
    lisbon, zagreb = a_member("Lisbon"), a_member("Zagreb")
    an_attendance(a_registration(sessions[-1], member=zagreb))
    a_registration(sessions[0], member=lisbon)
    a_registration(sessions[0], member=a_member("Accra", region="Africa"))
    signed_in_as(client, Role.VIEWER)

    def shown(query: str = "") -> tuple[list[str], list[str]]:
        rows = tables(client.get(f"/staff/webinars/heat/attendance{query}").text)["Who came, by member and session"]
        return rows[0][2:], [row[0].split()[0] for row in rows[1:-2]]

    # The latest sessions are those that one wants to see first.
    assert shown() == (["13 May 2020"], ["Zagreb", "Accra", "Lisbon"])
    assert shown("?sort=name")[1] == ["Accra", "Lisbon", "Zagreb"]
    assert shown("?region=Africa")[1] == ["Accra"]
    assert len(shown("?sessions=1")[0]) == 12
    assert "Nobody from this region" in client.get("/staff/webinars/heat/attendance?region=Atlantis").text


@pytest.mark.parametrize("number", ["0", "-3", "99999999999999999999", "x", "2"])
def test_a_page_that_is_none_is_the_first_or_the_last(client: FlaskClient, number: str) -> None:
    a_registration(a_session(webinar=a_webinar("heat", series=a_series("climate"))), member=a_member())
    signed_in_as(client, Role.VIEWER)

    for page in PAGES:
        assert client.get(f"/staff/{page}/attendance?page={number}&sessions={number}").status_code == 200


def test_files_are_offered_to_organisers_alone_and_what_there_is_not_is_not_found(client: FlaskClient) -> None:
    a_session(webinar=a_webinar("heat", series=a_series("climate")))
    assert client.get("/staff/webinars/heat/attendance").status_code == 302

    signed_in_as(client, Role.VIEWER)
    assert "attendance.xlsx" not in client.get("/staff/webinars/heat/attendance").text
    assert client.get("/staff/webinars/cold/attendance").status_code == 404
    assert client.get("/staff/series/cold/attendance").status_code == 404

    signed_in_as(client, Role.ORGANISER)
    for page in PAGES:
        assert f"/staff/{page}/attendance.xlsx" in client.get(f"/staff/{page}/attendance").text


def test_the_pages_take_few_queries_however_much_there_is(
    app: Flask, client: FlaskClient, count_queries: Callable[[], AbstractContextManager[Counted]]
) -> None:
    series = a_series("climate")
    webinar = a_webinar("heat", series=series)
    for number in range(4):
        session = a_session(f"heat-{number}", webinar=webinar, starts=f"2020-05-1{number}T13:00")
        a_session(webinar=a_webinar(series=series))
        an_attendance(a_registration(session, member=a_member(f"City {number}")))
    signed_in_as(client, Role.VIEWER)

    asked = {}
    for page in ("sessions/heat-1/attendance/members", "webinars/heat/attendance", "series/climate/attendance"):
        with count_queries() as queries:
            client.get(f"/staff/{page}")
        asked[page.partition("/")[0]] = queries.count

    assert asked == {"sessions": 9, "webinars": 9, "series": 9}
