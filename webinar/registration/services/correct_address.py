"""Correcting the address of a registration, because the mails about it went to somebody else or to nobody."""

from __future__ import annotations

import logging
import secrets

from webinar.foundation import clock
from webinar.foundation.db import db, transaction
from webinar.people.services.who_is_who import person_with_address, take_consents_along
from webinar.registration.arrivals import arrivals
from webinar.registration.mails import enqueue_address_corrected, enqueue_news_of_place, topic_of
from webinar.registration.notice import TOLD_BY_CALENDAR, TOLD_BY_STAFF, TOLD_FOR_A_COLLEAGUE
from webinar.registration.queries import find_of_person, lock_by_token
from webinar.registration.services.places import changeable, keep_until, note_for_staff
from webinar.registration.services.refusals import AddressRegistered, SameAddress

logger = logging.getLogger(__name__)


def correct_address(token: str, email: str) -> None:
    """Let a registration belong to who has another address, and write there what they have.

    All links of before die: whoever read the mails to the old address has none that works. An entry in that
    mailbox's calendar is taken out by mail, the new address gets one of its own. What was agreed to when registering,
    and that they came already, goes along.

    Raises:
        NoSuchRegistration: the link belongs to no registration, or to somebody who was erased.
        RegistrationOver, HandedOver, MovedAway: the place can no longer be changed.
        NoMailAddress: nobody can have this address.
        SameAddress: it is the one of the registration, or of somebody who was merged into its person.
        AddressRegistered: it has a registration in this session, alive or given up, which is not touched.
    """
    with transaction():
        now = clock.now()
        place = changeable(lock_by_token(token), now)
        person = person_with_address(
            email, language=place.language, timezone=place.timezone, keep_until=keep_until(place.session, now)
        )
        if person.id == place.person_id:
            raise SameAddress
        theirs = find_of_person(place.session_id, person.id)
        if theirs is not None:
            raise AddressRegistered(theirs.turn)
        enqueue_address_corrected(place, now)
        topic = topic_of(place.session)
        told_by = ("", TOLD_BY_STAFF, TOLD_FOR_A_COLLEAGUE, TOLD_BY_CALENDAR)
        take_consents_along(place.person, person, [f"{who}{topic}" for who in told_by], now=now)
        arrivals().move(place.session_id, place.person_id, person.id)
        place.person = person
        place.token, place.join_token = secrets.token_urlsafe(), secrets.token_urlsafe()
        db.session.flush()
        note_for_staff("corrected", place)
        enqueue_news_of_place(place, now)
    logger.info("registration %s: address corrected", place.id)
