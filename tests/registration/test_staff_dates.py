"""Choosing a date with what it means beside it, provisional dates, and the view of a year."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime

import pytest
import time_machine
from flask.testing import FlaskClient
from playwright.sync_api import Page, expect
from sqlalchemy import select

from tests.conftest import Counted
from tests.factories import a_member, a_registration, a_session, a_webinar
from tests.signing_in import PASSWORD, signed_in_as, with_password
from webinar.accounts.models import Role
from webinar.catalogue.models import SessionStatus, WebinarSession
from webinar.catalogue.queries import find_session_of_any_status
from webinar.foundation.db import db

NOW = datetime(2027, 1, 10, 9, 0, tzinfo=UTC)
DATE = {"start": "2027-01-28T16:00", "end": "2027-01-28T17:15", "timezone": "Europe/Madrid"}


def meaning_of(client: FlaskClient, **date: str) -> str:
    """Return what is said about a date, each stretch of white space as one space."""
    answer = client.get("/staff/dates", query_string={**DATE, **date})
    assert answer.status_code == 200
    return " ".join(answer.text.split())


def regions_in(text: str) -> list[tuple[str, str, str]]:
    """Return the table's lines: region, hours, what to think of."""
    rows = re.findall(r"<tr><th scope=\"row\"><bdi>(.*?)</bdi>.*?<td[^>]*>(.*?)</td> <td>(.*?)</td>", text)
    return [(region, hours, re.sub("<[^>]*>", "", marks).strip()) for region, hours, marks in rows]


@pytest.fixture(autouse=True)
def _in_january() -> Iterator[None]:
    with time_machine.travel(NOW):
        yield


def test_the_hour_in_each_region_is_shown_with_night_weekend_and_holidays(client: FlaskClient) -> None:
    a_member("Lisbon")
    a_member("Seoul", country_code="KR", region="Asia-Pacific", timezone="Asia/Seoul")
    a_member("Tehran", country_code="IR", region="Asia-Pacific", timezone="Asia/Tehran")
    signed_in_as(client, Role.ORGANISER)

    thursday = meaning_of(client)
    epiphany = meaning_of(client, start="2028-01-06T18:00", timezone="Europe/Lisbon")
    saturday = meaning_of(client, start="2027-01-30T12:00")

    assert "Thursday, 28 January 2027, 16:00–17:15 in Madrid" in thursday
    assert regions_in(thursday) == [
        ("Asia-Pacific", "18:30 to Friday 00:00", "At night, before 8:00 or after 20:00, for 1 of 2"),
        ("Europe", "15:00", ""),
    ]
    assert ("Europe", "18:00", "") in regions_in(epiphany)
    assert regions_in(saturday) == [
        ("Asia-Pacific", "14:30 to 20:00", "At night, before 8:00 or after 20:00, for 1 of 2 Weekend there for 1 of 2"),
        ("Europe", "11:00", "Weekend there"),
    ]


def test_the_day_of_another_zone_is_written_as_it_stands_in_a_line(client: FlaskClient) -> None:
    a_member("Seoul", country_code="KR", region="Asia-Pacific", timezone="Asia/Seoul")
    a_member("Tehran", country_code="IR", region="Asia-Pacific", timezone="Asia/Tehran")
    a_member("Auckland", country_code="NZ", region="Oceania", timezone="Pacific/Auckland")
    account = signed_in_as(client, Role.ORGANISER)
    account.language = "es"
    db.session.commit()

    assert [hours for _region, hours, _marks in regions_in(meaning_of(client))] == [
        "18:30 – viernes 00:00",
        "Viernes 04:00",
    ]


def test_a_holiday_is_named_with_its_country(client: FlaskClient) -> None:
    a_member("Barcelona", country_code="ES", timezone="Europe/Madrid")
    a_member("Madrid", country_code="ES", timezone="Europe/Madrid")
    signed_in_as(client, Role.ORGANISER)

    assert regions_in(meaning_of(client, start="2027-01-06T16:00")) == [
        ("Europe", "16:00", "Epiphany Spain, 2 members")
    ]


def test_sessions_of_the_same_day_are_named_and_those_at_the_same_time_told_apart(client: FlaskClient) -> None:
    heat = a_webinar(title="Heat in cities")
    a_session("clash", webinar=heat, starts="2027-01-28T15:00", zone="Europe/Lisbon")
    a_session("morning", webinar=heat, starts="2027-01-28T09:00", zone="Europe/Madrid", status=SessionStatus.DRAFT)
    a_session("other-day", webinar=heat, starts="2027-01-29T09:00", zone="Europe/Madrid")
    a_session("off", webinar=heat, starts="2027-01-28T15:00", status=SessionStatus.CANCELLED)
    signed_in_as(client, Role.ORGANISER)

    def neighbours(**more: str) -> list[tuple[str, str]]:
        text = meaning_of(client, **more)
        return re.findall(r"<li>(At the same time|On the same day): <a href=\"/staff/sessions/([^/]*)/\"", text)

    assert neighbours() == [("On the same day", "morning"), ("At the same time", "clash")]
    assert neighbours(session="clash") == [("On the same day", "morning")]


