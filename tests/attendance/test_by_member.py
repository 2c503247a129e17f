from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import NamedTuple

from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.attendance.random_worlds import empty_world, take_part
from tests.conftest import Counted
from tests.factories import (
    a_member,
    a_person,
    a_registration,
    a_series,
    a_session,
    a_webinar,
    an_attendance,
)
from webinar.attendance.by_language import Counts, Part, part_of_series, part_of_session, part_of_webinar, sessions_in
from webinar.attendance.by_member import (
    FiguresByMember,
    Group,
    Line,
    MemberLine,
    Presence,
    RegionLine,
    figures_by_member,
)
from webinar.attendance.services.settle import settle
from webinar.catalogue.models import SessionStatus, WebinarSession
from webinar.foundation.db import db
from webinar.members.models import Member
from webinar.people.models import Person
from webinar.registration.models import Affiliation, RegistrationStatus

WAITING, CANCELLED, UNREGISTERED = (
    RegistrationStatus.WAITING,
    RegistrationStatus.CANCELLED,
    RegistrationStatus.UNREGISTERED,
)
LATER = datetime(2040, 1, 1, tzinfo=UTC)


def figures_in(part: Part, now: datetime = LATER) -> FiguresByMember:
    return figures_by_member(part, sessions_in(part), now)


def of(member: Member, figures: FiguresByMember) -> MemberLine:
    return next(one for one in figures.members if one.member.id == member.id)


def test_a_session_is_counted_by_member_and_who_comes_for_none_apart(app: Flask) -> None:
    session = a_session()
    lisbon, accra, quito = a_member("Lisbon"), a_member("Accra", region="Africa"), a_member("Quito", region="Americas")
    an_attendance(a_registration(session, member=lisbon))
    a_registration(session, member=lisbon)
    a_registration(session, member=lisbon, status=WAITING)
    an_attendance(a_registration(session, member=lisbon, status=UNREGISTERED))
    a_registration(session, member=accra)
    a_registration(session, member=quito, status=CANCELLED)
    an_attendance(a_registration(session))

    figures = figures_in(part_of_session(session.id))

    counts = Counts(registered=2, waiting=1, came=1, came_without=1)
    assert of(lisbon, figures).line == Line(counts, counts, {session.id: counts})
    assert [(one.member.name, one.presence) for one in figures.members] == [
        ("Accra", Presence.ABSENT),
        ("Lisbon", Presence.CAME),
        ("Quito", Presence.NOT_REGISTERED),
    ]
    assert figures.nobodys.whole == Counts(registered=1, came=1)
    assert figures.everybody.whole == Counts(registered=4, waiting=1, came=2, came_without=1)
    assert figures.regions == [
        RegionLine("Africa", Group(Counts(registered=1), is_known=True), 1, 1, 0),
        RegionLine("Americas", Group(Counts(), is_known=False), 1, 0, 0),
        RegionLine("Europe", Group(counts, is_known=True), 1, 1, 1),
    ]
    assert figures.affiliations == {
        Affiliation.MEMBER: Group(Counts(3, 1, 1, 1), is_known=True),
        Affiliation.OTHER: Group(Counts(registered=1, came=1), is_known=True),
    }
    assert figures.members_came == {session.id: 1}


def test_over_a_series_somebody_counts_once_in_all_and_once_in_each_webinar(app: Flask) -> None:
    series = a_series()
    heat, water = a_webinar(series=series), a_webinar(series=series)
    ana, lisbon, accra = a_person(), a_member("Lisbon"), a_member("Accra")
    sessions = [a_session(webinar=heat), a_session(webinar=heat), a_session(webinar=water)]
    for session in sessions:
        an_attendance(a_registration(session, person=ana, member=lisbon))
    a_registration(a_session(webinar=water), person=ana, member=accra)

    figures = figures_in(part_of_series(series.id))

    once = Counts(registered=1, came=1)
    line = of(lisbon, figures).line
    assert (line.whole, line.per_webinar) == (once, Counts(registered=2, came=2))
    assert line.in_sessions == dict.fromkeys((session.id for session in sessions), once)
    assert of(accra, figures).line.whole == Counts(registered=1)
    assert (figures.everybody.whole, figures.everybody.per_webinar) == (once, Counts(registered=2, came=2))
    assert figures.in_webinars == {heat.id: once, water.id: once}


