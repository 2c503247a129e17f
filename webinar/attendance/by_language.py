"""How many hear which language and are written to in which, and how many of them came: everybody is counted once.

A part of the record is one session, or all of a webinar or of a series but those that were cancelled. In each row of
figures somebody counts once, however many sessions of that part they are in: as registered if they have a place in
any, as waiting if they only wait. Whoever is registered in two languages counts once in each, and once in all.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, case, exists, func, select
from sqlalchemy.orm import InstrumentedAttribute

from webinar.attendance.came import has_come
from webinar.attendance.models import Attendance
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
    """What a session is called, when it starts, where, of which webinar it is, and whether one knows who came.

    That is known where anything is recorded of anybody.
    """

    id: int
    key: str
    starts_at: datetime
    timezone: str
    webinar_id: int
    is_known: bool


def sessions_in(part: Part) -> list[OneSession]:
    """Return the sessions of a part, the earliest first; one query."""
    rows = db.session.execute(
        select(
            WebinarSession.id,
            WebinarSession.key,
            WebinarSession.starts_at,
            WebinarSession.timezone,
            WebinarSession.webinar_id,
            exists().where(Attendance.session_id == WebinarSession.id),
        )
        .join(Webinar, Webinar.id == WebinarSession.webinar_id)
        .where(part.which)
        .order_by(WebinarSession.starts_at, WebinarSession.id)
    )
    return [OneSession(*row) for row in rows]


@dataclass(frozen=True)
class Places:
    """Who is registered in a part, by id.

    By the unit, the languages heard and written to in, and by whether it is a place, waits, and they came: one or
    nought. Those with a place also by the language heard and by the member they are for.
    """

    alike: defaultdict[tuple[int, str, str, int, int, int], set[int]]
    listening: defaultdict[tuple[str, int | None], set[int]]


def places_in(part: Part) -> Places:
    """Return who is registered in a part, those who cancelled too, to be counted; one query.

    They are counted here: a database would sort them all once more for each way of counting.
    """
    merged = merged_people()

    def flag(condition: ColumnElement[bool]) -> ColumnElement[int]:
        return case((condition, 1), else_=0)

    rows = db.session.execute(
        select(
            func.coalesce(merged.c.counts_as_id, Registration.person_id),
            Registration.member_id,
            part.unit,
            LanguageVersion.code,
            Registration.language,
            flag(Registration.status == RegistrationStatus.REGISTERED),
            flag(Registration.status == RegistrationStatus.WAITING),
            flag(has_come()),
        )
        .join(WebinarSession, WebinarSession.id == Registration.session_id)
        .join(Webinar, Webinar.id == WebinarSession.webinar_id)
        .join(LanguageVersion, LanguageVersion.id == Registration.language_version_id)
        .outerjoin(merged, merged.c.person_id == Registration.person_id)
        .where(part.which)
    )
    places = Places(defaultdict(set), defaultdict(set))
    # Not all rows at once: so many objects would call the garbage collector, which takes longer than the counting.
    for some in rows.partitions(500):
        for who, member, unit, heard, read, is_registered, waits, came_there in some:
            places.alike[unit, heard, read, is_registered, waits, came_there].add(who)
            if is_registered:
                places.listening[heard, member].add(who)
    return places


class Counts(NamedTuple):
    """How many are registered, how many only wait, who came of those registered, and who came but is not."""

    registered: int = 0
    waiting: int = 0
    came: int = 0
    came_without: int = 0


EVERYBODY, HEARD, READ = ("everybody", "heard", "read")
"""The ways of counting: all people, by the language that they hear, by the one that they are written to in."""


@dataclass
class Figures:
    """How many are in something: all of them, by the language they hear, and by the one they are written to."""

    everybody: Counts = field(default_factory=Counts)
    heard: dict[str, Counts] = field(default_factory=dict)
    read: dict[str, Counts] = field(default_factory=dict)


class _Place(NamedTuple):
    """What a registration is counted by: in which languages it is, and what became of it."""

    heard: str
    read: str
    registered: int
    waits: int
    came: int


@dataclass
class _People:
    """Who is in a row of figures, by id: a set holds everybody once."""

    registered: set[int] = field(default_factory=set)
    waiting: set[int] = field(default_factory=set)
    came: set[int] = field(default_factory=set)

    def add(self, people: set[int], place: _Place) -> None:
        """Add people who all have the same kind of place."""
        if place.registered:
            self.registered |= people
        if place.waits:
            self.waiting |= people
        if place.came:
            self.came |= people

    def counts(self) -> Counts:
        """Return how many they are."""
        return Counts(
            len(self.registered),
            len(self.waiting - self.registered),
            len(self.came & self.registered),
            len(self.came - self.registered),
        )


def figures_of(places: Places, units: Collection[int] = ()) -> tuple[Figures, Mapping[int, Figures]]:
    """Count who is in a part, and who in each of some units of it, by their ids.

    Languages with nobody are left out.
    """
    in_units: defaultdict[int, list[tuple[_Place, set[int]]]] = defaultdict(list)
    for (unit, heard, read, is_registered, waits, came), people in places.alike.items():
        in_units[unit].append((_Place(heard, read, is_registered, waits, came), people))
    return _figures(chain.from_iterable(in_units.values())), {unit: _figures(in_units[unit]) for unit in units}


def _figures(places: Iterable[tuple[_Place, set[int]]]) -> Figures:
    everybody = _People()
    heard: defaultdict[str, _People] = defaultdict(_People)
    read: defaultdict[str, _People] = defaultdict(_People)
    for place, people in places:
        for row in (everybody, heard[place.heard], read[place.read]):
            row.add(people, place)
    return Figures(everybody.counts(), _counted(heard), _counted(read))


def _counted(rows: Mapping[str, _People]) -> dict[str, Counts]:
    return {code: counts for code, people in rows.items() if any(counts := people.counts())}


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
    attended = exists().where(Attendance.session_id == LanguageVersion.session_id)
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


def listeners_in(places: Places) -> dict[str, list[Listeners]]:
    """Return for which members people are registered to hear each language, in any order; one query."""
    ids = {member for _heard, member in places.listening if member is not None}
    named = db.session.execute(select(Member.id, Member.key, Member.name).where(Member.id.in_(ids)))
    members: dict[int | None, tuple[str | None, str]] = {member: (key, name) for member, key, name in named}
    listeners: dict[str, list[Listeners]] = {}
    for (heard, member), people in places.listening.items():
        key, name = members.get(member, (None, ""))
        listeners.setdefault(heard, []).append(Listeners(key, name, len(people)))
    return listeners
