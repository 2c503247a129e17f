"""The address of a person's own calendar: making one, letting the old one die for a new one, and ending it."""

from __future__ import annotations

import logging
import secrets

from webinar.foundation import clock
from webinar.foundation.db import db, transaction
from webinar.people.models import Person
from webinar.registration.models import PersonalFeed, Registration
from webinar.registration.queries import find_by_token
from webinar.registration.services.places import still_theirs

logger = logging.getLogger(__name__)


def make_feed(token: str) -> None:
    """Give the person of a personal link an address for their calendar; who has one keeps it.

    Raises:
        NoSuchRegistration, HandedOver, MovedAway: the link is not, or no longer, that of a place of theirs.
    """
    with transaction():
        place, feed = _held(token)
        if feed is None:
            db.session.add(PersonalFeed(person_id=place.person_id))
    logger.info("person %s has a feed", place.person_id)


def renew_feed(token: str) -> None:
    """Give the person of a personal link another address for their calendar; the one they had leads nowhere.

    Raises:
        NoSuchRegistration, HandedOver, MovedAway: as for ``make_feed``.
    """
    with transaction():
        place, feed = _held(token)
        if feed is None:
            db.session.add(PersonalFeed(person_id=place.person_id))
        else:
            feed.token, feed.made_at = secrets.token_urlsafe(), clock.now()
    logger.info("person %s has another feed", place.person_id)


def end_feed(token: str) -> None:
    """Let the address of a person's calendar lead nowhere; calendars that subscribed to it get no news any more.

    Raises:
        NoSuchRegistration, HandedOver, MovedAway: as for ``make_feed``.
    """
    with transaction():
        place, feed = _held(token)
        if feed is not None:
            db.session.delete(feed)
    logger.info("person %s has no feed any more", place.person_id)


def _held(token: str) -> tuple[Registration, PersonalFeed | None]:
    """Return a place and the feed of its person, whose row is held: of two presses at once one waits."""
    place = still_theirs(find_by_token(token))
    db.session.get_one(Person, place.person_id, with_for_update=True, populate_existing=True)
    return place, db.session.get(PersonalFeed, place.person_id, populate_existing=True)
