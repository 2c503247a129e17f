"""Somebody wants no reminders of the session they have a place in, or wants them again."""

from __future__ import annotations

import logging

from webinar.foundation import clock
from webinar.foundation.db import db, transaction
from webinar.registration.queries import lock_by_token
from webinar.registration.services.places import changeable
from webinar.reminders.models import ReminderStop
from webinar.reminders.services.withdraw import withdraw_unsent

logger = logging.getLogger(__name__)


def stop_reminders(token: str) -> None:
    """Remind somebody no more of the session that a personal link is about; what has not left is taken back.

    It holds for this place alone, and everything else about it still arrives: another time, a cancellation.

    Raises:
        NoSuchRegistration, HandedOver, MovedAway, RegistrationOver: as ``registration.services.places.changeable``.
    """
    with transaction():
        place = changeable(lock_by_token(token), clock.now())
        if db.session.get(ReminderStop, place.id) is None:
            db.session.add(ReminderStop(registration_id=place.id))
        withdraw_unsent(place.session_id, place.person_id)
    logger.info("registration %s wants no reminders", place.id)


def remind_again(token: str) -> None:
    """Remind somebody again of the session that a personal link is about, from the next reminder on.

    Raises:
        NoSuchRegistration, HandedOver, MovedAway, RegistrationOver: as ``registration.services.places.changeable``.
    """
    with transaction():
        place = changeable(lock_by_token(token), clock.now())
        stopped = db.session.get(ReminderStop, place.id)
        if stopped is not None:
            db.session.delete(stopped)
    logger.info("registration %s is reminded again", place.id)
