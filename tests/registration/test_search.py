"""Finding somebody among everybody, by any part of what an organiser hears on the telephone."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from tests.conftest import Counted
from tests.factories import a_member, a_person, a_registration, a_session, a_webinar
from tests.signing_in import signed_in_as
from webinar.accounts.models import Role
from webinar.foundation import clock
from webinar.foundation.db import db
from webinar.members.queries import member_names
from webinar.registration import search
from webinar.registration.models import RegistrationStatus
from webinar.registration.search import find_people, is_enough


def found(words: str) -> list[str]:
    return [place.given_name for place in find_people(words, member_names(), clock.now()).places]


def names_on(page: str) -> list[str]:
    return [html.unescape(name) for name in re.findall(r'<h2><a href="/staff/sessions/[^"]*"><bdi>(.*?)</bdi>', page)]


@pytest.mark.parametrize(
    ("words", "who"),
    [
        ("sou", ["Ana"]),
        ("SOUSA ana", ["Ana"]),
        ("ana@", ["Ana"]),
        ("lisbon.example", ["Ana"]),
        ("kazemi", []),
        ("كاظمي", ["متین"]),
        ("کاظ", ["متین"]),
        ("김", ["서연"]),
        ("seoyeon", ["서연"]),
        ("иван", ["Елена"]),
        ("ivanova", ["Елена"]),
        ("tehran", ["متین"]),
        ("teheran", ["متین"]),
        ("تهران", ["متین"]),
        ("matin tehran.example", ["متین"]),
        ("mexico", ["서연"]),
        ("cdmx", ["서연"]),
        ("ciudad de mex", ["서연"]),
        ("김 mexico", ["서연"]),
        ("o'neill", ["Élodie"]),
        ("ONeill", []),
        ("urban lab", ["Élodie"]),
        ("a", []),
        ("%", []),
        ("%%%", []),
        ("__", []),
        ("100%", []),
        ("' OR 1=1 --", []),
        ("\\", []),
        ("", []),
        ("   ", []),
        ("x" * 5000, []),
        ("nobody at all", []),
    ],
)
def test_somebody_is_found_by_part_of_name_address_or_city_in_any_script(
    app: Flask, words: str, who: list[str]
) -> None:
    session = a_session()
    tehran = a_member("Tehran", aliases=["Teheran", "تهران"])
    mexico = a_member("México", aliases=["CDMX", "Ciudad de México"])
    a_registration(session, email="ana.sousa@lisbon.example")
    a_registration(session, email="matin@tehran.example", given_name="متین", family_name="کاظمی", member=tehran)
    a_registration(session, email="kim@city.example", given_name="서연", family_name="김", member=mexico)
    a_registration(session, email="elena@city.example", given_name="Елена", family_name="Иванова")
    a_registration(
        session, email="eo@city.example", given_name="Élodie", family_name="O'Neill", organisation="Urban Lab"
    )

    assert found(words) == who


def test_signs_that_mean_something_to_a_database_are_only_signs(app: Flask) -> None:
    session = a_session()
    a_registration(session, email="a_b@city.example", given_name="One")
    a_registration(session, email="axb@city.example", given_name="Two")

    assert found("a_b") == ["One", "Two"]  # of both, "a" and "b" are in the address
    assert found("a_b@city.example") == found("a%b@city.example")
    assert [is_enough(words) for words in ("a", "%a%", "é", "ab", "a b", "李", "김")] == [
        False, False, False, True, True, True, True
    ]  # fmt: skip


@time_machine.travel("2030-05-14T11:00:00+00:00", tick=False)
def test_the_next_sessions_come_first_then_those_that_are_over_from_the_last_one_back(app: Flask) -> None:
    person = a_person("ana@lisbon.example")
    for day in ("2030-06-01", "2020-05-14", "2030-05-14", "2030-05-13", "2031-01-01"):
        a_registration(a_session(starts=f"{day}T12:30"), person=person, given_name=day)

    assert found("ana@lisbon") == ["2030-05-14", "2030-06-01", "2031-01-01", "2030-05-13", "2020-05-14"]


@time_machine.travel("2030-05-14T11:00:00+00:00", tick=False)
def test_among_more_than_are_put_in_order_those_of_the_next_sessions_are_shown(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "MOST_IN_ORDER", 3)
    monkeypatch.setattr(search, "MOST_HITS", 2)
    past = a_session(starts="2020-05-14T12:30")
    for _ in range(6):
        a_registration(past, given_name="Long ago")
    a_registration(a_session(starts="2030-05-14T12:30"), given_name="At the door")

    hits = find_people("sousa", member_names(), clock.now())

    assert [place.given_name for place in hits.places] == ["At the door", "Long ago"]
    assert hits.are_more


def test_the_page_leads_to_each_registration_and_says_its_state(client: FlaskClient) -> None:
    session = a_session("heat-en", webinar=a_webinar(title="Heat in cities"))
    a_registration(session, email="ana@lisbon.example", member=a_member("Lisbon"))
    a_registration(session, given_name="<b>Bo", family_name="Sousa", status=RegistrationStatus.CANCELLED)
    signed_in_as(client, Role.VIEWER)

    page = client.get("/staff/people?q=sousa").text

    assert names_on(page) == ["Ana Sousa", "<b>Bo Sousa"]
    assert '<a href="/staff/sessions/heat-en/registrations/1">' in page
    assert "ana@lisbon.example" in page
    assert "Heat in cities" in page
    assert "Cancelled" in page
    assert 'value="sousa"' in page


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("", "Whom do you look for?"),
        ("?q=", "Whom do you look for?"),
        ("?q=a", "This is too little to search for."),
        ("?q=%25", "This is too little to search for."),
        ("?q=zzz", "Nobody like this is registered anywhere."),
        ("?q=" + "zzz" * 3000, "Nobody like this is registered anywhere."),
    ],
)
def test_a_search_that_finds_nobody_says_what_to_do(client: FlaskClient, query: str, says: str) -> None:
    a_registration()
    signed_in_as(client, Role.VIEWER)

    answer = client.get(f"/staff/people{query}")

    assert answer.status_code == 200
    assert says in answer.text


def test_only_the_staff_can_look_for_people(client: FlaskClient) -> None:
    assert client.get("/staff/people?q=ana").status_code == 302


def test_every_page_of_the_staff_area_has_the_search_in_its_head(client: FlaskClient) -> None:
    a_session("heat-en")
    signed_in_as(client, Role.VIEWER)

    for page in ("/staff/", "/staff/sessions/heat-en/", "/staff/sessions", "/staff/mail"):
        assert 'action="/staff/people"' in client.get(page).text


def test_a_search_takes_the_same_number_of_queries_however_many_are_found(
    client: FlaskClient, count_queries: Callable[[], AbstractContextManager[Counted]]
) -> None:
    webinar = a_webinar()
    signed_in_as(client, Role.ORGANISER)
    counts = []
    for number in range(1, 13):
        a_registration(a_session(webinar=webinar, starts=f"2030-{number:02}-01T12:00"), member=a_member(f"C{number}"))
        if number in (2, 12):
            with count_queries() as queries:
                assert len(names_on(client.get("/staff/people?q=sousa").text)) == number
            counts.append(queries.count)
            db.session.expunge_all()
            webinar = a_webinar()

    assert counts[0] == counts[1] < 12