def test_of_sessions_without_any_record_one_does_not_know_who_came(app: Flask) -> None:
    webinar = a_webinar()
    known, unknown = (a_session(webinar=webinar, languages=("en", "fr")) for _ in range(2))
    lisbon, accra, quito = a_member("Lisbon"), a_member("Accra"), a_member("Quito")
    an_attendance(a_registration(known, member=lisbon))
    a_registration(unknown, member=lisbon)
    a_registration(unknown, member=accra, version="fr")
    a_registration(known, member=quito)
    a_registration(unknown, member=quito)

    figures = figures_in(part_of_webinar(webinar.id))

    assert [one.presence for one in figures.members] == [Presence.NOT_KNOWN, Presence.CAME, Presence.NOT_KNOWN]
    assert figures.heard == {
        "en": Group(Counts(registered=4, came=1), is_known=True),
        "fr": Group(Counts(registered=1), is_known=False),
    }
    assert [session.is_known for session in sessions_in(part_of_webinar(webinar.id))] == [True, False]


def test_a_session_still_to_come_excuses_nobody_who_stayed_away_and_nobody_has_stayed_away_from_it(app: Flask) -> None:
    webinar = a_webinar()
    over, coming = a_session(webinar=webinar, starts="2020-05-14T13:00"), a_session(webinar=webinar)
    lisbon, accra = a_member("Lisbon"), a_member("Accra")
    an_attendance(a_registration(over))
    for session in (over, coming):
        a_registration(session, member=lisbon)
    a_registration(coming, member=accra)

    figures = figures_in(part_of_webinar(webinar.id), datetime(2029, 1, 1, tzinfo=UTC))

    assert of(lisbon, figures).presence is Presence.ABSENT
    assert of(accra, figures).presence is Presence.NOT_KNOWN


def test_a_member_comes_for_the_first_time_where_nobody_came_for_it_to_an_earlier_session_of_any_series(
    app: Flask,
) -> None:
    early, late = a_session(starts="2030-01-14T13:00"), a_session(starts="2030-02-14T13:00")
    off = a_session(starts="2029-02-14T13:00", status=SessionStatus.CANCELLED)
    lisbon, accra, quito = a_member("Lisbon"), a_member("Accra"), a_member("Quito")
    for session, member in ((early, lisbon), (late, lisbon), (late, accra), (off, accra)):
        an_attendance(a_registration(session, member=member))
    a_registration(late, member=quito)

    def first_in(session: WebinarSession) -> list[str]:
        return [one.member.name for one in figures_in(part_of_session(session.id)).members if one.is_first_time]

    assert first_in(early) == ["Lisbon"]
    assert first_in(late) == ["Accra"]


def test_only_the_sessions_asked_for_are_counted_each_by_itself(app: Flask) -> None:
    webinar = a_webinar()
    one, other = a_session(webinar=webinar), a_session(webinar=webinar)
    lisbon = a_member()
    for session in (one, other):
        a_registration(session, member=lisbon)
    part = part_of_webinar(webinar.id)

    figures = figures_by_member(part, sessions_in(part), LATER, [other.id])

    assert of(lisbon, figures).line == Line(Counts(2), Counts(2), {other.id: Counts(1)})
    assert figures.everybody.in_sessions == {other.id: Counts(1)}


def test_cancelled_sessions_and_members_that_were_merged_are_left_out(app: Flask) -> None:
    webinar = a_webinar()
    lisbon = a_member("Lisbon")
    a_member("Lisboa", merged_into_id=lisbon.id)
    a_registration(a_session(webinar=webinar, status=SessionStatus.CANCELLED), member=lisbon)

    figures = figures_in(part_of_webinar(webinar.id))

    assert figures.everybody == Line()
    assert [(one.member.name, one.line) for one in figures.members] == [("Lisbon", Line())]


