"""Conditions find the people they say: each by itself, and any of them together against a slow obvious calculation."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories import (
    a_consent,
    a_contact,
    a_mailing,
    a_member,
    a_people_list,
    a_person,
    a_registration,
    a_series,
    a_session,
    a_suppression,
    a_webinar,
    an_attendance,
    an_invitation,
    an_invited_entry,
    stored,
)
from webinar.calendars.models import CalendarAnswer
from webinar.catalogue.models import WebinarSession
from webinar.foundation import clock
from webinar.foundation.db import db
from webinar.invitations.audience import SHOWN, About, Condition, Occasions
from webinar.invitations.models import ListedPerson, MailingKind
from webinar.invitations.queries import people
from webinar.members.services.merge_members import merge_members
from webinar.people.models import MailKind, Purpose, SuppressionReason
from webinar.registration.models import ALIVE, RegistrationStatus

pytestmark = pytest.mark.usefixtures("app")


def found(
    *conditions: Condition,
    kind: MailingKind = MailingKind.INVITATION,
    shown: Sequence[WebinarSession] = (),
) -> list[str]:
    """Return the part before the @ of the addresses that conditions find, by alphabet."""
    rows = db.session.execute(people(kind, [session.id for session in shown], conditions))
    return sorted(row.email.partition("@")[0] for row in rows)


def holds(about: About, *values: str) -> Condition:
    """Return a condition that is to hold."""
    return Condition(about, values)


def not_(about: About, *values: str) -> Condition:
    """Return a condition that is not to hold."""
    return Condition(about, values, holds=False)


# Each by itself.


def test_without_conditions_everybody_on_the_lists_is_found() -> None:
    a_contact("ana@x.example")
    a_contact("bo@x.example", member=a_member())
    a_person("no.contact@x.example")

    assert found() == ["ana", "bo"]


def test_of_the_members_one_is_enough_and_several_conditions_hold_together() -> None:
    accra, lagos = a_member("Accra", region="Africa"), a_member("Lagos", region="Africa")
    a_contact("ana@x.example", member=accra, language="en")
    a_contact("bo@x.example", member=lagos, language="fr")
    a_contact("cy@x.example", member=a_member("Seoul", region="Asia"), language="fr")
    a_contact("di@x.example", language="fr")

    assert found(holds(About.MEMBER, "accra", "lagos")) == ["ana", "bo"]
    assert found(not_(About.MEMBER, "accra", "lagos")) == ["cy", "di"]
    assert found(holds(About.MEMBER, "")) == ["di"]
    assert found(holds(About.REGION, "Africa"), holds(About.LANGUAGE, "fr")) == ["bo"]
    assert found(not_(About.REGION, "Africa"), holds(About.LANGUAGE, "fr")) == ["cy", "di"]


def test_a_member_that_was_merged_is_the_other_one() -> None:
    a_contact("ana@x.example", member=a_member("Teheran"))
    a_contact("bo@x.example", member=a_member("Tehran"))

    merge_members("teheran", "tehran")

    assert found(holds(About.MEMBER, "teheran")) == ["ana", "bo"]


def test_the_language_is_that_of_the_contact_else_of_the_person_and_may_be_unknown() -> None:
    a_contact("ana@x.example", language="fr")
    a_contact("bo@x.example", person=a_person("bo@x.example", language="es"))
    cy = a_contact("cy@x.example").person
    cy.language = None
    db.session.commit()

    assert found(holds(About.LANGUAGE, "fr")) == ["ana"]
    assert found(holds(About.LANGUAGE, "es", "")) == ["bo", "cy"]
    assert found(not_(About.LANGUAGE, "fr")) == ["bo", "cy"]


def test_words_of_a_role_are_found_in_any_spelling_and_all_words_of_one_value_together() -> None:
    a_contact("ana@x.example", role="Directora de Planificación")
    a_contact("bo@x.example", role="Deputy Mayor")
    a_contact("cy@x.example", role="شهردار")
    a_contact("di@x.example")

    assert found(holds(About.ROLE, "PLANIFICACION")) == ["ana"]
    assert found(holds(About.ROLE, "mayor deputy", "directora")) == ["ana", "bo"]
    assert found(holds(About.ROLE, "شهردار")) == ["cy"]
    assert found(not_(About.ROLE, "mayor")) == ["ana", "cy", "di"]
    assert found(holds(About.ROLE, "100%_")) == []


def test_focal_points() -> None:
    a_contact("ana@x.example", member=a_member(), is_focal_point=True)
    a_contact("bo@x.example")

    assert found(holds(About.FOCAL_POINT)) == ["ana"]
    assert found(not_(About.FOCAL_POINT)) == ["bo"]


def test_who_has_registered_is_told_by_session_by_webinar_and_by_series() -> None:
    series = a_series()
    heat = a_webinar(series=series)
    may, june = a_session(webinar=heat), a_session(webinar=heat)
    water = a_session(webinar=a_webinar(series=series))
    a_registration(may, person=a_contact("ana@x.example").person)
    a_registration(june, person=a_contact("bo@x.example").person, status=RegistrationStatus.WAITING)
    a_registration(water, person=a_contact("cy@x.example").person)
    gone = a_contact("di@x.example").person
    a_registration(may, person=gone, status=RegistrationStatus.CANCELLED)

    assert found(holds(About.REGISTERED, f"session {may.id}")) == ["ana"]
    assert found(holds(About.REGISTERED, f"webinar {heat.id}")) == ["ana", "bo"]
    assert found(holds(About.REGISTERED, f"series {series.id}")) == ["ana", "bo", "cy"]
    assert found(not_(About.REGISTERED, f"webinar {heat.id}")) == ["cy", "di"]
    assert found(holds(About.REGISTERED, SHOWN[0]), shown=[may]) == ["ana"]
    assert found(holds(About.REGISTERED, SHOWN[1]), shown=[may]) == ["ana", "bo"]
    assert found(holds(About.REGISTERED, SHOWN[2]), shown=[may]) == ["ana", "bo", "cy"]
    assert found(holds(About.REGISTERED, SHOWN[0])) == []


def test_cities_not_yet_registered_are_people_of_members_without_anybody() -> None:
    session = a_session()
    accra = a_member("Accra")
    a_contact("ana@x.example", member=accra)
    a_contact("colleague@x.example", member=accra)
    a_contact("bo@x.example", member=a_member("Lagos"))
    a_contact("nowhere@x.example")
    a_registration(session, member=accra, person=a_person("somebody.else@x.example"))
    a_registration(
        session,
        member=a_member("Seoul"),
        person=a_contact("cancelled@x.example").person,
        status=RegistrationStatus.CANCELLED,
    )

    assert found(holds(About.CITY_REGISTERED, f"session {session.id}")) == ["ana", "colleague"]
    assert found(not_(About.CITY_REGISTERED, f"session {session.id}")) == ["bo"]


def test_who_came_and_whose_city_came() -> None:
    session = a_session()
    accra = a_member("Accra")
    came = a_registration(session, member=accra, person=a_contact("ana@x.example", member=accra).person)
    an_attendance(came)
    an_attendance(came)
    a_contact("colleague@x.example", member=accra)
    lagos = a_member("Lagos")
    a_registration(session, member=lagos, person=a_contact("bo@x.example", member=lagos).person)
    by_session = f"session {session.id}"

    assert found(holds(About.CAME, by_session)) == ["ana"]
    assert found(not_(About.CAME, by_session), holds(About.REGISTERED, by_session)) == ["bo"]
    assert found(holds(About.CITY_CAME, by_session)) == ["ana", "colleague"]
    assert found(not_(About.CITY_CAME, by_session)) == ["bo"]


def test_who_is_silent_was_invited_and_has_neither_registered_nor_answered() -> None:
    session = a_session()
    for name in ("silent", "registered", "cancelled", "declined", "withdrawn", "accepted", "unread"):
        person = a_contact(f"{name}@x.example").person
        more = {f"{name}_at": clock.now()} if name in {"declined", "withdrawn"} else {}
        an_invitation(session, person, **more)
        if name in {"registered", "cancelled"}:
            a_registration(session, person=person, status=RegistrationStatus(name))
        if name in {"accepted", "unread"}:
            answer = CalendarAnswer.ACCEPTED if name == "accepted" else None
            an_invited_entry(session, person, answer=answer)
    a_contact("never@x.example")

    assert found(holds(About.SILENT, f"session {session.id}")) == ["silent", "unread"]
    assert found(not_(About.SILENT, f"session {session.id}")) == [
        *("accepted", "cancelled", "declined", "never", "registered", "withdrawn"),
    ]


def test_who_answered_in_one_of_two_webinars_may_be_silent_in_the_other() -> None:
    one, two = a_session(), a_session()
    person = a_contact("ana@x.example").person
    an_invitation(one, person)
    an_invitation(two, person)
    a_registration(one, person=person)

    assert found(holds(About.SILENT, f"session {one.id}", f"session {two.id}")) == ["ana"]


def test_who_is_on_a_people_list() -> None:
    press = a_people_list(a_contact("ana@x.example").person, a_person("no.contact@x.example"))
    a_contact("bo@x.example")

    assert found(holds(About.LISTED, str(press.id))) == ["ana"]
    assert found(not_(About.LISTED, str(press.id))) == ["bo"]


def test_what_somebody_did_under_an_address_that_was_merged_counts_as_theirs() -> None:
    session = a_session()
    ana = a_contact("ana@x.example").person
    former = a_person("ana.former@x.example", merged_into_id=ana.id)
    oldest = a_person("ana.oldest@x.example", merged_into_id=former.id)
    a_registration(session, person=former)
    press = a_people_list(oldest)

    assert found(holds(About.REGISTERED, f"session {session.id}")) == ["ana"]
    assert found(holds(About.LISTED, str(press.id))) == ["ana"]


@pytest.mark.parametrize("is_to_hold", [True, False])
def test_what_cannot_be_understood_finds_nobody_so_that_no_mail_goes_out_by_mistake(is_to_hold: bool) -> None:
    a_contact("ana@x.example")

    assert found(Condition("shoe size", ("44",), is_to_hold)) == []


def test_values_that_name_nothing_find_nobody() -> None:
    a_contact("ana@x.example")
    huge = "9" * 40

    for condition in (
        holds(About.MEMBER, "nowhere"),
        holds(About.REGISTERED, f"session {huge}", "session ٣", "session", "shown everything", "x 1"),
        holds(About.LISTED, huge, "-1", "one"),
        holds(About.SILENT),
        holds(About.ROLE, "!!!"),
    ):
        assert found(condition) == []


# Other kinds of mailings.


def test_a_newsletter_is_for_who_reads_it_in_the_language_in_which_they_asked() -> None:
    a_consent(a_person("asked@x.example", language="en"), purpose=Purpose.NEWSLETTER, text_language="fr")
    a_contact("listed@x.example", wants_newsletter=True, language="es")
    a_contact("not.listed@x.example")
    stopped = a_contact("stopped@x.example", wants_newsletter=True).person
    a_suppression(stopped, kind=MailKind.NEWSLETTER, reason=SuppressionReason.UNSUBSCRIBED)

    assert found(kind=MailingKind.NEWSLETTER) == ["asked", "listed"]
    assert found(holds(About.LANGUAGE, "fr"), kind=MailingKind.NEWSLETTER) == ["asked"]
    assert found(not_(About.FOCAL_POINT), kind=MailingKind.NEWSLETTER) == ["asked", "listed"]


def test_of_a_mailing_about_places_what_was_typed_for_the_place_is_compared() -> None:
    session = a_session()
    accra = a_member("Accra", region="Africa")
    a_registration(session, member=accra, person=a_person("ana@x.example"), role="Alcaldesa", language="es")
    a_registration(session, person=a_contact("bo@x.example", member=accra, language="es").person, language="fr")
    kind, shown = MailingKind.INFORMATION, [session]

    assert found(holds(About.MEMBER, "accra"), kind=kind, shown=shown) == ["ana"]
    assert found(holds(About.REGION, "Africa"), kind=kind, shown=shown) == ["ana"]
    assert found(holds(About.ROLE, "alcaldesa"), kind=kind, shown=shown) == ["ana"]
    assert found(holds(About.LANGUAGE, "fr"), kind=kind, shown=shown) == ["bo"]
    assert found(not_(About.MEMBER, "accra"), kind=kind, shown=shown) == ["bo"]


# Any of them together, against a slow obvious calculation.

MEMBERS = {"accra": "Africa", "lagos": "Africa", "seoul": "Asia"}
ROLES = ("", "Deputy Mayor", "Alcaldesa", "Head of Mayor's office")
CODES = ("en", "fr", None)


@dataclass
class Someone:
    """One contact, and what they did, as the test itself knows it."""

    name: str
    member: str | None
    language: str | None
    role: str
    is_focal_point: bool
    lists: set[int] = field(default_factory=set)
    registered: dict[int, RegistrationStatus] = field(default_factory=dict)
    came: set[int] = field(default_factory=set)
    invited: dict[int, str] = field(default_factory=dict)
    answered: set[int] = field(default_factory=set)


@dataclass
class World:
    """What is stored, by the test's own account: people, and of each session its webinar and series."""

    people: list[Someone]
    webinar_of: dict[int, int]
    series_of: dict[int, int]
    shown: list[WebinarSession]
    lists: list[int]

    def sessions(self, values: Sequence[str]) -> set[int]:
        """Return the sessions that values mean."""
        meant = Occasions.of(values)
        shown = {session.id for session in self.shown}
        which = {
            "shown sessions": shown,
            "shown webinars": {one for one in self.webinar_of if self._webinar(one) in map(self._webinar, shown)},
            "shown series": {one for one in self.webinar_of if self._series(one) in map(self._series, shown)},
        }
        found_ = {one for one in self.webinar_of if one in meant.sessions}
        found_ |= {one for one in self.webinar_of if self._webinar(one) in meant.webinars}
        found_ |= {one for one in self.webinar_of if self._series(one) in meant.series}
        return found_.union(*(which[value] for value in meant.shown))

    def _webinar(self, session_id: int) -> int:
        return self.webinar_of[session_id]

    def _series(self, session_id: int) -> int:
        return self.series_of[session_id]

    def fulfils(self, one: Someone, condition: Condition) -> bool:
        """Tell whether somebody fulfils a condition."""
        about, values = About(condition.about), condition.values
        if about in {About.CITY_REGISTERED, About.CITY_CAME} and one.member is None:
            return False
        return self._holds(one, about, values) is condition.holds

    def _holds(self, one: Someone, about: About, values: Sequence[str]) -> bool:
        sessions = self.sessions(values) if about.is_of_sessions else set()
        city = [other for other in self.people if other.member == one.member and one.member is not None]
        match about:
            case About.MEMBER:
                return (one.member or "") in values
            case About.REGION:
                return one.member is not None and MEMBERS[one.member] in values
            case About.LANGUAGE:
                return (one.language or "") in values
            case About.ROLE:
                return any(all(word in one.role.lower() for word in value.lower().split()) for value in values)
            case About.FOCAL_POINT:
                return one.is_focal_point
            case About.REGISTERED:
                return any(one.registered.get(session) in ALIVE for session in sessions)
            case About.CITY_REGISTERED:
                return any(other.registered.get(session) in ALIVE for other in city for session in sessions)
            case About.CAME:
                return bool(one.came & sessions)
            case About.CITY_CAME:
                return any(other.came & sessions & other.registered.keys() for other in city)
            case About.SILENT:
                return any(self._is_silent(one, self.sessions([value])) for value in values)
            case About.LISTED:
                return any(str(number) in values for number in one.lists)

    @staticmethod
    def _is_silent(one: Someone, sessions: set[int]) -> bool:
        asked = any(one.invited.get(session, "withdrawn") != "withdrawn" for session in sessions)
        said_no = any(one.invited.get(session) == "declined" for session in sessions)
        return asked and not said_no and not (one.answered & sessions) and not (one.registered.keys() & sessions)


