"""Taking a place back that was given up, while there are seats."""

from __future__ import annotations

import logging

from webinar.foundation import clock
from webinar.foundation.db import db, transaction
from webinar.registration.mails import enqueue_news_of_place
from webinar.registration.models import Approval, RegistrationStatus
from webinar.registration.queries import lock_by_token, seating_of
from webinar.registration.services.places import keep_until, note_for_staff, still_theirs
from webinar.registration.services.refusals import RegistrationOver, WouldWait
from webinar.registration.services.seats import status_for_newcomer

logger = logging.getLogger(__name__)


def take_back(token: str, *, may_wait: bool) -> None:
    """Give somebody who gave their place up a seat again, or a turn behind those who wait, and tell them by mail.

    Until the session starts, even where registration has closed: they were registered once. ``may_wait`` says that
    they know that they would wait. A place that somebody has already stays as it is.

    Raises:
        NoSuchRegistration: the link belongs to no registration.
        HandedOver, MovedAway: it is not theirs any more.
        RegistrationOver: the session has started or is cancelled, or the organisers declined the registration.
        WouldWait: there is no seat, and they have not said that they want to wait.
    """
    with transaction():
        now = clock.now()
        place = still_theirs(lock_by_token(token))
        if place.is_alive:
            return
        session = place.session
        if not place.can_be_taken_back(now):
            raise RegistrationOver
        seating = seating_of(session.id)
        status = status_for_newcomer(session, seating, place.member)
        if place.approval is Approval.ASKED:
            status = RegistrationStatus.WAITING
        elif status is RegistrationStatus.WAITING and not may_wait:
            raise WouldWait
        place.status = status
        place.turn = seating.last_turn + 1
        place.registered_at = now
        place.cancelled_at = None
        place.erase_after = keep_until(session, now)
        db.session.flush()
        note_for_staff("took back", place)
        enqueue_news_of_place(place, now)
    logger.info("registration %s taken back: %s", place.id, place.status)
