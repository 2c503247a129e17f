"""Following a session in another of its languages."""

from __future__ import annotations

import logging

from webinar.catalogue.models import LanguageVersion
from webinar.foundation import clock
from webinar.foundation.db import transaction
from webinar.registration.mails import enqueue_change_of_version
from webinar.registration.models import Registration
from webinar.registration.queries import lock_by_token, lock_by_turn
from webinar.registration.services.places import changeable, note_for_staff
from webinar.registration.services.refusals import AlreadyThere, NoSuchRegistration, UnknownLanguageVersion

logger = logging.getLogger(__name__)


def change_version(token: str, code: str) -> None:
    """Follow the session in another of its languages, and be told by mail what is different.

    The session stays the same, so nothing leaves the calendar: the entry says which language is heard and how one gets
    to hear it, and is told anew under the same UID and SEQUENCE. The links stay, too; they lead to the other room.

    Raises:
        NoSuchRegistration: the link belongs to no registration.
        RegistrationOver, HandedOver, MovedAway: the place can no longer be changed.
        UnknownLanguageVersion: the session cannot be followed in that language.
    """
    with transaction():
        now = clock.now()
        place = changeable(lock_by_token(token), now)
        version = _version(place, code)
        if version.id == place.language_version_id:
            return
        note_for_staff("changed", place, language=[place.language_version.code, code])
        place.language_version = version
        enqueue_change_of_version(place, now)
    logger.info("registration %s now follows in %s", place.id, code)


def change_version_of_given_up(session_key: str, turn: int, code: str) -> None:
    """Let a registration that was given up stand under another language of its session, and tell nobody.

    Each registration has a language, so one that was given up keeps its own in the session until it has another.

    Raises:
        NoSuchRegistration: there is none of this turn in the session.
        AlreadyThere: somebody has taken it back; by ``change_version`` they are told of such a change.
        UnknownLanguageVersion: the session cannot be followed in that language.
    """
    with transaction():
        place = lock_by_turn(session_key, turn)
        if place is None:
            raise NoSuchRegistration
        if place.is_alive:
            raise AlreadyThere
        version = _version(place, code)
        if version.id == place.language_version_id:
            return
        note_for_staff("changed", place, language=[place.language_version.code, code])
        place.language_version = version
    logger.info("registration %s, which was given up, stands under %s", place.id, code)


def _version(place: Registration, code: str) -> LanguageVersion:
    for version in place.session.language_versions:
        if version.code == code:
            return version
    raise UnknownLanguageVersion(code)
