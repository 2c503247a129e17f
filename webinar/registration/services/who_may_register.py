"""Who may register for a session, and how many people of one member get a seat."""

from __future__ import annotations

import logging
import secrets
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select, update

from webinar.accounts import audit
from webinar.catalogue.models import Access, WebinarSession
from webinar.catalogue.queries import lock_whole_session
from webinar.catalogue.services.changes import Changes
from webinar.catalogue.services.revisions import check_revision, record_edit
from webinar.foundation import clock
from webinar.foundation.db import db, transaction
from webinar.registration.mails import enqueue_news_of_place, topic_of
from webinar.registration.models import Registration
from webinar.registration.queries import IN_LINE, IS_ASKED, find_by_id
from webinar.registration.services.refusals import NoSuchSession
from webinar.registration.services.seats import promote_waiting

logger = logging.getLogger(__name__)


class MovedOn(NamedTuple):
    """How many people a change gave a seat, and how many stand in line now who were to be approved before."""

    promoted: int
    in_line: int


def set_who_may_register(
    session_key: str,
    access: Access,
    most_per_member: int | None,
    made_from: int | None = None,
    *,
    has_open_door: bool = False,
) -> MovedOn:
    """Say who may register for a session and how many people of one member get a seat; None is no limit.

    Through an open door who registers from the moment the doors open until the end goes straight in.

    Nobody loses a seat by it. Where a higher limit or none lets people in who waited, they get the free seats; who was
    to be approved need not be any more where not only members may register. They are told by mail. ``made_from`` is
    the revision that was edited.

    Raises:
        NoSuchSession: there is no session of this key.
        ChangedMeanwhile: somebody has changed the same since that revision.
    """
    with transaction():
        now = clock.now()
        session = _locked(session_key)
        check_revision(session, made_from, "access", "most_per_member", "has_open_door")
        changes = Changes()
        changes.assign(session, access=access, most_per_member=most_per_member, has_open_door=has_open_door)
        if not changes:
            return MovedOn(0, 0)
        session.changed_at = now
        db.session.flush()
        asked = [] if access is Access.MEMBERS else _let_in_line(session)
        promoted = promote_waiting(session, now)
        in_line = _tell_who_waits(asked, now)
        record_edit(session, changes)
    logger.info("session %s: %s; %s moved up, %s wait now", session_key, ", ".join(changes), promoted, in_line)
    return MovedOn(promoted, in_line)


def renew_link(session_key: str) -> None:
    """Give a session another link for those whom it is passed on to; the one before leads nowhere from now on.

    Raises:
        NoSuchSession: there is no session of this key.
    """
    with transaction():
        session = _locked(session_key)
        session.access_token = secrets.token_urlsafe()
        session.changed_at = clock.now()
        audit.record("made a new link for", topic_of(session))
    logger.info("session %s has a new link", session_key)


def _locked(session_key: str) -> WebinarSession:
    session = lock_whole_session(session_key)
    if session is None:
        raise NoSuchSession(session_key)
    return session


def _let_in_line(session: WebinarSession) -> list[int]:
    """Let those who were to be approved wait like everybody, and return the ids of their registrations."""
    asked = db.session.scalars(select(Registration.id).where(Registration.session_id == session.id, IS_ASKED)).all()
    db.session.execute(update(Registration).where(Registration.id.in_(asked)).values(approval=None))
    return list(asked)


def _tell_who_waits(registration_ids: list[int], now: datetime) -> int:
    waiting = db.session.scalars(
        select(Registration.id).where(Registration.id.in_(registration_ids), IN_LINE).order_by(Registration.turn)
    ).all()
    for registration_id in waiting:
        place = find_by_id(registration_id)
        if place is not None:
            enqueue_news_of_place(place, now)
    return len(waiting)
