"""What registration asks about who came (``registration.arrivals.Arrivals``)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import and_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from webinar.attendance.evidence import is_reported, records_of, told
from webinar.attendance.models import Attendance, AttendanceRecord, AttendanceSource
from webinar.attendance.services.settle import settle
from webinar.catalogue.models import WebinarSession
from webinar.catalogue.queries import lock_session_alone
from webinar.foundation.db import db
from webinar.registration.arrivals import Evidence
from webinar.registration.models import Registration


class RecordedArrivals:
    """Keeps the record of arrivals."""

    def evidence(self, session: WebinarSession, person_id: int) -> Evidence:
        """Return the one answer about somebody, and what it is made of; two queries."""
        attendance, has_report = db.session.execute(
            select(Attendance, is_reported(session.id))
            .select_from(WebinarSession)
            .outerjoin(Attendance, and_(Attendance.session_id == WebinarSession.id, Attendance.person_id == person_id))
            .where(WebinarSession.id == session.id)
        ).one()
        records = records_of(session.id, [person_id]).get(person_id, [])
        came = None if attendance is None else attendance.came
        return Evidence(came, told(session, records, has_report=has_report))

    def note(self, place: Registration, now: datetime) -> None:
        """Store the first arrival; the index decides between two clicks at once, so neither of them fails.

        Only the first click waits for the session's row: a thousand that come again do not.
        """
        insert = postgresql.insert if db.session.get_bind().dialect.name == "postgresql" else sqlite.insert
        stored = db.session.execute(
            insert(AttendanceRecord)
            .values(
                session_id=place.session_id,
                person_id=place.person_id,
                source=AttendanceSource.JOIN_LINK,
                joined_at=now,
                erase_after=place.erase_after,
            )
            .on_conflict_do_nothing()
            .returning(AttendanceRecord.id)
        )
        if stored.first() is not None and lock_session_alone(place.session.key):
            settle(place.session_id, [place.person_id])

    def settle(self, session_id: int) -> None:
        """Make everybody's answer anew, after a session's times have changed; its row is held."""
        settle(session_id)

    def move(self, session_id: int, person_id: int, to_person_id: int) -> None:
        """Let all that is known of one person in a session be another's, of whom nothing is known there."""
        for table in (AttendanceRecord, Attendance):
            db.session.execute(
                update(table)
                .where(table.session_id == session_id, table.person_id == person_id)
                .values(person_id=to_person_id)
            )
