from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
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
from webinar.attendance.by_language import (
    Counts,
    Figures,
    Listeners,
    Offer,
    figures_of,
    listeners_in,
    offered_in,
    part_of_series,
    part_of_session,
    part_of_webinar,
    places_in,
)
from webinar.attendance.models import AttendanceSource
from webinar.attendance.services.settle import settle
from webinar.catalogue.models import SessionStatus, WebinarSession
from webinar.foundation import clock
from webinar.foundation.db import db
from webinar.people.models import Person
from webinar.registration.models import Approval, RegistrationStatus

WAITING, CANCELLED, UNREGISTERED = (
    RegistrationStatus.WAITING,
    RegistrationStatus.CANCELLED,
    RegistrationStatus.UNREGISTERED,
)


def test_a_session_is_counted_by_what_people_hear_and_by_what_they_are_written_to_in(app: Flask) -> None:
    session = a_session(languages=("en", "fr", "es"))
    a_registration(session, version="en", language="en")
    a_registration(session, version="fr", language="en")
    a_registration(session, version="fr", language="fr")
    a_registration(session, version="fr", language="fr", status=WAITING)
    a_registration(session, version="es", language="pt", status=CANCELLED)
    a_registration(a_session(languages=("en",)))

    figures, _ = figures_of(places_in(part_of_session(session.id)))

    assert figures == Figures(
        everybody=Counts(registered=3, waiting=1),
        heard={"en": Counts(registered=1), "fr": Counts(registered=2, waiting=1)},
        read={"en": Counts(registered=2), "fr": Counts(registered=1, waiting=1)},
    )


def test_who_is_still_to_be_approved_waits(app: Flask) -> None:
    session = a_session()
    a_registration(session, status=WAITING, approval=Approval.ASKED)

    assert figures_of(places_in(part_of_session(session.id)))[0].everybody == Counts(waiting=1)


def test_who_came_without_being_registered_stands_apart(app: Flask) -> None:
    session = a_session(languages=("en", "fr"))
    twice = a_registration(session, version="fr")
    an_attendance(twice)
    an_attendance(twice, source=AttendanceSource.JOIN_LINK, minutes=None)
    a_registration(session, version="fr")
    an_attendance(a_registration(session, version="fr", status=UNREGISTERED))
    an_attendance(a_registration(session, version="en", status=CANCELLED))

    figures, _ = figures_of(places_in(part_of_session(session.id)))

    assert figures.heard == {"fr": Counts(registered=2, came=1, came_without=1), "en": Counts(came_without=1)}
    assert figures.everybody == Counts(registered=2, came=1, came_without=2)


def test_somebody_in_two_languages_of_a_webinar_counts_once_in_each_and_once_in_all(app: Flask) -> None:
    webinar = a_webinar(series=a_series())
    english, french = (a_session(webinar=webinar, languages=(code,)) for code in ("en", "fr"))
    ana, bo = a_person(), a_person()
    a_registration(english, person=ana)
    a_registration(french, person=ana)
    a_registration(a_session(webinar=webinar, languages=("fr",)), person=ana)
    a_registration(english, person=bo, status=CANCELLED)
    a_registration(french, person=bo)

    whole, of_each = figures_of(places_in(part_of_webinar(webinar.id)), [english.id, french.id])

    assert whole.everybody == Counts(registered=2)
    assert whole.heard == {"en": Counts(registered=1), "fr": Counts(registered=2)}
    assert of_each[english.id].heard == {"en": Counts(registered=1)}
    assert of_each[french.id].heard == {"fr": Counts(registered=2)}
    assert of_each[french.id].everybody == Counts(registered=2)


def test_who_waits_in_one_session_and_has_a_place_in_another_is_registered(app: Flask) -> None:
    webinar = a_webinar()
    ana = a_person()
    a_registration(a_session(webinar=webinar, languages=("fr",)), person=ana, status=WAITING)
    a_registration(a_session(webinar=webinar, languages=("en",)), person=ana)

    whole, _ = figures_of(places_in(part_of_webinar(webinar.id)))

    assert whole.everybody == Counts(registered=1)
    assert whole.heard == {"en": Counts(registered=1), "fr": Counts(waiting=1)}


