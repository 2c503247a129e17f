"""Sending somebody once more what they have, because they ask for it."""

from __future__ import annotations

import logging

from sqlalchemy import select

from webinar.catalogue.models import WebinarSession
from webinar.foundation import clock
from webinar.foundation.db import db, transaction
from webinar.registration.mails import enqueue_again
from webinar.registration.models import ALIVE, LeftFor, Registration
from webinar.registration.queries import find_by_token, lock_by_token
from webinar.registration.services.places import changeable, note_for_staff

logger = logging.getLogger(__name__)


def send_again(token: str) -> None:
    """Send the links and the calendar entry once more; by a link that was moved from, those of the new place.

    The mail goes to the address of the place, so whoever has an old link learns nothing.

    Raises:
        NoSuchRegistration: the link belongs to no registration.
        RegistrationOver, HandedOver: there is nothing to send.
        MovedAway: the person moved, and has given up the new place too.
    """
    with transaction():
        now = clock.now()
        place = changeable(lock_by_token(_token_now(token)), now)
        enqueue_again(place, now)
        note_for_staff("sent again", place)
    logger.info("registration %s sent again", place.id)


def _token_now(token: str) -> str:
    """Return the token of the place that somebody moved to with the place of a token, or that token."""
    place = find_by_token(token)
    if place is None or place.left_for is not LeftFor.MOVED:
        return token
    moved_to = db.session.scalar(
        select(Registration.token)
        .join(Registration.session)
        .where(
            Registration.person_id == place.person_id,
            Registration.status.in_(ALIVE),
            WebinarSession.webinar_id == place.session.webinar_id,
        )
        .order_by(Registration.registered_at.desc())
        .limit(1)
    )
    return moved_to or token
