"""What each source says of whether somebody came, in sentences for the staff."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from operator import attrgetter

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy import ColumnElement, exists, select

from webinar.attendance.models import AttendanceRecord, AttendanceSource
from webinar.attendance.stays import full_minutes, time_within
from webinar.catalogue.models import WebinarSession
from webinar.foundation import formats
from webinar.foundation.db import db
from webinar.foundation.zones import in_zone

SOURCE_NAMES = {
    AttendanceSource.JOIN_LINK: _l("Join link"),
    AttendanceSource.REPORT: _l("Report"),
    AttendanceSource.BY_HAND: _l("By hand"),
}


def is_reported(session_id: int) -> ColumnElement[bool]:
    """Return the condition that a report says of anybody when they were at a session."""
    is_report = AttendanceRecord.source == AttendanceSource.REPORT
    return exists().where(AttendanceRecord.session_id == session_id, is_report)


def has_clicked(session_id: int, person_id: int) -> bool:
    """Tell whether somebody has used their join link; one query."""
    clicked = exists().where(
        AttendanceRecord.session_id == session_id,
        AttendanceRecord.person_id == person_id,
        AttendanceRecord.source == AttendanceSource.JOIN_LINK,
    )
    return db.session.scalar(select(clicked)) is True


def records_of(session_id: int, person_ids: Iterable[int]) -> dict[int, list[AttendanceRecord]]:
    """Return all that is known of some people in a session, by person, the earliest first; one query."""
    rows = db.session.scalars(
        select(AttendanceRecord)
        .where(AttendanceRecord.session_id == session_id, AttendanceRecord.person_id.in_(list(person_ids)))
        .order_by(AttendanceRecord.person_id, AttendanceRecord.joined_at)
    )
    return {person_id: list(of_one) for person_id, of_one in groupby(rows, attrgetter("person_id"))}


def told(session: WebinarSession, records: Sequence[AttendanceRecord], *, has_report: bool) -> list[str]:
    """Return what each source says of somebody by the clocks of the session, in the language of the page.

    ``has_report`` says that there is a report of the session: then it says something by not having them, too.
    """

    def hour(moment: datetime) -> str:
        return formats.hour(in_zone(moment, session.timezone))

    def hours(record: AttendanceRecord) -> str:
        if record.left_at is None:
            return hour(record.joined_at)
        return formats.hours(*(in_zone(one, session.timezone) for one in (record.joined_at, record.left_at)))

    by_source = {source: [one for one in records if one.source is source] for source in AttendanceSource}
    clicked, reported, by_hand = (by_source[source] for source in AttendanceSource)
    says = [
        _("Used the join link at %(hour)s.", hour=hour(clicked[0].joined_at))
        if clicked
        else _("Has not used the join link.")
    ]
    if reported:
        minutes = full_minutes(int(_time(session, reported).total_seconds()))
        says.append(
            ngettext(
                "The report has them from %(hours)s: %(num)s minute of the session.",
                "The report has them from %(hours)s: %(num)s minutes of the session.",
                minutes,
                hours=formats.in_a_row(map(hours, reported)),
            )
        )
    elif has_report:
        says.append(_("The report does not have them."))
    if by_hand and by_hand[0].was_there:
        says.append(_("Somebody of the staff said that they were there: %(hours)s.", hours=hours(by_hand[0])))
    elif by_hand:
        says.append(_("Somebody of the staff said that they were not there."))
    return says


def _time(session: WebinarSession, records: Iterable[AttendanceRecord]) -> timedelta:
    stretches = [(one.joined_at, one.left_at) for one in records if one.left_at is not None]
    return time_within(stretches, session.starts_at, session.ends_at)
