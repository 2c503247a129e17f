"""What needs a hand before the coming sessions: read for the staff's first page, a fixed number of statements."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import joinedload

from webinar.catalogue.models import LanguageVersion, Platform, SessionStatus, WebinarSession, WebinarText
from webinar.foundation.db import db
from webinar.registration.models import Registration, RegistrationStatus
from webinar.registration.queries import IN_LINE, IS_ASKED

NEAR = timedelta(days=60)
"""How long before its day a provisional date is to be decided."""


class Unready(NamedTuple):
    """A coming session that lacks something: a join URL, a date that is sure, or texts in one of its languages."""

    session: WebinarSession
    lacks_link: bool
    is_unsure: bool
    missing: tuple[str, ...]


def unready_sessions(now: datetime) -> list[Unready]:
    """Return the sessions to come that are not ready, the soonest first, with their webinars; one query.

    A public session leads nowhere where neither it nor one of its languages has a join URL; one in a hall needs
    none. A provisional date counts when it is NEAR.
    """
    lacks_link = and_(
        WebinarSession.status == SessionStatus.PUBLISHED,
        WebinarSession.platform != Platform.ROOM,
        WebinarSession.join_url == "",
        LanguageVersion.join_url == "",
    )
    is_unsure = and_(WebinarSession.is_provisional, WebinarSession.starts_at < now + NEAR)
    is_written = (
        select(WebinarText.webinar_id)
        .where(WebinarText.webinar_id == WebinarSession.webinar_id, WebinarText.language == LanguageVersion.code)
        .exists()
    )
    lacks_texts = and_(LanguageVersion.code.is_not(None), ~is_written)
    rows = db.session.execute(
        select(WebinarSession, LanguageVersion.code, lacks_link, is_unsure, lacks_texts)
        .outerjoin(LanguageVersion, LanguageVersion.session_id == WebinarSession.id)
        .where(
            WebinarSession.ends_at > now,
            WebinarSession.status != SessionStatus.CANCELLED,
            or_(lacks_link, is_unsure, lacks_texts),
        )
        .options(joinedload(WebinarSession.webinar, innerjoin=True))
        .order_by(WebinarSession.starts_at, WebinarSession.id, LanguageVersion.position)
    )
    found: dict[int, Unready] = {}
    for session, code, without_link, unsure, untold in rows:
        before = found.get(session.id, Unready(session, False, False, ()))
        found[session.id] = Unready(
            session,
            before.lacks_link or bool(without_link),
            before.is_unsure or bool(unsure),
            (*before.missing, code) if untold else before.missing,
        )
    return list(found.values())


class Waiting(NamedTuple):
    """A session to come, how many wait for a seat in it, and how many for being let in."""

    session: WebinarSession
    in_line: int
    asked: int


def waiting_by_session(now: datetime) -> list[Waiting]:
    """Count who waits in each session to come, the soonest first; one query."""
    rows = db.session.execute(
        select(WebinarSession, func.count().filter(IN_LINE), func.count().filter(IS_ASKED))
        .join(Registration, Registration.session_id == WebinarSession.id)
        .where(
            Registration.status == RegistrationStatus.WAITING,
            WebinarSession.status == SessionStatus.PUBLISHED,
            WebinarSession.starts_at > now,
        )
        .group_by(WebinarSession.id)
        .order_by(WebinarSession.starts_at, WebinarSession.id)
    )
    return [Waiting(*row) for row in rows]


class Title(NamedTuple):
    """What a webinar is called in one language."""

    language: str
    title: str


def titles_of(webinar_ids: Iterable[int]) -> dict[int, list[Title]]:
    """Return what webinars are called, without the other texts; one query."""
    rows = db.session.execute(
        select(WebinarText.webinar_id, WebinarText.language, WebinarText.title).where(
            WebinarText.webinar_id.in_(set(webinar_ids))
        )
    )
    found: dict[int, list[Title]] = {}
    for webinar_id, language, title in rows:
        found.setdefault(webinar_id, []).append(Title(language, title))
    return found
