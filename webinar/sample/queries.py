"""What of the sample is here already, so that loading adds only what is missing."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select

from webinar.attendance.models import AttendanceRecord, AttendanceSource
from webinar.catalogue.models import Series, WebinarSession
from webinar.foundation.db import db
from webinar.members.models import Member
from webinar.people.models import Contact, Person
from webinar.registration.models import Registration


def member_keys() -> set[str]:
    """Return the keys of all members."""
    return set(db.session.scalars(select(Member.key)))


def has_contacts() -> bool:
    """Tell whether anybody is on the network's lists."""
    return db.session.scalar(select(Contact.id).limit(1)) is not None


def series_slugs() -> set[str]:
    """Return the slugs of all series."""
    return set(db.session.scalars(select(Series.slug)))


def session_ids(keys: Collection[str]) -> dict[str, int]:
    """Return the numbers of sessions by their keys."""
    rows = db.session.execute(select(WebinarSession.key, WebinarSession.id).where(WebinarSession.key.in_(keys)))
    return {key: session_id for key, session_id in rows}


def registrations_by_address(session_key: str) -> dict[str, Registration]:
    """Return whoever was ever registered in a session, by mail address; the erased have none."""
    rows = db.session.execute(
        select(Person.email, Registration)
        .join(Registration.person)
        .join(Registration.session)
        .where(WebinarSession.key == session_key, Person.email.is_not(None))
    )
    return {email: registration for email, registration in rows if email is not None}


def has_report(session_key: str) -> bool:
    """Tell whether anything is known about a session from a platform's report."""
    return (
        db.session.scalar(
            select(AttendanceRecord.id)
            .join(AttendanceRecord.session)
            .where(WebinarSession.key == session_key, AttendanceRecord.source == AttendanceSource.REPORT)
            .limit(1)
        )
        is not None
    )
