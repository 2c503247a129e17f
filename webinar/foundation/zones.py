"""Wall time, zones and UTC: what a clock on a wall says, where, and when that is for everybody else."""

from __future__ import annotations

import zoneinfo
from datetime import UTC, datetime, tzinfo
from functools import cache
from importlib import resources

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from webinar.foundation import formats
from webinar.foundation.errors import DomainError

YEARS = range(1970, 2200)
"""The years in which anything here can be held: beyond, a typing error, and times that no zone can be reckoned from."""


class NoSuchTime(DomainError):
    """A wall time that a change of the clock leaves out, or shows twice, or that is too far off; or no such zone."""


def use_pinned_zone_data() -> None:
    """Read zones from the pinned ``tzdata`` package only.

    Python prefers the system's files, which differ from machine to machine: two servers of one installation
    would then disagree about the hour of a session.
    """
    zoneinfo.reset_tzpath(to=[])
    zoneinfo.ZoneInfo.clear_cache()


@cache
def _names() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones()) - {"Factory", "localtime"}


def is_zone(name: str) -> bool:
    """Tell whether a name is a zone of the IANA list: ``Europe/Madrid``, but also ``Etc/UTC``, which browsers send."""
    return name in _names()


@cache
def zone_names() -> tuple[str, ...]:
    """Return the zones that people live in, each by its present name, sorted, for them to choose from.

    The source is ``zone.tab`` of the IANA data, which leaves out older names of the same zone.
    """
    table = resources.files("tzdata").joinpath("zoneinfo", "zone.tab").read_text(encoding="utf-8")
    lines = (line.split("\t") for line in table.splitlines() if not line.startswith("#"))
    return tuple(sorted({"UTC", *(columns[2] for columns in lines)}))


def in_utc(wall: datetime, zone: str) -> datetime:
    """Return the one moment, in UTC, at which the clocks of a zone show a wall time.

    Raises:
        NoSuchTime: the clocks skip that time, or show it twice, on that day; or its year is not one of YEARS; or the
            zone data has no such zone.
    """
    if wall.year not in YEARS:
        raise NoSuchTime(_l("This year is too far off."))
    if not is_zone(zone):
        raise NoSuchTime(_l("There is no time zone “%(zone)s” any more. Choose another one.", zone=zone))
    here = zoneinfo.ZoneInfo(zone)
    first = wall.replace(tzinfo=here, fold=0)
    second = wall.replace(tzinfo=here, fold=1)
    # PEP 495: in a gap the fold=0 reading goes forth and back to another wall time; when an hour is repeated
    # the two readings are different moments that both show it.
    if first.astimezone(UTC).astimezone(here).replace(tzinfo=None) != wall:
        raise NoSuchTime(
            _l(
                "The clocks of %(zone)s skip %(time)s on this day. Choose another time.",
                zone=LazyString(formats.city, zone),
                time=LazyString(formats.hour, wall),
            )
        )
    if first.utcoffset() != second.utcoffset():
        raise NoSuchTime(
            _l(
                "The clocks of %(zone)s show %(time)s twice on this day. Choose another time.",
                zone=LazyString(formats.city, zone),
                time=LazyString(formats.hour, wall),
            )
        )
    return first.astimezone(UTC)


def clocks_of(zone: str) -> tzinfo:
    """Return the clocks of a zone; where the zone data does not know it any more, those of UTC.

    Pages go on telling when a session is, and ``formats.city`` says that it is told in UTC.
    """
    return zoneinfo.ZoneInfo(zone) if is_zone(zone) else UTC


def in_zone(moment: datetime, zone: str) -> datetime:
    """Return a moment as the clocks of a zone show it, still aware."""
    return moment.astimezone(clocks_of(zone))
