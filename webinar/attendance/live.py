"""Who has used their join link, by member, while a session is on: asked for every few seconds, so it costs little."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import and_, func, select

from webinar.attendance.admission import OPEN_AFTER_THE_END
from webinar.attendance.models import AttendanceRecord, AttendanceSource
from webinar.catalogue.models import SessionStatus, WebinarSession
from webinar.foundation.db import db
from webinar.foundation.languages import in_alphabet
from webinar.members.models import Member
from webinar.registration.models import Registration, RegistrationStatus


def is_on(session: WebinarSession, now: datetime, *, doors_open_minutes: int) -> bool:
    """Tell whether the join links of a session lead to it at a moment."""
    is_open = session.doors_open_at(doors_open_minutes) <= now < session.ends_at + OPEN_AFTER_THE_END
    return is_open and session.status is SessionStatus.PUBLISHED


class MemberSeen(NamedTuple):
    """One member, how many are registered for it, and how many of them have used their link."""

    key: str
    name: str
    registered: int
    seen: int


class Seen(NamedTuple):
    """How many are registered for a session, how many of them have used their link, and for which members.

    ``here`` are the members of whom somebody has, ``missing`` those of whom nobody has yet, each in the alphabet.
    """

    registered: int
    seen: int
    here: list[MemberSeen]
    missing: list[MemberSeen]


def seen_in(session_id: int) -> Seen:
    """Count who is there as far as the join links tell; one statement, a row a member."""
    rows = db.session.execute(
        select(Member.key, Member.name, func.count(), func.count(AttendanceRecord.id))
        .select_from(Registration)
        .outerjoin(Member, Member.id == Registration.member_id)
        .outerjoin(
            AttendanceRecord,
            and_(
                AttendanceRecord.session_id == Registration.session_id,
                AttendanceRecord.person_id == Registration.person_id,
                AttendanceRecord.source == AttendanceSource.JOIN_LINK,
            ),
        )
        .where(Registration.session_id == session_id, Registration.status == RegistrationStatus.REGISTERED)
        .group_by(Member.id)
    ).all()
    members = sorted(
        (MemberSeen(*row) for row in rows if row[0] is not None), key=lambda member: in_alphabet(member.name)
    )
    return Seen(
        registered=sum(row[2] for row in rows),
        seen=sum(row[3] for row in rows),
        here=[member for member in members if member.seen],
        missing=[member for member in members if not member.seen],
    )


def find_session_alone(key: str) -> WebinarSession | None:
    """Return the session of a key without anything that hangs on it, drafts too, or None; one query."""
    return db.session.scalar(select(WebinarSession).where(WebinarSession.key == key))
