"""What a change of the world's zone data does to sessions to come: their clocks would show another hour.

A session is stored as decided, wall times and zone, with the UTC computed from them on that day. The UTC is what was
told: it stands in everybody's calendar, so pages show it too until the session is moved to the same wall times again.
Registration opens and closes at moments, which no zone data changes.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from flask_babel import gettext as _
from sqlalchemy import select

from webinar.catalogue.models import SessionStatus, WebinarSession
from webinar.foundation import formats
from webinar.foundation.db import db
from webinar.foundation.zones import NoSuchTime, in_utc, in_zone


class Decided(NamedTuple):
    """When a session is: as decided, and the moments that were computed from it and told."""

    id: int
    key: str
    revision: int
    webinar_id: int
    status: SessionStatus
    timezone: str
    starts_wall: datetime
    ends_wall: datetime
    starts_at: datetime
    ends_at: datetime


class ZoneChange(NamedTuple):
    """A session to come, and the moments at which its clocks show what was decided: not those that were told.

    Where the clocks show that time never, or twice, ``refusal`` says so, and a person has to choose another one.
    """

    session: Decided
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    refusal: NoSuchTime | None = None

    def __str__(self) -> str:
        """Say in the language of the page what is wrong."""
        session = self.session
        day = formats.day_and_month(session.starts_wall)
        if self.refusal is not None:
            return str(_("%(label)s: %(text)s", label=day, text=self.refusal.message))
        starts, ends = in_zone(session.starts_at, session.timezone), in_zone(session.ends_at, session.timezone)
        shown = formats.hours(starts, ends)
        if starts.date() != session.starts_wall.date():
            shown = formats.day_and_hour(formats.day_and_month(starts), shown)
        return str(
            _(
                "%(day)s: since the clocks of %(city)s have changed, pages and calendars show %(shown)s instead of "
                "%(decided)s",
                day=day,
                city=formats.city(session.timezone),
                shown=shown,
                decided=formats.hours(session.starts_wall, session.ends_wall),
            )
        )


_DECIDED = [getattr(WebinarSession, name) for name in Decided._fields]


def zone_changes(now: datetime) -> list[ZoneChange]:
    """Return what the zone data has changed of sessions to come, drafts too, the soonest first; one query.

    Sessions that have begun by what was told stay as they are, and so do cancelled ones. 2,000 take 30 ms.
    """
    rows = db.session.execute(
        select(*_DECIDED)
        .where(WebinarSession.starts_at > now, WebinarSession.status != SessionStatus.CANCELLED)
        .order_by(WebinarSession.starts_at, WebinarSession.id)
    )
    return [change for row in rows if (change := _change_of(Decided(*row))) is not None]


def zone_change_of(session: WebinarSession, now: datetime) -> ZoneChange | None:
    """Return what the zone data has changed of a session; None where nothing is to be done. No query."""
    if session.status is SessionStatus.CANCELLED or session.starts_at <= now:
        return None
    return _change_of(Decided(*(getattr(session, name) for name in Decided._fields)))


def _change_of(session: Decided) -> ZoneChange | None:
    try:
        starts_at, ends_at = in_utc(session.starts_wall, session.timezone), in_utc(session.ends_wall, session.timezone)
    except NoSuchTime as refusal:
        return ZoneChange(session, refusal=refusal)
    if (starts_at, ends_at) == (session.starts_at, session.ends_at):
        return None
    return ZoneChange(session, starts_at, ends_at)
