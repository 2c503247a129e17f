"""Writing the reminders that are due, in lots, shortly before they leave."""

from __future__ import annotations

import logging
from datetime import datetime

from sqlalchemy import delete, insert, literal, select

from webinar.calendars.services import have_entries, hold_entries
from webinar.catalogue.models import SessionStatus, WebinarSession
from webinar.catalogue.queries import find_session_by_id, lock_session
from webinar.foundation import clock
from webinar.foundation.db import db, transaction
from webinar.mail.lots import write_each
from webinar.mail.models import MailState, OutboxMail
from webinar.mail.outbox import enqueue_all, withdraw
from webinar.registration.models import RegistrationStatus
from webinar.registration.queries import places_of
from webinar.reminders.mails import carries_entry, write_reminder, write_that_it_cannot_be_written
from webinar.reminders.models import ReminderRecipient, SessionReminder
from webinar.reminders.queries import (
    Due,
    Lot,
    due_reminders,
    hold_reminders_to_end,
    hold_to_write,
    is_any_to_end,
    is_any_to_write,
    people_to_remind,
    recipients_in,
)

logger = logging.getLogger(__name__)

LOT = 50
"""How many mails are written in one transaction: on SQLite everybody else who writes waits for it."""


def write_due(most: int = LOT) -> int:
    """Write the reminders to some whose turn it is, and return how many it took in hand; 0 at the end.

    From the moment of a reminder on, everybody who had a seat before is to be written to: that is stored first, in
    one statement, and then settled lot by lot, whatever process dies in between. Who has given the place up by then
    gets none; of a session that has been moved, cancelled or has begun, nobody does. Whose mail cannot be written is
    in the mail log with the reason, and the others get theirs.

    The rows of the recipients are held first, then their calendar entries, as where an update is decided.
    """
    now = clock.now()
    due = due_reminders(now)
    is_over, is_more = is_any_to_end(now), is_any_to_write()
    db.session.rollback()
    for reminder in due:
        _begin(reminder)
    if is_over:
        _end(now)
    if not due and not is_more:
        return 0
    with transaction():
        lot = hold_to_write(most)
        if lot is None:
            return 0
        _write(lot, clock.now())
    return len(lot.person_ids)


def _begin(due: Due) -> None:
    """Store whom a reminder goes to, unless another worker did, or the session is another one by now."""
    with transaction():
        if lock_session(due.key) is None or due_reminders(clock.now(), due.session_id) != [due]:
            return
        which = {
            "session_id": due.session_id,
            "starts_at": due.starts_at,
            "minutes_before": due.minutes_before,
        }
        db.session.add(SessionReminder(**which))
        db.session.flush()
        people = people_to_remind(due.session_id, due.moment).subquery()
        values = (literal(value, getattr(ReminderRecipient, name).type) for name, value in which.items())
        db.session.execute(
            insert(ReminderRecipient).from_select([*which, "person_id"], select(*values, people.c.person_id))
        )
    logger.info("session %s: the reminder %s minutes before is due", due.key, due.minutes_before)


def _end(now: datetime) -> None:
    """Let nothing leave any more of the reminders of sessions that have begun.

    A mail that is on its way just now may come back and wait once more: then this is done again until none is.
    """
    with transaction():
        for reminder in hold_reminders_to_end(now):
            its_rows = (
                ReminderRecipient.session_id == reminder.session_id,
                ReminderRecipient.starts_at == reminder.starts_at,
                ReminderRecipient.minutes_before == reminder.minutes_before,
            )
            db.session.execute(delete(ReminderRecipient).where(*its_rows, ReminderRecipient.mail_id.is_(None)))
            mails = select(ReminderRecipient.mail_id).where(*its_rows)
            withdraw(mails, "withdrawn: the session has begun")
            is_leaving = select(OutboxMail.id).where(OutboxMail.id.in_(mails), OutboxMail.state == MailState.SENDING)
            if db.session.scalar(is_leaving.limit(1)) is None:
                reminder.ended_at = now


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
    is_held = _is_still_to_come(session, lot, now)
    places = places_of(session.id, lot.person_ids) if is_held else {}
    with_entry = carries_entry(lot.minutes_before)
    entries = hold_entries(session.id, lot.person_ids) if with_entry else {}
    changing = have_entries(session.id, lot.person_ids) - entries.keys() if with_entry else set()
    mails = []
    for recipient in recipients:
        place = places.get(recipient.person_id)
        if place is None or place.status is not RegistrationStatus.REGISTERED or recipient.person.email is None:
            db.session.delete(recipient)
        elif recipient.person_id not in changing:  # else their place changes right now: they come with a later lot
            recipient.mail = write_reminder(place, entries.get(recipient.person_id), lot.minutes_before, now)
            mails.append(recipient.mail)
    enqueue_all(mails)
    logger.info("session %s: %s reminders written", session.key, len(mails))


def _is_still_to_come(session: WebinarSession, lot: Lot, now: datetime) -> bool:
    return session.status is SessionStatus.PUBLISHED and session.starts_at == lot.starts_at and now < lot.starts_at


def _give_up(lot: Lot, why: str) -> None:
    for recipient in recipients_in(lot):
        recipient.mail = write_that_it_cannot_be_written(recipient, find_session_by_id(lot.session_id), why)
