"""Whether a personal join link leads to the room at a moment, and if not, why."""

from __future__ import annotations

from datetime import datetime, timedelta

from webinar.catalogue.models import SessionStatus, VersionKind, WebinarSession
from webinar.foundation.db import Code
from webinar.registration.models import Registration, RegistrationStatus

# Sessions run over, and somebody whose connection broke at the end is to get in again.
OPEN_AFTER_THE_END = timedelta(minutes=30)


class Admission(Code):
    """What a personal join link leads to."""

    OPEN = "open"
    EARLY = "early"
    OVER = "over"
    SESSION_CANCELLED = "session_cancelled"
    PLACE_CANCELLED = "place_cancelled"
    WAITING = "waiting"
    NO_ROOM_YET = "no_room_yet"


def admission(place: Registration, now: datetime, *, doors_open_minutes: int) -> Admission:
    """Tell whether somebody may go in; the doors are open from that moment on until half an hour after the end.

    Who waits or has given the place up learns that first: a countdown would promise what nobody keeps.
    """
    session = place.session
    verdict = _at_the_door(session, now, doors_open_minutes, room_of(place))
    if verdict in {Admission.SESSION_CANCELLED, Admission.OVER}:
        return verdict
    if place.status is RegistrationStatus.WAITING:
        return Admission.WAITING
    if place.status is not RegistrationStatus.REGISTERED:
        return Admission.PLACE_CANCELLED
    return verdict


def admission_of_speaker(session: WebinarSession, now: datetime, *, doors_open_minutes: int) -> Admission:
    """Tell whether somebody may go in who speaks: they need no place, and ``doors_open_minutes`` are more for them."""
    return _at_the_door(session, now, doors_open_minutes, room_of_speaker(session))


def _at_the_door(session: WebinarSession, now: datetime, doors_open_minutes: int, room: str | None) -> Admission:
    if session.status is SessionStatus.CANCELLED:
        return Admission.SESSION_CANCELLED
    if session.ends_at + OPEN_AFTER_THE_END <= now:
        return Admission.OVER
    if now < session.doors_open_at(doors_open_minutes):
        return Admission.EARLY
    return Admission.OPEN if room is not None else Admission.NO_ROOM_YET


def room_of(place: Registration) -> str | None:
    """Return the address of the room in somebody's language, else of the session, or None while there is none."""
    return place.session.room_in(place.language_version)


def room_of_speaker(session: WebinarSession) -> str | None:
    """Return the address of the room where one speaks: in the original language, else in any, or None."""
    versions = sorted(session.language_versions, key=lambda version: version.kind is not VersionKind.FLOOR)
    rooms = (session.room_in(version) for version in versions)
    return next((room for room in rooms if room is not None), None)
