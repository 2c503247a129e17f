"""When the coming sessions of the sample are held, counted from the day of loading."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

ZONE = "Europe/Madrid"
STARTS, ENDS = time(16, 0), time(17, 15)

WEDNESDAY = 2
EIGHT_DAYS = timedelta(days=8)
AFTER_THE_FIRST = {
    "next-es": timedelta(days=0),  # a Wednesday
    "next-en": timedelta(days=8),  # the Thursday of the week after
    "next-fr": timedelta(days=20),  # the Tuesday two weeks later
    "next-all": timedelta(days=35),  # a Wednesday again, when everybody has had a date of their own
}


def coming_days(today: date) -> dict[str, date]:
    """Return the day of each coming session: four working days in four different weeks, the first in 8 to 14 days."""
    soonest = today + EIGHT_DAYS
    first = soonest + timedelta(days=(WEDNESDAY - soonest.weekday()) % 7)
    return {key: first + later for key, later in AFTER_THE_FIRST.items()}


def coming_times(today: date) -> dict[str, dict[str, str]]:
    """Return what a catalogue file says about the time of each coming session: wall times and their zone.

    Sixteen hours is never skipped or shown twice: the clocks of Madrid change in the night.
    """
    return {
        key: {
            "start": datetime.combine(day, STARTS).isoformat(timespec="minutes"),
            "end": datetime.combine(day, ENDS).isoformat(timespec="minutes"),
            "timezone": ZONE,
        }
        for key, day in coming_days(today).items()
    }
