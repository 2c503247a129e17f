"""When people are reminded of a session: so long before its start."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from flask import current_app

from config import A_DAY, MOST_BEFORE, reminders
from webinar.foundation.zones import in_zone

FURTHEST = timedelta(minutes=MOST_BEFORE) + timedelta(days=1)
"""No moment lies further before a start than this; the day more is for clocks that change in between."""


def reminders_of(chosen: str | None) -> tuple[int, ...]:
    """Return at how many minutes before the start people are reminded, the first reminder first.

    ``chosen`` is what stands with the session; None is what the setting REMINDERS says.
    """
    usual: tuple[int, ...] = current_app.config["REMINDERS"]
    return usual if chosen is None else reminders(chosen)


def moment_before(starts_at: datetime, zone: str, minutes: int) -> datetime:
    """Return the moment, in UTC, that lies so many minutes before a start.

    Whole days are counted by the calendar where the session is held: a day before a session on Sunday at 16:00 is
    Saturday at 16:00, also where the clocks change in that night and 23 or 25 hours lie between. That is what people
    mean by a day before. Of hours and minutes everybody means the time that passes.
    """
    days, rest = divmod(minutes, A_DAY)
    if rest:
        return starts_at - timedelta(minutes=minutes)
    wall = in_zone(starts_at, zone) - timedelta(days=days)
    return wall.astimezone(UTC)


def latest_due(
    starts_at: datetime, zone: str, before: Iterable[int], now: datetime, *, after: datetime | None = None
) -> int | None:
    """Return which reminder is the last one whose moment has come, by its minutes; None before the first, or too late.

    Earlier ones that did not go, because nobody sent mails meanwhile, are left out then: two at once help nobody.
    What was due until the moment ``after``, when people were told of this start, says nothing new.
    """
    if starts_at <= now:
        return None
    return min(
        (
            minutes
            for minutes in before
            if (moment := moment_before(starts_at, zone, minutes)) <= now and (after is None or moment > after)
        ),
        default=None,
    )
