"""Letting all active reports of a session say together who was there, after any of them has changed."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from webinar.attendance.models import AttendanceRecord, AttendanceSource
from webinar.attendance.services.report import store_reported
from webinar.catalogue.models import WebinarSession
from webinar.foundation.db import db
from webinar.people.models import Person
from webinar.platform_reports.models import KnownIdentity, ReportedCandidate, ReportedPerson, Standing
from webinar.platform_reports.queries import active_reports, counted_in
from webinar.registration.models import Registration, RegistrationStatus


def count_again(session: WebinarSession, person_ids: Collection[int] | None = None) -> None:
    """Store what all active reports of a session say of some people together, or of everybody, and settle them.

    In the caller's transaction, which holds the session's row.
    """
    db.session.flush()
    counted = counted_in(session.id, person_ids)
    if person_ids is None:
        person_ids = db.session.scalars(
            select(AttendanceRecord.person_id)
            .where(AttendanceRecord.session_id == session.id, AttendanceRecord.source == AttendanceSource.REPORT)
            .distinct()
        ).all()
    store_reported(session, {**{person_id: [] for person_id in person_ids}, **counted})


def remove_added(session: WebinarSession, registration_ids: Collection[int]) -> int:
    """Remove those who were added as come without registering, if nothing tells of them any more; return how many.

    To be called after ``count_again``, in the same transaction. A report that was replaced may still name them, and
    another may ask whether somebody else is them: there they are nobody known again.
    """
    removed = 0
    active = {report.id for report in active_reports(session.id)}
    for registration_id in sorted(set(registration_ids)):
        place = db.session.get(Registration, registration_id)
        if place is None or place.status is not RegistrationStatus.UNREGISTERED:
            continue
        naming = db.session.scalars(
            select(ReportedPerson).where(
                (ReportedPerson.registration_id == place.id) | (ReportedPerson.proposed_id == place.id)
            )
        ).all()
        records = select(AttendanceRecord.id).where(
            AttendanceRecord.session_id == session.id, AttendanceRecord.person_id == place.person_id
        )
        counts_for_them = (one.report_id in active and one.registration_id == place.id for one in naming)
        if db.session.scalar(records.limit(1)) or any(counts_for_them):
            continue
        person_id = place.person_id
        try:
            with db.session.begin_nested():
                for one in naming:
                    if one.registration_id == place.id or one.standing is Standing.LIKELY:
                        one.standing, one.reason, one.registration_id = Standing.OPEN, None, None
                    one.proposed_id = None
                db.session.execute(delete(ReportedCandidate).where(ReportedCandidate.registration_id == place.id))
                db.session.flush()
                db.session.delete(place)
        except IntegrityError:  # something points to them still
            continue
        _forget_person(person_id)
        removed += 1
    return removed


def _forget_person(person_id: int) -> None:
    """Remove somebody to whom nothing points but what was decided about them; who is on a list stays."""
    try:
        with db.session.begin_nested():
            db.session.execute(delete(KnownIdentity).where(KnownIdentity.person_id == person_id))
            db.session.execute(delete(Person).where(Person.id == person_id))
    except IntegrityError:
        return
