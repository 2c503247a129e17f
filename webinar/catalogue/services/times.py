"""When a session is held: from wall times and a zone to moments, or a sentence about what is wrong with them."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask_babel import lazy_gettext as _l

from webinar.catalogue.models import SessionStatus, WebinarSession
from webinar.foundation.errors import DomainError
from webinar.foundation.zones import NoSuchTime, in_utc, in_zone

LONGEST = timedelta(days=1)
"""How long a session lasts at most: beyond, somebody has moved its start and forgotten its end."""


class ImpossibleTimes(DomainError):
    """The times of a session contradict each other."""


class PeopleAreComing(DomainError):
    """Start, end and zone of a session that people come to or were invited to cannot simply be edited."""

    def __init__(self, key: str, people: int) -> None:
        super().__init__(
            _l(
                "Start, end and time zone of “%(key)s” cannot be edited: people are registered, waiting or invited "
                "(%(people)s), and their calendars would not follow. Use “Move the session”, which tells them.",
                key=key,
                people=people,
            )
        )


def set_times(session: WebinarSession, start: datetime, end: datetime, zone: str) -> None:
    """Set start and end, wall times in a zone, and the moments in UTC computed from them.

    Raises:
        NoSuchTime: the clocks of the zone skip a time, or show it twice.
        ImpossibleTimes: the end is not after the start, or more than a day after it.
    """
    starts_at, ends_at = in_utc(start, zone), in_utc(end, zone)
    if ends_at <= starts_at:
        raise ImpossibleTimes(_l("The end must come after the start."))
    if ends_at - starts_at > LONGEST:
        raise ImpossibleTimes(_l("A session lasts no longer than a day. Look at the day of its end."))
    if session.status is SessionStatus.PUBLISHED and (session.starts_at, session.ends_at) != (starts_at, ends_at):
        session.sequence += 1  # public calendars order what they are told of it by this (RFC 5545, 3.8.7.4)
    session.starts_wall, session.ends_wall, session.timezone = start, end, zone
    session.starts_at, session.ends_at = starts_at, ends_at


def move_times(session: WebinarSession, start: datetime, end: datetime, now: datetime) -> None:
    """Set other times in the session's own zone, and let the registration window keep its distance to them.

    An opening that has come stays: who could register still can. Where the clocks do not show the moved hour of the
    window once, the moment as far from the start as before is taken.

    Raises:
        NoSuchTime, ImpossibleTimes: as ``set_times``.
    """
    before, zone = session.starts_at, session.timezone
    on_the_wall = start - session.starts_wall
    set_times(session, start, end, zone)
    later = session.starts_at - before

    def moved(moment: datetime) -> datetime:
        try:
            return in_utc(in_zone(moment, zone).replace(tzinfo=None) + on_the_wall, zone)
        except NoSuchTime:
            return moment + later

    if session.registration_closes is not None:
        session.registration_closes = moved(session.registration_closes)
    if session.registration_opens is not None and session.registration_opens > now:
        session.registration_opens = moved(session.registration_opens)
    opens, closes = session.registration_opens, session.registration_closes
    if opens is not None and closes is not None and closes <= opens:
        # Moved forward so far that it would close before it had opened: it stays open till the session ends.
        session.registration_closes = None


def set_registration_window(session: WebinarSession, opens: datetime | None, closes: datetime | None) -> None:
    """Set from when to when one can register, wall times in the session's zone; None leaves that side open.

    Raises:
        NoSuchTime: the clocks of the zone skip a time, or show it twice.
        ImpossibleTimes: it closes before it opens.
    """
    opens_at = in_utc(opens, session.timezone) if opens else None
    closes_at = in_utc(closes, session.timezone) if closes else None
    if opens_at and closes_at and closes_at <= opens_at:
        raise ImpossibleTimes(_l("Registration must close after it opens."))
    session.registration_opens, session.registration_closes = opens_at, closes_at


def wall_time(moment: datetime | None, zone: str) -> datetime | None:
    """Return a moment as the clocks of a zone show it, without the zone, as forms take it."""
    return None if moment is None else in_zone(moment, zone).replace(tzinfo=None)