def test_a_series_counts_over_all_its_webinars_and_in_each(app: Flask) -> None:
    series = a_series()
    heat, water = a_webinar(series=series), a_webinar(series=series)
    ana = a_person()
    for webinar in (heat, water):
        a_registration(a_session(webinar=webinar, languages=("fr",)), person=ana)
    a_registration(a_session(webinar=water, languages=("en",)))
    a_registration(a_session(languages=("en",)))

    whole, of_each = figures_of(places_in(part_of_series(series.id)), [heat.id, water.id])

    assert whole.everybody == Counts(registered=2)
    assert whole.heard == {"fr": Counts(registered=1), "en": Counts(registered=1)}
    assert of_each == {
        heat.id: Figures(Counts(registered=1), {"fr": Counts(registered=1)}, {"en": Counts(registered=1)}),
        water.id: Figures(
            Counts(registered=2),
            {"fr": Counts(registered=1), "en": Counts(registered=1)},
            {"en": Counts(registered=2)},
        ),
    }


def test_a_cancelled_session_counts_for_itself_and_not_for_its_webinar(app: Flask) -> None:
    webinar = a_webinar()
    session = a_session(webinar=webinar, languages=("fr",), status=SessionStatus.CANCELLED)
    a_registration(session)

    assert figures_of(places_in(part_of_session(session.id)))[0].everybody == Counts(registered=1)
    assert figures_of(places_in(part_of_webinar(webinar.id)))[0] == Figures()
    assert offered_in(part_of_webinar(webinar.id)) == {}


def test_people_who_were_merged_count_as_one_and_the_erased_go_on_counting(app: Flask) -> None:
    webinar = a_webinar()
    first, second, third = a_person(), a_person(), a_person()
    for person in (first, second, third):
        a_registration(a_session(webinar=webinar, languages=("fr",)), person=person)
    first.merged_into_id, second.merged_into_id = second.id, third.id
    gone = a_registration(a_session(webinar=webinar, languages=("fr",))).person
    gone.email, gone.erased_at = None, clock.now()
    db.session.commit()

    whole, _ = figures_of(places_in(part_of_webinar(webinar.id)))

    assert whole.heard == {"fr": Counts(registered=2)}


def test_a_part_with_nobody_has_noughts(app: Flask) -> None:
    session = a_session()

    assert figures_of(places_in(part_of_session(session.id)), [session.id]) == (Figures(), {session.id: Figures()})
    assert listeners_in(places_in(part_of_session(session.id))) == {}


def test_what_is_offered_says_in_how_many_sessions_how_often_interpreted_and_where_one_knows_who_came(
    app: Flask,
) -> None:
    webinar = a_webinar()
    both = a_session(webinar=webinar, languages=("es", "fr"))
    an_attendance(a_registration(both, version="es"))
    alone = a_session(webinar=webinar, languages=("fr",))

    assert offered_in(part_of_webinar(webinar.id)) == {
        both.id: {"es": Offer(1, 0, 1), "fr": Offer(1, 1, 1)},
        alone.id: {"fr": Offer(1, 0)},
    }
    assert offered_in(part_of_series(webinar.series.id)) == {webinar.id: {"es": Offer(1, 0, 1), "fr": Offer(2, 1, 1)}}


def test_listeners_are_told_by_member_once_each(app: Flask) -> None:
    webinar = a_webinar()
    accra, bogota = a_member("Accra"), a_member("Bogotá")
    here, there = (a_session(webinar=webinar, languages=("fr",)) for _ in range(2))
    ana = a_person()
    a_registration(here, person=ana, member=accra)
    a_registration(there, person=ana, member=accra)
    a_registration(here, member=bogota)
    a_registration(here, member=bogota)
    a_registration(here, member=bogota, status=WAITING)
    a_registration(here)

    [(code, listeners)] = listeners_in(places_in(part_of_webinar(webinar.id))).items()

    assert code == "fr"
    assert set(listeners) == {Listeners("bogotá", "Bogotá", 2), Listeners("accra", "Accra", 1), Listeners(None, "", 1)}


