"""Answering, once a session has begun, what the organisers ask about it."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime

from webinar.foundation import clock
from webinar.foundation.db import transaction
from webinar.registration.models import Registration, RegistrationStatus
from webinar.registration.queries import lock_by_token
from webinar.registration.registrant import GivenAnswer
from webinar.registration.services.answers import store_answers
from webinar.registration.services.places import still_theirs
from webinar.registration.services.refusals import NoFeedback

logger = logging.getLogger(__name__)

WHO_MAY = (RegistrationStatus.REGISTERED, RegistrationStatus.UNREGISTERED)


def may_give_feedback(place: Registration, now: datetime) -> bool:
    """Tell whether somebody may say how a session was: from its start on, whoever had a place or came without one.

    Who stayed away may, too: why they did is worth knowing.
    """
    return place.status in WHO_MAY and place.session.starts_at <= now


def give_feedback(token: str, answers: Sequence[GivenAnswer]) -> bool:
    """Store what somebody says of a session, and tell whether it differs from what they said before.

    Raises:
        NoSuchRegistration: the link belongs to no registration.
        HandedOver, MovedAway: the place is not theirs any more.
        NoFeedback: the session has not begun, or they have no place in it.
    """
    with transaction():
        place = still_theirs(lock_by_token(token))
        if not may_give_feedback(place, clock.now()):
            raise NoFeedback
        differs = store_answers(place, answers)
    if differs:
        logger.info("registration %s: feedback", place.id)
    return differs
