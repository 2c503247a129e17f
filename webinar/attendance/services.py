"""Letting somebody in and noting that they came; noting who took attendance data out."""

from __future__ import annotations

import logging
from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy.dialects import postgresql, sqlite

from webinar.accounts import audit
from webinar.attendance.admission import Admission, admission, room_of
from webinar.attendance.models import AttendanceRecord, AttendanceSource
from webinar.foundation.db import db, transaction
from webinar.foundation.errors import DomainError
from webinar.registration.models import Registration
from webinar.registration.queries import find_by_join_token

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
    lets them try again until there is one.

    Raises:
        UnknownJoinLink: the token belongs to nobody.
        NotAdmitted: the doors are closed to this person now.
    """
    with transaction():
        place = find_by_join_token(join_token)
        if place is None:
            raise UnknownJoinLink(_l("This link belongs to nobody."))
        verdict = admission(place, now, doors_open_minutes=doors_open_minutes)
        room = room_of(place)
        if verdict is not Admission.OPEN or room is None:
            raise NotAdmitted(verdict)
        _note_arrival(place, now)
    logger.info("registration %s joins session %s", place.id, place.session.key)
    return room


def _note_arrival(place: Registration, now: datetime) -> None:
    """Store the first arrival; the index decides between two clicks at once, so neither of them fails."""
    insert = postgresql.insert if db.session.get_bind().dialect.name == "postgresql" else sqlite.insert
    db.session.execute(
        insert(AttendanceRecord)
        .values(
            session_id=place.session_id,
            person_id=place.person_id,
            source=AttendanceSource.JOIN_LINK,
            joined_at=now,
            erase_after=place.erase_after,
        )
        .on_conflict_do_nothing()
    )


def note_export(subject: str, how: str) -> None:
    """Write down, in the staff's log, that attendance with names and addresses was taken out of the house."""
    with transaction():
        audit.record("exported", subject, what="attendance", format=how)
