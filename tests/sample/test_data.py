"""The sample's own files: complete in all its languages, consistent with each other, nobody real in them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from email_validator import validate_email

from webinar.foundation.zones import is_zone
from webinar.members.matching import Ambiguous, Found, MemberNames, Names
from webinar.sample.files import catalogue, rows_of

LANGUAGES = {"en", "es", "fr", "pt", "ar"}

CAME_ON_22_JULY_2020 = [
    "Accra",
    "Àrea Metropolitana de Barcelona (AMB)",
    "Johannesburg",
    "East Kalimantan",
    "Ethekwini (Durban)",
    "Buenos Aires",
    "Ciudad de México - CDMX",
    "Brasília",
    "Minas Gerais",
    "Goyang",
    "Hyderabad",
    "Greater Manchester",
    "Guangzhou",
    "Hangzhou",
    "Montevideo",
    "Kathmandu",
    "Grand Paris",
    "Mashhad",
    "Shiraz",
    "Tehran",
    "Rio de Janeiro",
    "Belo Horizonte",
    "Porto Alegre",
    "Bruxelles",
    "Seoul",
    "Tangerang Selatan",
]


MEMBERS = rows_of("members.csv")
REGISTRATIONS = rows_of("registrations.csv")
ATTENDANCE = rows_of("attendance.csv")
CATALOGUE = catalogue()


def sessions() -> dict[str, dict[str, Any]]:
    return {
        session["key"]: session
        for series in CATALOGUE
        for webinar in series["webinars"]
        for session in webinar["sessions"]
    }


def texts(node: Any, where: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every text by language in the catalogue, with the way to it."""
    if isinstance(node, dict):
        if set(node) & LANGUAGES:
            yield where, node
            return
        for name, value in node.items():
            yield from texts(value, f"{where}/{name}")
    elif isinstance(node, list):
        for number, value in enumerate(node):
            yield from texts(value, f"{where}/{number}")


def test_there_are_63_members_each_with_its_own_key_name_and_mail_domain() -> None:
    assert len(MEMBERS) == 63
    for column in ("key", "name", "mail_domains"):
        assert Counter(row[column] for row in MEMBERS).most_common(1)[0][1] == 1, column


@pytest.mark.parametrize("member", MEMBERS, ids=lambda row: row["key"])
def test_a_member_has_a_zone_a_place_on_earth_and_no_real_mail_domain(member: dict[str, str]) -> None:
    assert is_zone(member["timezone"])
    assert -56 < float(member["latitude"]) < 66
    assert -130 < float(member["longitude"]) < 150
    assert member["mail_domains"].endswith(".example")
    assert len(member["country_code"]) == 2
    assert member["region"] in {
        "Africa",
        "Asia-Pacific",
        "Europe",
        "Latin America and the Caribbean",
        "North America",
    }


def test_no_name_belongs_to_two_members() -> None:
    owners: dict[str, set[str]] = {}
    for row in MEMBERS:
        for name in (row["name"], row["official_name"], *row["aliases"].split("|")):
            owners.setdefault(name.casefold(), set()).add(row["key"])

    assert {name: keys for name, keys in owners.items() if len(keys) > 1} == {}


def test_every_text_of_the_catalogue_is_there_in_all_languages_of_the_sample() -> None:
    found = list(texts(CATALOGUE))

    assert len(found) > 100
    for where, by_language in found:
        assert set(by_language) == LANGUAGES, where
        assert all(by_language.values()), where
        if isinstance(by_language["en"], list):
            assert len({len(lines) for lines in by_language.values()}) == 1, where


def test_speakers_materials_and_practical_notes_are_told_in_languages_and_not_in_plain_words() -> None:
    told = [
        material["title"]
        for series in CATALOGUE
        for webinar in series["webinars"]
        for material in webinar.get("materials", [])
    ]
    for session in sessions().values():
        told += [version["practical_notes"] for version in session["languages"] if "practical_notes" in version]
        told += [
            speaker[name]
            for speaker in session.get("speakers", [])
            for name in ("role", "affiliation")
            if name in speaker
        ]

    assert len(told) > 50
    assert [words for words in told if not isinstance(words, dict)] == []


def test_every_webinar_says_what_it_is_about_and_how_its_time_is_spent() -> None:
    for series in CATALOGUE:
        assert series["summary"]
        for webinar in series["webinars"]:
            assert webinar["summary"]
            assert webinar["description"]
            planned = sum(item["minutes"] for item in webinar["agenda"])
            for session in webinar["sessions"]:
                if "start" in session:
                    lasts = datetime.fromisoformat(session["end"]) - datetime.fromisoformat(session["start"])
                    assert planned == lasts.total_seconds() / 60, session["key"]
                else:
                    assert planned == 75, session["key"]


def test_the_coming_sessions_are_those_that_other_programs_know() -> None:
    coming = {key: session for key, session in sessions().items() if key.startswith("next-")}

    assert {key: [(one["code"], one["kind"]) for one in session["languages"]] for key, session in coming.items()} == {
        "next-es": [("es", "floor")],
        "next-en": [("en", "floor")],
        "next-fr": [("fr", "floor")],
        "next-all": [("en", "floor"), ("es", "interpretation"), ("fr", "interpretation")],
    }
    for session in coming.values():
        assert session["join_url"].startswith("https://zoom.example/")
        assert len(session["speakers"]) >= 4
        assert all(version["practical_notes"] for version in session["languages"])


