"""Sending somebody their links again, or telling them, because they lost them and the session begins."""

from __future__ import annotations

import logging
from datetime import timedelta

from webinar.catalogue.models import RegistrationState
from webinar.catalogue.queries import find_session_of_any_status
from webinar.foundation import clock
from webinar.foundation.db import transaction
from webinar.mail.history import last_mails_about
from webinar.people.services.who_is_who import find_person
from webinar.registration.chat import link_in_a_sentence
from webinar.registration.mails import LINKS, enqueue_links, topic_of
from webinar.registration.queries import find_of_person, lock_by_token
from webinar.registration.services.places import changeable, note_for_staff
from webinar.registration.services.refusals import NoSuchSession, RegistrationClosed

logger = logging.getLogger(__name__)

# Whoever presses twice gets one mail.
QUIET_AFTER_LINKS = timedelta(minutes=1)


def send_links_again(session_key: str, email: str) -> None:
    """Send the links of a place, or of a turn on the waiting list, to the address that has it, before all other mails.

    Nobody is written to where the address has none. The caller does not learn which of both it was; only the mailbox
    does. ``email`` is normalised.

    Raises:
        NoSuchSession: there is no session of this key that the public may see.
        RegistrationClosed: the session is over or cancelled, so its links lead nowhere.
    """
    with transaction():
        now = clock.now()
        session = find_session_of_any_status(session_key)
        if session is None or not session.is_public():
            raise NoSuchSession(session_key)
        state = session.registration_state(now)
        if state in {RegistrationState.OVER, RegistrationState.CANCELLED}:
            raise RegistrationClosed(state)
        person = find_person(email)
        place = find_of_person(session.id, person.id) if person is not None else None
        if place is None or not place.is_alive:
            return
        latest = last_mails_about(place.person_id, topic_of(session), [LINKS]).get(LINKS)
        if latest is not None and now - latest < QUIET_AFTER_LINKS:
            return
        enqueue_links(place)
    logger.info("registration %s: links sent again", place.id)


def send_plain(token: str) -> None:
    """Send the links of a place as nothing but text: a mail without calendar part and HTML passes where others do not.

    Raises:
        NoSuchRegistration: the link belongs to no registration.
        RegistrationOver, HandedOver, MovedAway: the links lead nowhere.
    """
    with transaction():
        place = changeable(lock_by_token(token), clock.now())
        enqueue_links(place, plain=True)
        note_for_staff("sent again", place, what="plain text")
    logger.info("registration %s: links sent again as plain text", place.id)


def show_link(token: str) -> str:
    """Return a sentence with somebody's link, to be handed to them by one of the staff, and write down who looked.

    Raises:
        NoSuchRegistration: the link belongs to no registration.
        RegistrationOver, HandedOver, MovedAway: the link leads nowhere.
    """
    with transaction():
        place = changeable(lock_by_token(token), clock.now())
        note_for_staff("showed the link of", place)
    return link_in_a_sentence(place)
