"""What a date means for the members: their hour, their weekends and holidays, and what else is on that day.

Nothing here refuses a date, and nothing asks the database or the clock.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from flask_babel import gettext as _

from webinar.catalogue.holidays import Holiday, holiday_on, is_weekend
from webinar.foundation import alphabet
from webinar.foundation.errors import DomainError
from webinar.foundation.zones import NoSuchTime, in_utc, in_zone, is_zone

DAY_BEGINS, DAY_ENDS = 8, 20
"""The hours between which a session may begin without being at night; it may last beyond."""

_FORMATS = ("%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S")


class NoDate(DomainError):
    """What was typed is no date that one could look at; the message says what to write."""


class Chosen(NamedTuple):
    """A date that somebody considers, in UTC, and its zone; ``ends_at`` is None as long as no end was typed."""

    starts_at: datetime
    ends_at: datetime | None
    zone: str

    @property
    def is_on(self) -> date:
        """The day where it is held."""
        return in_zone(self.starts_at, self.zone).date()


def read_date(typed: Mapping[str, str]) -> Chosen:
    """Return the date of ``start``, ``end`` and ``timezone`` as a form sends them; an end that cannot be is none.

    Raises:
        NoDate: start or zone is missing, or is none, or the clocks of the zone do not show that time once.
    """
    zone = typed.get("timezone", "")
    start = _wall(typed.get("start", ""))
    if start is None:
        raise NoDate(_("Write the day and the hour at which it starts, then look again."))
    if not is_zone(zone):
        raise NoDate(_("Choose a time zone of the list, then look again."))
    try:
        starts_at = in_utc(start, zone)
    except NoSuchTime as refusal:
        raise NoDate(refusal.message) from None
    return Chosen(starts_at, _end(typed.get("end", ""), zone, starts_at), zone)


def _wall(typed: str) -> datetime | None:
    for format_ in _FORMATS:
        try:
            return datetime.strptime(typed.strip(), format_)  # noqa: DTZ007 (wall time, its zone stands beside it)
        except ValueError:
            continue
    return None


def _end(typed: str, zone: str, starts_at: datetime) -> datetime | None:
    end = _wall(typed)
    if end is None:
        return None
    try:
        ends_at = in_utc(end, zone)
    except NoSuchTime:
        return None
    return ends_at if ends_at > starts_at else None


class Place(NamedTuple):
    """Where a member is: its region, its country (ISO 3166) and its zone."""

    region: str
    country: str
    timezone: str


class HolidayThere(NamedTuple):
    """A national holiday in one country of a region, and how many members are there."""

    country: str
    holiday: Holiday
    members: int


class RegionHours(NamedTuple):
    """When a session begins for the members of a region, as their clocks show it: first and last of them.

    ``at_night`` and ``at_weekend`` count the members for whom it is.
    """

    region: str
    members: int
    first: datetime
    last: datetime
    at_night: int
    at_weekend: int
    holidays: tuple[HolidayThere, ...]


def hours_by_region(starts_at: datetime, places: Iterable[Place], language: str) -> list[RegionHours]:
    """Return what a start means in each region, regions by alphabet; a member whose zone nobody knows is left out.

    Holidays are named in ``language`` where they can be.
    """
    by_region: dict[str, list[Place]] = defaultdict(list)
    for place in places:
        if is_zone(place.timezone):
            by_region[place.region].append(place)
    in_order = sorted(by_region, key=lambda region: alphabet.place(region, language))
    return [_hours_in(region, starts_at, by_region[region], language) for region in in_order]


def _hours_in(region: str, starts_at: datetime, places: Sequence[Place], language: str) -> RegionHours:
    there = [(place, in_zone(starts_at, place.timezone)) for place in places]
    on_the_wall = sorted((moment for _, moment in there), key=lambda moment: moment.replace(tzinfo=None))
    days = Counter((place.country, moment.date()) for place, moment in there)
    return RegionHours(
        region=region,
        members=len(there),
        first=on_the_wall[0],
        last=on_the_wall[-1],
        at_night=sum(not DAY_BEGINS <= moment.hour < DAY_ENDS for _, moment in there),
        at_weekend=sum(count for (country, day), count in days.items() if is_weekend(country, day)),
        holidays=tuple(
            HolidayThere(country, holiday, count)
            for (country, day), count in sorted(days.items())
            if (holiday := holiday_on(country, day, language)) is not None
        ),
    )


class ClockChange(NamedTuple):
    """How much later it begins than another session of the webinar, and for how many members of which regions."""

    other: datetime
    later: timedelta
    members: dict[str, int]


def clock_changes(chosen: Chosen, others: Iterable[tuple[datetime, str]], places: Iterable[Place]) -> list[ClockChange]:
    """Return for whom a change of the clocks makes the hour another one than at the webinar's other sessions.

    Only those at the same hour in the same zone are compared: another hour is another on purpose. Of these, the last
    one before the chosen date and the first one after it; ``others`` are the start in UTC and the zone.
    """
    here = in_zone(chosen.starts_at, chosen.zone)
    same = sorted(
        starts_at
        for starts_at, zone in others
        if zone == chosen.zone and in_zone(starts_at, zone).time() == here.time() and starts_at != chosen.starts_at
    )
    before = [starts_at for starts_at in same if starts_at < chosen.starts_at][-1:]
    after = [starts_at for starts_at in same if starts_at > chosen.starts_at][:1]
    known = [place for place in places if is_zone(place.timezone)]
    found = []
    for other in (*before, *after):
        shifts: dict[timedelta, Counter[str]] = defaultdict(Counter)
        for place in known:
            now, then = _clock(chosen.starts_at, place.timezone), _clock(other, place.timezone)
            # The shorter way round: from 23:30 to 00:30 is an hour.
            later = (now - then + timedelta(hours=12)) % timedelta(days=1) - timedelta(hours=12)
            if later:
                shifts[later][place.region] += 1
        found += [ClockChange(other, later, dict(regions)) for later, regions in sorted(shifts.items())]
    return found


def _clock(moment: datetime, zone: str) -> timedelta:
    there = in_zone(moment, zone)
    return timedelta(hours=there.hour, minutes=there.minute)


def day_of(chosen: Chosen) -> tuple[datetime, datetime]:
    """Return the moments at which the chosen day begins and ends where it is held, in UTC.

    A day that begins at no one moment, because the clocks change at midnight, begins an hour later at the most.
    """
    day = in_zone(chosen.starts_at, chosen.zone).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    return day.astimezone(UTC), (day + timedelta(days=1)).astimezone(UTC)


def overlaps(chosen: Chosen, starts_at: datetime, ends_at: datetime) -> bool:
    """Tell whether another session is held at the same time; without an end, whether it is at the chosen start."""
    return starts_at < (chosen.ends_at or chosen.starts_at + timedelta(minutes=1)) and ends_at > chosen.starts_at
