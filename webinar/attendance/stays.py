"""How long somebody was there: the union of the stretches that were reported, clipped to the session."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal

from webinar.attendance.models import AttendanceSource

# The join link tells when somebody set out for the room, not how long they stayed there.
MEASURED = (AttendanceSource.REPORT, AttendanceSource.BY_HAND)

HUNDREDTH_OF_A_MINUTE = timedelta(microseconds=600_000)


def time_within(stretches: Iterable[tuple[datetime, datetime]], start: datetime, end: datetime) -> timedelta:
    """Return how long at least one of the stretches lasted between two moments.

    Somebody who logs in with a telephone and a computer at once is there once, so what overlaps counts once.
    """
    there = timedelta()
    counted_until = start
    for joined, left in sorted(stretches):
        since, until = max(joined, counted_until), min(left, end)
        if until > since:
            there += until - since
            counted_until = until
    return there


def in_minutes(duration: timedelta) -> Decimal:
    """Return a duration in minutes with two decimals, halves rounded up."""
    hundredths, rest = divmod(duration, HUNDREDTH_OF_A_MINUTE)
    if rest * 2 >= HUNDREDTH_OF_A_MINUTE:
        hundredths += 1
    return Decimal(hundredths).scaleb(-2)
