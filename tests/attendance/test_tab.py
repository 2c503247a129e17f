from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from tests.factories import a_member, a_registration, a_session, an_attendance
from tests.signing_in import signed_in_as
from webinar.accounts.models import Role
from webinar.attendance.listing import Wanted, Which, figures_of, listed
from webinar.attendance.live import MemberSeen, seen_in
from webinar.attendance.models import AttendanceSource
from webinar.attendance.queries import MemberTurnout, turnout_by_member
from webinar.attendance.services.by_hand import say_they_came
from webinar.attendance.services.threshold import set_threshold
from webinar.catalogue.models import WebinarSession
from webinar.members.queries import member_names
from webinar.registration.models import Registration, RegistrationStatus

TAB = "/staff/sessions/heat-en/attendance"
START = datetime(2030, 5, 14, 12, 0, tzinfo=UTC)
"""When the session of ``a_session()`` starts: at 13:00 in Lisbon, for 75 minutes."""


def a_click(place: Registration, minutes_after_start: int = -2) -> None:
    joined_at = place.session.starts_at + timedelta(minutes=minutes_after_start)
    an_attendance(place, source=AttendanceSource.JOIN_LINK, joined_at=joined_at, minutes=None)


def one_of_each() -> WebinarSession:
    """Return a session that is over, of 75 minutes of which 20 are enough, with one person in each part of the list."""
    session = a_session("heat-en", starts="2020-05-14T13:00")

    def somebody(name: str, **more: Any) -> Registration:
        return a_registration(session, family_name=name, **more)

    an_attendance(somebody("Long"), minutes=60)
    an_attendance(somebody("Short"), minutes=5)
    a_click(somebody("Clicked"))
    somebody("Absent")
    an_attendance(somebody("Unasked", status=RegistrationStatus.UNREGISTERED), minutes=30)
    somebody("Hand")
    an_attendance(somebody("Gone", status=RegistrationStatus.CANCELLED), minutes=40)
    somebody("Away", status=RegistrationStatus.CANCELLED)
    somebody("Waits", status=RegistrationStatus.WAITING)
    say_they_came("heat-en", 6)
    set_threshold("heat-en", 20)
    return session


def names(session: WebinarSession, **wanted: Any) -> list[str]:
    listing = listed(session.id, Wanted(**wanted), figures_of(session.id), member_names())
    assert len(listing.lines) == listing.total
    return [line.place.family_name for line in listing.lines]


@pytest.mark.parametrize(
    ("which", "whom"),
    [
        (Which.EVERYBODY, ["Absent", "Clicked", "Gone", "Hand", "Long", "Short", "Unasked"]),
        (Which.CAME, ["Gone", "Hand", "Long", "Unasked"]),
        (Which.ABSENT, ["Absent", "Clicked", "Short"]),
        (Which.TO_DECIDE, ["Clicked"]),
        (Which.TOO_SHORT, ["Short"]),
        (Which.UNREGISTERED, ["Unasked"]),
        (Which.BY_HAND, ["Hand"]),
    ],
)
def test_each_part_of_the_list_has_its_people_and_counts_them(app: Flask, which: Which, whom: list[str]) -> None:
    session = one_of_each()

    assert names(session, which=which) == whom
    assert figures_of(session.id).parts[which] == len(whom)


def test_the_figures_count_people_and_members_once(app: Flask) -> None:
    session = a_session()
    lisbon, seoul = a_member("Lisbon"), a_member("Seoul", region="Asia-Pacific")
    twice = a_registration(session, member=lisbon)
    an_attendance(twice)
    a_click(twice)
    an_attendance(a_registration(session, member=lisbon))
    a_registration(session, member=seoul)
    an_attendance(a_registration(session))
    an_attendance(a_registration(session, member=seoul, status=RegistrationStatus.CANCELLED))
    an_attendance(a_registration(member=a_member("Porto")))

    figures = figures_of(session.id)

    assert (figures.registered, figures.seen, figures.came, figures.members) == (4, 4, 4, 2)
    assert figures.has_report
    assert turnout_by_member(session.id) == [
        MemberTurnout("lisbon", "Lisbon", "Europe", registered=2, came=2),
        MemberTurnout("seoul", "Seoul", "Asia-Pacific", registered=1, came=1),
    ]


def test_people_are_found_by_name_and_by_city_within_a_part(app: Flask) -> None:
    session = a_session()
    tehran, bogota = a_member("Tehran"), a_member("Bogotá")
    for member, name in ((tehran, "Fakhari"), (bogota, "Gómez"), (bogota, "Fernández")):
        an_attendance(a_registration(session, family_name=name, member=member))
    a_registration(session, family_name="Gomes")

    assert names(session, search="gomez") == ["Gómez"]
    assert names(session, search="BOGOTA") == ["Fernández", "Gómez"]
    assert names(session, search="gome", which=Which.ABSENT) == ["Gomes"]
    assert names(session, search="nobody") == []


