"""Writing the mails of updates in lots, shortly before they leave: each says what is true then."""

from __future__ import annotations

import logging
from datetime import datetime

from webinar.calendars.models import CalendarEntry
from webinar.calendars.services import have_entries, hold_entries
from webinar.catalogue.models import SessionStatus, WebinarSession
from webinar.catalogue.queries import find_session_by_id
from webinar.foundation import clock
from webinar.foundation.db import db, transaction
from webinar.mail.lots import write_each
from webinar.mail.models import OutboxMail
from webinar.mail.outbox import enqueue_all
from webinar.registration.models import Registration
from webinar.registration.queries import places_of
from webinar.registration.services.move import who_can_move
from webinar.updates.mails import write_that_it_cannot_be_written, write_to_invited, write_to_place
from webinar.updates.models import UpdateRecipient
from webinar.updates.queries import Lot, hold_to_write, is_anything_to_write, recipients_in

logger = logging.getLogger(__name__)

LOT = 50
"""How many mails are written in one transaction: on SQLite everybody else who writes waits for it."""


def write_due(most: int = LOT) -> int:
    """Write the mails to some who are still to be told of an update, and return how many it took in hand; 0 at the end.

    What they are told is what is true now, so a move that came after the decision is told in the same mail. Who has
    given their place up since, or registered since, knows it already and gets none. Whose mail cannot be written is
    in the mail log with the reason, among those that were given up, and the others get theirs.

    The rows of the recipients are held first, then the entries, as where an update is decided; the session's row is
    not, so people register meanwhile. A move at this very moment waits for this lot and follows it. Whose entry
    somebody else holds, because a place changes just now, comes with a later lot: nobody waits for each other.
    """
    if not is_anything_to_write():
        return 0
    with transaction():
        lot = hold_to_write(most)
        _write(lot, clock.now())
    return len(lot.person_ids)


def _write(lot: Lot, now: datetime) -> None:
    write_each(
        lot.person_ids,
        lambda person_ids: _write_together(lot._replace(person_ids=person_ids), now),
        lambda person_id, why: _give_up(lot._replace(person_ids=[person_id]), why),
        about=f"session {lot.session_id}, person",
    )


def _write_together(lot: Lot, now: datetime) -> None:
    recipients = recipients_in(lot)
    session = find_session_by_id(lot.session_id)
    entries = hold_entries(session.id, lot.person_ids)
    changing = have_entries(session.id, lot.person_ids) - entries.keys()
    places = places_of(session.id, lot.person_ids)
    is_cancelled = session.status is SessionStatus.CANCELLED
    movable = who_can_move(places.values(), session, now) if is_cancelled else set()
    mails = []
    for recipient in recipients:
        person_id = recipient.person_id
        if person_id in changing:  # somebody is changing their place right now: they come with a later lot
            continue
        mail = _mail_to(recipient, session, places.get(person_id), entries.get(person_id), person_id in movable, now)
        if mail is None:
            db.session.delete(recipient)
        else:
            recipient.mail = mail
            mails.append(mail)
    enqueue_all(mails)
    logger.info("session %s: %s mails of an update written", session.key, len(mails))


def _give_up(lot: Lot, why: str) -> None:
    for recipient in recipients_in(lot):
        recipient.mail = write_that_it_cannot_be_written(recipient, find_session_by_id(lot.session_id), why)


def _mail_to(
    recipient: UpdateRecipient,
    session: WebinarSession,
    place: Registration | None,
    entry: CalendarEntry | None,
    can_move: bool,
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
            can_move=can_move,
            now=now,
        )
    if entry is None:
        return None
    # Who gave a place up has been told already that the entry leaves; who was invited and declined has it yet.
    return write_to_invited(
        entry, session, recipient.knew, zone=person.timezone, word=update.word_in(entry.language), now=now
    )
