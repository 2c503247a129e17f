"""How many are registered for which member, and how many of them came: session by session, and over all of a part.

Three ways of counting, each with everybody once, merged people as one: in one session, in one webinar however many of
its sessions somebody is in, and in all of the part. Who is there for two members counts once for each, and once in
all. Where nothing at all is recorded of who came to a session, one does not know; that is not nobody.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Result, String, and_, case, func, select, type_coerce

from webinar.attendance.by_language import Counts, OneSession, Part
from webinar.attendance.came import has_come
from webinar.attendance.models import Attendance
from webinar.catalogue.models import LanguageVersion, SessionStatus, Webinar, WebinarSession
from webinar.foundation.db import Code, db
from webinar.foundation.languages import in_alphabet
from webinar.members.models import Member
from webinar.members.queries import LIVING
from webinar.people.queries import merged_people
from webinar.registration.models import Affiliation, Registration, RegistrationStatus


class OneMember(NamedTuple):
    """A member of the network, and where it lies."""

    id: int
    key: str
    name: str
    country_code: str
    region: str
    latitude: float | None
    longitude: float | None


class Presence(Code):
    """What became of a member: somebody came, who is registered stayed away, one does not know, or nobody is."""

    CAME = "came"
    ABSENT = "absent"
    NOT_KNOWN = "not_known"
    NOT_REGISTERED = "not_registered"


def presence(counts: Counts, *, is_known: bool) -> Presence:
    """Return what figures come to; ``is_known`` tells whether anything is recorded of who came."""
    if counts.came or counts.came_without:
        return Presence.CAME
    if counts.registered:
        return Presence.ABSENT if is_known else Presence.NOT_KNOWN
    return Presence.NOT_REGISTERED


class Line(NamedTuple):
    """A row of figures: everybody once in all, once in each webinar added up, and once in each session by its id.

    Sessions with nobody are left out of the last.
    """

    whole: Counts = Counts()
    per_webinar: Counts = Counts()
    in_sessions: Mapping[int, Counts] = {}


class MemberLine(NamedTuple):
    """The figures of one member; ``is_first_time`` says that nobody had come for it to any session before."""

    member: OneMember
    line: Line
    presence: Presence
    is_first_time: bool


class Group(NamedTuple):
    """Some people counted once each; ``is_known`` says that of a session of theirs one knows who came."""

    counts: Counts
    is_known: bool


class RegionLine(NamedTuple):
    """The figures of one region: its people, how many members it has, and for how many of them somebody came."""

    name: str
    people: Group
    members: int
    registered_members: int
    members_came: int


@dataclass(frozen=True)
class FiguresByMember:
    """All figures of a part by member.

    ``members`` are all of the network's, by name in the alphabet of who reads; ``nobodys`` are those who come for no
    member. ``regions`` are in that alphabet too, of members alone; affiliations and languages heard with nobody are
    left out. ``in_webinars`` counts everybody once in each webinar, by its id. ``members_came`` says for how many
    members somebody came to each session, by its id.
    """

    everybody: Line
    members: Sequence[MemberLine]
    nobodys: Line
    regions: Sequence[RegionLine]
    affiliations: Mapping[Affiliation, Group]
    heard: Mapping[str, Group]
    in_webinars: Mapping[int, Counts]
    members_came: Mapping[int, int]

    def with_presence(self, which: Presence) -> list[MemberLine]:
        """Return the members with whom it is so."""
        return [one for one in self.members if one.presence is which]

    def first_timers(self) -> list[MemberLine]:
        """Return the members for whom somebody came for the first time."""
        return [one for one in self.members if one.is_first_time]


_REGISTERED, _WAITS, _CAME, _KNOWN = 1, 2, 4, 8

People = defaultdict[Any, dict[int, int]]
"""Who is in each of several rows: people's ids, with all that is true of each there, added up of the above."""


def _nobody() -> People:
    return defaultdict(dict)