def test_the_page_shows_everybody_with_first_and_last_and_how_one_knows(client: FlaskClient) -> None:
    session = a_session("heat-en", starts="2020-05-14T13:00")
    elham = a_registration(session, given_name="Elham", family_name="<b>Fakhari", member=a_member("Tehran"))
    an_attendance(elham, minutes=61.5)
    a_click(elham)
    a_registration(session, given_name="Nobody", family_name="There", member=a_member("Seoul"))
    signed_in_as(client, Role.ORGANISER)

    page = client.get(TAB).get_data(as_text=True)

    assert "<bdi>Elham &lt;b&gt;Fakhari</bdi>" in page
    assert "13:00–14:01" in page
    assert '<td class="later number">61</td>' in page
    assert "Join link, Report" in page
    assert "Nobody There" in page
    assert "1–2 of 2 people" in page


def test_who_is_to_be_decided_is_shown_with_what_each_source_says(client: FlaskClient) -> None:
    one_of_each()
    signed_in_as(client, Role.VIEWER)

    page = client.get(TAB).get_data(as_text=True)

    assert "Used the join link at 12:58." in page
    assert "The report does not have them." in page
    assert page.count("To decide") == 2  # the part of the list, and the one person
    assert "They did not come" not in page


@pytest.mark.parametrize(
    ("starts", "says"), [("2040-05-14T13:00", "has not begun"), ("2020-05-14T13:00", "Nobody has been seen")]
)
def test_a_session_without_anybody_says_why(client: FlaskClient, starts: str, says: str) -> None:
    a_session("heat-en", starts=starts)
    signed_in_as(client, Role.ORGANISER)

    assert says in client.get(TAB).get_data(as_text=True)


def test_a_long_list_is_shown_page_by_page(client: FlaskClient) -> None:
    session = a_session("heat-en")
    for number in range(52):
        a_registration(session, family_name=f"Number{number:03}")
    an_attendance(a_registration(session, family_name="Last"))
    signed_in_as(client, Role.ORGANISER)

    first = client.get(f"{TAB}?search=number").get_data(as_text=True)
    last = client.get(f"{TAB}?search=number&page=2").get_data(as_text=True)

    assert ("Number049" in first, "Number050" in first) == (True, False)
    assert ("Number049" in last, "Number050" in last) == (False, True)
    for page in ("0", "-3", "99999999999999999999", "x"):
        assert client.get(f"{TAB}?page={page}&which=nonsense").status_code == 200


def test_the_tab_takes_few_queries_for_any_number_of_people(
    client: FlaskClient, count_queries: Callable[[], AbstractContextManager[Any]]
) -> None:
    session = a_session("heat-en")
    for number in range(20):
        a_click(a_registration(session, member=a_member(f"City {number}")))

    with time_machine.travel(START, tick=False):
        signed_in_as(client, Role.ORGANISER)
        with count_queries() as while_it_is_on:
            assert b"Here now" in client.get(f"{TAB}?search=ana&minutes=20").data
        with count_queries() as a_refresh:
            assert b"20 members are here" in client.get(f"{TAB}/live").data

    assert while_it_is_on.count <= 12
    assert a_refresh.count <= 3


# Seen live.


def test_while_the_session_is_on_one_sees_who_is_here_and_which_members_are_missing(app: Flask) -> None:
    session = a_session()
    lisbon, seoul = a_member("Lisbon"), a_member("Seoul")
    a_click(a_registration(session, member=lisbon))
    a_registration(session, member=lisbon)
    a_registration(session, member=seoul)
    a_click(a_registration(session))
    a_click(a_registration(session, member=a_member("Porto"), status=RegistrationStatus.CANCELLED))
    an_attendance(a_registration(session, member=seoul))  # a report is no arrival
    a_click(a_registration(member=seoul))

    seen = seen_in(session.id)

    assert (seen.registered, seen.seen) == (5, 2)
    assert seen.here == [MemberSeen("lisbon", "Lisbon", 2, 1)]
    assert seen.missing == [MemberSeen("seoul", "Seoul", 2, 0)]


def test_what_is_seen_live_is_asked_for_again_from_the_opening_of_the_doors_until_they_close(
    client: FlaskClient,
) -> None:
    a_click(a_registration(a_session("heat-en"), member=a_member("Lisbon")))

    with time_machine.travel(START - timedelta(minutes=16), tick=False) as now:
        signed_in_as(client, Role.VIEWER)
        for minutes, is_shown in ((-16, False), (-15, True), (0, True), (104, True), (105, False)):
            now.move_to(START + timedelta(minutes=minutes))
            page = client.get(TAB).get_data(as_text=True)
            part = client.get(f"{TAB}/live").get_data(as_text=True)
            assert ("data-live" in page, "data-again" in part) == (is_shown, is_shown)
            assert "1 of one who is registered" in part
            assert "One member is here" in part


def test_who_has_not_come_yet_is_not_called_absent_while_the_session_is_on(client: FlaskClient) -> None:
    a_registration(a_session("heat-en"))

    with time_machine.travel(START + timedelta(minutes=5), tick=False):
        signed_in_as(client, Role.VIEWER)
        page = client.get(TAB).get_data(as_text=True)

    assert "Not seen yet" in page
    assert "Was not there" not in page


def test_nobody_sees_a_part_of_the_page_without_signing_in(client: FlaskClient) -> None:
    a_session("heat-en")

    assert client.get(f"{TAB}/live").status_code == 302
    assert client.get(f"{TAB}/threshold?minutes=5").status_code == 302
    signed_in_as(client, Role.VIEWER)
    for part in ("live", "threshold?minutes=5"):
        assert client.get(f"/staff/sessions/nowhere/attendance/{part}").status_code == 404
