"""Making one answer of all that is known about who came to a session.

What one of the staff says by hand decides. Else the platforms' reports do: the time in them within the session,
however many devices somebody was there with, must reach the session's threshold. Else the join link does, which proves
the arrival and not for how long: it is enough where no report tells more of the session, or where no time is asked for.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from sqlalchemy import ColumnElement, delete, exists, insert, select

from webinar.attendance.models import Attendance, AttendanceRecord, AttendanceSource
from webinar.attendance.stays import time_within
from webinar.catalogue.models import WebinarSession
from webinar.foundation.db import db


def settle(session_id: int, person_ids: Collection[int] | None = None) -> None:
    """Make the answers of some people in a session anew, or of everybody, in the caller's transaction.

    Whoever changes the records of a session, its times or its threshold calls this in the same transaction, and holds
    the session's row: two that settled at once would each miss what the other has just learnt.
    """
    db.session.flush()
    measure = _measure_of(session_id)
    records = select(*_READ).where(AttendanceRecord.session_id == session_id)
    former = delete(Attendance).where(Attendance.session_id == session_id)
    if person_ids is not None:
        records = records.where(AttendanceRecord.person_id.in_(person_ids))
        former = former.where(Attendance.person_id.in_(person_ids))
    rows = db.session.execute(records.order_by(AttendanceRecord.person_id, AttendanceRecord.joined_at)).all()
    db.session.execute(former.execution_options(synchronize_session=False))
    answers = [
        {"session_id": session_id, "person_id": person_id, **measure.answer([Told(*row[1:]) for row in of_one])}
        for person_id, of_one in groupby(rows, attrgetter("person_id"))
    ]
    if answers:
        db.session.execute(insert(Attendance), answers)


_READ = (
    AttendanceRecord.person_id,
    AttendanceRecord.source,
    AttendanceRecord.joined_at,
    AttendanceRecord.left_at,
    AttendanceRecord.was_there,
    AttendanceRecord.erase_after,
)


class Told(NamedTuple):
    """What one record tells of somebody."""

    source: AttendanceSource
    joined_at: datetime
    left_at: datetime | None
    was_there: bool
    erase_after: datetime


class Measure(NamedTuple):
    """What makes the answers of a session: its bounds, in UTC, its threshold in seconds, and whether a report is in."""

    starts_at: datetime
    ends_at: datetime
    threshold: int
    has_report: bool

    def answer(self, told: Sequence[Told]) -> Mapping[str, object]:
        """Return the columns of the answer about one person, of whom there is at least one record."""
        by_source = {source: [one for one in told if one.source is source] for source in AttendanceSource}
        by_hand, reported = by_source[AttendanceSource.BY_HAND], by_source[AttendanceSource.REPORT]
        clicked = by_source[AttendanceSource.JOIN_LINK]
        without_hand = self._reached(reported) if reported else bool(clicked) and self._is_a_click_enough()
        came = by_hand[0].was_there if by_hand else without_hand
        deciding = [one for one in by_hand or reported or clicked if one.was_there]
        leaves = [one.left_at for one in deciding if one.left_at is not None]
        if by_hand:
            is_disputed = came is not without_hand and (self.has_report or bool(clicked))
        else:
            is_disputed = self.has_report and not reported
        return {
            "came": came,
            "first_join_at": min((one.joined_at for one in deciding), default=None),
            "last_leave_at": max(leaves, default=None),
            "seconds": self._seconds(deciding),
            "sources": ";".join(source.value for source, of_source in by_source.items() if of_source),
            "is_disputed": is_disputed,
            "erase_after": max(one.erase_after for one in told),
        }

    def _reached(self, reported: Sequence[Told]) -> bool:
        return self._seconds(reported) >= self.threshold

    def _is_a_click_enough(self) -> bool:
        return not (self.has_report and self.threshold)

    def _seconds(self, told: Iterable[Told]) -> int:
        stretches = [(one.joined_at, one.left_at) for one in told if one.left_at is not None]
        return int(time_within(stretches, self.starts_at, self.ends_at).total_seconds())


def _measure_of(session_id: int) -> Measure:
    is_report: ColumnElement[bool] = AttendanceRecord.source == AttendanceSource.REPORT
    row = db.session.execute(
        select(
            WebinarSession.starts_at,
            WebinarSession.ends_at,
            WebinarSession.attendance_threshold,
            exists().where(AttendanceRecord.session_id == session_id, is_report),
        ).where(WebinarSession.id == session_id)
    ).one()
    return Measure(row[0], row[1], row[2] * 60, row[3])
