"""Cancelling a session: it leaves everybody's calendar."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime

from webinar.calendars.services import cancel_entries
from webinar.catalogue.models import SessionStatus, WebinarSession
from webinar.catalogue.services.changes import Changes
from webinar.catalogue.services.revisions import record_edit
from webinar.foundation import clock
from webinar.foundation.db import transaction
from webinar.updates.models import UpdateKind, times_of
from webinar.updates.services.held import hold_coming_session
from webinar.updates.services.move_session import ABOUT
from webinar.updates.services.recipients import decide

logger = logging.getLogger(__name__)


def cancel_session(key: str, *, words: Mapping[str, str] | None = None, made_from: int | None = None) -> None:
    """Do not hold a session, and tell everybody who comes, waits or was invited; a draft is put away, quietly.

    Registrations stay as they are: they are a record, and people can move with them to another day. ``words`` are
    what the organisers add, by language. It cannot be taken back: calendars have been told.

    Raises:
        NoSuchSession, NothingToChange, ChangedMeanwhile: as ``hold_coming_session``.
        EditRefused: a word is missing in a language; ``field`` says which.
    """
    with transaction():
        now = clock.now()
        session = hold_coming_session(key, made_from, now, *ABOUT)
        set_cancelled(session, now, words or {})
    logger.info("session %s cancelled", key)


def set_cancelled(session: WebinarSession, now: datetime, words: Mapping[str, str]) -> None:
    """Do what ``cancel_session`` does with a session whose row is held, in the caller's transaction."""
    decide(session, UpdateKind.CANCELLED, times_of(session), words, now)
    cancel_entries(session.id)
    changes = Changes()
    changes.assign(session, status=SessionStatus.CANCELLED)
    session.sequence += 1
    session.changed_at = now
    record_edit(session, changes)
