"""When something is, for one reader: by their own clocks, by those where it is held, and in UTC."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from flask_babel import gettext as _

from webinar.foundation import formats
from webinar.foundation.zones import in_zone


@dataclass(frozen=True)
class When:
    """A stretch of time for one reader: in their own zone first, then where it is held, then in UTC.

    Where nobody knows the reader's zone, ``reader_zone`` is the one it is held in and ``is_guess`` is true.
    """

    starts_at: datetime
    ends_at: datetime
    reader_zone: str
    held_zone: str
    is_guess: bool = False

    @cached_property
    def starts_here(self) -> datetime:
        """The start as the reader's clocks show it."""
        return in_zone(self.starts_at, self.reader_zone)

    @cached_property
    def ends_here(self) -> datetime:
        """The end as the reader's clocks show it."""
        return in_zone(self.ends_at, self.reader_zone)

    @cached_property
    def starts_there(self) -> datetime:
        """The start as the clocks show it where it is held."""
        return in_zone(self.starts_at, self.held_zone)

    @property
    def for_you(self) -> str:
        """The hours for the reader: ``23:00–00:15 for you in Seoul``; just ``in Seoul`` where that is a guess."""
        told = formats.hours(self.starts_here, self.ends_here)
        if self.is_guess:
            return str(_("%(hours)s in %(city)s", hours=told, city=formats.city(self.reader_zone)))
        return str(_("%(hours)s for you in %(city)s", hours=told, city=formats.city(self.reader_zone)))

    @property
    def for_you_in_short(self) -> str:
        """The hours for the reader without their city, for lists whose head names it: ``09:00–10:15 for you``."""
        if self.is_guess:
            return self.for_you
        return str(_("%(hours)s for you", hours=formats.hours(self.starts_here, self.ends_here)))

    @property
    def where_held(self) -> str:
        """The hour where it is held, with its date where the day is another one; empty where the clocks agree."""
        if self.starts_there.replace(tzinfo=None) == self.starts_here.replace(tzinfo=None):
            return ""
        return self._elsewhere(self.starts_there, self.held_zone, self.starts_here)

    @property
    def iso(self) -> str:
        """The start for machines, with the offset where it is held."""
        return self.starts_there.isoformat(timespec="minutes")

    @property
    def there(self) -> str:
        """The hour where it is held and in UTC, each with its date where the day is another than what was said last."""
        places = []
        said = self.starts_here
        for zone in dict.fromkeys((self.held_zone, "UTC")):
            starts = in_zone(self.starts_at, zone)
            if zone != self.reader_zone and starts.replace(tzinfo=None) != self.starts_here.replace(tzinfo=None):
                places.append(self._elsewhere(starts, zone, said))
                said = starts
        return " · ".join(places)

    def _elsewhere(self, starts: datetime, zone: str, said: datetime) -> str:
        place: str = (
            _("%(hour)s UTC", hour=formats.hour(starts))
            if zone == "UTC"
            else _("%(hour)s in %(city)s", hour=formats.hour(starts), city=formats.city(zone))
        )
        if starts.date() == said.date():
            return place
        return formats.day_and_hour(formats.day_and_month(starts), place)
