"""Letting somebody in and noting that they came."""

from __future__ import annotations

import logging
from datetime import datetime

from flask_babel import lazy_gettext as _l

from webinar.attendance.admission import Admission, admission, admission_of_speaker, room_of, room_of_speaker
from webinar.attendance.evidence import has_clicked
from webinar.catalogue.queries import find_speaker
from webinar.foundation.db import transaction
from webinar.foundation.errors import DomainError
from webinar.registration.arrivals import arrivals
from webinar.registration.models import Registration
from webinar.registration.queries import find_at_the_door

logger = logging.getLogger(__name__)


class UnknownJoinLink(DomainError):
    """A join token that belongs to nobody."""


class NotAdmitted(DomainError):
    """The link is somebody's, but leads nowhere now; ``admission`` says why."""

    def __init__(self, reason: Admission) -> None:
        super().__init__(_l("This link does not lead to the session now."))
        self.admission = reason


def record_join(join_token: str, now: datetime, *, doors_open_minutes: int) -> str:
    """Note that somebody came, once, and return the address of the room to send them to.

    Nothing is noted when there is no room yet: the record says that somebody was sent to the room, and the page
    lets them try again until there is one. Who has come before is let in again without waiting for anybody who writes.

    Raises:
        UnknownJoinLink: the token belongs to nobody.
        NotAdmitted: the doors are closed to this person now.
    """
    place, room = _let_in(join_token, now, doors_open_minutes)
    if not has_clicked(place.session_id, place.person_id):
        with transaction():
            place, room = _let_in(join_token, now, doors_open_minutes)
            arrivals().note(place, now)
    logger.info("registration %s joins session %s", place.id, place.session.key)
    return room


def _let_in(join_token: str, now: datetime, doors_open_minutes: int) -> tuple[Registration, str]:
    place = find_at_the_door(join_token)
    if place is None:
        raise UnknownJoinLink(_l("This link belongs to nobody."))
    verdict = admission(place, now, doors_open_minutes=doors_open_minutes)
    room = room_of(place)
    if verdict is not Admission.OPEN or room is None:
        raise NotAdmitted(verdict)
    return place, room


def let_speaker_in(join_token: str, now: datetime, *, doors_open_minutes: int) -> str:
    """Return the address of the room to send a speaker to. Nothing is noted: who speaks does not attend.

    Raises:
        UnknownJoinLink: the token is no speaker's.
        NotAdmitted: the doors are closed to speakers now.
    """
    found = find_speaker(join_token)
    if found is None:
        raise UnknownJoinLink(_l("This link belongs to nobody."))
    session, speaker = found
    verdict = admission_of_speaker(session, now, doors_open_minutes=doors_open_minutes)
    room = room_of_speaker(session)
    if verdict is not Admission.OPEN or room is None:
        raise NotAdmitted(verdict)
    logger.info("speaker %s joins session %s", speaker.id, session.key)
    return room
