"""Reading who came: line by line for exports, counted for pages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Engine, Select, and_, exists, func, select
from sqlalchemy.orm import selectinload

from webinar.attendance.by_language import Part, part_of_series, part_of_session, part_of_webinar
from webinar.attendance.came import has_come
from webinar.attendance.models import Attendance
from webinar.calendars.models import CalendarAnswer, CalendarEntry
from webinar.catalogue.models import LanguageVersion, Question, QuestionChoice, Series, Webinar, WebinarSession
from webinar.foundation.db import db
from webinar.foundation.languages import in_alphabet
from webinar.members.models import Member
from webinar.people.models import Person
from webinar.registration.models import Affiliation, Answer, AnswerChoice, Registration, RegistrationStatus

ROWS_AT_A_TIME = 500

Statement = Select[*tuple[Any, ...]]


class Stay(NamedTuple):
    """One registration, and the answer to whether the person came; nobody says anything where ``came`` is None."""

    registration_id: int
    series: str
    webinar: str
    session: str
    starts_at: datetime
    timezone: str
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
    came: bool | None
    first_join_at: datetime | None
    last_leave_at: datetime | None
    seconds: int | None
    sources: str | None
    mail_language: str
    watching_with: int
    answers: Sequence[Told] = ()


class Told(NamedTuple):
    """One answer in a registration, or one of the choices in it."""

    registration_id: int
    question_id: int
    text: str
    choice_id: int | None


@dataclass(frozen=True)
class Stays:
    """Everybody in a part of the record, read anew each time one goes through them; and what they were asked.

    ``part`` is what is counted of it: without sessions that were cancelled.

    One row a registration; the earliest session first, in each the order in which people registered.
    """

    engine: Engine
    part: Part
    registrations: ColumnElement[bool]
    webinars: ColumnElement[bool]

    def __iter__(self) -> Iterator[Stay]:
        """Yield the rows, without answers; one query."""
        return _read(self.engine, _stays(self.registrations), None)

    def with_answers(self) -> Iterator[Stay]:
        """Yield the rows with all answers of the registration in each; two queries."""
        return _read(self.engine, _stays(self.registrations), _answers(self.registrations))

    def questions(self) -> list[Question]:
        """Return the questions of the webinars in the order of these, former ones too; three queries at the most."""
        return list(
            db.session.scalars(
                select(Question)
                .join(Webinar, Webinar.id == Question.webinar_id)
                .where(self.webinars)
                .options(selectinload(Question.texts), selectinload(Question.choices).joinedload(QuestionChoice.texts))
                .order_by(Webinar.position, Webinar.id, Question.position, Question.id)
            )
        )

    def original_languages(self) -> dict[int, str]:
        """Return the original language of each webinar by its id."""
        rows = db.session.execute(select(Webinar.id, Webinar.original_language).where(self.webinars))
        return {webinar_id: language for webinar_id, language in rows}


def stays_in_session(session_id: int) -> Stays:
    """Return everybody ever registered in a session."""
    webinar = select(WebinarSession.webinar_id).where(WebinarSession.id == session_id).scalar_subquery()
    return Stays(db.engine, part_of_session(session_id), Registration.session_id == session_id, Webinar.id == webinar)


def stays_in_webinar(webinar_id: int) -> Stays:
    """Return everybody ever registered in a session of a webinar."""
    which = WebinarSession.webinar_id == webinar_id
    return Stays(db.engine, part_of_webinar(webinar_id), which, Webinar.id == webinar_id)


def stays_in_series(series_id: int) -> Stays:
    """Return everybody ever registered in a session of a series."""
    which = Webinar.series_id == series_id
    return Stays(db.engine, part_of_series(series_id), which, which)


def _stays(condition: ColumnElement[bool]) -> Statement:
    return (
        select(
            Registration.id,
            Series.slug,
            Webinar.slug,
            WebinarSession.key,
            WebinarSession.starts_at,
            WebinarSession.timezone,
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
            Attendance.came,
            Attendance.first_join_at,
            Attendance.last_leave_at,
            Attendance.seconds,
            Attendance.sources,
            Registration.language,
            Registration.watching_with,
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
        .outerjoin(Attendance, _of_registration())
        .where(condition)
        .order_by(WebinarSession.starts_at, Registration.session_id, Registration.turn)
    )


def _answers(condition: ColumnElement[bool]) -> Statement:
    return (
        select(Answer.registration_id, Answer.question_id, Answer.text, AnswerChoice.choice_id)
        .join(Registration, Registration.id == Answer.registration_id)
        .join(WebinarSession, WebinarSession.id == Registration.session_id)
        .join(Webinar, Webinar.id == WebinarSession.webinar_id)
        .outerjoin(
            AnswerChoice,
            and_(
                AnswerChoice.registration_id == Answer.registration_id, AnswerChoice.question_id == Answer.question_id
            ),
        )
        .where(condition)
        .order_by(WebinarSession.starts_at, Registration.session_id, Registration.turn, Answer.question_id)
    )


def _read(engine: Engine, stays: Statement, answers: Statement | None) -> Iterator[Stay]:
    """Yield the rows over a connection of their own, so that an answer can be sent when its request is over.

    The database hands them over in lots: memory stays the same for any number. Answers come in the order of their
    registrations, and both are read as they were at one moment, so the next answers are those of the next one who
    has any.
    """
    options: dict[str, Any] = {"yield_per": ROWS_AT_A_TIME}
    if answers is not None and engine.dialect.name == "postgresql":  # on SQLite a transaction sees one moment anyway
        options["isolation_level"] = "REPEATABLE READ"
    with (
        engine.connect().execution_options(**options) as connection,
        connection.execute(stays) as rows,
        ExitStack() as more,
    ):
        told: Iterable[Any] = () if answers is None else more.enter_context(connection.execute(answers))
        by_registration = groupby((Told._make(row) for row in told), attrgetter("registration_id"))
        coming = _next(by_registration)
        present = NOTHING_TOLD
        for row in rows:
            stay = Stay(*row)
            if stay.registration_id == coming[0]:
                present, coming = coming, _next(by_registration)
            yield stay._replace(answers=present[1]) if stay.registration_id == present[0] else stay


NOTHING_TOLD: tuple[int, list[Told]] = (0, [])


def _next(by_registration: Iterator[tuple[int, Iterator[Told]]]) -> tuple[int, list[Told]]:
    following = next(by_registration, None)
    return NOTHING_TOLD if following is None else (following[0], list(following[1]))


def _of_registration() -> ColumnElement[bool]:
    return and_(
        Attendance.session_id == Registration.session_id,
        Attendance.person_id == Registration.person_id,
    )


def has_attendance(session_id: int) -> bool:
    """Tell whether anything is known of who came to a session."""
    return db.session.scalar(select(exists().where(Attendance.session_id == session_id))) is True


class MemberTurnout(NamedTuple):
    """How many were registered for one member, and how many of them came."""

    key: str
    name: str
    region: str
    registered: int
    came: int


def turnout_by_member(session_id: int) -> list[MemberTurnout]:
    """Count who was registered and who came by member, the most who came first, counted by the database.

    Those with as many are in the alphabet of who reads.
    """
    came = func.count().filter(has_come())
    registered = func.count().filter(Registration.status == RegistrationStatus.REGISTERED)
    rows = db.session.execute(
        select(Member.key, Member.name, Member.region, registered, came)
        .join(Registration, Registration.member_id == Member.id)
        .where(Registration.session_id == session_id)
        .group_by(Member.id)
        .having((registered > 0) | (came > 0))
    )
    return sorted(
        (MemberTurnout(*row) for row in rows), key=lambda one: (-one.came, -one.registered, in_alphabet(one.name))
    )
