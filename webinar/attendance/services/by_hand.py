"""What one of the staff says of somebody: they came, they did not, or nothing any more. It decides (``settle``)."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l
from sqlalchemy import Select, select

from webinar.accounts import audit
from webinar.attendance.models import AttendanceRecord, AttendanceSource
from webinar.attendance.services.settle import settle
from webinar.catalogue.models import SessionStatus, WebinarSession
from webinar.foundation import clock, formats
from webinar.foundation.db import db, transaction
from webinar.foundation.errors import DomainError
from webinar.foundation.zones import NoSuchTime, in_utc, in_zone
from webinar.registration.mails import topic_of
from webinar.registration.models import Registration
from webinar.registration.queries import lock_by_turn
from webinar.registration.services.refusals import NoSuchRegistration

logger = logging.getLogger(__name__)

NEAR = timedelta(hours=2)
"""How long before a session and after it somebody can have been there: beyond, the day or the hour is a slip."""


class NobodyCouldCome(DomainError):
    """The session has not begun, or is not held."""

    def __init__(self, session: WebinarSession) -> None:
        super().__init__(
            _l("This session has been cancelled, so nobody came to it.")
            if session.status is SessionStatus.CANCELLED
            else _l("This session has not begun, so nobody can have come to it.")
        )


class NotThen(DomainError):
    """Nobody was there from then to then; ``field`` says which of the two is wrong, ``joined`` or ``left``."""

    def __init__(self, field: str, message: str | LazyString) -> None:
        super().__init__(message)
        self.field = field


class Stretch(NamedTuple):
    """From when to when somebody was there, by the clocks of the session's zone."""

    joined: datetime
    left: datetime


def proposed(session: WebinarSession, first_seen: datetime | None) -> Stretch:
    """Return from when to when somebody was there as far as one can guess: the session's hours.

    Of who was first seen while it went on, in UTC, it begins with that minute.
    """
    is_late = first_seen is not None and session.starts_at < first_seen < session.ends_at
    since = first_seen if is_late and first_seen is not None else session.starts_at
    return _here(session, since.replace(second=0, microsecond=0), session.ends_at)


def said_before(session: WebinarSession, records: Iterable[AttendanceRecord]) -> Stretch | None:
    """Return from when to when somebody was there as it was said by hand; None where it was not."""
    for record in records:
        if record.source is AttendanceSource.BY_HAND and record.left_at is not None:
            return _here(session, record.joined_at, record.left_at)
    return None


def _here(session: WebinarSession, since: datetime, until: datetime) -> Stretch:
    return Stretch(*(in_zone(moment, session.timezone).replace(tzinfo=None) for moment in (since, until)))


def say_they_came(session_key: str, turn: int, stretch: Stretch | None = None) -> Registration:
    """Say of somebody that they came, from when to when; without a stretch it is the one that is ``proposed``.

    Raises:
        NoSuchRegistration: nobody came to the session as that.
        NobodyCouldCome: it has not begun, or is cancelled.
        NotThen: the clocks do not show such a time, somebody would have left before they came, or it is no time of
            this session.
    """
    with transaction():
        place = _locked(session_key, turn)
        session = place.session
        told = stretch or proposed(session, _clicked_at(place))
        joined_at, left_at = _moments(session, told)
        _say(place, joined_at, left_at, was_there=True, came_from=told.joined, came_until=told.left)
    logger.info("registration %s: said to have come to session %s", place.id, session_key)
    return place


def say_they_did_not(session_key: str, turn: int) -> Registration:
    """Say of somebody that they did not come, whatever the others tell.

    Raises:
        NoSuchRegistration, NobodyCouldCome: as above.
    """
    with transaction():
        place = _locked(session_key, turn)
        _say(place, place.session.starts_at, None, was_there=False)
    logger.info("registration %s: said not to have come to session %s", place.id, session_key)
    return place


def take_word_back(session_key: str, turn: int) -> Registration:
    """Say nothing of somebody any more: what the others tell counts again.

    Raises:
        NoSuchRegistration: nobody came to the session as that.
    """
    with transaction():
        place = lock_by_turn(session_key, turn)
        if place is None:
            raise NoSuchRegistration
        record = _by_hand(place)
        if record is not None:
            db.session.delete(record)
            audit.record("changed", topic_of(place.session), registration=turn, came=[record.was_there, None])
            settle(place.session_id, [place.person_id])
    logger.info("registration %s: nothing is said by hand of session %s", place.id, session_key)
    return place


def _locked(session_key: str, turn: int) -> Registration:
    place = lock_by_turn(session_key, turn)
    if place is None:
        raise NoSuchRegistration
    session = place.session
    if session.status is SessionStatus.CANCELLED or clock.now() < session.starts_at:
        raise NobodyCouldCome(session)
    return place


def _say(
    place: Registration, joined_at: datetime, left_at: datetime | None, *, was_there: bool, **told: datetime
) -> None:
    record = _by_hand(place)
    before = None
    if record is None:
        record = AttendanceRecord(
            session_id=place.session_id,
            person_id=place.person_id,
            source=AttendanceSource.BY_HAND,
            erase_after=place.erase_after,
        )
        db.session.add(record)
    else:
        before = record.was_there
        if (before, record.joined_at, record.left_at) == (was_there, joined_at, left_at):
            return
    record.was_there, record.joined_at, record.left_at = was_there, joined_at, left_at
    times = {name: wall.isoformat(timespec="minutes") for name, wall in told.items()}
    audit.record("changed", topic_of(place.session), registration=place.turn, came=[before, was_there], **times)
    settle(place.session_id, [place.person_id])


def _by_hand(place: Registration) -> AttendanceRecord | None:
    return db.session.scalar(_record_of(place, AttendanceSource.BY_HAND))


def _clicked_at(place: Registration) -> datetime | None:
    clicked = db.session.scalar(_record_of(place, AttendanceSource.JOIN_LINK))
    return None if clicked is None else clicked.joined_at


def _record_of(place: Registration, source: AttendanceSource) -> Select[AttendanceRecord]:
    return select(AttendanceRecord).where(
        AttendanceRecord.session_id == place.session_id,
        AttendanceRecord.person_id == place.person_id,
        AttendanceRecord.source == source,
    )


def _moments(session: WebinarSession, told: Stretch) -> tuple[datetime, datetime]:
    joined_at = _moment("joined", told.joined, session.timezone)
    left_at = _moment("left", told.left, session.timezone)
    was_on = LazyString(_when, session)
    for field, moment in (("joined", joined_at), ("left", left_at)):
        if not session.starts_at - NEAR <= moment <= session.ends_at + NEAR:
            raise NotThen(field, _l("This session was on %(when)s. Write an hour near to that.", when=was_on))
    if left_at <= joined_at:
        raise NotThen("left", _l("They must have left after they came."))
    if left_at <= session.starts_at or session.ends_at <= joined_at:
        field = "left" if left_at <= session.starts_at else "joined"
        raise NotThen(field, _l("This session was on %(when)s. Write hours of which some are in it.", when=was_on))
    return joined_at, left_at


def _moment(field: str, wall: datetime, zone: str) -> datetime:
    try:
        return in_utc(wall, zone)
    except NoSuchTime as refusal:
        raise NotThen(field, refusal.message) from None


def _when(session: WebinarSession) -> str:
    starts, ends = (in_zone(moment, session.timezone) for moment in (session.starts_at, session.ends_at))
    return formats.day_and_hour(formats.date(starts), formats.hours(starts, ends))