def test_the_past_sessions_are_at_the_times_that_are_known() -> None:
    past = {key: session for key, session in sessions().items() if not key.startswith("next-")}

    assert {key: (session["start"], session["timezone"], session["platform"]) for key, session in past.items()} == {
        "internationalisation-es": ("2020-04-03T16:30", "Europe/Madrid", "zoom"),
        "internationalisation-en": ("2020-07-22T16:00", "Europe/Madrid", "zoom"),
        "internationalisation-fr": ("2020-11-25T16:00", "Europe/Madrid", "zoom"),
        "pandemic-2020": ("2020-10-07T15:30", "Europe/Madrid", "zoom"),
        "quito-2016": ("2016-10-17T14:00", "America/Guayaquil", "room"),
    }


def test_everybody_registered_is_invented_and_registered_once_a_session() -> None:
    assert Counter((row["session"], row["email"]) for row in REGISTRATIONS).most_common(1)[0][1] == 1
    names = {row["name"] for row in MEMBERS}
    for row in REGISTRATIONS:
        address = validate_email(row["email"], check_deliverability=False)
        assert address.normalized == row["email"]
        assert address.domain == "example.org"
        assert (row["affiliation"] == "member") == (row["member"] in names)
        assert (row["affiliation"] == "member") == (row["organisation"] == "")
        assert row["language"] in {version["code"] for version in sessions()[row["session"]]["languages"]}


def test_a_person_has_the_same_name_in_every_session() -> None:
    people = {(row["email"], row["given_name"], row["family_name"], row["member"]) for row in REGISTRATIONS}

    assert len(people) == len({row["email"] for row in REGISTRATIONS})


def test_58_people_from_26_members_came_on_22_july_2020() -> None:
    came = {row["email"] for row in ATTENDANCE if row["session"] == "internationalisation-en"}
    rows = [row for row in REGISTRATIONS if row["session"] == "internationalisation-en"]
    names = {
        name: row["name"] for row in MEMBERS for name in (row["name"], row["official_name"], *row["aliases"].split("|"))
    }

    assert len(came) == 58
    assert {row["member"] for row in rows if row["email"] in came} - {""} == {
        names[written] for written in CAME_ON_22_JULY_2020
    }
    assert Counter(row["status"] for row in rows) == {"registered": 71, "cancelled": 3, "unregistered": 2}
    assert len(rows) - len(came) == 18


def test_only_people_of_a_session_came_to_it_and_nobody_left_before_coming() -> None:
    known = {(row["session"], row["email"]) for row in REGISTRATIONS if row["status"] != "cancelled"}
    last_left: dict[tuple[str, str], str] = {}
    for row in ATTENDANCE:
        person = (row["session"], row["email"])
        assert person in known
        assert last_left.get(person, "") < row["joined_at_utc"] < row["left_at_utc"]
        last_left[person] = row["left_at_utc"]


def test_the_link_of_the_spanish_session_was_public_so_nobody_knows_who_came() -> None:
    assert {row["session"] for row in ATTENDANCE} == {
        "internationalisation-en",
        "internationalisation-fr",
        "pandemic-2020",
    }


def test_three_seats_are_left_in_french_and_no_session_is_full() -> None:
    taken = Counter(row["session"] for row in REGISTRATIONS)
    limited = {key: session["seats"] for key, session in sessions().items() if "seats" in session}

    assert {key: seats - taken[key] for key, seats in limited.items()} == {"next-fr": 3, "next-all": 263}


def named(row: dict[str, str]) -> Names:
    return Names(row["key"], row["name"], row["official_name"], tuple(row["aliases"].split("|")))


MATCHING = MemberNames(named(row) for row in MEMBERS)
SHARED = {"Barcelona", "São Paulo", "Sao Paulo"}


@pytest.mark.parametrize("member", MEMBERS, ids=lambda row: row["key"])
def test_a_member_is_found_by_each_of_its_names(member: dict[str, str]) -> None:
    for name in {member["key"], *named(member).all()} - SHARED:
        assert MATCHING.find(name) == Found(member["key"]), name


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("cdmx", "mexico-city"),
        ("MEXICO, D.F.", "mexico-city"),
        ("amb", "barcelona-metropolitan-area"),
        ("dbkl", "kuala-lumpur"),
        ("teheran", "tehran"),
        ("TÉHÉRAN", "tehran"),
        ("طهران", "tehran"),
        ("شيراز", "shiraz"),
        ("서울", "seoul"),
        ("seul", "seoul"),
        ("首尔", "seoul"),
        ("廣州", "guangzhou"),
        ("bruselas", "brussels"),
        ("estambul", "istanbul"),
        ("กรุงเทพ", "bangkok"),
        ("ile de france", "ile-de-france"),
        ("ethekwini", "durban"),
        ("казань", "kazan"),
        ("رام الله", "ramallah"),
        ("نواكشوط", "nouakchott"),
    ],
)
def test_what_people_type_names_the_member(typed: str, key: str) -> None:
    assert MATCHING.find(typed) == Found(key)


def test_a_name_that_two_members_share_is_asked_about() -> None:
    assert MATCHING.find("Barcelona") == Ambiguous(("barcelona-city", "barcelona-metropolitan-area"))
    assert MATCHING.find("são paulo") == Ambiguous(("sao-paulo-city", "sao-paulo-state"))


@pytest.mark.parametrize("name", CAME_ON_22_JULY_2020)
def test_the_members_of_22_july_2020_are_found_as_the_article_wrote_them(name: str) -> None:
    assert isinstance(MATCHING.find(name), Found)
