"""How long somebody was there: the union of the stretches that were reported, clipped to the session."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal

HUNDREDTH_OF_A_MINUTE = timedelta(microseconds=600_000)


def united(stretches: Iterable[tuple[datetime, datetime]]) -> Iterator[tuple[datetime, datetime]]:
    """Yield the time in which at least one of the stretches lasted, as stretches that do not touch, the first first.

    Somebody who logs in with a telephone and a computer at once is there once, so what overlaps counts once.
    """
    since = until = None
    for joined, left in sorted(stretches):
        if since is None or until is None:
            since, until = joined, left
        elif joined > until:
            yield since, until
            since, until = joined, left
        else:
            until = max(until, left)
    if since is not None and until is not None:
        yield since, until


def time_within(stretches: Iterable[tuple[datetime, datetime]], start: datetime, end: datetime) -> timedelta:
    """Return how long at least one of the stretches lasted between two moments."""
    clipped = ((max(joined, start), min(left, end)) for joined, left in united(stretches))
    return sum((until - since for since, until in clipped if until > since), timedelta())


def full_minutes(seconds: int) -> int:
    """Return how many minutes somebody was there in full: who has as many as the threshold came, and nobody else."""
    return seconds // 60


def in_minutes(duration: timedelta) -> Decimal:
    """Return a duration in minutes with two decimals, halves rounded up."""
    hundredths, rest = divmod(duration, HUNDREDTH_OF_A_MINUTE)
    if rest * 2 >= HUNDREDTH_OF_A_MINUTE:
        hundredths += 1
    return Decimal(hundredths).scaleb(-2)
