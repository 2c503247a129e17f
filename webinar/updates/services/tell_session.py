"""Telling everybody's calendar what is said of a session now: other titles, other texts, the same time."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime

from webinar.accounts import audit
from webinar.catalogue.models import WebinarSession
from webinar.catalogue.services.revisions import subject_of
from webinar.foundation import clock
from webinar.foundation.db import transaction
from webinar.updates.models import UpdateKind, times_of
from webinar.updates.services.held import hold_coming_session
from webinar.updates.services.recipients import decide

logger = logging.getLogger(__name__)


def tell_session(key: str, *, words: Mapping[str, str] | None = None, made_from: int | None = None) -> None:
    """Bring the calendar entry of everybody who comes or was invited up to date, without asking them again.

    What changes no time does not endanger an acceptance: SEQUENCE stays, and so do the answers (RFC 5546, 2.1.4).
    Who waits has no entry and is not written to. ``words`` are what the organisers add, by language.

    Raises:
        NoSuchSession, NothingToChange, ChangedMeanwhile: as ``hold_coming_session``.
        EditRefused: a word is missing in a language; ``field`` says which.
    """
    with transaction():
        now = clock.now()
        session = hold_coming_session(key, made_from, now)
        decide_to_tell(session, now, words or {})
    logger.info("everybody is told of session %s anew", key)


def decide_to_tell(session: WebinarSession, now: datetime, words: Mapping[str, str]) -> None:
    """Do what ``tell_session`` does with a session whose row is held, in the caller's transaction."""
    decide(session, UpdateKind.CHANGED, times_of(session), words, now)
    audit.record("brought all calendars up to date", subject_of(session))
