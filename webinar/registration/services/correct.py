"""Correcting what somebody typed about themselves when they registered."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from webinar.calendars.services import hold_entry
from webinar.foundation import clock
from webinar.foundation.db import db, transaction
from webinar.members.models import Member
from webinar.registration.models import Approval, Registration, RegistrationStatus
from webinar.registration.queries import is_full_for, lock_by_token
from webinar.registration.registrant import Details, GivenAnswer
from webinar.registration.services.answers import store_answers
from webinar.registration.services.approval import approval_for
from webinar.registration.services.places import changeable, member_of, write_details
from webinar.registration.services.refusals import MemberFull, NotYourMember
from webinar.registration.services.seats import promote_waiting

logger = logging.getLogger(__name__)


def correct_details(
    token: str, details: Details, *, language: str, timezone: str, answers: Sequence[GivenAnswer] = ()
) -> bool:
    """Write down what somebody says about themselves now, and tell whether their calendar shows something else.

    ``language`` is the one they are written to, in which the webinar has its texts; ``timezone`` an IANA name.
    Nothing is sent: the entry in the calendar keeps its words and hours until the person asks for it again. The
    address is not among the details, because the links were sent there.

    Raises:
        NoSuchRegistration: the link belongs to no registration.
        RegistrationOver, HandedOver, MovedAway: the place can no longer be changed.
        UnknownMember: there is no member of that key.
        NotYourMember: the organisers would have to be asked whether they may come for the other member, or for none.
        MemberFull: the other member has as many seats as one may have.
    """
    with transaction():
        now = clock.now()
        place = changeable(lock_by_token(token), now)
        member = member_of(details)
        has_seat = place.status is RegistrationStatus.REGISTERED
        if (member.id if member else None) != place.member_id:
            if not place.is_asked and _would_be_asked(place, member):
                raise NotYourMember
            if has_seat and is_full_for(place.session, member):
                raise MemberFull
        entry = hold_entry(place.session_id, place.person_id)
        is_in_calendar = has_seat and entry is not None
        is_behind = is_in_calendar and (place.language, place.timezone) != (language, timezone)
        write_details(place, details, member)
        place.language = language
        place.timezone = timezone
        if entry is not None:
            entry.language = language
        store_answers(place, answers)
        db.session.flush()
        # The member they came for may have room now.
        promote_waiting(place.session, now)
    logger.info("registration %s corrected", place.id)
    return is_behind


def _would_be_asked(place: Registration, member: Member | None) -> bool:
    needed = approval_for(place.session, member, place.person.email or "", place.approval, place.person_id)
    return needed is Approval.ASKED
