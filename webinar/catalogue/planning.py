"""Reading what a date is chosen beside: where the members are, and the sessions near it; and the sessions of a year."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from webinar.catalogue.dates import Place
from webinar.catalogue.models import SessionStatus, Webinar, WebinarSession
from webinar.foundation.db import db
from webinar.members.models import Member
from webinar.members.queries import LIVING


def places_of_members() -> list[Place]:
    """Return where each member is, by region, country and zone; one query."""
    rows = db.session.execute(select(Member.region, Member.country_code, Member.timezone).where(LIVING))
    return [Place(*row) for row in rows]


def sessions_between(begin: datetime, end: datetime, *, but: str = "") -> Sequence[WebinarSession]:
    """Return the sessions that are held in a stretch of time, drafts too, the earliest first; one query.

    They come with their webinars, without texts. ``but`` is the key of one that is left out; cancelled ones are not
    held.
    """
    return db.session.scalars(
        select(WebinarSession)
        .where(
            WebinarSession.starts_at < end,
            WebinarSession.ends_at > begin,
            WebinarSession.status != SessionStatus.CANCELLED,
            WebinarSession.key != but,
        )
        .options(joinedload(WebinarSession.webinar, innerjoin=True))
        .order_by(WebinarSession.starts_at, WebinarSession.id)
    ).all()


def other_starts(webinar_slug: str, *, but: str = "") -> list[tuple[datetime, str]]:
    """Return when the sessions of a webinar begin, and their zones, but for one; cancelled ones left out; one query."""
    rows = db.session.execute(
        select(WebinarSession.starts_at, WebinarSession.timezone)
        .join(WebinarSession.webinar)
        .where(
            Webinar.slug == webinar_slug,
            WebinarSession.key != but,
            WebinarSession.status != SessionStatus.CANCELLED,
        )
    )
    return [(starts_at, zone) for starts_at, zone in rows]


def sessions_of_year(year: int) -> Sequence[WebinarSession]:
    """Return the sessions of any status that begin in a year where they are held, the earliest first; one query.

    They come with their webinars, without texts.
    """
    begin, end = (datetime(of, 1, 1) for of in (year, year + 1))  # noqa: DTZ001 (wall times)
    return db.session.scalars(
        select(WebinarSession)
        .where(WebinarSession.starts_wall >= begin, WebinarSession.starts_wall < end)
        .options(joinedload(WebinarSession.webinar, innerjoin=True))
        .order_by(WebinarSession.starts_wall, WebinarSession.id)
    ).all()
