"""Giving a person an entry for a session, changing it, and the calendar part of the mail that tells them."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import select, update

from webinar.calendars import objects
from webinar.calendars.models import CalendarEntry, EntryStatus
from webinar.calendars.objects import Occasion, Published
from webinar.foundation.db import db
from webinar.mail.message import CalendarPart, sender


def hold_entry(session_id: int, person_id: int) -> CalendarEntry | None:
    """Return a person's entry for a session, held until the transaction ends, or None."""
    return db.session.scalar(
        select(CalendarEntry)
        .where(CalendarEntry.session_id == session_id, CalendarEntry.person_id == person_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def entry_to_show(session_id: int, person_id: int) -> CalendarEntry | None:
    """Return a person's entry for a session as it stands now, nothing held; or None."""
    return db.session.scalar(
        select(CalendarEntry).where(CalendarEntry.session_id == session_id, CalendarEntry.person_id == person_id)
    )


def entry_for(
    session_id: int, person_id: int, *, address: str, name: str, language: str, keep_until: datetime
) -> CalendarEntry:
    """Return a person's entry for a session, made now if there is none; the session's row must be held."""
    entry = hold_entry(session_id, person_id)
    if entry is None:
        entry = new_entry(address=address, name=name, language=language, keep_until=keep_until)
        entry.session_id, entry.person_id = session_id, person_id
        db.session.add(entry)
    return entry


def new_entry(*, address: str, name: str, language: str, keep_until: datetime) -> CalendarEntry:
    """Return an entry for somebody who has none in this session, to be given session and person and then stored.

    Address and organizer stay as first sent: calendars bind an entry to them.
    """
    # What the database would give it on being stored is given here: so it is stored once, with what is announced.
    return CalendarEntry(
        uid=str(uuid.uuid4()),
        sequence=0,
        status=EntryStatus.CONFIRMED,
        organizer=sender().address,
        address=address,
        name=name,
        language=language,
        erase_after=keep_until,
    )


def hold_entries(session_id: int, person_ids: Sequence[int]) -> dict[int, CalendarEntry]:
    """Return the entries that some people have for a session, by person, held until the transaction ends.

    What somebody else holds at this moment is passed over: who holds one may be about to take another of these.
    """
    entries = db.session.scalars(
        select(CalendarEntry)
        .where(CalendarEntry.session_id == session_id, CalendarEntry.person_id.in_(person_ids))
        .order_by(CalendarEntry.id)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
    return {entry.person_id: entry for entry in entries}


def have_entries(session_id: int, person_ids: Sequence[int]) -> set[int]:
    """Return which of some people have an entry for a session, whoever holds it."""
    return set(
        db.session.scalars(
            select(CalendarEntry.person_id).where(
                CalendarEntry.session_id == session_id, CalendarEntry.person_id.in_(person_ids)
            )
        )
    )


def raise_sequences(session_id: int) -> None:
    """Let every entry that stands in a calendar move, in one statement: its SEQUENCE rises, and it is asked anew.

    An answer to the former time says nothing about the new one (RFC 5546, 3.2.2.1).
    """
    _change_entries(session_id, answer=None, answered_at=None)


def cancel_entries(session_id: int) -> None:
    """Take every entry of a session out of its calendar, in one statement: its SEQUENCE rises."""
    _change_entries(session_id, status=EntryStatus.CANCELLED)


def _change_entries(session_id: int, **values: object) -> None:
    db.session.execute(
        update(CalendarEntry)
        .where(CalendarEntry.session_id == session_id, CalendarEntry.status == EntryStatus.CONFIRMED)
        .values(sequence=CalendarEntry.sequence + 1, **values)
        .execution_options(synchronize_session=False)
    )


def request_part(entry: CalendarEntry, occasion: Occasion, now: datetime) -> CalendarPart:
    """Return the calendar part that puts the entry into the calendar, recorded as announced."""
    entry.confirm()
    entry.announce(now)
    return CalendarPart("REQUEST", objects.request(entry, occasion), entry.organizer)


def published_part(entries: Iterable[tuple[CalendarEntry, Occasion]], now: datetime) -> CalendarPart:
    """Return the calendar part with several entries for their person to import, each recorded as announced.

    Each has the UID and SEQUENCE of its life, so what is told of it later, alone, reaches the entry that was imported.
    """
    told = []
    for entry, occasion in entries:
        entry.confirm()
        entry.announce(now)
        told.append(
            Published(
                occasion=occasion,
                uid=entry.uid,
                sequence=entry.sequence,
                changed_at=entry.dtstamp or now,
                is_cancelled=False,
                organizer=entry.organizer,
                is_personal=True,
            )
        )
    return CalendarPart("PUBLISH", objects.published(told))


def cancellation_part(entry: CalendarEntry, occasion: Occasion, now: datetime) -> CalendarPart:
    """Return the calendar part that takes the entry out of the calendar, recorded as announced."""
    entry.cancel()
    entry.announce(now)
    return CalendarPart("CANCEL", objects.cancellation(entry, occasion), entry.organizer)
