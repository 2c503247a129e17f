"""Whom a report names; no database is needed to say it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from webinar.members.matching import MemberNames, Names
from webinar.platform_reports.logins import Stretch
from webinar.platform_reports.matching import Known, Matching, Named, Registered, match, named_in
from webinar.platform_reports.report import Kind, Login

START = datetime(2030, 5, 14, 12, 0, tzinfo=UTC)
MEMBERS = MemberNames(
    [Names("lisbon", "Lisbon", aliases=("Lisboa",)), Names("dakar", "Dakar"), Names("porto", "Porto")]
)


def somebody(number: int, given_name: str, family_name: str, email: str | None = None, **more: Any) -> Registered:
    values: dict[str, Any] = {"counts_as_id": number, "member_key": None, "member_name": None, "organisation": ""}
    email = email or f"somebody.{number}@example.org"
    return Registered(number, number, given_name=given_name, family_name=family_name, email=email, **(values | more))


def a_stretch(name: str, email: str | None = None, kind: Kind = Kind.ATTENDEE) -> Stretch:
    login = Login(1, name, email, START.replace(tzinfo=None), START.replace(tzinfo=None), kind)
    return Stretch(login, START, START)


def matched(
    *stretches: Stretch,
    registered: list[Registered],
    remembered: Mapping[str, int | None] | None = None,
    addresses: Mapping[str, int] | None = None,
    names_at: Mapping[str, list[str]] | None = None,
) -> list[Named]:
    known = Known(addresses or {}, names_at or {}, remembered or {}, set(), set())
    return match(named_in(stretches), Matching(registered, MEMBERS), known)


def told(people: list[Named]) -> list[tuple[str, str, str | None, int | None]]:
    return [
        (one.name, one.standing.value, one.reason and one.reason.value, one.registered and one.registered.id)
        for one in people
    ]


def test_log_ins_of_one_address_are_one_person_whatever_the_letter_case_and_the_name() -> None:
    people = matched(
        a_stretch("Ana", "ana@lisbon.example"),
        a_stretch("Ana’s iPad", "ANA@lisbon.example"),
        registered=[somebody(1, "Ana", "Sousa", "ana@lisbon.example")],
    )

    assert told(people) == [("Ana", "certain", "address", 1)]
    assert [len(one.stretches) for one in people] == [2]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("ana  SOUSA", "same_name"),
        ("Aña Sóusa (Unverified)", "same_name"),
        ("Ana Sousa (Guest) (External)", "same_name"),
        ("Ana Sousa (Invité)", "same_name"),
        ("Sousa, Ana", "other_order"),
        ("SousaAna", "other_order"),
        ("Ana Sousa (Lisboa)", "with_member"),
        ("Lisboa - Ana Sousa", "with_member"),
        ("Ana Sousa | Lisbon", "with_member"),
        ("Ana Sousa Lisbon", "with_member"),
        ("Phone 3 (Ana Sousa)", "with_member"),
        ("Ана Соуса", "other_letters"),
    ],
)
def test_a_name_that_is_likely_somebodys_is_proposed_with_the_reason(name: str, reason: str) -> None:
    ana = somebody(1, "Ana", "Sousa", member_key="lisbon", member_name="Lisbon")

    [person] = matched(a_stretch(name), registered=[ana, somebody(2, "Rui", "Costa")])

    assert told([person])[0][1:] == ("likely", reason, 1)


@pytest.mark.parametrize("name", ["Ana", "Sousa", "Ana Souza", "Ana Sousa (Dakar)", "Ana Costa", "A. Sousa"])
def test_a_name_that_is_only_similar_is_nobodys(name: str) -> None:
    ana = somebody(1, "Ana", "Sousa", member_key="lisbon", member_name="Lisbon")

    [person] = matched(a_stretch(name), registered=[ana, somebody(2, "Rui", "Costa")])

    assert told([person])[0][1:] == ("open", None, None)


def test_two_registered_with_one_name_leave_it_open_but_the_city_beside_it_tells_them_apart() -> None:
    twins = [
        somebody(1, "Jo", "Example", member_key="lisbon", member_name="Lisbon"),
        somebody(2, "Jo", "Example", member_key="dakar", member_name="Dakar"),
    ]

    people = matched(a_stretch("Jo Example"), a_stretch("Jo Example (Dakar)"), registered=twins)

    assert told(people) == [
        ("Jo Example", "open", "several_registered", None),
        ("Jo Example (Dakar)", "likely", "with_member", 2),
    ]
    assert [candidate.id for candidate in people[0].candidates] == [1, 2]


def test_two_reported_who_may_be_the_same_registrant_stay_open() -> None:
    people = matched(
        a_stretch("Ana Sousa"), a_stretch("Sousa Ana", "other@x.example"), registered=[somebody(1, "Ana", "Sousa")]
    )

    assert told(people) == [
        ("Ana Sousa", "open", "several_reported", None),
        ("Sousa Ana", "open", "several_reported", None),
    ]
    assert [[candidate.id for candidate in one.candidates] for one in people] == [[1], [1]]


def test_a_second_device_without_the_address_is_proposed_beside_the_certain_one() -> None:
    people = matched(
        a_stretch("Ana Sousa", "ana@lisbon.example"),
        a_stretch("Ana Sousa"),
        registered=[somebody(1, "Ana", "Sousa", "ana@lisbon.example")],
    )

    assert told(people) == [("Ana Sousa", "certain", "address", 1), ("Ana Sousa", "likely", "same_name", 1)]


def test_two_people_with_one_address_are_told_apart_if_both_are_registered() -> None:
    people = matched(
        a_stretch("Ana Sousa", "ana@lisbon.example"),
        a_stretch("Rui Costa", "ana@lisbon.example"),
        a_stretch("iPhone", "ana@lisbon.example"),
        registered=[somebody(1, "Ana", "Sousa", "ana@lisbon.example"), somebody(2, "Rui", "Costa")],
    )

    assert told(people) == [("Ana Sousa", "certain", "address", 1), ("Rui Costa", "likely", "same_name", 2)]
    assert [len(one.stretches) for one in people] == [2, 1]


def test_the_address_of_somebody_merged_into_the_registered_is_certain() -> None:
    people = matched(
        a_stretch("A. S.", "ana@home.example"),
        registered=[somebody(1, "Ana", "Sousa", counts_as_id=7)],
        addresses={"ana@home.example": 7},
    )

    assert told(people) == [("A. S.", "certain", "merged_address", 1)]


def test_an_address_that_another_list_knows_under_the_name_is_likely() -> None:
    people = matched(
        a_stretch("iPhone 12", "ana@home.example"),
        registered=[somebody(1, "Ana", "Sousa")],
        names_at={"ana@home.example": ["Ana Sousa"]},
    )

    assert told(people) == [("iPhone 12", "likely", "known_address", 1)]


def test_what_was_decided_before_is_certain_but_not_where_another_has_that_name() -> None:
    remembered = {"ana at home": 1, "jo example": 2, "recorder": None}
    registered = [somebody(1, "Ana", "Sousa"), somebody(2, "Jo", "Example"), somebody(3, "Jo", "Example")]

    people = matched(
        a_stretch("Ana at home"),
        a_stretch("Jo Example"),
        a_stretch("Recorder"),
        registered=registered,
        remembered=remembered,
    )

    assert told(people) == [
        ("Ana at home", "certain", "remembered", 1),
        ("Jo Example", "open", "several_registered", None),
        ("Recorder", "set_aside", "remembered", None),
    ]


@pytest.mark.parametrize(
    ("stretch", "kind", "standing"),
    [
        (a_stretch("15125550***", kind=Kind.PHONE), "phone", "apart"),
        (a_stretch("Guest", kind=Kind.GUEST), "nameless", "apart"),
        (a_stretch("Zoom User 3"), "nameless", "apart"),
        (a_stretch(""), "nameless", "apart"),
        (a_stretch("Maria Lopez", kind=Kind.GUEST), "attendee", "open"),
        (a_stretch("Guest", "maria@x.example"), "attendee", "open"),
        (a_stretch("Eva", "eva@x.example", Kind.HOST), "host", "apart"),
    ],
)
def test_telephones_and_nameless_guests_are_nobody_in_particular(stretch: Stretch, kind: str, standing: str) -> None:
    [person] = matched(stretch, registered=[somebody(1, "Ana", "Sousa")])

    assert (person.kind, person.standing) == (kind, standing)


@pytest.mark.parametrize(
    "name", ["=HYPERLINK(1)", "x" * 5_000, "\u202eevil", "(((", "()", "- | -", "李样", "\x00", "a, b, c"]
)
def test_no_name_is_too_strange_to_be_compared(name: str) -> None:
    [person] = matched(a_stretch(name), registered=[somebody(1, "样", "李"), somebody(2, "", "")])

    assert person.standing.value == ("likely" if name == "李样" else "apart" if person.kind == "nameless" else "open")
    assert len(person.known_by) <= 300
