"""The people of a report as the staff look through them, and the registrations that somebody may be.

Each question is a fixed number of statements, however many people a report names; a page shows fifty of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Select, func, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from webinar.attendance.stays import time_within, united
from webinar.catalogue.models import WebinarSession
from webinar.foundation.db import db
from webinar.members.matching import MemberNames
from webinar.platform_reports.models import (
    PlatformReport,
    ReportedCandidate,
    ReportedLogin,
    ReportedPerson,
    Standing,
)
from webinar.registration.models import Registration
from webinar.registration.search import found_by, is_enough

PEOPLE_A_PAGE = 50
MOST_FOUND = 20

Key = tuple[int, int]
"""The report's id and the number of somebody in it."""


class Presence(NamedTuple):
    """When somebody was there, in UTC as reported, in how many log-ins, and how long of it within the session."""

    joined_at: datetime
    left_at: datetime
    logins: int
    within: timedelta
    stretches: Sequence[tuple[datetime, datetime]]


class Listing(NamedTuple):
    """One page of the people of a report, with when they were there and whom they may be; pages count from 1."""

    people: Sequence[ReportedPerson]
    presences: Mapping[int, Presence]
    candidates: Mapping[int, Sequence[Registration]]
    page: int
    pages: int
    total: int
    first: int


def find_report(session_id: int, report_id: int) -> PlatformReport | None:
    """Return a report that was taken over for a session, with who did it."""
    return db.session.scalars(
        select(PlatformReport)
        .where(PlatformReport.session_id == session_id, PlatformReport.id == report_id)
        .options(joinedload(PlatformReport.account))
    ).one_or_none()


def reports_of(session_id: int) -> Sequence[PlatformReport]:
    """Return the reports that were taken over for a session, the latest first, with who did it."""
    return db.session.scalars(
        select(PlatformReport)
        .where(PlatformReport.session_id == session_id)
        .options(joinedload(PlatformReport.account))
        .order_by(PlatformReport.applied_at.desc(), PlatformReport.id.desc())
    ).all()


def count_by_standing(report_ids: Collection[int]) -> dict[int, dict[Standing, int]]:
    """Count the people of several reports by what is known of them."""
    rows = db.session.execute(
        select(ReportedPerson.report_id, ReportedPerson.standing, func.count())
        .where(ReportedPerson.report_id.in_(report_ids))
        .group_by(ReportedPerson.report_id, ReportedPerson.standing)
    )
    counts: dict[int, dict[Standing, int]] = {report_id: dict.fromkeys(Standing, 0) for report_id in report_ids}
    for report_id, standing, count in rows:
        counts[report_id][standing] = count
    return counts


def listed(
    report: PlatformReport, session: WebinarSession, standings: Collection[Standing], page: int, total: int
) -> Listing:
    """Return a page of the people of a report with these standings, by name; a page beyond the last is the last one.

    ``total`` is how many there are of them. Three statements.
    """
    pages = max(1, -(-total // PEOPLE_A_PAGE))
    page = min(max(page, 1), pages)
    start = (page - 1) * PEOPLE_A_PAGE
    people = db.session.scalars(
        _with_registrations()
        .where(ReportedPerson.report_id == report.id, ReportedPerson.standing.in_(standings))
        .order_by(ReportedPerson.name, ReportedPerson.number)
        .limit(PEOPLE_A_PAGE)
        .offset(start)
    ).all()
    numbers = [person.number for person in people]
    return Listing(
        people,
        _presences(report.id, numbers, session),
        candidates_of(report.id, numbers),
        page,
        pages,
        total,
        start + 1,
    )


def find_reported(session_id: int, report_id: int, number: int) -> ReportedPerson | None:
    """Return somebody in a report of a session, with the report and whom they are counted as or proposed to be."""
    return db.session.scalars(
        _with_registrations()
        .join(ReportedPerson.report)
        .where(
            PlatformReport.session_id == session_id,
            ReportedPerson.report_id == report_id,
            ReportedPerson.number == number,
        )
        .options(contains_eager(ReportedPerson.report))
    ).one_or_none()


def presence_of(person: ReportedPerson, session: WebinarSession) -> Presence | None:
    """Return when somebody in a report was there."""
    return _presences(person.report_id, [person.number], session).get(person.number)


def _with_registrations() -> Select[ReportedPerson]:
    return select(ReportedPerson).options(
        *(
            joinedload(which).options(joinedload(Registration.person), joinedload(Registration.member))
            for which in (ReportedPerson.registration, ReportedPerson.proposed)
        )
    )


def _presences(report_id: int, numbers: Collection[int], session: WebinarSession) -> dict[int, Presence]:
    rows = db.session.execute(
        select(ReportedLogin.number, ReportedLogin.joined_at, ReportedLogin.left_at)
        .where(ReportedLogin.report_id == report_id, ReportedLogin.number.in_(numbers))
        .order_by(ReportedLogin.joined_at)
    )
    logins: dict[int, list[tuple[datetime, datetime]]] = defaultdict(list)
    for number, joined_at, left_at in rows:
        logins[number].append((joined_at, left_at))
    return {number: _presence(of_one, session) for number, of_one in logins.items()}


def _presence(logins: Sequence[tuple[datetime, datetime]], session: WebinarSession) -> Presence:
    return Presence(
        min(joined_at for joined_at, _ in logins),
        max(left_at for _, left_at in logins),
        len(logins),
        time_within(logins, session.starts_at, session.ends_at),
        list(united(logins)),
    )


def candidates_of(report_id: int, numbers: Iterable[int]) -> dict[int, list[Registration]]:
    """Return the registrations among which a person has to say which is meant, by the number in the report."""
    rows = db.session.scalars(
        select(ReportedCandidate)
        .where(ReportedCandidate.report_id == report_id, ReportedCandidate.number.in_(list(numbers)))
        .options(
            selectinload(ReportedCandidate.registration).options(
                joinedload(Registration.person), joinedload(Registration.member)
            )
        )
        .order_by(ReportedCandidate.number, ReportedCandidate.registration_id)
    )
    found: dict[int, list[Registration]] = defaultdict(list)
    for row in rows:
        found[row.number].append(row.registration)
    return found


def found_in_session(session_id: int, search: str, members: MemberNames) -> Sequence[Registration]:
    """Return registrations of a session, whatever became of them, that a search means; at most one more than shown."""
    if not is_enough(search):
        return []
    return db.session.scalars(
        select(Registration)
        .where(Registration.session_id == session_id, found_by(search, members))
        .options(joinedload(Registration.person), joinedload(Registration.member))
        .order_by(Registration.family_name, Registration.given_name, Registration.id)
        .limit(MOST_FOUND + 1)
    ).all()