def test_clocks_that_change_between_the_sessions_of_a_webinar_are_told(client: FlaskClient) -> None:
    webinar = a_webinar("heat", title="Heat")
    a_session("spring", webinar=webinar, starts="2027-04-07T16:00", zone="Europe/Madrid")
    a_member("Accra", country_code="GH", region="Africa", timezone="Africa/Accra")
    a_member("Lisbon")
    signed_in_as(client, Role.ORGANISER)

    told = "Clocks change in between: it begins 1 hour later than on 7 April 2027 for 1 member in Africa."
    assert told in meaning_of(client, webinar="heat")
    assert told not in meaning_of(client, webinar="heat", session="spring")
    assert told not in meaning_of(client)


def test_a_date_in_the_past_is_a_warning(client: FlaskClient) -> None:
    signed_in_as(client, Role.ORGANISER)

    assert "This date is in the past." in meaning_of(client, start="2026-01-28T16:00")
    assert "This date is in the past." not in meaning_of(client)


@pytest.mark.parametrize(
    ("date", "says"),
    [
        ({"start": ""}, "Write the day and the hour at which it starts"),
        ({"start": "2027-03-28T02:30"}, "skip 02:30 on this day"),
        ({"start": "9999-01-28T16:00"}, "This year is too far off."),
        ({"timezone": "Mars/Olympus"}, "Choose a time zone of the list"),
        ({"timezone": "<script>"}, "Choose a time zone of the list"),
    ],
)
def test_what_is_no_date_is_said(client: FlaskClient, date: dict[str, str], says: str) -> None:
    signed_in_as(client, Role.ORGANISER)

    assert says in meaning_of(client, **date)


def test_a_member_of_an_unknown_country_and_zone_does_no_harm(client: FlaskClient) -> None:
    a_member("Atlantis", country_code="XX", timezone="Mars/Olympus", region="Sea")
    a_member("Lemuria", country_code="XX", timezone="Europe/Lisbon", region="<b>Sea</b>")
    signed_in_as(client, Role.ORGANISER)

    assert [row[0] for row in regions_in(meaning_of(client))] == ["&lt;b&gt;Sea&lt;/b&gt;"]


def a_draft(**more: str) -> dict[str, str]:
    return {
        **DATE,
        "platform": "zoom",
        "language_rows": "1",
        "language_0_code": "en",
        "language_0_kind": "floor",
        "speaker_rows": "0",
        **more,
    }


def test_the_button_looks_at_the_date_without_storing_anything(client: FlaskClient) -> None:
    a_webinar("heat", title="Heat")
    a_member("Lisbon")
    signed_in_as(client, Role.ORGANISER)

    answer = client.post("/staff/webinars/heat/new-session", data=a_draft(look="date", join_url="not whole yet"))

    assert answer.status_code == 200
    assert "Thursday, 28 January 2027" in answer.text
    assert "not whole yet" in answer.text
    assert db.session.scalars(select(WebinarSession)).all() == []


def test_the_button_looks_at_another_date_for_a_session_that_there_is(client: FlaskClient) -> None:
    session = a_session("heat-en", starts="2027-02-01T10:00")
    signed_in_as(client, Role.ORGANISER)

    answer = client.post("/staff/sessions/heat-en/content", data=a_draft(look="date", start="", end=""))

    assert answer.status_code == 200
    assert "Write the day and the hour at which it starts, then look again." in answer.text
    assert session.starts_wall.isoformat() == "2027-02-01T10:00:00"


def test_a_session_people_are_registered_in_has_no_date_to_look_at(client: FlaskClient) -> None:
    a_registration(a_session("heat-en"))
    signed_in_as(client, Role.ORGANISER)

    page = client.post("/staff/sessions/heat-en/content", data=a_draft(look="date")).text

    assert 'id="dates"' not in page


def test_a_session_is_made_with_a_provisional_date_and_edited_to_a_sure_one(client: FlaskClient) -> None:
    a_webinar("heat", title="Heat")
    signed_in_as(client, Role.ORGANISER)

    client.post("/staff/webinars/heat/new-session", data=a_draft(key="heat-en", is_provisional="y"))
    made = find_session_of_any_status("heat-en")
    assert made is not None
    assert made.is_provisional
    assert re.search(r'name="is_provisional"[^>]*checked|checked[^>]*name="is_provisional"', content_of(client))

    client.post("/staff/sessions/heat-en/content", data=a_draft(revision=str(made.revision)))
    db.session.refresh(made)
    assert not made.is_provisional


