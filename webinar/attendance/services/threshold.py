"""How long somebody must have been at a session to have come."""

from __future__ import annotations

import logging

from flask_babel import lazy_gettext as _l

from webinar.accounts import audit
from webinar.attendance.services.settle import settle
from webinar.catalogue.models import MOST_THRESHOLD, WebinarSession
from webinar.catalogue.queries import lock_session
from webinar.foundation.db import transaction
from webinar.foundation.errors import DomainError
from webinar.registration.mails import topic_of
from webinar.registration.services.refusals import NoSuchSession

logger = logging.getLogger(__name__)


class NobodyWasThereSoLong(DomainError):
    """The session itself is shorter."""

    def __init__(self, minutes: int) -> None:
        super().__init__(
            _l("The session is of %(minutes)s minutes. Write a number from 0 to %(minutes)s.", minutes=minutes)
        )


def longest_threshold(session: WebinarSession) -> int:
    """Return for how many minutes one can be at a session: all of it, a day at the most."""
    return min(MOST_THRESHOLD, int((session.ends_at - session.starts_at).total_seconds()) // 60)


def set_threshold(session_key: str, minutes: int) -> bool:
    """Let whoever was at a session for at least so many minutes have come to it, and tell whether that differs.

    Everybody's answer is made anew; with 0 any log-in is enough.

    Raises:
        NoSuchSession: there is none of this key.
        NobodyWasThereSoLong: the session is shorter.
    """
    with transaction():
        session = lock_session(session_key)
        if session is None:
            raise NoSuchSession(session_key)
        longest = longest_threshold(session)
        if not 0 <= minutes <= longest:
            raise NobodyWasThereSoLong(longest)
        before = session.attendance_threshold
        if before == minutes:
            return False
        session.attendance_threshold = minutes
        audit.record("changed", topic_of(session), attendance_threshold=[before, minutes])
        settle(session.id)
    logger.info("session %s: who was there for %s minutes came", session_key, minutes)
    return True
