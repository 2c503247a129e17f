"""Moving a session to other times: everybody's calendar entry moves with it."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime

from flask_babel import lazy_gettext as _l

from webinar.calendars.services import raise_sequences
from webinar.catalogue.models import WebinarSession
from webinar.catalogue.services.changes import Changes
from webinar.catalogue.services.drafts import EditRefused
from webinar.catalogue.services.revisions import record_edit
from webinar.catalogue.services.times import ImpossibleTimes, move_times, wall_time
from webinar.foundation import clock
from webinar.foundation.db import transaction
from webinar.foundation.errors import DomainError
from webinar.registration.arrivals import arrivals
from webinar.updates.models import UpdateKind, times_of
from webinar.updates.services.held import hold_coming_session
from webinar.updates.services.recipients import decide

logger = logging.getLogger(__name__)

ABOUT = ("start", "end", "timezone", "status", "registration_opens", "registration_closes")
"""What moving a session changes or depends on, by the names in the audit log."""


def move_session(
    key: str,
    start: datetime,
    end: datetime,
    *,
    words: Mapping[str, str] | None = None,
    made_from: int | None = None,
) -> None:
    """Hold a session at other times, wall times in its own zone, and tell everybody who comes, waits or was invited.

    The registration window moves along. ``words`` are what the organisers add, by language. Where the world's zone
    data has changed, the times it has already move it to the moment at which its clocks will show them.

    The entries' SEQUENCE rises here, in one statement; the mails are written shortly before they leave.

    Raises:
        NoSuchSession, NothingToChange, ChangedMeanwhile: as ``hold_coming_session``.
        EditRefused: the times are past, the same as before, or cannot be, or a word is missing; ``field`` says which.
    """
    with transaction():
        now = clock.now()
        session = hold_coming_session(key, made_from, now, *ABOUT)
        set_other_times(session, start, end, now, words or {})
    logger.info("session %s moved", key)


def set_other_times(
    session: WebinarSession, start: datetime, end: datetime, now: datetime, words: Mapping[str, str]
) -> None:
    """Do what ``move_session`` does with a session whose row is held, in the caller's transaction."""
    knew = times_of(session)
    before = _as_shown(session)
    change_times(session, start, end, now)
    arrivals().settle(session.id)
    changes = Changes()
    for name, after in _as_shown(session).items():
        changes.note(name, before[name], after)
    session.changed_at = now
    decide(session, UpdateKind.MOVED, knew, words, now)
    raise_sequences(session.id)
    # Of a change of the zone data the wall times tell nothing: the moments do.
    record_edit(session, changes or {"starts_at": [knew.starts_at.isoformat(), session.starts_at.isoformat()]})


def change_times(session: WebinarSession, start: datetime, end: datetime, now: datetime) -> None:
    """Give a session other times to come, and nothing else.

    Raises:
        EditRefused: the times are past, the same as before, or cannot be; ``field`` says which.
    """
    knew = times_of(session)
    try:
        move_times(session, start, end, now)
    except ImpossibleTimes as refusal:
        raise EditRefused("end", refusal.message) from None
    except DomainError as refusal:
        raise EditRefused("start", refusal.message) from None
    if times_of(session) == knew:
        raise EditRefused("start", _l("It is held at these times already. Write the new ones."))
    # Of one that runs already the end can be moved.
    if session.starts_at <= now and session.starts_at != knew.starts_at:
        raise EditRefused("start", _l("This is past by now. Choose a time to come."))
    if session.ends_at <= now:
        raise EditRefused("end", _l("This is past by now. Choose a time to come."))


def _as_shown(session: WebinarSession) -> dict[str, datetime | None]:
    return {
        "start": session.starts_wall,
        "end": session.ends_wall,
        "registration_opens": wall_time(session.registration_opens, session.timezone),
        "registration_closes": wall_time(session.registration_closes, session.timezone),
    }
