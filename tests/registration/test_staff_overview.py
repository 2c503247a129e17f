"""The overview of a session: people and members, the map, registrations by day, what goes out by itself."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from tests.conftest import Counted
from tests.factories import (
    a_calendar_entry,
    a_member,
    a_registration,
    a_session,
    a_session_by_former_clocks,
    a_webinar,
)
from tests.signing_in import signed_in_as
from webinar.accounts.models import Role
from webinar.calendars.models import CalendarAnswer
from webinar.catalogue.models import SessionStatus
from webinar.registration.models import RegistrationStatus
from webinar.registration.standing import by_day

NOW = datetime(2030, 5, 1, 10, 0, tzinfo=UTC)


def overview_of(client: FlaskClient, key: str = "heat-en") -> str:
    """Return the page, each stretch of white space as one space."""
    return " ".join(client.get(f"/staff/sessions/{key}/").text.split())


def test_people_are_counted_by_status_and_language_and_members_by_region(client: FlaskClient) -> None:
    session = a_session("heat-en", languages=("en", "fr"), seats=10)
    lisbon, tehran = a_member("Lisbon"), a_member("Tehran", region="Asia-Pacific")
    a_member("Porto")
    a_calendar_entry(a_registration(session, member=lisbon), answer=CalendarAnswer.ACCEPTED)
    a_registration(session, member=lisbon, version="fr")
    a_registration(session, member=tehran, status=RegistrationStatus.CANCELLED)
    a_registration(session, status=RegistrationStatus.WAITING)
    signed_in_as(client, Role.VIEWER)

    page = overview_of(client)

    assert "<small>2 people</small> <strong>1</strong>" in page  # registered, and for how many members
    assert "<small>1 person</small> <strong>1</strong>" in page  # with a yes in the calendar
    for status in ("waiting", "cancelled"):
        assert re.search(rf'registrations\?status={status}">\w+</a></span><span><strong>1</strong>', page)
    for code in ("en", "fr"):
        assert re.search(rf'registrations\?language={code}&amp;status=registered".*?<strong>1</strong>', page)
    assert "<small>of 10</small> <strong>2</strong>" in page
    assert "of the 3 that the network has" in page
    assert "1 of 2 members" in page
    assert "0 of 1 members" in page


def test_members_nobody_is_registered_for_are_listed_with_the_way_to_them(client: FlaskClient) -> None:
    session = a_session("heat-en")
    a_registration(session, member=a_member("Lisbon"))
    a_member("Porto")
    gone = a_member("Old Porto")
    gone.merged_into_id = a_member("Braga").id
    signed_in_as(client, Role.VIEWER)

    page = overview_of(client).partition("Not yet registered")[2]

    assert re.findall(r'href="/staff/members/([^"]*)"', page) == ["braga", "porto"]
    assert '<details class="more" open><summary>2 members</summary>' in page


def test_the_map_shows_who_comes_and_who_does_not_and_says_who_has_no_place(client: FlaskClient) -> None:
    session = a_session("heat-en")
    a_registration(session, member=a_member("Lisbon", latitude=38.7, longitude=-9.1))
    a_member("Seoul", latitude=37.57, longitude=127.0, region="Asia-Pacific", timezone="Asia/Seoul")
    a_member("Nowhere")
    signed_in_as(client, Role.VIEWER)

    page = overview_of(client)

    drawn = re.search(r'<g class="map-silent">(.*?)</g> <g class="map-coming">(.*?)</g>', page)
    assert drawn is not None
    assert re.findall("<title>(.*?)</title>", drawn[1]) == ["Seoul"]
    assert re.findall("<title>(.*?)</title>", drawn[2]) == ["Lisbon: 1"]
    assert "1 without a place on the map" in page
    assert 'aria-label="World map: somebody is registered for 1 of 3 members"' in page
    assert re.search(r"Europe</bdi></th><td class=\"number\">1</td><td class=\"number\">2</td>", page)


def test_a_network_without_members_and_a_session_without_people_have_an_overview_too(client: FlaskClient) -> None:
    a_session("heat-en")
    signed_in_as(client, Role.VIEWER)

    page = overview_of(client)

    assert "Nobody comes for a member yet." in page
    assert "Nobody has registered yet." in page
    assert "Not yet registered" not in page


@time_machine.travel(NOW, tick=False)
def test_registrations_are_drawn_by_day_and_told_as_a_table(client: FlaskClient) -> None:
    session = a_session("heat-en")
    for days in (3, 3, 1):
        a_registration(session, registered_at=NOW - timedelta(days=days))
    a_registration(session, status=RegistrationStatus.WAITING, registered_at=NOW - timedelta(days=9))
    signed_in_as(client, Role.VIEWER)

    page = overview_of(client)

    assert "3 registered since 28 April 2030" in page
    assert re.findall(r"<title>([^<]*)</title></rect>", page) == ["28 April 2030: 2", "30 April 2030: 1"]
    assert re.findall(r'<th scope="row">(\d+ April 2030)</th><td class="number">(\d)', page) == [
        ("28 April 2030", "2"),
        ("30 April 2030", "1"),
    ]


def test_a_day_is_one_of_the_sessions_zone() -> None:
    late = datetime(2030, 4, 30, 23, 30, tzinfo=UTC)

    assert [span.first.day for span in by_day([late], "UTC", NOW).spans if span.people] == [30]
    assert [span.first.day for span in by_day([late], "Asia/Seoul", NOW).spans if span.people] == [1]


@pytest.mark.parametrize(("ago", "days", "bars"), [(0, 1, 1), (44, 1, 45), (45, 7, 7), (314, 7, 45), (400, 28, 15)])
def test_the_longer_ago_the_wider_the_spans(ago: int, days: int, bars: int) -> None:
    found = by_day([NOW - timedelta(days=ago), NOW], "UTC", NOW)

    assert (found.days, len(found.spans)) == (days, bars)
    assert sum(span.people for span in found.spans) == 2


def test_what_is_older_than_the_chart_counts_in_its_first_span() -> None:
    found = by_day([NOW - timedelta(days=5000), NOW], "UTC", NOW)

    assert [span.people for span in found.spans if span.people] == [1, 1]
    assert found.spans[0].people == 1


def test_a_registration_that_a_clock_ahead_of_ours_wrote_has_its_day() -> None:
    found = by_day([NOW + timedelta(days=2)], "UTC", NOW)

    assert [span.people for span in found.spans] == [1]


@time_machine.travel(NOW, tick=False)
def test_the_overview_says_what_goes_out_by_itself_and_when(client: FlaskClient) -> None:
    a_session("heat-en", seats=10, registration_opens=datetime(2030, 4, 1, 8, 0, tzinfo=UTC))
    signed_in_as(client, Role.VIEWER)

    steps = re.search(r'<ol class="steps">(.*?)</ol>', overview_of(client))

    assert steps is not None
    assert re.findall(r"<li( class=\"done\")?><b>(.*?)</b>", steps[1]) == [
        (' class="done"', "1 Apr 2030, 09:00"),
        ("", "14 May 2030, 12:45"),
        ("", "Until 14 May 2030, 13:00"),
        ("", "14 May 2030, 14:15"),
    ]


@time_machine.travel(NOW, tick=False)
def test_the_doors_that_open_earlier_for_speakers_are_told_where_there_are_any(app: Flask, client: FlaskClient) -> None:
    app.config.update(DOORS_OPEN_MINUTES=15, SPEAKER_DOORS_OPEN_MINUTES=45)
    a_session("heat-en", speakers=["Ana"])
    a_session("without", starts="2030-06-14T13:00")
    signed_in_as(client, Role.VIEWER)

    assert "<b>14 May 2030, 12:15</b>The doors open for speakers." in overview_of(client)
    assert "The doors open for speakers." not in overview_of(client, "without")


def test_nothing_goes_out_for_a_cancelled_session(client: FlaskClient) -> None:
    a_session("heat-en", status=SessionStatus.CANCELLED)
    signed_in_as(client, Role.VIEWER)

    assert "What goes out by itself" not in overview_of(client)


def test_texts_that_are_missing_are_said(client: FlaskClient) -> None:
    a_session("heat-en", webinar=a_webinar("heat", title="Heat"), languages=("en", "fr"))
    signed_in_as(client, Role.VIEWER)

    assert '<a href="/staff/webinars/heat/translations/fr">Write the texts in French</a>' in overview_of(client)


def test_a_provisional_draft_offers_to_confirm_its_date_before_it_can_be_published(client: FlaskClient) -> None:
    a_session("heat-en", status=SessionStatus.DRAFT, is_provisional=True)
    signed_in_as(client, Role.ORGANISER)

    page = overview_of(client)

    assert "/staff/sessions/heat-en/confirm-date" in page
    assert "/staff/sessions/heat-en/publish" not in page


def test_it_says_that_the_clocks_have_changed_and_leads_organisers_to_where_that_is_corrected(
    client: FlaskClient,
) -> None:
    a_session_by_former_clocks("heat-en", starts="2030-05-14T13:00", zone="Africa/Casablanca", offset=1)
    a_session("other", zone="Africa/Casablanca")
    said = "since the clocks of Casablanca have changed, pages and calendars show 12:00–13:15 instead of 13:00–14:15"

    signed_in_as(client, Role.VIEWER)
    seen = overview_of(client)
    signed_in_as(client, Role.ORGANISER)
    page = overview_of(client)

    assert f'href="/staff/sessions/heat-en/move">Correct it and tell everybody</a><span>Tuesday 14 May: {said}' in page
    assert "12:00–13:15 in Casablanca" in page
    assert said in seen
    assert "Correct it and tell everybody" not in seen
    assert "since the clocks" not in overview_of(client, "other")


@time_machine.travel(NOW, tick=False)
@pytest.mark.parametrize(("starts", "status"), [("2030-05-01T11:00", "published"), ("2030-06-01T11:00", "cancelled")])
def test_what_has_begun_or_was_cancelled_is_said_nothing_about(client: FlaskClient, starts: str, status: str) -> None:
    a_session_by_former_clocks(
        "heat-en", starts=starts, zone="Africa/Casablanca", offset=1, status=SessionStatus(status)
    )
    signed_in_as(client, Role.ORGANISER)

    assert "since the clocks" not in overview_of(client)


def test_a_session_in_a_zone_that_there_is_no_more_has_its_pages_in_utc(client: FlaskClient) -> None:
    a_session_by_former_clocks("heat-en", starts="2030-05-14T13:00", zone="Europe/Atlantis", offset=1)
    signed_in_as(client, Role.ORGANISER)

    page = overview_of(client)
    content = client.get("/staff/sessions/heat-en/content").text

    assert "12:00–13:15 in UTC" in page
    assert "There is no time zone “Europe/Atlantis” any more." in page
    assert 'id="timezone"' in content
    for path in ("/en/", "/staff/sessions", "/staff/sessions/heat-en/registrations", "/sessions/heat-en.ics"):
        assert client.get(path).status_code == 200


def test_the_overview_asks_twelve_queries_at_most_however_many_come(
    client: FlaskClient, count_queries: Callable[[], AbstractContextManager[Counted]]
) -> None:
    session = a_session("heat-en", languages=("en", "fr", "es"))
    for number in range(10):
        a_registration(session, member=a_member(f"City {number}", region=f"Region {number % 4}"))
    signed_in_as(client, Role.ORGANISER)

    with count_queries() as queries:
        client.get("/staff/sessions/heat-en/")

    assert queries.count <= 12


def test_a_draft_says_what_else_it_may_have_before_it_is_published(client: FlaskClient) -> None:
    a_session("heat-en", webinar=a_webinar("heat"), status=SessionStatus.DRAFT, speakers=["Ana Ruiz"])
    paths = [
        "/staff/webinars/heat/preview/en",
        "/staff/sessions/heat-en/photos",
        "/staff/webinars/heat/questions",
        "/staff/webinars/heat/materials",
        "/staff/webinars/heat/new-session",
    ]

    signed_in_as(client, Role.ORGANISER)
    page = overview_of(client)

    assert "Before you publish it" in page
    assert [path for path in paths if f'href="{path}"' not in page] == []
    assert "How it stands" not in page  # nobody can have registered

    signed_in_as(client, Role.VIEWER)
    assert "Before you publish it" not in overview_of(client)


def test_somebody_on_the_telephone_is_registered_from_the_overview(client: FlaskClient) -> None:
    a_session("heat-en")
    way = 'href="/staff/sessions/heat-en/new-registration"'

    signed_in_as(client, Role.ORGANISER)
    assert way in overview_of(client)

    signed_in_as(client, Role.VIEWER)
    assert way not in overview_of(client)
