"""Taking invitations back: who has an entry of ours and no place gets a mail that takes it out of their calendar.

That is kept as intent, a few statements whatever the number of people, and told by the worker in lots: an entry that
left and was told nothing of it is behind (``announced_sequence`` below ``sequence``).
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, select, update

from webinar.accounts import audit
from webinar.calendars.models import CalendarEntry, EntryStatus
from webinar.catalogue.models import SessionStatus, WebinarSession
from webinar.catalogue.queries import find_session_by_id, lock_session
from webinar.foundation import clock
from webinar.foundation.db import db, transaction
from webinar.foundation.errors import DomainError
from webinar.invitations.invited_list import HAS_A_PLACE, IS_SILENT, hold_to_tell, is_anything_to_tell
from webinar.invitations.mails_to_invited import write_that_it_cannot_be_written, write_withdrawn
from webinar.invitations.models import Invitation
from webinar.mail.lots import write_each
from webinar.mail.outbox import enqueue_all
from webinar.registration.mails import topic_of
from webinar.registration.services.refusals import NoSuchSession

logger = logging.getLogger(__name__)

LOT = 50
"""How many mails are written in one transaction: on SQLite everybody else who writes waits for it."""


class NothingToWithdraw(DomainError):
    """Nobody's invitation was taken back: they have a place by now, or it is too late."""

    def __init__(self) -> None:
        super().__init__(
            _l("Nothing was withdrawn: the person has a place by now, or the session has started or is cancelled.")
        )


def withdraw(session_key: str, invitation_id: int) -> None:
    """Take one invitation back.

    Raises:
        NoSuchSession: there is no session of this key.
        NothingToWithdraw: the person has a place, it was taken back already, or it is too late.
    """
    if not _withdraw(session_key, Invitation.id == invitation_id, invitation=invitation_id):
        raise NothingToWithdraw


def withdraw_silent(session_key: str) -> int:
    """Take back the invitations of all who have said nothing, and return how many these are.

    Raises:
        NoSuchSession: there is no session of this key.
        NothingToWithdraw: nobody is silent, or it is too late.
    """
    withdrawn = _withdraw(session_key, IS_SILENT)
    if not withdrawn:
        raise NothingToWithdraw
    return withdrawn


def _withdraw(session_key: str, which: ColumnElement[bool], **about: int) -> int:
    with transaction():
        now = clock.now()
        session = lock_session(session_key)
        if session is None:
            raise NoSuchSession(session_key)
        if session.status is not SessionStatus.PUBLISHED or session.starts_at <= now:
            return 0
        person_ids = _take_back(session.id, which, now)
        if person_ids:
            db.session.execute(
                update(CalendarEntry)
                .where(
                    CalendarEntry.session_id == session.id,
                    CalendarEntry.person_id.in_(
                        select(Invitation.person_id).where(
                            Invitation.session_id == session.id, Invitation.withdrawn_at == now
                        )
                    ),
                    CalendarEntry.status == EntryStatus.CONFIRMED,
                )
                .values(status=EntryStatus.CANCELLED, sequence=CalendarEntry.sequence + 1)
                .execution_options(synchronize_session=False)
            )
            audit.record("withdrew invitations of", topic_of(session), people=len(person_ids), **about)
    logger.info("session %s: %s invitations withdrawn", session_key, len(person_ids))
    return len(person_ids)


def _take_back(session_id: int, which: ColumnElement[bool], now: datetime) -> Sequence[int]:
    return db.session.scalars(
        update(Invitation)
        .where(Invitation.session_id == session_id, Invitation.withdrawn_at.is_(None), ~HAS_A_PLACE, which)
        .values(withdrawn_at=now)
        .returning(Invitation.person_id)
        .execution_options(synchronize_session=False)
    ).all()


def write_due(most: int = LOT) -> int:
    """Tell some whose invitation was taken back, and return how many; 0 when there is nothing to do now.

    Whose mail cannot be written stands in the mail log with the reason. Whose entry somebody else holds, because they
    register just now, is passed over: what they are told then is newer.
    """
    if not is_anything_to_tell():
        return 0
    with transaction():
        entries = hold_to_tell(most)
        for session_id in {entry.session_id for entry in entries}:
            _tell([entry for entry in entries if entry.session_id == session_id], find_session_by_id(session_id))
    return len(entries)


def _tell(entries: Sequence[CalendarEntry], session: WebinarSession) -> None:
    by_id = {entry.id: entry for entry in entries}

    def write(ids: Sequence[int]) -> None:
        enqueue_all([write_withdrawn(by_id[one], session) for one in ids])

    def give_up(one: int, why: str) -> None:
        by_id[one].announce(clock.now())
        db.session.add(write_that_it_cannot_be_written(by_id[one], session, why))

    write_each(list(by_id), write, give_up, about=f"session {session.key}, entry")