def test_figures_are_three_queries_whatever_there_is(
    app: Flask, count_queries: Callable[[], AbstractContextManager[Counted]]
) -> None:
    webinar = a_webinar()
    for number in range(3):
        an_attendance(a_registration(a_session(webinar=webinar), member=a_member(f"City {number}")))
    part = part_of_webinar(webinar.id)
    sessions = sessions_in(part)

    with count_queries() as queries:
        figures_by_member(part, sessions, LATER)

    assert queries.count == 3


# Random registrations, against a plain count.


class Place(NamedTuple):
    """One registration: in which session, whose, for which member if for any, and what became of it."""

    session: int
    person: int
    member: int | None
    status: RegistrationStatus
    came: bool


SESSIONS, PEOPLE, MEMBERS = 4, 5, 3

worlds = st.lists(
    st.builds(
        Place,
        session=st.integers(0, SESSIONS - 1),
        person=st.integers(0, PEOPLE - 1),
        member=st.none() | st.integers(0, MEMBERS - 1),
        status=st.sampled_from(RegistrationStatus),
        came=st.booleans(),
    ),
    unique_by=lambda place: (place.session, place.person),
    max_size=SESSIONS * PEOPLE,
)
# Who was merged into whom: always into somebody with a higher number, so nobody runs in a circle.
merges = st.dictionaries(st.integers(0, PEOPLE - 2), st.integers(1, PEOPLE - 1)).map(
    lambda chosen: {person: into for person, into in chosen.items() if person < into}
)


def plainly(places: Iterable[Place]) -> Counts:
    of_person = defaultdict(list)
    for place in places:
        of_person[place.person].append(place)
    registered = waiting = came = without = 0
    for some in of_person.values():
        has_place = any(place.status is RegistrationStatus.REGISTERED for place in some)
        was_there = any(place.came for place in some)
        registered += has_place
        waiting += not has_place and any(place.status is WAITING for place in some)
        came += has_place and was_there
        without += not has_place and was_there
    return Counts(registered, waiting, came, without)


def plain_line(places: list[Place], sessions: list[WebinarSession]) -> Line:
    per_webinar = [plainly(place for place in places if place.session % 2 == number) for number in range(2)]
    in_sessions = {
        session.id: plainly(place for place in places if place.session == number)
        for number, session in enumerate(sessions)
    }
    added = Counts(*map(sum, zip(*per_webinar, strict=True)))
    return Line(plainly(places), added, {session: counts for session, counts in in_sessions.items() if any(counts)})


def test_whatever_people_do_they_count_once_for_their_member(app: Flask) -> None:
    series = a_series()
    webinars = [a_webinar(series=series) for _ in range(2)]
    sessions = [a_session(webinar=webinars[number % 2]) for number in range(SESSIONS)]
    members = [a_member(f"City {number}", region=f"Region {number // 2}") for number in range(MEMBERS)]
    people = [a_person() for _ in range(PEOPLE)]

    @settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow])
    @given(worlds, merges)
    def counts_as_a_plain_count_does(world: list[Place], merged: dict[int, int]) -> None:
        _store(world, merged, sessions, people, members)

        def counts_as(person: int) -> int:
            return counts_as(merged[person]) if person in merged else person

        told = [place._replace(person=counts_as(place.person)) for place in world]
        figures = figures_in(part_of_series(series.id))
        assert figures.everybody == plain_line(told, sessions)
        assert figures.nobodys == plain_line([place for place in told if place.member is None], sessions)
        for number, one in enumerate(figures.members):
            its_own = [place for place in told if place.member == number]
            assert one.line == plain_line(its_own, sessions)
            assert (one.presence is Presence.CAME) == any(place.came for place in its_own)
            assert one.is_first_time == any(place.came for place in its_own)
        assert [one.people.counts for one in figures.regions] == [
            plainly(place for place in told if place.member in (0, 1)),
            plainly(place for place in told if place.member == 2),
        ]

    counts_as_a_plain_count_does()


def _store(
    world: list[Place],
    merged: dict[int, int],
    sessions: list[WebinarSession],
    people: list[Person],
    members: list[Member],
) -> None:
    empty_world(people, merged)
    for place in world:
        take_part(
            sessions[place.session],
            people[place.person],
            place.status,
            came=place.came,
            member=None if place.member is None else members[place.member],
        )
    for session in sessions:
        settle(session.id)
    db.session.commit()
