"""Whether a registered person came, as a condition of statements about registrations."""

from __future__ import annotations

from sqlalchemy import ColumnElement, exists

from webinar.attendance.models import Attendance
from webinar.registration.models import Registration


def has_come() -> ColumnElement[bool]:
    """Return the condition that the person of a registration came to its session."""
    return (
        exists()
        .where(
            Attendance.session_id == Registration.session_id,
            Attendance.person_id == Registration.person_id,
            Attendance.came,
        )
        .correlate(Registration)
    )
