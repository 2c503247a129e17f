"""Sessions to come of which the hour has changed with the world's zone data: found, and put into words."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask

from tests.conftest import Counted
from tests.factories import a_session, a_session_by_former_clocks
from webinar.catalogue.models import SessionStatus
from webinar.catalogue.zone_changes import zone_change_of, zone_changes
from webinar.foundation import clock

pytestmark = pytest.mark.usefixtures("app")


def test_sessions_whose_clocks_show_what_was_decided_are_not_named() -> None:
    for zone in ("Africa/Casablanca", "America/Mexico_City", "Asia/Kathmandu", "Australia/Lord_Howe", "UTC"):
        session = a_session(zone=zone)

        assert zone_change_of(session, clock.now()) is None

    assert zone_changes(clock.now()) == []


@pytest.mark.parametrize(
    ("zone", "offset", "told", "now"),
    [
        ("Africa/Casablanca", 1, "2030-05-14T12:00Z", "2030-05-14T13:00Z"),  # an hour ahead until the law of 2026
        ("America/Mexico_City", -5, "2030-05-14T18:00Z", "2030-05-14T19:00Z"),  # in summer time until 2022
        ("Asia/Tehran", 4.5, "2030-05-14T08:30Z", "2030-05-14T09:30Z"),  # in summer time until 2022
        ("Asia/Kathmandu", 5.5, "2030-05-14T07:30Z", "2030-05-14T07:15Z"),
    ],
)
def test_one_told_by_former_rules_is_found_with_what_the_clocks_say_now(
    zone: str, offset: float, told: str, now: str
) -> None:
    session = a_session_by_former_clocks("heat", starts="2030-05-14T13:00", zone=zone, offset=offset)

    [change] = zone_changes(clock.now())

    assert change == zone_change_of(session, clock.now())
    assert (change.session.key, change.refusal) == ("heat", None)
    assert change.session.starts_at == datetime.fromisoformat(told)
    assert change.starts_at == datetime.fromisoformat(now)
    assert change.ends_at is not None
    assert change.ends_at - change.starts_at == session.ends_at - session.starts_at


def test_one_whose_end_alone_has_moved_is_found_too() -> None:
    late = a_session("late", starts="2030-10-27T01:30", zone="Europe/Madrid", minutes=120)
    late.ends_at -= timedelta(hours=1)  # by former rules the clocks were not put back in that night

    [change] = zone_changes(clock.now())

    assert (change.session.key, change.starts_at) == ("late", late.starts_at)
    assert change.ends_at == datetime(2030, 10, 27, 2, 30, tzinfo=UTC)
    assert str(change) == (
        "Sunday 27 October: since the clocks of Madrid have changed, pages and calendars show 01:30–02:30 instead of "
        "01:30–03:30"
    )


@pytest.mark.parametrize(
    ("starts", "zone", "offset", "why"),
    [
        (
            "2030-03-31T02:30",
            "Europe/Madrid",
            1,
            "Sunday 31 March: The clocks of Madrid skip 02:30 on this day. Choose another time.",
        ),
        (
            "2030-10-27T02:30",
            "Europe/Madrid",
            2,
            "Sunday 27 October: The clocks of Madrid show 02:30 twice on this day. Choose another time.",
        ),
        (
            "2030-10-27T16:00",
            "Europe/Atlantis",
            2,
            "Sunday 27 October: There is no time zone “Europe/Atlantis” any more. Choose another one.",
        ),
    ],
)
def test_an_hour_that_is_there_no_more_or_twice_or_nowhere_is_for_a_person_to_decide(
    starts: str, zone: str, offset: float, why: str
) -> None:
    a_session_by_former_clocks("heat", starts=starts, zone=zone, offset=offset)

    [change] = zone_changes(clock.now())

    assert (change.starts_at, change.ends_at) == (None, None)
    assert str(change) == why


def test_what_pages_and_calendars_show_is_told_with_its_day_where_that_is_another() -> None:
    a_session_by_former_clocks("noon", starts="2030-05-14T13:00", zone="Africa/Casablanca", offset=1)
    a_session_by_former_clocks("midnight", starts="2030-05-15T00:15", zone="Africa/Casablanca", offset=1)

    assert [str(change) for change in zone_changes(clock.now())] == [
        "Tuesday 14 May: since the clocks of Casablanca have changed, pages and calendars show 12:00–13:15 instead of "
        "13:00–14:15",
        "Wednesday 15 May: since the clocks of Casablanca have changed, pages and calendars show Tuesday 14 May, "
        "23:15–00:30 instead of 00:15–01:30",
    ]


@time_machine.travel(datetime(2030, 5, 14, 12, 0, tzinfo=UTC), tick=False)
def test_drafts_are_named_but_not_what_has_begun_or_is_over_or_cancelled() -> None:
    begun = a_session_by_former_clocks("begun", starts="2030-05-14T13:00", zone="Africa/Casablanca", offset=1)
    a_session_by_former_clocks("over", starts="2030-05-13T13:00", zone="Africa/Casablanca", offset=1)
    off = a_session_by_former_clocks(
        "off", starts="2030-06-14T13:00", zone="Africa/Casablanca", offset=1, status=SessionStatus.CANCELLED
    )
    a_session_by_former_clocks(
        "draft", starts="2030-06-14T13:00", zone="Africa/Casablanca", offset=1, status=SessionStatus.DRAFT
    )
    a_session_by_former_clocks("soon", starts="2030-05-14T13:01", zone="Africa/Casablanca", offset=1)

    assert [change.session.key for change in zone_changes(clock.now())] == ["soon", "draft"]
    assert zone_change_of(begun, clock.now()) is None
    assert zone_change_of(off, clock.now()) is None


def test_it_is_one_query_however_many_come(count_queries: Callable[[], AbstractContextManager[Counted]]) -> None:
    for day in range(10, 30):
        a_session_by_former_clocks(starts=f"2030-05-{day}T13:00", zone="Africa/Casablanca", offset=1)

    with count_queries() as queries:
        found = zone_changes(clock.now())

    assert (len(found), queries.count) == (20, 1)


def test_pages_go_on_telling_the_hour_in_utc_where_a_zone_is_known_no_more(app: Flask) -> None:
    session = a_session_by_former_clocks("heat", starts="2030-05-14T13:00", zone="Europe/Atlantis", offset=2)

    with app.test_request_context():
        assert session.times_there.for_you == "11:00–12:15 in UTC"
