"""What registration asks about who came (``registration.arrivals.Arrivals``)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.dialects import postgresql, sqlite

from webinar.attendance.models import AttendanceRecord, AttendanceSource
from webinar.foundation.db import db
from webinar.registration.models import Registration


class RecordedArrivals:
    """Keeps the record of arrivals."""

    def note(self, place: Registration, now: datetime) -> None:
        """Store the first arrival; the index decides between two clicks at once, so neither of them fails."""
        insert = postgresql.insert if db.session.get_bind().dialect.name == "postgresql" else sqlite.insert
        db.session.execute(
            insert(AttendanceRecord)
            .values(
                session_id=place.session_id,
                person_id=place.person_id,
                source=AttendanceSource.JOIN_LINK,
                joined_at=now,
                erase_after=place.erase_after,
            )
            .on_conflict_do_nothing()
        )

    def move(self, session_id: int, person_id: int, to_person_id: int) -> None:
        """Let all records of one person in a session be another's, who has none there."""
        db.session.execute(
            update(AttendanceRecord)
            .where(AttendanceRecord.session_id == session_id, AttendanceRecord.person_id == person_id)
            .values(person_id=to_person_id)
        )
