"""Seats: who gets one, who waits, and who moves up when one becomes free."""

from __future__ import annotations

from datetime import datetime

from webinar.catalogue.models import SessionStatus, WebinarSession
from webinar.foundation.db import db
from webinar.registration.mails import enqueue_promotion
from webinar.registration.models import RegistrationStatus
from webinar.registration.queries import Seating, next_waiting, seating_of


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