def a_world() -> World:
    """Store a small world, the same one each time, and return what is in it."""
    dice = random.Random(6)
    members = {key: a_member(key.title(), region=region) for key, region in MEMBERS.items()}
    series = [a_series(), a_series()]
    webinars = [a_webinar(series=series[number // 2]) for number in range(3)]
    sessions = [a_session(webinar=webinar) for webinar in (*webinars, webinars[0])]
    lists = [a_people_list(name=name) for name in ("Press", "Speakers")]
    everybody = []
    for number in range(24):
        name = f"p{number:02}"
        key = dice.choice([*MEMBERS, None])
        one = Someone(name, key, dice.choice(CODES), dice.choice(ROLES), key is not None and dice.random() < 0.3)
        everybody.append(one)
        person = a_person(f"{name}@x.example")
        person.language = None
        member = members[key] if key else None
        a_contact(person=person, member=member, language=one.language, role=one.role, is_focal_point=one.is_focal_point)
        # What somebody did under a former address is theirs.
        doer = a_person(f"{name}.former@x.example", merged_into_id=person.id) if dice.random() < 0.3 else person
        for people_list in lists:
            if dice.random() < 0.3:
                one.lists.add(people_list.id)
                stored(ListedPerson(list_id=people_list.id, person_id=doer.id))
        for session in sessions:
            if dice.random() < 0.35:
                status = dice.choice(list(RegistrationStatus))
                one.registered[session.id] = status
                place = a_registration(session, person=doer, member=member, status=status)
                if dice.random() < 0.4:
                    one.came.add(session.id)
                    an_attendance(place)
            if dice.random() < 0.5:
                state = dice.choice(["", "", "declined", "withdrawn"])
                one.invited[session.id] = state
                an_invitation(session, doer, **({f"{state}_at": clock.now()} if state else {}))
            if dice.random() < 0.3:
                answer = dice.choice([None, *CalendarAnswer])
                an_invited_entry(session, doer, answer=answer, language="en")
                if answer is not None:
                    one.answered.add(session.id)
    return World(
        everybody,
        {session.id: session.webinar_id for session in sessions},
        {session.id: session.webinar.series_id for session in sessions},
        [sessions[0], sessions[1]],
        [people_list.id for people_list in lists],
    )


def conditions_of(world: World) -> st.SearchStrategy[list[Condition]]:
    """Return what draws a few conditions about a world, some of whose values name nothing."""
    occasions = [
        *SHOWN,
        *(f"session {one}" for one in world.webinar_of),
        *(f"webinar {one}" for one in set(world.webinar_of.values())),
        *(f"series {one}" for one in set(world.series_of.values())),
        "session 999999",
    ]
    values = {
        About.MEMBER: [*MEMBERS, "", "nowhere"],
        About.REGION: ["Africa", "Asia", "Europe"],
        About.LANGUAGE: ["en", "fr", "", "pt"],
        About.ROLE: ["mayor", "deputy mayor", "alcaldesa", "xyz"],
        About.FOCAL_POINT: [""],
        About.LISTED: [*map(str, world.lists), "999999"],
    }
    one = st.sampled_from(list(About)).flatmap(
        lambda about: st.builds(
            lambda chosen, is_to_hold: Condition(about, tuple(chosen), is_to_hold),
            st.lists(st.sampled_from(values.get(about, occasions)), min_size=1, max_size=3, unique=True),
            st.booleans(),
        )
    )
    return st.lists(one, max_size=4)


def test_any_conditions_find_the_same_people_as_a_slow_obvious_calculation(app: Flask) -> None:
    world = a_world()

    @settings(max_examples=75, suppress_health_check=list(HealthCheck))
    @given(conditions=conditions_of(world))
    def they_are_the_same(conditions: list[Condition]) -> None:
        expected = [one.name for one in world.people if all(world.fulfils(one, each) for each in conditions)]

        assert found(*conditions, shown=world.shown) == sorted(expected)

    they_are_the_same()


def test_a_mailing_keeps_its_conditions_as_they_were_stored() -> None:
    condition = not_(About.CITY_REGISTERED, "webinar 1", SHOWN[0])

    mailing = a_mailing(a_session(), conditions=[condition.stored()])

    assert [Condition.read(one) for one in mailing.conditions] == [condition]
