"""Writing the mails of confirmed mailings in lots, shortly before they leave, as fast as the settings allow.

First what a mail refers to is stored, for some hundred people at once and under the rows of the sessions, as everybody
does who gives somebody a calendar entry: their invitations and entries. Then the mails are written, a lot at a time,
and nobody who registers waits for that.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from flask import current_app
from sqlalchemy import literal, select, update
from sqlalchemy.dialects import postgresql, sqlite

from webinar.calendars.models import CalendarEntry
from webinar.calendars.services import have_entries, hold_entries, new_entry
from webinar.catalogue.models import SessionStatus, WebinarSession
from webinar.catalogue.queries import lock_sessions
from webinar.foundation import clock
from webinar.foundation.db import Model, db, transaction
from webinar.invitations.mails import Writing, session_of_entry, write_that_it_cannot_be_written
from webinar.invitations.models import Invitation, LeftOut, Mailing, MailingKind, MailingRecipient
from webinar.invitations.queries import (
    Reader,
    ToWrite,
    domain_of,
    find_mailing,
    held_again,
    hold_on_its_way,
    hold_on_their_way,
    hold_to_prepare,
    hold_to_write,
    invitations_of,
    is_anything_to_write,
    mailings_to_write,
    readers_of,
    reasons_now,
    sessions_to_tell,
    written_since,
)
from webinar.invitations.services.revisions import subject_of
from webinar.mail.delivery import are_as_many_due
from webinar.mail.lots import write_each
from webinar.mail.outbox import enqueue_all
from webinar.people.models import Person
from webinar.people.queries import merged_people
from webinar.people.services.unsubscribe import unsubscribe_links
from webinar.registration.services.places import keep_until

logger = logging.getLogger(__name__)

LOT = 50
"""How many mails are written in one transaction: on SQLite everybody else who writes waits for it."""
PREPARED_AT_ONCE = 200
A_MINUTE = timedelta(minutes=1)


def write_due(most: int = LOT) -> int:
    """Write some mails of the mailing that was confirmed first of those that can go on, and return how many it took up.

    0 when there is nothing to do now, be it that as many were written within the last minute as the settings allow, or
    that a lot of mails is waiting to leave: these go first, so whoever registers meanwhile waits behind a lot of a
    mailing, and never behind all of it. Whatever has happened since the list was made counts: who registered,
    unsubscribed or declined meanwhile gets nothing, and the reason stands in the list. Whose mail cannot be written
    stands in the mail log with the fault.
    """
    now = clock.now()
    if not is_anything_to_write(now) or _are_others_waiting(now):
        return 0
    with transaction():
        room = _room(now)
        if not room.mails:
            return 0
        for mailing_id in mailings_to_write(now):
            taken_up = _go_on_with(mailing_id, room, most, now)
            if taken_up:
                return taken_up
    return 0


def _are_others_waiting(now: datetime) -> bool:
    waiting = are_as_many_due(LOT, now)
    db.session.rollback()
    return waiting


def _go_on_with(mailing_id: int, room: Room, most: int, now: datetime) -> int:
    """Write a lot of a mailing, or prepare one, and return how many people that were."""
    mailing = find_mailing(mailing_id) if hold_on_its_way(mailing_id) else None
    if mailing is None:
        return 0
    person_ids: Sequence[int] = room.for_some(hold_to_write(mailing_id, now, min(most, room.mails), room.full_domains))
    if person_ids:
        write_each(
            person_ids,
            lambda some: _write_together(mailing, some, now),
            lambda person_id, why: _give_up(mailing, person_id, why),
            about=f"{subject_of(mailing_id)}, person",
        )
    else:
        person_ids = hold_to_prepare(mailing_id, now, PREPARED_AT_ONCE)
        if person_ids:
            _prepare(mailing, person_ids, now)
    return len(person_ids)


class Room(NamedTuple):
    """How many mails may be written now in all, and for one domain; ``written`` counts those of the last minute."""

    mails: int
    each: int
    written: Mapping[str, int]

    @property
    def full_domains(self) -> list[str]:
        """The domains that have got all they may within a minute."""
        return [domain for domain, count in self.written.items() if self.each and count >= self.each]

    def for_some(self, waiting: Sequence[ToWrite]) -> list[int]:
        """Return those of some people for whom there is room."""
        counts = dict(self.written)
        fit = []
        for one in waiting:
            count = counts.get(one.domain, 0)
            if not self.each or count < self.each:
                counts[one.domain] = count + 1
                fit.append(one.person_id)
        return fit


def _room(now: datetime) -> Room:
    """Return what the settings leave of this minute; 0 is no limit there.

    Where something is limited, one worker writes at a time: two that count at once would both take what is left.
    """
    in_all = current_app.config["MAILINGS_A_MINUTE"]
    each = current_app.config["MAILINGS_A_MINUTE_PER_DOMAIN"]
    if not in_all and not each:
        return Room(LOT, 0, {})
    hold_on_their_way()
    written = written_since(now - A_MINUTE)
    left = max(in_all - sum(written.values()), 0) if in_all else LOT
    return Room(min(LOT, left), each, written)


def _prepare(mailing: Mailing, person_ids: Sequence[int], now: datetime) -> None:
    """Store invitations and calendar entries for some recipients; what is there already stays."""
    held = lock_sessions(shown.session.key for shown in mailing.sessions)
    sessions = sorted(held.values(), key=lambda session: session.id)
    readers = readers_of(mailing, person_ids)
    invitations = [
        {
            "session_id": session.id,
            "person_id": reader.recipient.person_id,
            "mailing_id": mailing.id,
            "yes_registers": mailing.yes_registers,
            "erase_after": keep_until(session, now),
        }
        for session in sessions
        for reader in readers
    ]
    _store_unless_there(Invitation, invitations)
    _ask_anew(mailing, person_ids, now)
    if mailing.with_entry:
        entries = (_entry_for(reader, sessions, now) for reader in readers)
        _store_unless_there(CalendarEntry, [entry for entry in entries if entry is not None])
    db.session.execute(
        update(MailingRecipient)
        .where(MailingRecipient.mailing_id == mailing.id, MailingRecipient.person_id.in_(person_ids))
        .values(is_ready=True)
        .execution_options(synchronize_session=False)
    )


def _ask_anew(mailing: Mailing, person_ids: Sequence[int], now: datetime) -> None:
    """Let invitations that were there be as this mailing says; one taken back before it was confirmed stands again."""
    session_ids = [shown.session_id for shown in mailing.sessions]
    theirs = Invitation.session_id.in_(session_ids), Invitation.person_id.in_(person_ids)
    db.session.execute(
        update(Invitation)
        .where(*theirs, Invitation.withdrawn_at < mailing.confirmed_at)
        .values(withdrawn_at=None, mailing_id=mailing.id, invited_at=now)
        .execution_options(synchronize_session=False)
    )
    db.session.execute(
        update(Invitation)
        .where(*theirs)
        .values(yes_registers=mailing.yes_registers)
        .execution_options(synchronize_session=False)
    )


def _entry_for(reader: Reader, sessions: Sequence[WebinarSession], now: datetime) -> dict[str, object] | None:
    recipient = reader.recipient
    session = session_of_entry(sessions, recipient.language)
    if session is None or recipient.person.email is None:
        return None
    entry = new_entry(
        address=recipient.person.email,
        name=reader.full_name,
        language=recipient.language,
        keep_until=keep_until(session, now),
    )
    given = ("uid", "sequence", "status", "organizer", "address", "name", "language", "erase_after")
    return {
        "session_id": session.id,
        "person_id": recipient.person_id,
        **{name: getattr(entry, name) for name in given},
    }


def _store_unless_there(table: type[Model], rows: Sequence[dict[str, object]]) -> None:
    if rows:
        statement = _insert_into(table).on_conflict_do_nothing(index_elements=["session_id", "person_id"])
        db.session.execute(statement, rows)


def _insert_into(table: type[Model]) -> postgresql.Insert | sqlite.Insert:
    return postgresql.insert(table) if db.engine.dialect.name == "postgresql" else sqlite.insert(table)


def _write_together(mailing: Mailing, person_ids: Sequence[int], now: datetime) -> None:
    session_ids = [shown.session_id for shown in mailing.sessions]
    sessions = sessions_to_tell(session_ids)
    nothing_for = reasons_now(mailing, person_ids)
    readers = readers_of(mailing, person_ids)
    open_sessions = [session for session in sessions if _can_be_told(mailing, session, now)]
    writing = Writing(
        mailing=mailing,
        sessions=open_sessions,
        invitations=invitations_of(session_ids, person_ids) if mailing.kind.is_asking else {},
        unsubscribe_tokens=(
            {} if mailing.kind.mail_kind is None else unsubscribe_links(person_ids, mailing.kind.mail_kind)
        ),
        now=now,
        further=held_again(open_sessions, now) if mailing.kind is MailingKind.MISSED else (),
    )
    if double := [person_id for person_id, why in nothing_for.items() if why is LeftOut.DOUBLE]:
        _let_stand_in(mailing, double)
    entries, changing = _entries(mailing, open_sessions, readers)
    mails = []
    for reader in readers:
        recipient = reader.recipient
        why = nothing_for.get(recipient.person_id)
        if why is None and session_ids and not open_sessions:
            why = LeftOut.GONE
        if why is None and mailing.kind.is_about_places and not reader.places:
            why = LeftOut.CANCELLED if mailing.kind is MailingKind.INFORMATION else LeftOut.GONE
        asked_to = ((session.id, recipient.person_id) in writing.invitations for session in open_sessions)
        if why is None and mailing.kind.is_asking and not any(asked_to):
            why = LeftOut.WITHDRAWN
        if why is not None:
            recipient.left_out = why
        elif recipient.person_id not in changing:  # somebody is changing their place right now: they come later
            entry = entries.get(recipient.person_id)
            is_asked = entry is not None and (entry.session_id, entry.person_id) in writing.invitations
            recipient.mail = writing.write(reader, entry if is_asked else None)
            mails.append(recipient.mail)
    enqueue_all(mails)
    logger.info("mailing %s: %s mails written", mailing.id, len(mails))


def _let_stand_in(mailing: Mailing, person_ids: Sequence[int]) -> None:
    """Put on the list, in place of some who were merged since it was made, those who they count as now."""
    if mailing.kind.is_about_places:
        return  # they are left out only where the other is on the list for a place of their own
    merged = merged_people()
    columns = ["mailing_id", "person_id", "language", "timezone", "domain", "not_before", "is_ready"]
    same = MailingRecipient.language, MailingRecipient.timezone, domain_of(Person.email), MailingRecipient.not_before
    others = (
        select(literal(mailing.id), Person.id, *same, literal(not mailing.kind.is_asking))
        .join(merged, merged.c.person_id == MailingRecipient.person_id)
        .join(Person, Person.id == merged.c.counts_as_id)
        .where(
            MailingRecipient.mailing_id == mailing.id,
            MailingRecipient.person_id.in_(person_ids),
            Person.email.is_not(None),
        )
    )
    statement = _insert_into(MailingRecipient).from_select(columns, others)
    db.session.execute(statement.on_conflict_do_nothing(index_elements=["mailing_id", "person_id"]))


def _can_be_told(mailing: Mailing, session: WebinarSession, now: datetime) -> bool:
    if session.status is not SessionStatus.PUBLISHED:
        return False
    return session.starts_at > now if mailing.kind.is_asking else True


def _entries(
    mailing: Mailing, sessions: Sequence[WebinarSession], readers: Sequence[Reader]
) -> tuple[dict[int, CalendarEntry], set[int]]:
    """Return the entries that the mails carry, by person, held; and whose entry somebody else holds just now."""
    if not (mailing.kind.is_asking and mailing.with_entry):
        return {}, set()
    entries: dict[int, CalendarEntry] = {}
    changing: set[int] = set()
    of_session: dict[int, list[int]] = {}
    for reader in readers:
        session = session_of_entry(sessions, reader.recipient.language)
        if session is not None:
            of_session.setdefault(session.id, []).append(reader.recipient.person_id)
    for session_id in sorted(of_session):
        person_ids = of_session[session_id]
        held = hold_entries(session_id, person_ids)
        entries |= held
        changing |= have_entries(session_id, person_ids) - held.keys()
    return entries, changing


def _give_up(mailing: Mailing, person_id: int, why: str) -> None:
    for reader in readers_of(mailing, [person_id]):
        reader.recipient.mail = write_that_it_cannot_be_written(mailing, reader, why)
        db.session.add(reader.recipient.mail)
