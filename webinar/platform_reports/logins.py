"""From the log-ins of a report to moments in UTC, and which of them belong to a session."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import product
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _l

from webinar.foundation.zones import YEARS
from webinar.platform_reports.report import Fault, Login

BEFORE = timedelta(minutes=30)
AFTER = timedelta(minutes=30)
"""A log-in belongs to a session if any of it is within so long before and after it; the others are of another meeting.

This decides nothing else: the time that somebody was there is counted within the session only.
"""


@dataclass(frozen=True, slots=True)
class Stretch:
    """One log-in as moments in UTC."""

    login: Login
    joined_at: datetime
    left_at: datetime


@dataclass
class Placed:
    """The log-ins of a report on the session's own clock.

    ``belonging`` ones are of the session; ``outside`` counts those before or after it, ``unclear`` those of the
    belonging at a time that the clocks showed twice or skipped.
    """

    belonging: list[Stretch] = field(default_factory=list)
    outside: int = 0
    unclear: int = 0
    faults: list[Fault] = field(default_factory=list)


def placed(logins: Iterable[Login], zone: str, starts_at: datetime, ends_at: datetime) -> Placed:
    """Return what log-ins with wall times of a zone are in UTC, and which of them belong to a session.

    Where the clocks showed a time twice, or skipped it, that reading counts which is nearest to the session, and of
    equally near ones the shortest and earliest.
    """
    here = ZoneInfo(zone)
    first, last = starts_at - BEFORE, ends_at + AFTER
    result = Placed()
    for login in logins:
        if login.joined.year not in YEARS or login.left.year not in YEARS:
            result.outside += 1
            continue
        joins, leaves = _readings(login.joined, here), _readings(login.left, here)
        readings = [(joined, left) for joined, left in product(joins, leaves) if joined <= left]
        if not readings:
            reason = _l("Its end is before its beginning.")
            result.faults.append(Fault(login.line, login.name[:80], reason))
            continue
        joined_at, left_at = readings[0]
        is_unclear = len(joins) > 1 or len(leaves) > 1
        if is_unclear:
            joined_at, left_at = min(
                readings, key=lambda one: (_distance(one[0], one[1], starts_at, ends_at), one[1] - one[0], one[0])
            )
        if joined_at > last or left_at < first:
            result.outside += 1
            continue
        result.unclear += is_unclear
        result.belonging.append(Stretch(login, joined_at, left_at))
    return result


def _readings(wall: datetime, here: ZoneInfo) -> tuple[datetime, ...]:
    first = wall.replace(tzinfo=here, fold=0)
    second = wall.replace(tzinfo=here, fold=1)
    one, other = first.utcoffset(), second.utcoffset()
    if one == other or one is None or other is None:
        return (first.astimezone(UTC),)
    return first.astimezone(UTC), second.astimezone(UTC)


def _distance(joined_at: datetime, left_at: datetime, starts_at: datetime, ends_at: datetime) -> timedelta:
    return max(starts_at - left_at, joined_at - ends_at, timedelta())