@dataclass
class _Places:
    """Everybody in a part, in all the rows that they are counted in; at the end, to which sessions members came."""

    everybody: dict[int, int] = field(default_factory=dict)
    members: People = field(default_factory=_nobody)
    regions: People = field(default_factory=_nobody)
    affiliations: People = field(default_factory=_nobody)
    heard: People = field(default_factory=_nobody)
    webinars: People = field(default_factory=_nobody)
    sessions: People = field(default_factory=_nobody)
    members_in_webinars: dict[tuple[int | None, int, int], int] = field(default_factory=dict)
    members_in_sessions: dict[tuple[int | None, int, int], int] = field(default_factory=dict)
    registered_in: defaultdict[int | None, set[int]] = field(default_factory=lambda: defaultdict(set))
    came_to: defaultdict[int | None, set[int]] = field(default_factory=lambda: defaultdict(set))


def figures_by_member(
    part: Part, sessions: Sequence[OneSession], now: datetime, in_each: Collection[int] | None = None
) -> FiguresByMember:
    """Count who is registered in a part and who came, by member; three queries.

    ``sessions`` are all of the part's, as ``by_language.sessions_in`` returns them. The figures of a row in each
    session are counted for ``in_each``, the ids of some of them, or for all. A member that is registered for a session
    still to come has not stayed away from it.
    """
    members = _members()
    regions = {member.id: member.region for member in members}
    starts = {session.id: session.starts_at for session in sessions}
    begun = {session.id for session in sessions if session.starts_at <= now}
    known = {session.id for session in sessions if session.is_known}
    places = _places(part, regions, known, {session.id for session in sessions} if in_each is None else set(in_each))
    first_here = {member: min(starts[one] for one in came_to) for member, came_to in places.came_to.items()}
    first_ever = _first_visits(max(first_here.values())) if first_here else {}
    of_members = _lines(places)
    lines = []
    for member in members:
        line, held = of_members.get(member.id, Line()), places.registered_in[member.id] & begun
        # Who is registered where one does not know may have come there.
        what = presence(line.whole, is_known=bool(held) and held <= known)
        first = first_here.get(member.id)
        lines.append(MemberLine(member, line, what, first is not None and first <= first_ever.get(member.id, first)))
    in_webinars = {webinar: _counts(people.values()) for webinar, people in places.webinars.items()}
    return FiguresByMember(
        everybody=Line(
            _counts(places.everybody.values()),
            Counts(*map(sum, zip(Counts(), *in_webinars.values(), strict=True))),
            {session: _counts(people.values()) for session, people in places.sessions.items()},
        ),
        members=lines,
        nobodys=of_members.get(None, Line()),
        regions=_regions(lines, places.regions),
        affiliations={one: _group(places.affiliations[one]) for one in Affiliation if one in places.affiliations},
        heard={code: _group(people) for code, people in places.heard.items()},
        in_webinars=in_webinars,
        members_came=Counter(
            session for member, came_to in places.came_to.items() if member is not None for session in came_to
        ),
    )


def _members() -> list[OneMember]:
    rows = db.session.execute(
        select(
            Member.id,
            Member.key,
            Member.name,
            Member.country_code,
            Member.region,
            Member.latitude,
            Member.longitude,
        ).where(LIVING)
    )
    return sorted((OneMember(*row) for row in rows), key=lambda member: (in_alphabet(member.name), member.key))


def _places(part: Part, regions: Mapping[int, str], known: Collection[int], in_each: Collection[int]) -> _Places:
    """Read who is in a part. They are counted here: a database would sort them all for each way of counting."""
    places = _Places()
    # Not all rows at once: so many objects would call the garbage collector, which takes longer than the counting.
    for some in _rows(part).partitions(500):
        for who, member, affiliation, session, webinar, heard, what in some:
            if not what:
                continue
            kind = what | _KNOWN if session in known else what
            for people in (
                places.everybody,
                places.members[member],
                places.affiliations[affiliation],
                places.heard[heard],
                places.webinars[webinar],
            ):
                people[who] = people.get(who, 0) | kind
            if member in regions:
                people = places.regions[regions[member]]
                people[who] = people.get(who, 0) | kind
            key = member, webinar, who
            places.members_in_webinars[key] = places.members_in_webinars.get(key, 0) | kind
            if session in in_each:
                people = places.sessions[session]
                people[who] = people.get(who, 0) | kind
                key = member, session, who
                places.members_in_sessions[key] = places.members_in_sessions.get(key, 0) | kind
            if kind & _CAME:
                places.came_to[member].add(session)
            if kind & _REGISTERED:
                places.registered_in[member].add(session)
    return places


