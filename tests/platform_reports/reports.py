"""Reports as Zoom writes them, made for a test, and the sessions that they are of."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select

from webinar.attendance.models import Attendance
from webinar.catalogue.models import WebinarSession
from webinar.foundation.db import db
from webinar.people.models import Person
from webinar.platform_reports.models import ReportedPerson
from webinar.platform_reports.services.apply import Applied, apply_file
from webinar.platform_reports.services.plan import HowToRead


def a_zoom_report(
    *logins: tuple[str, str | None, str, str],
    others: Sequence[tuple[str, str, str]] = (),
    panellists: Sequence[tuple[str, str, str, str]] = (),
    meeting: str = "845-1111-2222",
    topic: str = "Heat in cities",
    day: str = "2030-05-14",
) -> bytes:
    """Return a webinar report with log-ins of (name, address, joined, left); the times are of its day: 13:00:00.

    A time with a date stays as it is: 2030-05-14 13:00:00. ``others`` came without registering there.
    """

    def at(time: str) -> str:
        moment = datetime.fromisoformat(time if len(time) > 8 else f"{day} {time}")
        return f'"{moment:%b %d, %Y %H:%M:%S}"'

    lines = [
        "Attendee Report,",
        'Report Generated:,"May 15, 2030 6:05 PM"',
        "Topic,Webinar ID,Actual Start Time,Actual Duration (minutes),# Registered,# Cancelled,Unique Viewers",
        f'"{topic}",{meeting},"{datetime.fromisoformat(day):%b %d, %Y} 12:50 PM",85,11,1,9',
        "Panelist Details,",
        "Attended,User Name,Email,Join Time,Leave Time,Time in Session (minutes),Country/Region Name",
        *(f"Yes,{_cell(name)},{email},{at(joined)},{at(left)},1,Spain" for name, email, joined, left in panellists),
        "Attendee Details,",
        "Attended,User Name (Original Name),Email,Join Time,Leave Time,Time in Session (minutes),Country/Region Name",
        *(f"Yes,{_cell(name)},{email or ''},{at(joined)},{at(left)},1,Spain" for name, email, joined, left in logins),
        "Other Attended,",
        "User Name,Join Time,Leave Time,Time in Session (minutes),Country/Region Name",
        *(f"{_cell(name)},{at(joined)},{at(left)},1,Spain" for name, joined, left in others),
    ]
    return "\r\n".join(lines).encode()


def _cell(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def take_over(session: WebinarSession, content: bytes, *, file_name: str = "attendees.csv", **how: object) -> Applied:
    """Take a report over for a session."""
    return apply_file(session.key, content, file_name=file_name, how=HowToRead(**how))  # type: ignore[arg-type]


def minutes_of(session: WebinarSession) -> dict[str, float]:
    """Return how many minutes of a session everybody was there who came, by address."""
    rows = db.session.execute(
        select(Person.email, Attendance.seconds)
        .join(Person, Person.id == Attendance.person_id)
        .where(Attendance.session_id == session.id, Attendance.came)
        .order_by(Person.email)
    )
    return {email or "": timedelta(seconds=seconds) / timedelta(minutes=1) for email, seconds in rows}


def standings_in(report_id: int) -> dict[str, str]:
    """Return what is known or decided of everybody in a report, by name."""
    rows = db.session.execute(
        select(ReportedPerson.name, ReportedPerson.standing).where(ReportedPerson.report_id == report_id)
    )
    return {name: standing.value for name, standing in rows}


def number_of(report_id: int, name: str) -> int:
    """Return as which somebody stands in a report."""
    return db.session.scalars(
        select(ReportedPerson.number).where(ReportedPerson.report_id == report_id, ReportedPerson.name == name)
    ).one()
