"""Wall time, zones and UTC: one moment for each time that exists once, a reason for each that does not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webinar.foundation.zones import NoSuchTime, in_utc, in_zone, is_zone, use_pinned_zone_data, zone_names

use_pinned_zone_data()
ZONES = st.sampled_from(zone_names())


@pytest.mark.parametrize(
    ("wall", "zone", "utc"),
    [
        ("2020-04-03T16:30", "Europe/Madrid", "2020-04-03T14:30"),  # announced as "CET", which it was not
        ("2027-01-20T16:00", "America/Mexico_City", "2027-01-20T22:00"),  # no summer time since 2022
        ("2027-07-20T16:00", "America/Mexico_City", "2027-07-20T22:00"),
        ("2027-07-20T16:00", "Asia/Tehran", "2027-07-20T12:30"),  # fixed since 2022
        ("2027-07-20T16:00", "Asia/Kathmandu", "2027-07-20T10:15"),
        ("2027-01-20T16:00", "Australia/Lord_Howe", "2027-01-20T05:00"),
        ("2027-07-20T16:00", "Australia/Lord_Howe", "2027-07-20T05:30"),  # half an hour of summer time
        ("2027-07-20T16:00", "Pacific/Apia", "2027-07-20T03:00"),
    ],
)
def test_a_wall_time_is_one_moment(wall: str, zone: str, utc: str) -> None:
    assert in_utc(datetime.fromisoformat(wall), zone) == datetime.fromisoformat(utc).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("wall", "zone"),
    [
        ("2027-03-28T02:00", "Europe/Madrid"),
        ("2027-03-28T02:59:59", "Europe/Madrid"),
        ("2027-10-03T02:15", "Australia/Lord_Howe"),
        ("2011-12-30T12:00", "Pacific/Apia"),  # a whole day that was left out
    ],
)
def test_a_time_that_the_clocks_skip_is_refused(wall: str, zone: str) -> None:
    with pytest.raises(NoSuchTime):
        in_utc(datetime.fromisoformat(wall), zone)


@pytest.mark.parametrize(
    ("wall", "zone"),
    [
        ("2027-10-31T02:00", "Europe/Madrid"),
        ("2027-10-31T02:59:59", "Europe/Madrid"),
        ("2027-04-04T01:45", "Australia/Lord_Howe"),
    ],
)
def test_a_time_that_the_clocks_show_twice_is_refused(wall: str, zone: str) -> None:
    with pytest.raises(NoSuchTime):
        in_utc(datetime.fromisoformat(wall), zone)


@pytest.mark.parametrize("wall", ["2027-03-28T01:59", "2027-03-28T03:00", "2027-10-31T01:59", "2027-10-31T03:00"])
def test_the_minutes_beside_a_change_of_the_clock_are_ordinary(wall: str) -> None:
    moment = in_utc(datetime.fromisoformat(wall), "Europe/Madrid")

    assert in_zone(moment, "Europe/Madrid").replace(tzinfo=None) == datetime.fromisoformat(wall)


@given(
    zone=ZONES,
    moment=st.integers(1_420_000_000, 2_210_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)),
)
def test_what_a_clock_shows_leads_back_to_the_moment_or_is_refused(zone: str, moment: datetime) -> None:
    wall = in_zone(moment, zone).replace(tzinfo=None)

    try:
        found = in_utc(wall, zone)
    except NoSuchTime:
        # It is shown twice: an hour or so earlier or later it is the same on the clock.
        here = ZoneInfo(zone)
        assert wall.replace(tzinfo=here, fold=0).utcoffset() != wall.replace(tzinfo=here, fold=1).utcoffset()
    else:
        assert found == moment


def test_people_choose_from_each_zone_once_by_its_present_name() -> None:
    names = zone_names()

    assert {"Asia/Kolkata", "Africa/Asmara", "Europe/Kyiv", "UTC"} <= set(names)
    assert not {"Asia/Calcutta", "Africa/Asmera", "Europe/Kiev", "Etc/UTC"} & set(names)
    assert all(is_zone(name) for name in names)


@pytest.mark.parametrize("name", ["Asia/Calcutta", "Etc/UTC", "UTC", "GMT"])
def test_whatever_a_browser_calls_its_zone_is_one(name: str) -> None:
    assert is_zone(name)


@pytest.mark.parametrize("name", ["", "Europe/Atlantis", "../../etc/passwd", "europe/madrid", "Factory", "UTC+02:00"])
def test_what_is_no_zone_is_none(name: str) -> None:
    assert not is_zone(name)


def test_a_moment_stays_the_same_in_every_zone() -> None:
    moment = datetime(2027, 2, 24, 15, tzinfo=UTC)

    assert in_zone(moment, "Asia/Seoul") - moment == timedelta(0)
    assert in_zone(moment, "Asia/Seoul").hour == 0


def test_of_a_zone_that_there_is_no_more_no_wall_time_is_reckoned_and_moments_are_told_in_utc() -> None:
    moment = datetime(2027, 2, 24, 15, tzinfo=UTC)

    with pytest.raises(NoSuchTime):
        in_utc(datetime.fromisoformat("2027-02-24T15:00"), "Europe/Atlantis")
    assert in_zone(moment, "Europe/Atlantis").isoformat() == "2027-02-24T15:00:00+00:00"
