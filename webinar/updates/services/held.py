"""The session that an update is about: held, and still one that something can be decided about."""

from __future__ import annotations

from datetime import datetime

from flask_babel import lazy_gettext as _l

from webinar.catalogue.models import SessionStatus, WebinarSession
from webinar.catalogue.queries import lock_whole_session
from webinar.catalogue.services.edit_session import NoSuchSession
from webinar.catalogue.services.revisions import check_revision
from webinar.foundation.errors import DomainError


class NothingToChange(DomainError):
    """The session is over or was cancelled: nobody can be told anything new about it."""


def hold_coming_session(key: str, made_from: int | None, now: datetime, *about: str) -> WebinarSession:
    """Return a session that is still to be held, its row held until the transaction ends.

    ``made_from`` is the revision that the organiser saw; ``about`` are the names, as the audit log has them, of what
    they decided on.

    Raises:
        NoSuchSession: there is no session of this key.
        NothingToChange: it is over, or cancelled.
        ChangedMeanwhile: somebody has changed it since that revision.
    """
    session = lock_whole_session(key)
    if session is None:
        raise NoSuchSession(key)
    check_coming(session, now)
    check_revision(session, made_from, *about)
    return session


def check_coming(session: WebinarSession, now: datetime) -> None:
    """Refuse a session that nothing can be decided about any more.

    Raises:
        NothingToChange: it is over, or cancelled.
    """
    if session.status is SessionStatus.CANCELLED:
        raise NothingToChange(_l("This session is cancelled already. To hold it after all, make a copy of it."))
    if session.ends_at <= now:
        raise NothingToChange(_l("This session is over. To hold it once more, make a copy of it."))