def test_figures_are_one_query_whatever_there_is(
    app: Flask, count_queries: Callable[[], AbstractContextManager[Counted]]
) -> None:
    webinar = a_webinar()
    sessions = [a_session(webinar=webinar, languages=("en", "fr")).id for _ in range(3)]

    with count_queries() as queries:
        figures_of(places_in(part_of_webinar(webinar.id)), sessions)

    assert queries.count == 1


# Random registrations, against a plain count.


class Place(NamedTuple):
    """One registration: in which session, whose, what they hear and read, what became of it."""

    session: int
    person: int
    heard: int
    read: str
    status: RegistrationStatus
    came: bool


SESSIONS, PEOPLE, LANGUAGES = 4, 5, ("en", "es", "fr")

worlds = st.lists(
    st.builds(
        Place,
        session=st.integers(0, SESSIONS - 1),
        person=st.integers(0, PEOPLE - 1),
        heard=st.integers(0, len(LANGUAGES) - 1),
        read=st.sampled_from(("en", "pt", "ar")),
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


def plainly(places: Iterable[tuple[int, Place]]) -> Counts:
    of_person = defaultdict(list)
    for person, place in places:
        of_person[person].append(place)
    registered = waiting = came = without = 0
    for some in of_person.values():
        has_place = any(place.status is RegistrationStatus.REGISTERED for place in some)
        was_there = any(place.came for place in some)
        registered += has_place
        waiting += not has_place and any(place.status is WAITING for place in some)
        came += has_place and was_there
        without += not has_place and was_there
    return Counts(registered, waiting, came, without)


def plain_figures(places: list[tuple[int, Place]]) -> Figures:
    figures = Figures(everybody=plainly(places))
    for heard, code in enumerate(LANGUAGES):
        counts = plainly((person, place) for person, place in places if place.heard == heard)
        if any(counts):
            figures.heard[code] = counts
    for code in {place.read for _, place in places}:
        counts = plainly((person, place) for person, place in places if place.read == code)
        if any(counts):
            figures.read[code] = counts
    return figures


def test_whatever_people_do_they_count_once(app: Flask) -> None:
    series = a_series()
    webinars = [a_webinar(series=series) for _ in range(2)]
    sessions = [a_session(webinar=webinars[number % 2], languages=LANGUAGES) for number in range(SESSIONS)]
    people = [a_person() for _ in range(PEOPLE)]

    @settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
    @given(worlds, merges)
    def counts_as_a_plain_count_does(world: list[Place], merged: dict[int, int]) -> None:
        _store(world, merged, sessions, people)

        def counts_as(person: int) -> int:
            return counts_as(merged[person]) if person in merged else person

        told = [(counts_as(place.person), place) for place in world]
        whole, of_each = figures_of(places_in(part_of_series(series.id)), [webinar.id for webinar in webinars])
        assert whole == plain_figures(told)
        for number, webinar in enumerate(webinars):
            here = [(person, place) for person, place in told if place.session % 2 == number]
            assert of_each[webinar.id] == plain_figures(here)
            assert figures_of(places_in(part_of_webinar(webinar.id)))[0] == plain_figures(here)

    counts_as_a_plain_count_does()


def _store(
    world: list[Place],
    merged: dict[int, int],
    sessions: list[WebinarSession],
    people: list[Person],
) -> None:
    empty_world(people, merged)
    for place in world:
        take_part(
            sessions[place.session],
            people[place.person],
            place.status,
            came=place.came,
            heard=place.heard,
            language=place.read,
        )
    for session in sessions:
        settle(session.id)
    db.session.commit()
