"""Audiences: readable conditions, all of which hold together, and the statement that finds the people behind them.

What a condition says in words stands in ``sentences``; which values one can take, in ``choices``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Self

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, Subquery, and_, false, func, or_, select, union

from webinar.attendance.came import has_come
from webinar.attendance.models import Attendance
from webinar.calendars.models import CalendarEntry
from webinar.catalogue.models import Webinar, WebinarSession
from webinar.foundation.db import Code
from webinar.invitations.models import Invitation, ListedPerson
from webinar.members.matching import words_of
from webinar.members.models import Member
from webinar.people.queries import merged_people
from webinar.registration.models import ALIVE, Registration

MOST_CONDITIONS = 20
MOST_VALUES = 1_000
MOST_TESTED = 10
"""So many values a condition has at most that are tested one by one, or looked for in what people did."""

LONGEST_VALUE = 300


class About(Code):
    """What a condition is about.

    ``registered``, ``came`` and ``silent`` are about the person, ``city_registered`` and ``city_came`` about anybody of
    their member. Who is ``silent`` was invited, and has neither registered nor answered.
    """

    MEMBER = "member"
    REGION = "region"
    LANGUAGE = "language"
    ROLE = "role"
    FOCAL_POINT = "focal_point"
    REGISTERED = "registered"
    CITY_REGISTERED = "city_registered"
    CAME = "came"
    CITY_CAME = "city_came"
    SILENT = "silent"
    LISTED = "listed"

    @property
    def is_of_sessions(self) -> bool:
        """Whether its values are sessions, webinars and series (see ``Occasions``)."""
        return self in _OF_SESSIONS

    @property
    def most_values(self) -> int:
        """How many values such a condition has at most, so that no statement grows beyond what a database reads."""
        return MOST_TESTED if self.is_of_sessions or self is About.ROLE else MOST_VALUES


_OF_SESSIONS = {About.REGISTERED, About.CITY_REGISTERED, About.CAME, About.CITY_CAME, About.SILENT}

SHOWN = ("shown sessions", "shown webinars", "shown series")
"""Values that mean what the mailing itself shows: its sessions, all of their webinars, or of their series.

