"""Saying that one cannot come to what one was invited to, and taking that back; both by the link in the mail."""

from __future__ import annotations

import logging
from contextlib import suppress
from datetime import datetime, timedelta

from flask_babel import lazy_gettext as _l

from webinar.calendars.services import hold_entry
from webinar.catalogue.models import SessionStatus, WebinarSession
from webinar.catalogue.queries import lock_session, lock_sessions
from webinar.foundation import clock
from webinar.foundation.db import transaction
from webinar.foundation.errors import DomainError
from webinar.foundation.ratelimit import allow
from webinar.invitations.mails_to_invited import write_declined, write_invited_again
from webinar.invitations.one_invitation import Answerable, lock_invitation, session_key_of, tokens_of_other_days
from webinar.mail.outbox import enqueue

logger = logging.getLogger(__name__)

CHANGES_A_DAY = 10
"""How often somebody may change their mind a day: each time brings them a mail."""


class NoSuchInvitation(DomainError):
    """Nobody has this token, or its person was erased."""

    def __init__(self) -> None:
        super().__init__(_l("This link is not one of ours. Perhaps it was cut off: open it from the mail again."))


class NothingToAnswer(DomainError):
    """There is nothing to say no to any more: a place, a withdrawal, or a session that is over or cancelled."""

    def __init__(self) -> None:
        super().__init__(_l("Something has changed meanwhile: look below how it stands now."))


class TooManyChanges(DomainError):
    """Somebody changed their mind too often today."""

    def __init__(self) -> None:
        super().__init__(_l("You have changed your answer many times today. Try again tomorrow."))


def decline(token: str, *, on_every_day: bool = False) -> None:
    """Write down that somebody cannot come; where our entry stands in their calendar, a mail takes it out.

    ``on_every_day`` says it of all days of the webinar that they were asked to and have no place on. Said once more, it
    changes nothing.

    Raises:
        NoSuchInvitation: nobody has this token.
        NothingToAnswer: they have a place, the invitation was withdrawn, or the session is over or cancelled.
        TooManyChanges: they changed their mind too often today.
    """
    _check_pace(token)
    with transaction():
        now = clock.now()
        others = tokens_of_other_days(token, now) if on_every_day else ()
        keys = {one: session_key_of(one) or "" for one in (token, *others)}
        held = lock_sessions(keys.values())
        _decline(*_held(held.get(keys[token]), token, now), now)
        for other in others:
            with suppress(NothingToAnswer):  # a place was taken meanwhile
                _decline(*_held(held.get(keys[other]), other, now), now)


def _decline(session: WebinarSession, found: Answerable, now: datetime) -> None:
    invitation = found.invitation
    if invitation.declined_at is not None:
        return
    invitation.declined_at = now
    entry = hold_entry(session.id, invitation.person_id)
    if entry is not None and entry.announced_sequence is not None and not entry.is_taken_out:
        enqueue(write_declined(entry, invitation, session))
    elif entry is not None:
        entry.cancel()
    logger.info("invitation %s declined", invitation.id)


def take_back(token: str) -> None:
    """Take back that somebody cannot come; the entry comes back into their calendar if it was there.

    Raises:
        NoSuchInvitation, NothingToAnswer, TooManyChanges: as ``decline``.
    """
    _check_pace(token)
    with transaction():
        now = clock.now()
        session, found = _held(lock_session(session_key_of(token) or ""), token, now)
        invitation = found.invitation
        if invitation.declined_at is None:
            return
        invitation.declined_at = None
        entry = hold_entry(session.id, invitation.person_id)
        if entry is not None and entry.announced_sequence is not None:
            enqueue(write_invited_again(entry, invitation, session))
        elif entry is not None:
            entry.confirm()
    logger.info("invitation %s stands again", invitation.id)


def _check_pace(token: str) -> None:
    if not allow("answer an invitation", token, limit=CHANGES_A_DAY, per=timedelta(days=1), now=clock.now()):
        raise TooManyChanges


def _held(session: WebinarSession | None, token: str, now: datetime) -> tuple[WebinarSession, Answerable]:
    """Return an invitation that can be answered, held as its session, which may be none, is already."""
    found = lock_invitation(token) if session is not None else None
    if session is None or found is None:
        raise NoSuchInvitation
    is_held = session.status is SessionStatus.PUBLISHED and now < session.starts_at
    if not is_held or found.is_registered or found.invitation.withdrawn_at is not None:
        raise NothingToAnswer
    return session, found
