"""Being written to in another language."""

from __future__ import annotations

import logging

from sqlalchemy import select, update

from webinar.calendars.models import CalendarEntry
from webinar.catalogue.models import WebinarSession, WebinarText
from webinar.foundation import clock
from webinar.foundation.db import db, transaction
from webinar.registration.models import ALIVE, Registration, RegistrationStatus
from webinar.registration.queries import lock_by_token
from webinar.registration.services.places import mail_languages, note_for_staff, still_theirs
from webinar.registration.services.refusals import NotWrittenIn, RegistrationOver

logger = logging.getLogger(__name__)


def change_mail_language(token: str, code: str, *, everywhere: bool = False) -> bool:
    """Write to somebody in another language from now on, and tell whether their calendar still shows the one before.

    It governs every later mail about this place, what their calendar is told next, and the links in both. With
    ``everywhere`` it holds for the person's other coming places as well, where the webinar has its texts in the
    language, and for what they are sent besides; otherwise those stay as they are.

    Nothing is sent. A calendar must be told of another day or hour; of other words it may be (RFC 5546, 2.1.4), and
    somebody who has just chosen a language has not asked for a mail. The entry follows with the next one about it,
    under the same UID and SEQUENCE, or when the person asks for it again.

    Raises:
        NoSuchRegistration: the link belongs to no registration.
        RegistrationOver, HandedOver, MovedAway: there is no place that one could be written to about.
        NotWrittenIn: the webinar has no texts in that language, or the language is not offered.
    """
    with transaction():
        place = still_theirs(lock_by_token(token))
        if not place.is_alive:
            raise RegistrationOver
        if code not in mail_languages(place):
            raise NotWrittenIn
        before = place.language
        places = [place.id]
        if everywhere:
            places += _other_places(place, code)
            place.person.language = code
        db.session.execute(update(Registration).where(Registration.id.in_(places)).values(language=code))
        entries = _entries_of(places)
        db.session.execute(update(CalendarEntry).where(CalendarEntry.id.in_(entries)).values(language=code))
        if before != code:
            note_for_staff("changed", place, mail_language=[before, code])
        is_behind = before != code and bool(entries) and place.status is RegistrationStatus.REGISTERED
    logger.info("registration %s is written to in %s, with %s others", place.id, code, len(places) - 1)
    return is_behind


def _other_places(place: Registration, code: str) -> list[int]:
    """Return the ids of a person's other places that are still to come and can be written about in a language."""
    return list(
        db.session.scalars(
            select(Registration.id)
            .join(Registration.session)
            .join(WebinarText, WebinarText.webinar_id == WebinarSession.webinar_id)
            .where(
                Registration.person_id == place.person_id,
                Registration.id != place.id,
                Registration.status.in_(ALIVE),
                WebinarSession.ends_at > clock.now(),
                WebinarText.language == code,
            )
        )
    )


def _entries_of(places: list[int]) -> list[int]:
    return list(
        db.session.scalars(
            select(CalendarEntry.id)
            .join(
                Registration,
                (Registration.session_id == CalendarEntry.session_id)
                & (Registration.person_id == CalendarEntry.person_id),
            )
            .where(Registration.id.in_(places))
        )
    )
