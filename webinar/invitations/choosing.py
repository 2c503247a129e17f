"""What organisers choose from when they write a mailing: sessions of the right time, and people to show it for."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload, selectinload

from webinar.catalogue.models import SessionStatus, Webinar, WebinarSession, WebinarText
from webinar.catalogue.texts import text_in
from webinar.foundation.db import db
from webinar.foundation.when import When
from webinar.invitations.models import Mailing, MailingKind

MOST_SESSIONS = 40


class SessionToChoose(NamedTuple):
    """A session as it stands among others to choose from; its times are those where it is held."""

    session: WebinarSession
    text: WebinarText
    when: When

    @property
    def codes(self) -> list[str]:
        """The languages in which it can be followed."""
        return [version.code for version in self.session.language_versions]


def is_about_past(kind: MailingKind) -> bool:
    """Tell whether mailings of a kind are about sessions that are over."""
    return kind in {MailingKind.THANKS, MailingKind.MISSED}


def sessions_to_choose(
    now: datetime, language: str, *, past: bool, besides: Collection[int] = (), at_most: int = MOST_SESSIONS
) -> list[SessionToChoose]:
    """Return sessions that a mailing can show, the nearest first, and those ``besides``, whatever they are."""
    of_time = (
        (WebinarSession.ends_at <= now) & (WebinarSession.status == SessionStatus.PUBLISHED)
        if past
        else (WebinarSession.ends_at > now) & (WebinarSession.status != SessionStatus.CANCELLED)
    )
    nearest = (
        select(WebinarSession.id)
        .where(of_time)
        .order_by(WebinarSession.starts_at.desc() if past else WebinarSession.starts_at, WebinarSession.id)
        .limit(at_most)
        .subquery()
    )
    sessions = db.session.scalars(
        select(WebinarSession)
        .where(or_(WebinarSession.id.in_(select(nearest.c.id)), WebinarSession.id.in_(besides)))
        .options(
            joinedload(WebinarSession.webinar, innerjoin=True).selectinload(Webinar.texts),
            selectinload(WebinarSession.language_versions),
        )
        .order_by(WebinarSession.starts_at.desc() if past else WebinarSession.starts_at, WebinarSession.id)
    )
    return [
        SessionToChoose(
            session, text_in(session.webinar.texts, language, session.webinar.original_language), _when(session)
        )
        for session in sessions.unique()
    ]


def _when(session: WebinarSession) -> When:
    return When(session.starts_at, session.ends_at, session.timezone, session.timezone, is_guess=True)


def coming_of_webinar(slug: str, now: datetime) -> Sequence[int]:
    """Return the sessions of a webinar to which people can still be invited."""
    return db.session.scalars(
        select(WebinarSession.id)
        .join(WebinarSession.webinar)
        .where(Webinar.slug == slug, WebinarSession.starts_at > now, WebinarSession.status != SessionStatus.CANCELLED)
        .order_by(WebinarSession.starts_at)
        .limit(MOST_SESSIONS)
    ).all()


def session_of_key(key: str) -> Sequence[int]:
    """Return the id of the session of a key, if there is one."""
    return db.session.scalars(select(WebinarSession.id).where(WebinarSession.key == key)).all()


def languages_heard(mailing: Mailing, sessions: Sequence[SessionToChoose]) -> list[str]:
    """Return the languages in which the sessions of a mailing can be followed."""
    ids = {shown.session_id for shown in mailing.sessions}
    return list(dict.fromkeys(code for one in sessions if one.session.id in ids for code in one.codes))
