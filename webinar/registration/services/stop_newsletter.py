"""Ending the newsletter on the page of a place, for who does not look for the link in an issue of it."""

from __future__ import annotations

import logging

from webinar.foundation.db import transaction
from webinar.people.models import SuppressionReason
from webinar.people.services.newsletter import end_newsletter
from webinar.registration.mails import topic_of
from webinar.registration.queries import find_by_token
from webinar.registration.services.places import still_theirs

logger = logging.getLogger(__name__)


def stop_newsletter(token: str) -> None:
    """Let whose place it is get the newsletter no more; their consent is taken back with it.

    Raises:
        NoSuchRegistration: the link belongs to no registration.
        HandedOver, MovedAway: it is not theirs any more.
    """
    with transaction():
        place = still_theirs(find_by_token(token))
        end_newsletter(place.person_id, SuppressionReason.UNSUBSCRIBED, source=topic_of(place.session))
    logger.info("person %s: no more newsletter, by the page of a place", place.person_id)
