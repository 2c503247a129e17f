"""Writing the mails of updates in lots, shortly before they leave: each says what is true then."""

from __future__ import annotations

import logging
from datetime import datetime

from webinar.calendars.models import CalendarEntry
from webinar.calendars.services import hold_entries
from webinar.catalogue.models import WebinarSession
from webinar.catalogue.queries import find_session_by_id, has_other_dates
from webinar.foundation import clock
from webinar.foundation.db import db, transaction
from webinar.mail.models import OutboxMail
from webinar.registration.models import Registration
from webinar.registration.queries import places_of
from webinar.updates.mails import write_to_invited, write_to_place
from webinar.updates.models import UpdateRecipient
from webinar.updates.queries import hold_to_write, is_anything_to_write

logger = logging.getLogger(__name__)

LOT = 100
"""How many mails are written in one transaction: on SQLite everybody else who writes waits for it."""


def write_due(most: int = LOT) -> int:
    """Write the mails to some who are still to be told of an update, and return how many people that settled.

    What they are told is what is true now, so a move that came after the decision is told in the same mail. Who has
    given their place up since, or registered since, knows it already and gets none.

    The rows of the recipients are held first, then the entries, as where an update is decided; the session's row is
    not, so people register meanwhile. A move at this very moment waits for this lot and follows it.
    """
    if not is_anything_to_write():
        return 0
    with transaction():
        now = clock.now()
        recipients = hold_to_write(most)
        if not recipients:
            return 0
        session = find_session_by_id(recipients[0].session_id)
        person_ids = [recipient.person_id for recipient in recipients]
        entries = hold_entries(session.id, person_ids)
        places = places_of(session.id, person_ids)
        others = has_other_dates(session, now)
        written = 0
        for recipient in recipients:
            mail = _mail_to(
                recipient, session, places.get(recipient.person_id), entries.get(recipient.person_id), others, now
            )
            if mail is None:
                db.session.delete(recipient)
            else:
                recipient.mail = mail
                written += 1
    logger.info("session %s: %s mails of an update written", session.key, written)
    return len(recipients)


def _mail_to(
    recipient: UpdateRecipient,
    session: WebinarSession,
    place: Registration | None,
    entry: CalendarEntry | None,
    has_other_dates: bool,
    now: datetime,
) -> OutboxMail | None:
    update, person = recipient.update, recipient.person
    if person.email is None:
        return None
    if place is not None and place.is_alive:
        if place.turn > update.last_turn:
            return None
        return write_to_place(
            place,
            entry,
            recipient.knew,
            word=update.word_in(place.language),
            has_other_dates=has_other_dates,
            now=now,
        )
    if entry is None or place is not None:  # who gave the place up has been told that the entry leaves
        return None
    return write_to_invited(
        entry, session, recipient.knew, zone=person.timezone, word=update.word_in(entry.language), now=now
    )
