"""Seats: who gets one, who waits, and who moves up when one becomes free."""

from __future__ import annotations

import logging
from datetime import datetime

from webinar.catalogue.models import SessionStatus, WebinarSession
from webinar.catalogue.queries import lock_session
from webinar.foundation import clock
from webinar.foundation.db import db, transaction
from webinar.registration.mails import enqueue_promotion
from webinar.registration.models import RegistrationStatus
from webinar.registration.queries import Seating, next_waiting, seating_of
from webinar.registration.services.refusals import NoSuchSession

logger = logging.getLogger(__name__)


def status_for_newcomer(session: WebinarSession, seating: Seating) -> RegistrationStatus:
    """Tell what somebody who comes now gets: a seat, or a turn on the waiting list behind those who wait."""
    if session.seats is None or (seating.registered < session.seats and seating.waiting == 0):
        return RegistrationStatus.REGISTERED
    return RegistrationStatus.WAITING


def promote_waiting(session: WebinarSession, now: datetime) -> int:
    """Give every free seat to whoever has waited longest, tell them by mail, and return how many moved up.

    The session's row must be held. Once the session has started nobody is promoted: the mail would come too late.
    """
    if session.status is SessionStatus.CANCELLED or session.starts_at <= now:
        return 0
    seating = seating_of(session.id)
    free = seating.waiting if session.seats is None else max(0, session.seats - seating.registered)
    promoted = 0
    while promoted < free and (waiting := next_waiting(session.id)) is not None:
        waiting.status = RegistrationStatus.REGISTERED
        db.session.flush()
        enqueue_promotion(waiting, now)
        promoted += 1
    return promoted


def change_seats(session_key: str, seats: int | None) -> int:
    """Set how many seats a session has (None: no limit) and give new ones to those who wait; return how many moved up.

    Fewer seats than are taken is allowed: nobody loses a seat, and none is given until enough are free.

    Raises:
        NoSuchSession: there is no session of this key.
    """
    with transaction():
        session = lock_session(session_key)
        if session is None:
            raise NoSuchSession(session_key)
        session.seats = seats
        promoted = promote_waiting(session, clock.now())
    logger.info("session %s: seats changed, %s moved up", session_key, promoted)
    return promoted
