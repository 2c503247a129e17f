"""What a date means for the members: their hours, weekends and holidays, and clocks that change."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from webinar.catalogue.dates import (
    Chosen,
    ClockChange,
    NoDate,
    Place,
    clock_changes,
    day_of,
    hours_by_region,
    overlaps,
    read_date,
)
from webinar.catalogue.holidays import Holiday, holiday_on, is_weekend
from webinar.foundation.zones import in_utc

MADRID = Place("Europe", "ES", "Europe/Madrid")
LISBON = Place("Europe", "PT", "Europe/Lisbon")
SEOUL = Place("Asia-Pacific", "KR", "Asia/Seoul")
TEHRAN = Place("Asia-Pacific", "IR", "Asia/Tehran")
MEXICO = Place("North America", "MX", "America/Mexico_City")


def at(wall: str, zone: str = "Europe/Madrid", minutes: int = 75) -> Chosen:
    starts_at = in_utc(datetime.fromisoformat(wall), zone)
    return Chosen(starts_at, starts_at + timedelta(minutes=minutes), zone)


def typed(start: str, end: str = "", timezone: str = "Europe/Madrid") -> dict[str, str]:
    return {"start": start, "end": end, "timezone": timezone}


def test_a_date_is_read_as_forms_send_it() -> None:
    assert read_date(typed("2027-01-28T16:00", "2027-01-28T17:15")) == at("2027-01-28T16:00")
    assert read_date(typed("2027-01-28T16:00:00")) == at("2027-01-28T16:00")._replace(ends_at=None)


@pytest.mark.parametrize(
    "end", ["", "soon", "2027-01-28T15:00", "2027-01-28T16:00", "9999-01-01T00:00", "2027-03-28T02:30"]
)
def test_an_end_that_cannot_be_is_none(end: str) -> None:
    assert read_date(typed("2027-01-28T16:00", end)).ends_at is None


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({}, "Write the day and the hour at which it starts"),
        (typed("soon"), "Write the day and the hour at which it starts"),
        (typed("2027-02-30T16:00"), "Write the day and the hour at which it starts"),
        (typed("2027-01-28T16:00+01:00"), "Write the day and the hour at which it starts"),
        (typed("x" * 100_000), "Write the day and the hour at which it starts"),
        (typed("2027-01-28T16:00", timezone=""), "Choose a time zone of the list"),
        (typed("2027-01-28T16:00", timezone="Mars/Olympus"), "Choose a time zone of the list"),
        (typed("2027-01-28T16:00", timezone="../../etc/passwd"), "Choose a time zone of the list"),
        (typed("2027-03-28T02:30"), "The clocks of Madrid skip 02:30 on this day."),
        (typed("2027-10-31T02:30"), "The clocks of Madrid show 02:30 twice on this day."),
        (typed("0001-01-01T00:00"), "This year is too far off."),
        (typed("9999-12-31T23:59"), "This year is too far off."),
    ],
)
def test_what_is_no_date_is_answered_with_what_to_do(app: object, wrong: dict[str, str], says: str) -> None:
    with pytest.raises(NoDate, match=says):
        read_date(wrong)


def test_each_region_has_its_first_and_last_hour_and_the_day_may_be_another() -> None:
    asia, europe, north = hours_by_region(
        at("2027-01-28T18:00").starts_at, [MEXICO, TEHRAN, SEOUL, MADRID, LISBON], "en"
    )

    assert (europe.region, europe.members) == ("Europe", 2)
    assert [f"{moment:%d %H:%M}" for moment in (europe.first, europe.last)] == ["28 17:00", "28 18:00"]
    assert [f"{moment:%d %H:%M}" for moment in (asia.first, asia.last)] == ["28 20:30", "29 02:00"]
    assert [f"{moment:%d %H:%M}" for moment in (north.first, north.last)] == ["28 11:00", "28 11:00"]
    assert [one.at_night for one in (asia, europe, north)] == [2, 0, 0]


@pytest.mark.parametrize(
    ("hour", "is_night"), [("07:59", True), ("08:00", False), ("19:59", False), ("20:00", True), ("00:00", True)]
)
def test_night_is_before_eight_and_from_eight_in_the_evening_on(hour: str, is_night: bool) -> None:
    (europe,) = hours_by_region(at(f"2027-01-28T{hour}").starts_at, [MADRID], "en")

    assert europe.at_night == is_night


def test_a_member_whose_zone_nobody_knows_is_left_out() -> None:
    assert hours_by_region(at("2027-01-28T16:00").starts_at, [Place("Europe", "ES", "Mars/Olympus")], "en") == []


def test_weekends_are_those_of_each_country_on_the_day_it_is_there() -> None:
    egypt = Place("Africa", "EG", "Africa/Cairo")
    friday = at("2027-01-29T12:00").starts_at
    late_friday = at("2027-01-29T19:00").starts_at  # Saturday in Seoul

    assert [one.at_weekend for one in hours_by_region(friday, [egypt, SEOUL, MADRID], "en")] == [1, 0, 0]
    assert [one.at_weekend for one in hours_by_region(late_friday, [egypt, SEOUL, MADRID], "en")] == [1, 1, 0]


def test_holidays_are_told_by_country_with_how_many_members_are_there() -> None:
    (europe,) = hours_by_region(at("2027-01-06T16:00").starts_at, [MADRID, MADRID, LISBON], "es")

    assert [(one.country, one.holiday.name, one.members) for one in europe.holidays] == [
        ("ES", "Epifanía del Señor", 2)
    ]


def test_a_holiday_says_in_which_language_it_is_named() -> None:
    day = date(2027, 5, 1)

    assert holiday_on("ES", day, "es") == Holiday("Fiesta del Trabajo", "es")
    assert holiday_on("ES", day, "en") == Holiday("Labor Day", "en")
    assert holiday_on("KR", date(2027, 3, 1), "fr") == Holiday("Independence Movement Day", "en")
    assert holiday_on("ZA", date(2027, 4, 27), "en") == Holiday("Freedom Day", "en")
    assert holiday_on("BR", date(2027, 9, 7), "pt") == Holiday("Independência do Brasil", "pt")
    assert holiday_on("EG", date(2027, 7, 23), "ar") == Holiday("عيد ثورة ٢٣ يوليو", "ar")
    assert holiday_on("MA", date(2027, 7, 30), "ar") == Holiday("عيد العرش", "ar")


@pytest.mark.parametrize("country", ["XX", "", "ES-MD", "../x"])
def test_of_a_country_that_nobody_knows_no_holidays_are_known(country: str) -> None:
    assert holiday_on(country, date(2027, 1, 1), "en") is None
    assert is_weekend(country, date(2027, 1, 30))
    assert not is_weekend(country, date(2027, 1, 29))


def test_years_beyond_what_anybody_has_decided_have_no_faults() -> None:
    for year in (1970, 2199):
        assert len(hours_by_region(datetime(year, 7, 1, tzinfo=UTC), [MADRID, TEHRAN, SEOUL], "fr")) == 2


def test_a_clock_change_between_two_sessions_says_for_whom_and_by_how_much() -> None:
    winter = at("2027-03-03T16:00").starts_at

    changes = clock_changes(
        at("2027-04-07T16:00"), [(winter, "Europe/Madrid")], [MADRID, LISBON, SEOUL, TEHRAN, MEXICO]
    )

    assert changes == [ClockChange(winter, timedelta(hours=-1), {"Asia-Pacific": 2, "North America": 1})]


def test_an_hour_that_goes_over_midnight_is_one_hour() -> None:
    summer = at("2027-09-01T16:30").starts_at

    (change,) = clock_changes(at("2027-11-03T16:30"), [(summer, "Europe/Madrid")], [SEOUL])

    assert change.later == timedelta(hours=1)  # from 23:30 to 00:30


def test_another_hour_or_zone_is_no_matter_of_clocks() -> None:
    others = [
        (at("2027-03-03T10:00").starts_at, "Europe/Madrid"),
        (at("2027-03-03T16:00", "Asia/Seoul").starts_at, "Asia/Seoul"),
    ]

    assert clock_changes(at("2027-04-07T16:00"), others, [SEOUL, MEXICO]) == []


def test_only_the_session_before_and_the_one_after_are_compared() -> None:
    days = ("2026-12-02T16:00", "2027-03-03T16:00", "2027-11-03T16:00")
    others = [(at(day).starts_at, "Europe/Madrid") for day in days]

    assert [change.other for change in clock_changes(at("2027-04-07T16:00"), others, [SEOUL])] == [
        others[1][0],
        others[2][0],
    ]


@pytest.mark.parametrize(
    ("wall", "zone", "hours"),
    [
        ("2027-01-28T16:00", "Europe/Madrid", 24),
        ("2027-03-28T16:00", "Europe/Madrid", 23),
        ("2027-10-31T16:00", "Europe/Madrid", 25),
        ("2027-04-30T16:00", "Africa/Cairo", 23),  # its day begins at 1:00
        ("2199-12-31T16:00", "UTC", 24),
    ],
)
def test_the_chosen_day_is_as_long_as_it_is_there(wall: str, zone: str, hours: int) -> None:
    begins, ends = day_of(at(wall, zone))

    assert ends - begins == timedelta(hours=hours)
    assert begins <= at(wall, zone).starts_at < ends


@pytest.mark.parametrize(
    ("starts", "minutes", "is_clash"),
    [(0, 75, True), (-75, 75, False), (-74, 75, True), (75, 75, False), (74, 75, True), (-60, 300, True)],
)
def test_sessions_clash_when_they_share_a_minute(starts: int, minutes: int, is_clash: bool) -> None:
    chosen = at("2027-01-28T16:00")
    begins = chosen.starts_at + timedelta(minutes=starts)

    assert overlaps(chosen, begins, begins + timedelta(minutes=minutes)) is is_clash


def test_without_an_end_the_start_clashes() -> None:
    chosen = at("2027-01-28T16:00")._replace(ends_at=None)

    assert overlaps(chosen, chosen.starts_at, chosen.starts_at + timedelta(hours=1))
    assert not overlaps(chosen, chosen.starts_at + timedelta(hours=1), chosen.starts_at + timedelta(hours=2))
