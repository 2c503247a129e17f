"""Following a session in another of its languages."""

from __future__ import annotations

import logging

from webinar.foundation import clock
from webinar.foundation.db import transaction
from webinar.registration.mails import enqueue_news_of_place
from webinar.registration.queries import lock_by_token
from webinar.registration.services.places import changeable, note_for_staff
from webinar.registration.services.refusals import UnknownLanguageVersion

logger = logging.getLogger(__name__)


def change_version(token: str, code: str) -> None:
    """Follow the session in another of its languages; whoever has a place is told by mail, as an update of the entry.

    Raises:
        NoSuchRegistration: the link belongs to no registration.
        RegistrationOver, HandedOver, MovedAway: the place can no longer be changed.
        UnknownLanguageVersion: the session cannot be followed in that language.
    """
    with transaction():
        now = clock.now()
        place = changeable(lock_by_token(token), now)
        version = next((version for version in place.session.language_versions if version.code == code), None)
        if version is None:
            raise UnknownLanguageVersion(code)
        if version.id == place.language_version_id:
            return
        note_for_staff("changed", place, language=[place.language_version.code, code])
        place.language_version = version
        enqueue_news_of_place(place, now)
    logger.info("registration %s now follows in %s", place.id, code)
