"""Giving a place up, so that the next in line gets it."""

from __future__ import annotations

import logging

from webinar.foundation import clock
from webinar.foundation.db import transaction
from webinar.registration.mails import enqueue_cancellation
from webinar.registration.queries import lock_by_token
from webinar.registration.services.places import leave, note_for_staff
from webinar.registration.services.refusals import NoSuchRegistration, RegistrationOver
from webinar.registration.services.seats import promote_waiting

logger = logging.getLogger(__name__)


def cancel(token: str) -> None:
    """Give up the place, or the turn on the waiting list, that a personal link manages, and confirm it by mail.

    The entry leaves the person's calendar and a freed seat goes to whoever has waited longest, in the same
    transaction. A place that was given up already stays so, and nothing is sent again.

    Raises:
        NoSuchRegistration: the link belongs to no registration.
        RegistrationOver: the session has ended.
    """
    with transaction():
        now = clock.now()
        place = lock_by_token(token)
        if place is None:
            raise NoSuchRegistration
        if not place.is_alive:
            return
        if place.session.ends_at <= now:
            raise RegistrationOver
        leave(place, now)
        note_for_staff("cancelled", place)
        enqueue_cancellation(place, now)
        promoted = promote_waiting(place.session, now)
    logger.info("registration %s cancelled, %s moved up", place.id, promoted)