So a saved audience of who has not registered yet fits every mailing.
"""


@dataclass(frozen=True)
class Condition:
    """One condition: what it is about, whether it is to hold or not, and the values of which one is enough.

    Values are what stays: keys of members, regions, codes of languages, words of a role, ids of lists, and of what is
    held ``session 17``, ``webinar 3``, ``series 2`` or one of ``SHOWN``. An empty one means: nobody knows, or none.
    """

    about: str
    values: tuple[str, ...] = ()
    holds: bool = True

    def stored(self) -> dict[str, Any]:
        """Return it as it is kept with a mailing or an audience."""
        return {"about": str(self.about), "values": list(self.values), "holds": self.holds}

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> Self:
        """Return what was kept."""
        return cls(stored["about"], tuple(stored["values"]), stored["holds"])


class Compared(NamedTuple):
    """The columns of a statement that conditions compare; those of somebody who is no contact may be NULL."""

    person_id: SQLColumnExpression[Any]
    member_id: SQLColumnExpression[Any]
    language: SQLColumnExpression[Any]
    folded_role: SQLColumnExpression[Any]
    is_focal_point: SQLColumnExpression[Any]


class Occasions(NamedTuple):
    """What the values of a condition mean that is about sessions: ids, and which of ``SHOWN``."""

    sessions: frozenset[int]
    webinars: frozenset[int]
    series: frozenset[int]
    shown: frozenset[str]

    @classmethod
    def of(cls, values: Sequence[str]) -> Self:
        """Read the values; what is none of these means nothing."""
        ids: dict[str, set[int]] = {"session": set(), "webinar": set(), "series": set()}
        for value in values:
            kind, _blank, written = value.partition(" ")
            number = id_of(written)
            if kind in ids and number is not None:
                ids[kind].add(number)
        shown = frozenset(value for value in values if value in SHOWN)
        return cls(frozenset(ids["session"]), frozenset(ids["webinar"]), frozenset(ids["series"]), shown)


def id_of(written: str) -> int | None:
    """Return the id that a value writes, or None; a number too large to be one is none."""
    is_number = written.isascii() and written.isdigit() and len(written) < 11
    return int(written) if is_number and int(written) < 2**31 else None


def where(conditions: Sequence[Condition], compared: Compared, session_ids: Sequence[int]) -> list[ColumnElement[bool]]:
    """Return what the conditions demand of the people of a statement; ``session_ids`` are those the mailing shows.

    Somebody of whom nothing is known does not fulfil a condition, so they fulfil its negation. But whose city is asked
    for must have one: "nobody of their member has registered" says nothing of who is of no member. What cannot be
    understood is fulfilled by nobody, so that no mail goes out by mistake.
    """
    merged = merged_people()  # one for all: a statement takes no two tables of this name
    return [_demanded(condition, _Asked(compared, condition.values, session_ids, merged)) for condition in conditions]


def _demanded(condition: Condition, asked: _Asked) -> ColumnElement[bool]:
    if condition.about not in _HOLDS:
        return false()
    about = About(condition.about)
    holds = _HOLDS[about](asked)
    if condition.holds:
        return holds
    if about in {About.CITY_REGISTERED, About.CITY_CAME}:
        return and_(asked.compared.member_id.is_not(None), ~holds)
    return ~func.coalesce(holds, false())


class _Asked(NamedTuple):
    """What a condition asks of the people of a statement."""

    compared: Compared
    values: Sequence[str]
    session_ids: Sequence[int]
    merged: Subquery

    def people(self, person_id: SQLColumnExpression[Any], *which: ColumnElement[bool]) -> Select[int]:
        """Return who is meant by the people of some rows: of somebody merged into another, that person."""
        counts_as = func.coalesce(self.merged.c.counts_as_id, person_id)
        return select(counts_as).outerjoin(self.merged, self.merged.c.person_id == person_id).where(*which)

    def sessions(self) -> Select[int]:
        """Return the ids of all sessions that the values mean."""
        meant = Occasions.of(self.values)
        shown = WebinarSession.id.in_(self.session_ids)
        webinars = select(WebinarSession.webinar_id).where(shown)
        series = select(Webinar.series_id).where(Webinar.id.in_(webinars))
        of_shown = {
            SHOWN[0]: shown,
            SHOWN[1]: WebinarSession.webinar_id.in_(webinars),
            SHOWN[2]: _of_series(Webinar.series_id.in_(series)),
        }
        return select(WebinarSession.id).where(
            or_(
                WebinarSession.id.in_(meant.sessions),
                WebinarSession.webinar_id.in_(meant.webinars),
                _of_series(Webinar.series_id.in_(meant.series)),
                *(of_shown[value] for value in meant.shown),
            )
        )


def _of_series(which: ColumnElement[bool]) -> ColumnElement[bool]:
    return WebinarSession.webinar_id.in_(select(Webinar.id).where(which))


def _is_of_member(asked: _Asked) -> ColumnElement[bool]:
    # By the key of one that was merged, the other.
    meant = select(func.coalesce(Member.merged_into_id, Member.id)).where(Member.key.in_(asked.values))
    return _or_unknown(asked, asked.compared.member_id, asked.compared.member_id.in_(meant))


def _is_of_region(asked: _Asked) -> ColumnElement[bool]:
    return asked.compared.member_id.in_(select(Member.id).where(Member.region.in_(asked.values)))


def _reads(asked: _Asked) -> ColumnElement[bool]:
    return _or_unknown(asked, asked.compared.language, asked.compared.language.in_(asked.values))


def _or_unknown(asked: _Asked, column: SQLColumnExpression[Any], known: ColumnElement[bool]) -> ColumnElement[bool]:
    return or_(known, column.is_(None)) if "" in asked.values else known


def _has_role(asked: _Asked) -> ColumnElement[bool]:
    role = asked.compared.folded_role
    meant = [words for value in asked.values if (words := words_of(value))]
    return or_(false(), *(and_(*(role.contains(word, autoescape=True) for word in words)) for words in meant))


def _is_focal_point(asked: _Asked) -> ColumnElement[bool]:
    return asked.compared.is_focal_point.is_(True)


def _is_registered(asked: _Asked) -> ColumnElement[bool]:
    of_sessions = Registration.session_id.in_(asked.sessions())
    return asked.compared.person_id.in_(
        asked.people(Registration.person_id, of_sessions, Registration.status.in_(ALIVE))
    )


def _city_is_registered(asked: _Asked) -> ColumnElement[bool]:
    return asked.compared.member_id.in_(
        select(Registration.member_id).where(
            Registration.session_id.in_(asked.sessions()),
            Registration.status.in_(ALIVE),
            Registration.member_id.is_not(None),
        )
    )


def _came(asked: _Asked) -> ColumnElement[bool]:
    of_sessions = and_(Attendance.session_id.in_(asked.sessions()), Attendance.came)
    return asked.compared.person_id.in_(asked.people(Attendance.person_id, of_sessions))


def _city_came(asked: _Asked) -> ColumnElement[bool]:
    return asked.compared.member_id.in_(
        select(Registration.member_id).where(
            Registration.session_id.in_(asked.sessions()), Registration.member_id.is_not(None), has_come()
        )
    )


def _is_silent(asked: _Asked) -> ColumnElement[bool]:
    # Each by itself: who has answered in one of two webinars may be silent in the other.
    return or_(false(), *(_is_silent_in(asked._replace(values=[value])) for value in asked.values))


def _is_silent_in(asked: _Asked) -> ColumnElement[bool]:
    sessions = asked.sessions()
    of_sessions = Invitation.session_id.in_(sessions)
    invited = asked.people(Invitation.person_id, of_sessions, Invitation.withdrawn_at.is_(None))
    answered = union(
        asked.people(Registration.person_id, Registration.session_id.in_(sessions)),
        asked.people(Invitation.person_id, of_sessions, Invitation.declined_at.is_not(None)),
        asked.people(
            CalendarEntry.person_id, CalendarEntry.session_id.in_(sessions), CalendarEntry.answer.is_not(None)
        ),
    )
    return and_(asked.compared.person_id.in_(invited), asked.compared.person_id.not_in(answered))


def _is_listed(asked: _Asked) -> ColumnElement[bool]:
    ids = [number for value in asked.values if (number := id_of(value)) is not None]
    return asked.compared.person_id.in_(asked.people(ListedPerson.person_id, ListedPerson.list_id.in_(ids)))


_HOLDS: Mapping[str, Callable[[_Asked], ColumnElement[bool]]] = {
    About.MEMBER: _is_of_member,
    About.REGION: _is_of_region,
    About.LANGUAGE: _reads,
    About.ROLE: _has_role,
    About.FOCAL_POINT: _is_focal_point,
    About.REGISTERED: _is_registered,
    About.CITY_REGISTERED: _city_is_registered,
    About.CAME: _came,
    About.CITY_CAME: _city_came,
    About.SILENT: _is_silent,
    About.LISTED: _is_listed,
}
