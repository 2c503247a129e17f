"""Saying how many more people watch in the same room; they have no place and no link of their own."""

from __future__ import annotations

import logging

from webinar.foundation import clock
from webinar.foundation.db import transaction
from webinar.registration.queries import lock_by_token
from webinar.registration.services.places import changeable

logger = logging.getLogger(__name__)


def watch_together(token: str, people: int) -> None:
    """Write down how many more watch with somebody, 0 to ``MOST_WATCHING_WITH``; nobody is told by mail.

    Raises:
        NoSuchRegistration, RegistrationOver, HandedOver, MovedAway: it is not theirs to change.
    """
    with transaction():
        place = changeable(lock_by_token(token), clock.now())
        place.watching_with = people
    logger.info("registration %s: %s more in the room", place.id, people)
