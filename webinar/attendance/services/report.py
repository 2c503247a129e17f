"""Storing what the platforms' reports of a session say, whoever has read them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import delete, insert

from webinar.attendance.models import AttendanceRecord, AttendanceSource
from webinar.attendance.services.settle import settle
from webinar.attendance.stays import united
from webinar.catalogue.models import WebinarSession
from webinar.foundation import clock
from webinar.foundation.db import db
from webinar.registration.services.places import keep_until

Stretch = tuple[datetime, datetime]


def store_reported(session: WebinarSession, reported: Mapping[int, Iterable[Stretch]]) -> None:
    """Let the reports of a session say of some people when they were there, and of nobody of these anything else.

    ``reported`` has all log-ins of a person in all reports by the person's id, in UTC and in any order; what overlaps
    is stored as one stretch, and somebody without any is in no report any more. In the caller's transaction, which
    holds the session's row. Everybody's answer is made anew: a first report changes what a click on the link proves.
    """
    erase_after = keep_until(session, clock.now())
    of_them = AttendanceRecord.person_id.in_(list(reported))
    is_report = AttendanceRecord.source == AttendanceSource.REPORT
    former = delete(AttendanceRecord).where(AttendanceRecord.session_id == session.id, is_report, of_them)
    db.session.execute(former.execution_options(synchronize_session=False))
    records = [
        {
            "session_id": session.id,
            "person_id": person_id,
            "source": AttendanceSource.REPORT,
            "joined_at": joined_at,
            "left_at": left_at,
            "erase_after": erase_after,
        }
        for person_id, stretches in reported.items()
        for joined_at, left_at in united(stretches)
    ]
    if records:
        db.session.execute(insert(AttendanceRecord), records)
    settle(session.id)