def content_of(client: FlaskClient) -> str:
    return client.get("/staff/sessions/heat-en/content").text


def test_a_public_session_cannot_be_made_provisional(client: FlaskClient) -> None:
    session = a_session("heat-en", starts="2027-02-01T10:00", zone="Europe/Madrid")
    signed_in_as(client, Role.ORGANISER)

    assert 'name="is_provisional"' not in content_of(client)
    client.post("/staff/sessions/heat-en/content", data=a_draft(is_provisional="y"))

    db.session.refresh(session)
    assert not session.is_provisional


def test_a_viewer_does_not_look_at_dates(client: FlaskClient) -> None:
    signed_in_as(client, Role.VIEWER)

    assert client.get("/staff/dates", query_string=DATE).status_code == 403


def test_looking_at_a_date_asks_five_queries(
    client: FlaskClient, count_queries: Callable[[], AbstractContextManager[Counted]]
) -> None:
    webinar = a_webinar("heat", title="Heat")
    for number in range(4):
        a_session(f"s{number}", webinar=webinar, starts=f"2027-01-28T{10 + number}:00")
        a_member(f"City {number}", region=f"Region {number}")
    signed_in_as(client, Role.ORGANISER)

    with count_queries() as queries:
        client.get("/staff/dates", query_string={**DATE, "webinar": "heat"})

    assert queries.count <= 5


def test_a_year_shows_sessions_of_every_status_by_month_with_the_years_beside_it(client: FlaskClient) -> None:
    webinar = a_webinar(title="Heat in cities")
    a_session("sure", webinar=webinar, starts="2027-03-01T10:00")
    a_session("draft", webinar=webinar, starts="2027-03-02T10:00", status=SessionStatus.DRAFT)
    a_session("unsure", webinar=webinar, starts="2027-03-03T10:00", status=SessionStatus.DRAFT, is_provisional=True)
    a_session("off", webinar=webinar, starts="2027-03-04T10:00", status=SessionStatus.CANCELLED)
    a_session("new-year", webinar=webinar, starts="2027-12-31T23:30", zone="America/Lima")  # 2028 in UTC
    a_session("next-year", webinar=webinar, starts="2028-01-01T00:30", zone="Asia/Seoul")  # 2027 in UTC
    signed_in_as(client, Role.VIEWER)

    page = " ".join(client.get("/staff/year/2027").text.split())

    by_month = {
        name: re.findall(r"/staff/sessions/([^/]*)/", text)
        for name, text in re.findall(r"<h2 id=\"month-\d+\">(\w+)</h2>(.*?)</section>", page)
    }
    assert {name: keys for name, keys in by_month.items() if keys} == {
        "March": ["sure", "draft", "unsure", "off"],
        "December": ["new-year"],
    }
    assert len(by_month) == 12
    assert re.findall(r'class="status"[^>]*>([^<]*)<', page)[:4] == [
        "Published",
        "Draft",
        "Draft, provisional date",
        "Cancelled",
    ]
    assert re.findall(r'rel="(\w+)" href="/staff/year/(\d+)"', page) == [("prev", "2026"), ("next", "2028")]


@pytest.mark.parametrize("year", ["0", "1969", "2200", "9999999", "99999999999999999999999", "-1", "2027.5", "soon"])
def test_a_year_in_which_nothing_can_be_held_is_not_found(client: FlaskClient, year: str) -> None:
    signed_in_as(client, Role.VIEWER)

    assert client.get(f"/staff/year/{year}").status_code == 404


@pytest.mark.parametrize(("year", "beside"), [(1970, ["1971"]), (2199, ["2198"])])
def test_beyond_the_first_and_the_last_year_there_is_none(client: FlaskClient, year: int, beside: list[str]) -> None:
    signed_in_as(client, Role.VIEWER)

    assert re.findall(r'rel="\w+" href="/staff/year/(\d+)"', client.get(f"/staff/year/{year}").text) == beside


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_with_a_script_the_date_is_looked_at_while_it_is_typed(page: Page) -> None:
    a_webinar("heat", title="Heat")
    a_member("Lisbon")
    account = with_password(Role.ORGANISER)
    page.goto("/staff/sign-in?next=/staff/webinars/heat/new-session")
    page.get_by_label("Mail address").fill(account.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()

    page.get_by_label("Start").fill("2027-01-28T16:00")
    meant = page.get_by_role("region", name="What this date means")
    expect(meant).to_contain_text("Thursday, 28 January 2027")
    expect(meant.get_by_role("row", name="Europe")).to_contain_text("15:00")

    page.get_by_label("Time zone").select_option("Asia/Seoul")
    expect(meant.get_by_role("row", name="Europe")).to_contain_text("07:00")
    expect(meant).to_contain_text("At night")
