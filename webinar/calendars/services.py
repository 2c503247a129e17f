"""Giving a person an entry for a session, changing it, and the calendar part of the mail that tells them."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import select

from webinar.calendars import objects
from webinar.calendars.models import CalendarEntry, EntryStatus
from webinar.calendars.objects import Occasion
from webinar.foundation.db import db
from webinar.mail.message import CalendarPart, sender


def find_entry(session_id: int, person_id: int) -> CalendarEntry | None:
    """Return a person's entry for a session, held until the transaction ends, or None."""
    return db.session.scalar(
        select(CalendarEntry)
        .where(CalendarEntry.session_id == session_id, CalendarEntry.person_id == person_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def entry_for(
    session_id: int, person_id: int, *, address: str, name: str, language: str, keep_until: datetime
) -> CalendarEntry:
    """Return a person's entry for a session, made now if there is none; the session's row must be held.

    Address and organizer stay as first sent: calendars bind an entry to them.
    """
    entry = find_entry(session_id, person_id)
    if entry is None:
        # What the database would give it on being stored is given here: so it is stored once, with what is announced.
        entry = CalendarEntry(
            uid=str(uuid.uuid4()),
            sequence=0,
            status=EntryStatus.CONFIRMED,
            session_id=session_id,
            person_id=person_id,
            organizer=sender().address,
            address=address,
            name=name,
            language=language,
            erase_after=keep_until,
        )
        db.session.add(entry)
    return entry


def request_part(entry: CalendarEntry, occasion: Occasion, now: datetime) -> CalendarPart:
    """Return the calendar part that puts the entry into the calendar, recorded as announced."""
    entry.confirm()
    entry.announce(now)
    return CalendarPart("REQUEST", objects.request(entry, occasion))


def cancellation_part(entry: CalendarEntry, occasion: Occasion, now: datetime) -> CalendarPart:
    """Return the calendar part that takes the entry out of the calendar, recorded as announced."""
    entry.cancel()
    entry.announce(now)
    return CalendarPart("CANCEL", objects.cancellation(entry, occasion))
