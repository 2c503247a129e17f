"""What came from people's calendars and waits for a person, with whose place it is about."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import and_, func, select
from sqlalchemy.orm import contains_eager

from webinar.calendars.models import CalendarEntry, KeptReply
from webinar.catalogue.models import WebinarSession
from webinar.foundation.db import db
from webinar.registration.models import Registration

LINES_A_PAGE = 25


class Kept(NamedTuple):
    """One thing to settle: what came, the session, and the place, where there is one."""

    reply: KeptReply
    session: WebinarSession
    place: Registration | None

    @property
    def can_be_taken(self) -> bool:
        """Whether it is an answer that still fits the entry."""
        entry = self.reply.entry
        is_latest = entry.answered_at is None or entry.answered_at <= self.reply.stamped
        return self.reply.answer is not None and self.reply.sequence == entry.sequence and is_latest


class KeptPage(NamedTuple):
    """Some of what is to be settled, the oldest first; pages count from 1."""

    lines: Sequence[Kept]
    page: int
    pages: int
    total: int


def kept_page(page: int) -> KeptPage:
    """Return a page of what is to be settled; two queries. A page beyond the last is the last one."""
    total = db.session.scalar(select(func.count()).select_from(KeptReply)) or 0
    pages = max(1, -(-total // LINES_A_PAGE))
    page = min(max(page, 1), pages)
    rows = db.session.execute(
        select(KeptReply, WebinarSession, Registration)
        .join(KeptReply.entry)
        .join(CalendarEntry.session)
        .outerjoin(
            Registration,
            and_(
                Registration.session_id == CalendarEntry.session_id, Registration.person_id == CalendarEntry.person_id
            ),
        )
        .options(contains_eager(KeptReply.entry), contains_eager(WebinarSession.webinar))
        .join(WebinarSession.webinar)
        .order_by(KeptReply.received_at, KeptReply.id)
        .limit(LINES_A_PAGE)
        .offset((page - 1) * LINES_A_PAGE)
    )
    return KeptPage([Kept(*row) for row in rows], page, pages, total)
