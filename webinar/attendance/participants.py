"""The lines of the attendance export: one a person and session, and what their columns are called.

The first columns, their names and their order are fixed: other programs read them. Behind them stands a column for
each question that organisers have asked, then the same moments by the clocks of the session.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta, tzinfo
from decimal import Decimal
from functools import cache
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from webinar.attendance.queries import Stay, Stays, Told
from webinar.attendance.stays import in_minutes
from webinar.catalogue.models import Question
from webinar.catalogue.texts import text_in
from webinar.foundation.zones import clocks_of
from webinar.registration.answer_columns import cell, column_names


class Participant(NamedTuple):
    """The fixed cells of one line; the fields are the columns. What is not known is empty."""

    series: str
    webinar: str
    session: str
    session_start_utc: datetime
    language: str
    given_name: str
    family_name: str
    email: str
    affiliation: str
    member: str
    country: str
    region: str
    organisation: str
    role: str
    status: str
    registered_at_utc: datetime
    calendar_answer: str
    attended: str
    first_join_utc: datetime | None
    last_leave_utc: datetime | None
    minutes: Decimal
    sources: str
    mail_language: str
    watching_with: int


class LocalTimes(NamedTuple):
    """The moments of one line by the clocks of the session, as they are on the wall, and of which zone these are."""

    timezone: str
    session_start_local: datetime
    registered_at_local: datetime
    first_join_local: datetime | None
    last_leave_local: datetime | None


COLUMNS = Participant._fields
LOCAL_COLUMNS = LocalTimes._fields


def participants(stays: Iterable[Stay]) -> Iterator[Participant]:
    """Yield one line a person and session."""
    return map(participant, stays)


def participant(stay: Stay) -> Participant:
    """Return the line of one registration.

    The first join and the last leave are as they were told, for who was there too shortly to have come as well; the
    join link alone knows no leave and no minutes.
    """
    return Participant(
        series=stay.series,
        webinar=stay.webinar,
        session=stay.session,
        session_start_utc=stay.starts_at,
        language=stay.language,
        given_name=stay.given_name,
        family_name=stay.family_name,
        email=stay.email or "",
        affiliation=stay.affiliation.value,
        member=stay.member or "",
        country=stay.country or "",
        region=stay.region or "",
        organisation=stay.organisation,
        role=stay.role,
        status=stay.status.value,
        registered_at_utc=stay.registered_at,
        calendar_answer=stay.answer.value if stay.answer else "",
        attended="yes" if stay.came else "no",
        first_join_utc=stay.first_join_at,
        last_leave_utc=stay.last_leave_at,
        minutes=minutes_of(stay),
        sources=stay.sources or "",
        mail_language=stay.mail_language,
        watching_with=stay.watching_with,
    )


def minutes_of(stay: Stay) -> Decimal:
    """Return how long somebody was there, in minutes; who did not come was not."""
    return in_minutes_of_session(stay.seconds or 0) if stay.came else _NONE


_NONE = Decimal("0.00")


@cache
def in_minutes_of_session(seconds: int) -> Decimal:
    """Return seconds as minutes with two decimals; most people of a session share theirs with somebody."""
    return in_minutes(timedelta(seconds=seconds))


def local_times(stay: Stay) -> LocalTimes:
    """Return when things were for one registration by the clocks of its session."""
    clocks = _clocks(stay.timezone)
    return LocalTimes(
        stay.timezone,
        _on_the_wall(stay.starts_at, clocks),
        _on_the_wall(stay.registered_at, clocks),
        stay.first_join_at and _on_the_wall(stay.first_join_at, clocks),
        stay.last_leave_at and _on_the_wall(stay.last_leave_at, clocks),
    )


@cache
def _clocks(timezone: str) -> tzinfo:
    return clocks_of(timezone)


def _on_the_wall(moment: datetime, clocks: tzinfo) -> datetime:
    return moment.astimezone(clocks).replace(tzinfo=None)


class AnswerColumns:
    """The columns of questions. Questions of the same name in several webinars of a series share one."""

    def __init__(self, questions: Sequence[Question], original_languages: Mapping[int, str]) -> None:
        self.names: list[str] = []
        self.numbers: dict[int, int] = {}
        self.choices: dict[int, str] = {}
        known: dict[str, int] = {}
        for webinar_id, of_webinar in groupby(questions, attrgetter("webinar_id")):
            original, asked = original_languages[webinar_id], list(of_webinar)
            for question_id, name in column_names(asked, original, (*COLUMNS, *LOCAL_COLUMNS)).items():
                self.numbers[question_id] = known.setdefault(name.casefold(), len(self.names))
                if self.numbers[question_id] == len(self.names):
                    self.names.append(name)
            self.choices |= {
                choice.id: text_in(choice.texts, original).title for question in asked for choice in question.choices
            }

    def cells(self, answers: Iterable[Told]) -> list[str]:
        """Return the cells of one line; what was asked only since the columns were read is left out."""
        cells = [""] * len(self.names)
        for question_id, of_one in groupby(answers, attrgetter("question_id")):
            told = list(of_one)
            made = {one.choice_id for one in told}
            if question_id in self.numbers:
                chosen = (title for choice_id, title in self.choices.items() if choice_id in made)
                cells[self.numbers[question_id]] = cell(chosen, told[0].text)
        return cells


def answer_columns(stays: Stays) -> AnswerColumns:
    """Return the columns of what was asked in a part of the record; four queries at the most, one where nothing was."""
    questions = stays.questions()
    return AnswerColumns(questions, stays.original_languages() if questions else {})
