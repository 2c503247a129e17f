"""Storing what the platforms' reports of a session say, whoever has read them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import delete, exists, insert, select

from webinar.attendance.models import AttendanceRecord, AttendanceSource
from webinar.attendance.services.settle import settle
from webinar.attendance.stays import united
from webinar.catalogue.models import WebinarSession
from webinar.foundation import clock
from webinar.foundation.db import db
from webinar.registration.services.places import keep_until

Stretch = tuple[datetime, datetime]

AT_A_TIME = 500


def store_reported(session: WebinarSession, reported: Mapping[int, Iterable[Stretch]]) -> None:
    """Let the reports of a session say of some people when they were there, and of nobody of these anything else.

    ``reported`` has all log-ins of a person in all reports by the person's id, in UTC and in any order; what overlaps
    is stored as one stretch, and somebody without any is in no report any more. In the caller's transaction, which
    holds the session's row. With the first report, or without the last one, everybody's answer is made anew: it
    changes what a click on the link proves.
    """
    had_report = _has_report(session.id)
    erase_after = keep_until(session, clock.now())
    person_ids = list(reported)
    for start in range(0, len(person_ids), AT_A_TIME):
        former = delete(AttendanceRecord).where(
            AttendanceRecord.session_id == session.id,
            AttendanceRecord.source == AttendanceSource.REPORT,
            AttendanceRecord.person_id.in_(person_ids[start : start + AT_A_TIME]),
        )
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
    is_few = len(person_ids) <= AT_A_TIME
    settle(session.id, person_ids if is_few and had_report == _has_report(session.id) else None)


def _has_report(session_id: int) -> bool:
    of_session = exists().where(
        AttendanceRecord.session_id == session_id, AttendanceRecord.source == AttendanceSource.REPORT
    )
    return db.session.scalar(select(of_session)) is True
