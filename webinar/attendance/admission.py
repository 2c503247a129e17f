"""Whether a personal join link leads to the room at a moment, and if not, why."""

from __future__ import annotations

from datetime import datetime, timedelta

from webinar.catalogue.models import SessionStatus
from webinar.foundation.addresses import is_web_address
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
    if session.status is SessionStatus.CANCELLED:
        return Admission.SESSION_CANCELLED
    if session.ends_at + OPEN_AFTER_THE_END <= now:
        return Admission.OVER
    if place.status is RegistrationStatus.WAITING:
        return Admission.WAITING
    if place.status is not RegistrationStatus.REGISTERED:
        return Admission.PLACE_CANCELLED
    if now < session.doors_open_at(doors_open_minutes):
        return Admission.EARLY
    if room_of(place) is None:
        return Admission.NO_ROOM_YET
    return Admission.OPEN


def room_of(place: Registration) -> str | None:
    """Return the address of the room in somebody's language, else of the session, or None while there is none.

    Only what the staff stored, and only if it is an address of the web: anything else counts as not given.
    """
    address = place.language_version.join_url or place.session.join_url
    return address if is_web_address(address) else None
