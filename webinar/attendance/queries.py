"""Reading who came: line by line for exports, counted for pages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Engine, Select, and_, func, select
from sqlalchemy.orm import contains_eager

from webinar.attendance.models import AttendanceRecord, AttendanceSource
from webinar.calendars.models import CalendarAnswer, CalendarEntry
from webinar.catalogue.models import LanguageVersion, Series, Webinar, WebinarSession
from webinar.foundation.db import db
from webinar.members.models import Member
from webinar.people.models import Person
from webinar.registration.models import Affiliation, Registration, RegistrationStatus

ROWS_AT_A_TIME = 500


class Stay(NamedTuple):
    """One registration beside one of its attendance records, or beside none."""

    registration_id: int
    series: str
    webinar: str
    session: str
    starts_at: datetime
    ends_at: datetime
    language: str
    given_name: str
    family_name: str
    email: str | None
    affiliation: Affiliation
    member: str | None
    country: str | None
    region: str | None
    organisation: str
    role: str
    status: RegistrationStatus
    registered_at: datetime
    answer: CalendarAnswer | None
    source: AttendanceSource | None
    joined_at: datetime | None
    left_at: datetime | None


def stays_in_session(session_id: int) -> Iterator[Stay]:
    """Yield everybody ever registered in a session, one row an attendance record, in the order they registered."""
    return _stays(Registration.session_id == session_id)


def stays_in_webinar(webinar_id: int) -> Iterator[Stay]:
    """Yield the same for all sessions of a webinar, the earliest session first."""
    return _stays(WebinarSession.webinar_id == webinar_id)


def stays_in_series(series_id: int) -> Iterator[Stay]:
    """Yield the same for all sessions of a series, the earliest session first."""
    return _stays(Webinar.series_id == series_id)


def _stays(condition: ColumnElement[bool]) -> Iterator[Stay]:
    """Read with one statement whose rows the database hands over in lots: memory stays the same for any number."""
    statement = (
        select(
            Registration.id,
            Series.slug,
            Webinar.slug,
            WebinarSession.key,
            WebinarSession.starts_at,
            WebinarSession.ends_at,
            LanguageVersion.code,
            Registration.given_name,
            Registration.family_name,
            Person.email,
            Registration.affiliation,
            Member.name,
            Member.country_code,
            Member.region,
            Registration.organisation,
            Registration.role,
            Registration.status,
            Registration.registered_at,
            CalendarEntry.answer,
            AttendanceRecord.source,
            AttendanceRecord.joined_at,
            AttendanceRecord.left_at,
        )
        .join(WebinarSession, WebinarSession.id == Registration.session_id)
        .join(Webinar, Webinar.id == WebinarSession.webinar_id)
        .join(Series, Series.id == Webinar.series_id)
        .join(LanguageVersion, LanguageVersion.id == Registration.language_version_id)
        .join(Person, Person.id == Registration.person_id)
        .outerjoin(Member, Member.id == Registration.member_id)
        .outerjoin(
            CalendarEntry,
            and_(
                CalendarEntry.session_id == Registration.session_id,
                CalendarEntry.person_id == Registration.person_id,
            ),
        )
        .outerjoin(AttendanceRecord, _of_registration())
        .where(condition)
        .order_by(
            WebinarSession.starts_at,
            Registration.session_id,
            Registration.turn,
            AttendanceRecord.joined_at,
            AttendanceRecord.id,
        )
    )
    return _read(db.engine, statement)


def _read(engine: Engine, statement: Select[*tuple[Any, ...]]) -> Iterator[Stay]:
    """Yield the rows over a connection of their own, so that an answer can be sent when its request is over."""
    with (
        engine.connect() as connection,
        connection.execution_options(yield_per=ROWS_AT_A_TIME).execute(statement) as rows,
    ):
        for row in rows:
            yield Stay._make(row)


def _of_registration() -> ColumnElement[bool]:
    return and_(
        AttendanceRecord.session_id == Registration.session_id,
        AttendanceRecord.person_id == Registration.person_id,
    )


class Turnout(NamedTuple):
    """How many were registered for a session, and how many came."""

    registered: int
    came: int
    came_for_members: int
    members: int


def turnout_of(session_id: int) -> Turnout:
    """Count who was registered in a session, who came, and how many members they came for; one statement."""
    came = select(AttendanceRecord.id).where(_of_registration()).correlate(Registration).exists().label("came")
    people = (
        select(Registration.status, Registration.member_id, came)
        .where(Registration.session_id == session_id)
        .subquery()
    )
    row = db.session.execute(
        select(
            func.count().filter(people.c.status == RegistrationStatus.REGISTERED),
            func.count().filter(people.c.came),
            func.count().filter(people.c.came, people.c.member_id.is_not(None)),
            func.count(people.c.member_id.distinct()).filter(people.c.came),
        ).select_from(people)
    ).one()
    return Turnout(*row)


class MemberTurnout(NamedTuple):
    """How many were registered for one member, and how many of them came."""

    key: str
    name: str
    region: str
    registered: int
    came: int


def turnout_by_member(session_id: int) -> list[MemberTurnout]:
    """Count who was registered and who came by member, the most who came first, counted by the database."""
    came = func.count().filter(select(AttendanceRecord.id).where(_of_registration()).correlate(Registration).exists())
    registered = func.count().filter(Registration.status == RegistrationStatus.REGISTERED)
    rows = db.session.execute(
        select(Member.key, Member.name, Member.region, registered, came)
        .join(Registration, Registration.member_id == Member.id)
        .where(Registration.session_id == session_id)
        .group_by(Member.id)
        .having((registered > 0) | (came > 0))
        .order_by(came.desc(), registered.desc(), Member.name)
    )
    return [MemberTurnout(*row) for row in rows]


class Present(NamedTuple):
    """Somebody who came: their registration with its member, and when they were first seen."""

    registration: Registration
    first_join: datetime


def present_in(session_id: int, *, limit: int, offset: int = 0) -> Sequence[Present]:
    """Return who came to a session, by name, with their members; one page of them."""
    first_join = func.min(AttendanceRecord.joined_at).label("first_join")
    arrivals = (
        select(AttendanceRecord.person_id, first_join)
        .where(AttendanceRecord.session_id == session_id)
        .group_by(AttendanceRecord.person_id)
        .subquery()
    )
    rows = db.session.execute(
        select(Registration, arrivals.c.first_join)
        .join(arrivals, arrivals.c.person_id == Registration.person_id)
        .outerjoin(Registration.member)
        .where(Registration.session_id == session_id)
        .options(contains_eager(Registration.member))
        .order_by(Registration.family_name, Registration.given_name, Registration.id)
        .limit(limit)
        .offset(offset)
    )
    return [Present(*row) for row in rows]
