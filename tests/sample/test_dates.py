"""The coming sessions of the sample, whatever the day of loading."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from hypothesis import example, given
from hypothesis import strategies as st

from webinar.foundation.zones import in_utc, in_zone
from webinar.sample.dates import ZONE, coming_days, coming_times

any_day = st.dates(date(2024, 1, 1), date(2037, 12, 31))


@given(any_day)
@example(date(2026, 3, 20))  # clocks go forward on 29 March 2026
@example(date(2026, 3, 29))
@example(date(2026, 10, 16))  # and back on 25 October
@example(date(2026, 10, 25))
@example(date(2027, 12, 20))  # over New Year
@example(date(2028, 2, 20))  # over a leap day
def test_the_coming_sessions_are_on_working_days_in_different_weeks_well_after_loading(today: date) -> None:
    days = coming_days(today)

    assert list(days) == ["next-es", "next-en", "next-fr", "next-all"]
    assert list(days.values()) == sorted(days.values())
    assert all(day.isoweekday() <= 5 for day in days.values())
    assert len({day.isocalendar()[:2] for day in days.values()}) == 4
    assert 8 <= (days["next-es"] - today).days <= 14
    assert (days["next-all"] - today).days <= 49


@given(any_day)
@example(date(2026, 3, 15))
@example(date(2026, 10, 11))
def test_they_last_from_16_00_to_17_15_in_madrid_in_summer_and_winter(today: date) -> None:
    end_of_loading_day = datetime.combine(today, datetime.max.time(), UTC)
    for times in coming_times(today).values():
        starts = in_utc(datetime.fromisoformat(times["start"]), times["timezone"])
        ends = in_utc(datetime.fromisoformat(times["end"]), times["timezone"])

        assert starts - end_of_loading_day > timedelta(days=7)
        assert ends - starts == timedelta(minutes=75)
        assert in_zone(starts, ZONE).strftime("%H:%M") == "16:00"
        assert starts.strftime("%H:%M") in {"14:00", "15:00"}
