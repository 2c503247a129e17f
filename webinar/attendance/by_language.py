"""How many hear which language and are written to in which, and how many of them came: everybody is counted once.

A part of the record is one session, or all of a webinar or of a series but those that were cancelled. In each row of
figures somebody counts once, however many sessions of that part they are in: as registered if they have a place in
any, as waiting if they only wait. Whoever is registered in two languages counts once in each, and once in all.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import CTE, ColumnElement, Integer, Select, and_, case, cast, func, literal, null, select, union_all
from sqlalchemy.orm import InstrumentedAttribute

from webinar.attendance.models import AttendanceRecord
from webinar.catalogue.models import LanguageVersion, SessionStatus, VersionKind, Webinar, WebinarSession
from webinar.foundation.db import db
from webinar.members.models import Member
from webinar.people.queries import merged_people
from webinar.registration.models import Registration, RegistrationStatus


@dataclass(frozen=True)
class Part:
    """A part of the record, and what it is made up of: a webinar of sessions, a series of webinars."""

    which: ColumnElement[bool]
    unit: InstrumentedAttribute[int]

    def by_session(self) -> Part:
        """Return the same part as made up of sessions."""
        return Part(self.which, WebinarSession.id)


_IS_HELD = WebinarSession.status != SessionStatus.CANCELLED


def part_of_session(session_id: int) -> Part:
    """Return one session, cancelled or not."""
    return Part(WebinarSession.id == session_id, WebinarSession.id)


def part_of_webinar(webinar_id: int) -> Part:
    """Return the sessions of a webinar."""
    return Part(and_(WebinarSession.webinar_id == webinar_id, _IS_HELD), WebinarSession.id)


def part_of_series(series_id: int) -> Part:
    """Return the webinars of a series."""
    return Part(and_(Webinar.series_id == series_id, _IS_HELD), Webinar.id)


class OneSession(NamedTuple):
    """What a session is called and when it starts."""

    id: int
    key: str
    starts_at: datetime


def sessions_in(part: Part) -> list[OneSession]:
    """Return the sessions of a part, the earliest first; one query."""
    rows = db.session.execute(
        select(WebinarSession.id, WebinarSession.key, WebinarSession.starts_at)
        .join(Webinar, Webinar.id == WebinarSession.webinar_id)
        .where(part.which)
        .order_by(WebinarSession.starts_at, WebinarSession.id)
    )
    return [OneSession(*row) for row in rows]


class Counts(NamedTuple):
    """How many are registered, how many only wait, who came of those registered, and who came but is not."""

    registered: int = 0
    waiting: int = 0
    came: int = 0
    came_without: int = 0


EVERYBODY, HEARD, READ = WAYS = ("everybody", "heard", "read")
"""The ways of counting: all people, by the language that they hear, by the one that they are written to in."""


@dataclass
class Figures:
    """How many are in something: all of them, by the language they hear, and by the one they are written to."""

    everybody: Counts = field(default_factory=Counts)
    heard: dict[str, Counts] = field(default_factory=dict)
    read: dict[str, Counts] = field(default_factory=dict)


def figures_of(
    part: Part, units: Collection[int] = (), ways_in_units: Collection[str] = WAYS
) -> tuple[Figures, Mapping[int, Figures]]:
    """Count who is in a part, and who in each of some units of it, by their ids; one query.

    Languages with nobody are left out. In units only the ways that are named are counted.
    """
    places = _places(part)
    rows = [_counted(places, way, None) for way in WAYS]
    rows += [_counted(places, way, units) for way in ways_in_units if units]
    whole, of_each = Figures(), {unit: Figures() for unit in units}
    for way, unit, language, *counted in db.session.execute(union_all(*rows)):
        figures = whole if unit is None else of_each[unit]
        counts = Counts(*counted)
        if way == EVERYBODY:
            figures.everybody = counts
        elif any(counts):
            getattr(figures, way)[language] = counts
    return whole, of_each


def _who(merged: Any) -> ColumnElement[int]:
    return func.coalesce(merged.c.counts_as_id, Registration.person_id)


def _places(part: Part) -> CTE:
    """Return the registrations of a part as a table: whose, in which unit and languages, and what became of them."""
    merged = merged_people()
    came = select(AttendanceRecord.id).where(
        AttendanceRecord.session_id == Registration.session_id, AttendanceRecord.person_id == Registration.person_id
    )

    def flag(condition: ColumnElement[bool]) -> ColumnElement[int]:
        return case((condition, 1), else_=0)

    return (
        select(
            _who(merged).label("who"),
            part.unit.label("unit"),
            LanguageVersion.code.label("heard"),
            Registration.language.label("read"),
            flag(Registration.status == RegistrationStatus.REGISTERED).label("registered"),
            flag(Registration.status == RegistrationStatus.WAITING).label("waits"),
            flag(came.exists()).label("came"),
        )
        .join(WebinarSession, WebinarSession.id == Registration.session_id)
        .join(Webinar, Webinar.id == WebinarSession.webinar_id)
        .join(LanguageVersion, LanguageVersion.id == Registration.language_version_id)
        .outerjoin(merged, merged.c.person_id == Registration.person_id)
        .where(part.which)
        .cte("places")
    )


def _counted(places: CTE, way: str, units: Collection[int] | None) -> Select[Any]:
    """Count the people in one way of counting, in all units together or in each of some."""
    by = ([] if way == EVERYBODY else [places.c[way]]) + ([] if units is None else [places.c.unit])
    once = select(*by, *(func.max(places.c[flag]).label(flag) for flag in ("registered", "waits", "came")))
    if units is not None:
        once = once.where(places.c.unit.in_(units))
    people = once.group_by(places.c.who, *by).subquery()
    registered, waits, came = people.c.registered == 1, people.c.waits == 1, people.c.came == 1
    grouped = [people.c[column.name] for column in by]
    return select(
        literal(way),
        cast(null(), Integer) if units is None else people.c.unit,
        literal("") if way == EVERYBODY else people.c[way],
        func.count().filter(registered),
        func.count().filter(and_(waits, ~registered)),
        func.count().filter(and_(came, registered)),
        func.count().filter(and_(came, ~registered)),
    ).group_by(*grouped)


class Offer(NamedTuple):
    """In how many sessions a language can be heard, in how many interpreted, and of how many one knows who came.

    That is known where anybody has been seen, in whatever language.
    """

    sessions: int = 0
    interpreted: int = 0
    attended: int = 0


def all_together(offers: Iterable[Mapping[str, Offer]]) -> dict[str, Offer]:
    """Return what is offered in several units together."""
    every: dict[str, Offer] = {}
    for of_unit in offers:
        for code, offer in of_unit.items():
            every[code] = Offer(*(map(sum, zip(every.get(code, Offer()), offer, strict=True))))
    return every


def offered_in(part: Part) -> dict[int, dict[str, Offer]]:
    """Return the languages that each unit of a part can be heard in, by its id, the originals first; one query."""
    position = func.min(LanguageVersion.position)
    attended = select(AttendanceRecord.id).where(AttendanceRecord.session_id == LanguageVersion.session_id).exists()
    rows = db.session.execute(
        select(
            part.unit,
            LanguageVersion.code,
            func.count(),
            func.count().filter(LanguageVersion.kind == VersionKind.INTERPRETATION),
            func.count().filter(attended),
        )
        .join(WebinarSession, WebinarSession.id == LanguageVersion.session_id)
        .join(Webinar, Webinar.id == WebinarSession.webinar_id)
        .where(part.which)
        .group_by(part.unit, LanguageVersion.code)
        .order_by(part.unit, position, LanguageVersion.code)
    )
    offered: dict[int, dict[str, Offer]] = {}
    for unit, code, *counted in rows:
        offered.setdefault(unit, {})[code] = Offer(*counted)
    return offered


class Listeners(NamedTuple):
    """How many are registered for one member, or for none, to hear a language."""

    key: str | None
    name: str
    people: int


def listeners_in(part: Part) -> dict[str, list[Listeners]]:
    """Return for which members people are registered to hear each language, in any order; one query."""
    merged = merged_people()
    # Counted before the members are looked up: these are few, the registrations may be many.
    counted = (
        select(LanguageVersion.code, Registration.member_id, func.count(_who(merged).distinct()).label("people"))
        .join(WebinarSession, WebinarSession.id == Registration.session_id)
        .join(Webinar, Webinar.id == WebinarSession.webinar_id)
        .join(LanguageVersion, LanguageVersion.id == Registration.language_version_id)
        .outerjoin(merged, merged.c.person_id == Registration.person_id)
        .where(part.which, Registration.status == RegistrationStatus.REGISTERED)
        .group_by(LanguageVersion.code, Registration.member_id)
        .subquery()
    )
    rows = db.session.execute(
        select(counted.c.code, Member.key, Member.name, counted.c.people).outerjoin(
            Member, Member.id == counted.c.member_id
        )
    )
    listeners: dict[str, list[Listeners]] = {}
    for code, key, name, count in rows:
        listeners.setdefault(code, []).append(Listeners(key, name or "", count))
    return listeners
