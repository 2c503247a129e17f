"""Seats: who gets one, who waits, and who moves up when one becomes free."""

from __future__ import annotations

from datetime import datetime

from webinar.catalogue.models import SessionStatus, WebinarSession
from webinar.foundation.db import db
from webinar.members.models import Member
from webinar.registration.mails import enqueue_promotion
from webinar.registration.models import RegistrationStatus
from webinar.registration.queries import Seating, is_anybodys_turn, is_full_for, next_waiting, seating_of


def status_for_newcomer(session: WebinarSession, seating: Seating, member: Member | None) -> RegistrationStatus:
    """Tell what somebody who comes now for a member, or for none, gets: a seat, or a turn on the waiting list.

    They wait behind those who wait, unless these do so only because others of their own members have the seats that
    one member may have. The session's row must be held.
    """
    if is_full_for(session, member):
        return RegistrationStatus.WAITING
    if session.seats is None:
        return RegistrationStatus.REGISTERED
    has_free_seats = seating.registered < session.seats
    if has_free_seats and (seating.waiting == 0 or not is_anybodys_turn(session)):
        return RegistrationStatus.REGISTERED
    return RegistrationStatus.WAITING


def promote_waiting(session: WebinarSession, now: datetime) -> int:
    """Give every free seat to whoever has waited longest, tell them by mail, and return how many moved up.

    Who waits because their member has all the seats that one may have is passed over. The session's row must be held.
    Once the session has started nobody is promoted: the mail would come too late.
    """
    if session.status is SessionStatus.CANCELLED or session.starts_at <= now:
        return 0
    seating = seating_of(session.id)
    free = seating.waiting if session.seats is None else max(0, session.seats - seating.registered)
    promoted = 0
    while promoted < free and (waiting := next_waiting(session)) is not None:
        waiting.status = RegistrationStatus.REGISTERED
        db.session.flush()
        enqueue_promotion(waiting, now)
        promoted += 1
    return promoted
