"""Correcting what somebody typed about themselves when they registered."""

from __future__ import annotations

import logging

from webinar.calendars.services import find_entry
from webinar.foundation import clock
from webinar.foundation.db import db, transaction
from webinar.registration.models import RegistrationStatus
from webinar.registration.queries import is_full_for, lock_by_token
from webinar.registration.registrant import Details
from webinar.registration.services.places import changeable, member_of, write_details
from webinar.registration.services.refusals import MemberFull
from webinar.registration.services.seats import promote_waiting

logger = logging.getLogger(__name__)


def correct_details(token: str, details: Details, *, language: str, timezone: str) -> bool:
    """Write down what somebody says about themselves now, and tell whether their calendar shows something else.

    ``language`` is the one they are written to, in which the webinar has its texts; ``timezone`` an IANA name.
    Nothing is sent: the entry in the calendar keeps its words and hours until the person asks for it again. The
    address is not among the details, because the links were sent there.

    Raises:
        NoSuchRegistration: the link belongs to no registration.
        RegistrationOver, HandedOver, MovedAway: the place can no longer be changed.
        UnknownMember: there is no member of that key.
        MemberFull: the other member has as many seats as one may have; nothing has changed.
    """
    with transaction():
        now = clock.now()
        place = changeable(lock_by_token(token), now)
        member = member_of(details)
        comes_for_another = member is not None and member.id != place.member_id
        if comes_for_another and place.status is RegistrationStatus.REGISTERED and is_full_for(place.session, member):
            raise MemberFull
        entry = find_entry(place.session_id, place.person_id)
        is_in_calendar = place.status is RegistrationStatus.REGISTERED and entry is not None
        is_behind = is_in_calendar and (place.language, place.timezone) != (language, timezone)
        write_details(place, details, member)
        place.language = language
        place.timezone = timezone
        if entry is not None:
            entry.language = language
        db.session.flush()
        # The member they came for may have room now.
        promote_waiting(place.session, now)
    logger.info("registration %s corrected", place.id)
    return is_behind