def _rows(part: Part) -> Result[*tuple[Any, ...]]:
    merged = merged_people()
    kind = (
        case((Registration.status == RegistrationStatus.REGISTERED, _REGISTERED), else_=0)
        + case((Registration.status == RegistrationStatus.WAITING, _WAITS), else_=0)
        + case((has_come(), _CAME), else_=0)
    )
    return db.session.execute(
        select(
            func.coalesce(merged.c.counts_as_id, Registration.person_id),
            Registration.member_id,
            type_coerce(Registration.affiliation, String),
            WebinarSession.id,
            WebinarSession.webinar_id,
            LanguageVersion.code,
            kind,
        )
        .join(WebinarSession, WebinarSession.id == Registration.session_id)
        .join(Webinar, Webinar.id == WebinarSession.webinar_id)
        .join(LanguageVersion, LanguageVersion.id == Registration.language_version_id)
        .outerjoin(merged, merged.c.person_id == Registration.person_id)
        .where(part.which)
    )


def _first_visits(until: datetime) -> dict[int, datetime]:
    """Return when the first session began that anybody came to for each member, of all held until a moment."""
    # Not grouped by the column itself: SQLite would walk through all registrations there are, member by member.
    member = func.coalesce(Registration.member_id, 0)
    rows = db.session.execute(
        select(member, func.min(WebinarSession.starts_at))
        .select_from(Attendance)
        .join(
            Registration,
            and_(Registration.session_id == Attendance.session_id, Registration.person_id == Attendance.person_id),
        )
        .join(WebinarSession, WebinarSession.id == Attendance.session_id)
        .where(Attendance.came, WebinarSession.status != SessionStatus.CANCELLED, WebinarSession.starts_at <= until)
        .group_by(member)
    )
    return {member_id: starts_at for member_id, starts_at in rows}


def _lines(places: _Places) -> dict[int | None, Line]:
    per_webinar: defaultdict[int | None, list[int]] = defaultdict(list)
    for (member, _webinar, _who), kind in places.members_in_webinars.items():
        per_webinar[member].append(kind)
    in_sessions: defaultdict[int | None, defaultdict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
    for (member, session, _who), kind in places.members_in_sessions.items():
        in_sessions[member][session].append(kind)
    return {
        member: Line(
            _counts(people.values()),
            _counts(per_webinar[member]),
            {session: _counts(kinds) for session, kinds in in_sessions[member].items()},
        )
        for member, people in places.members.items()
    }


def _counts(kinds: Collection[int]) -> Counts:
    """Count people by what is true of them in a row: who has a place and also waits elsewhere has a place."""
    registered = waiting = came = came_without = 0
    for kind in kinds:
        if kind & _REGISTERED:
            registered += 1
            if kind & _CAME:
                came += 1
        else:
            if kind & _WAITS:
                waiting += 1
            if kind & _CAME:
                came_without += 1
    return Counts(registered, waiting, came, came_without)


def _group(people: Mapping[int, int]) -> Group:
    return Group(_counts(people.values()), any(kind & _KNOWN for kind in people.values()))


def _regions(lines: Iterable[MemberLine], people: People) -> list[RegionLine]:
    of_region: defaultdict[str, list[MemberLine]] = defaultdict(list)
    for one in lines:
        of_region[one.member.region].append(one)
    return [
        RegionLine(
            name,
            _group(people[name]),
            len(some),
            sum(one.line.whole.registered > 0 for one in some),
            sum(one.presence is Presence.CAME for one in some),
        )
        for name, some in sorted(of_region.items(), key=lambda region: in_alphabet(region[0]))
    ]
