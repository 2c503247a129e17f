"""Audiences: readable conditions, all of which hold together, and the statement that finds the people behind them.

What a condition says in words stands in ``sentences``; which values one can take, in ``choices``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Self

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, and_, false, func, or_, select, union

from webinar.attendance.models import AttendanceRecord
from webinar.calendars.models import CalendarEntry
from webinar.catalogue.models import Webinar, WebinarSession
from webinar.foundation.db import Code
from webinar.invitations.models import Invitation, ListedPerson
from webinar.members.matching import words_of
from webinar.members.models import Member
from webinar.people.queries import merged_people
from webinar.registration.models import ALIVE, Registration

MOST_CONDITIONS = 30
MOST_VALUES = 1_000
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
    return [_demanded(condition, compared, session_ids) for condition in conditions]


def _demanded(condition: Condition, compared: Compared, session_ids: Sequence[int]) -> ColumnElement[bool]:
    if condition.about not in _HOLDS:
        return false()
    about = About(condition.about)
    holds = _HOLDS[about](compared, condition.values, session_ids)
    if condition.holds:
        return holds
    if about in {About.CITY_REGISTERED, About.CITY_CAME}:
        return and_(compared.member_id.is_not(None), ~holds)
    return ~func.coalesce(holds, false())


def _is_of_member(compared: Compared, values: Sequence[str], _: Sequence[int]) -> ColumnElement[bool]:
    keys = [value for value in values if value]
    # By the key of one that was merged, the other.
    ids = select(func.coalesce(Member.merged_into_id, Member.id)).where(Member.key.in_(keys))
    return _or_unknown(compared.member_id, compared.member_id.in_(ids), values)


def _is_of_region(compared: Compared, values: Sequence[str], _: Sequence[int]) -> ColumnElement[bool]:
    return compared.member_id.in_(select(Member.id).where(Member.region.in_(values)))


def _reads(compared: Compared, values: Sequence[str], _: Sequence[int]) -> ColumnElement[bool]:
    return _or_unknown(compared.language, compared.language.in_([value for value in values if value]), values)


def _or_unknown(
    column: SQLColumnExpression[Any], known: ColumnElement[bool], values: Sequence[str]
) -> ColumnElement[bool]:
    return or_(known, column.is_(None)) if "" in values else known


def _has_role(compared: Compared, values: Sequence[str], _: Sequence[int]) -> ColumnElement[bool]:
    meant = [words for value in values if (words := words_of(value))]
    return or_(
        false(),
        *(and_(*(compared.folded_role.contains(word, autoescape=True) for word in words)) for words in meant),
    )


def _is_focal_point(compared: Compared, _values: Sequence[str], _: Sequence[int]) -> ColumnElement[bool]:
    return compared.is_focal_point.is_(True)


def _is_registered(compared: Compared, values: Sequence[str], session_ids: Sequence[int]) -> ColumnElement[bool]:
    of_sessions = Registration.session_id.in_(_sessions(values, session_ids))
    return compared.person_id.in_(_people(Registration.person_id, of_sessions, Registration.status.in_(ALIVE)))


def _city_is_registered(compared: Compared, values: Sequence[str], session_ids: Sequence[int]) -> ColumnElement[bool]:
    return compared.member_id.in_(
        select(Registration.member_id).where(
            Registration.session_id.in_(_sessions(values, session_ids)),
            Registration.status.in_(ALIVE),
            Registration.member_id.is_not(None),
        )
    )


def _came(compared: Compared, values: Sequence[str], session_ids: Sequence[int]) -> ColumnElement[bool]:
    of_sessions = AttendanceRecord.session_id.in_(_sessions(values, session_ids))
    return compared.person_id.in_(_people(AttendanceRecord.person_id, of_sessions))


def _city_came(compared: Compared, values: Sequence[str], session_ids: Sequence[int]) -> ColumnElement[bool]:
    return compared.member_id.in_(
        select(Registration.member_id)
        .join(
            AttendanceRecord,
            and_(
                AttendanceRecord.session_id == Registration.session_id,
                AttendanceRecord.person_id == Registration.person_id,
            ),
        )
        .where(Registration.session_id.in_(_sessions(values, session_ids)), Registration.member_id.is_not(None))
    )


def _is_silent(compared: Compared, values: Sequence[str], session_ids: Sequence[int]) -> ColumnElement[bool]:
    # Each by itself: who has answered in one of two webinars may be silent in the other.
    return or_(false(), *(_is_silent_in(compared, value, session_ids) for value in values))


def _is_silent_in(compared: Compared, value: str, session_ids: Sequence[int]) -> ColumnElement[bool]:
    sessions = _sessions([value], session_ids)
    of_sessions = Invitation.session_id.in_(sessions)
    asked = _people(Invitation.person_id, of_sessions, Invitation.withdrawn_at.is_(None))
    answered = union(
        _people(Registration.person_id, Registration.session_id.in_(sessions)),
        _people(Invitation.person_id, of_sessions, Invitation.declined_at.is_not(None)),
        _people(CalendarEntry.person_id, CalendarEntry.session_id.in_(sessions), CalendarEntry.answer.is_not(None)),
    )
    return and_(compared.person_id.in_(asked), compared.person_id.not_in(answered))


def _is_listed(compared: Compared, values: Sequence[str], _: Sequence[int]) -> ColumnElement[bool]:
    ids = [number for value in values if (number := id_of(value)) is not None]
    return compared.person_id.in_(_people(ListedPerson.person_id, ListedPerson.list_id.in_(ids)))


def _people(person_id: SQLColumnExpression[Any], *which: ColumnElement[bool]) -> Select[int]:
    """Return who is meant by the people of some rows: of somebody merged into another, that person."""
    merged = merged_people()
    counts_as = func.coalesce(merged.c.counts_as_id, person_id)
    return select(counts_as).outerjoin(merged, merged.c.person_id == person_id).where(*which)


def _sessions(values: Sequence[str], session_ids: Sequence[int]) -> Select[int]:
    """Return the ids of all sessions that the values of a condition mean."""
    meant = Occasions.of(values)
    shown = WebinarSession.id.in_(session_ids)
    webinars = select(WebinarSession.webinar_id).where(shown)
    series = select(Webinar.series_id).where(Webinar.id.in_(webinars))
    which: Mapping[str, ColumnElement[bool]] = {
        SHOWN[0]: shown,
        SHOWN[1]: WebinarSession.webinar_id.in_(webinars),
        SHOWN[2]: WebinarSession.webinar_id.in_(select(Webinar.id).where(Webinar.series_id.in_(series))),
    }
    return select(WebinarSession.id).where(
        or_(
            WebinarSession.id.in_(meant.sessions),
            WebinarSession.webinar_id.in_(meant.webinars),
            WebinarSession.webinar_id.in_(select(Webinar.id).where(Webinar.series_id.in_(meant.series)))
            if meant.series
            else false(),
            *(condition for name, condition in which.items() if name in meant.shown),
        )
    )


_HOLDS: Mapping[str, Callable[[Compared, Sequence[str], Sequence[int]], ColumnElement[bool]]] = {
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
