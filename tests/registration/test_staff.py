"""The organisers' home, the list of sessions, and who is registered in one."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient

from tests.conftest import Counted
from tests.factories import (
    a_calendar_entry,
    a_consent,
    a_member,
    a_registration,
    a_session,
    a_webinar,
    an_outbox_mail,
)
from tests.signing_in import signed_in_as
from webinar.accounts.models import Role, StaffAccount
from webinar.calendars.models import CalendarAnswer
from webinar.catalogue.queries import find_session_of_any_status
from webinar.foundation import clock
from webinar.foundation.db import db, transaction
from webinar.registration.models import Affiliation, LeftFor, RegistrationStatus

LIST = "/staff/sessions/heat-en/registrations"


def names_in(page: str) -> list[str]:
    """Return the names in the table, in order."""
    found = re.findall(r'<th scope="row"><a [^>]*><bdi>(.*?)</bdi>', page)
    return [html.unescape(name) for name in found]


def test_the_list_of_sessions_has_pages_and_the_past(client: FlaskClient) -> None:
    webinar = a_webinar()
    for number in range(51):
        a_session(f"s{number:02}", webinar=webinar, starts=f"2030-05-{1 + number % 28:02}T{8 + number % 9:02}:00")
    a_session("past", webinar=webinar, starts="2020-05-14T13:00")
    signed_in_as(client, Role.VIEWER)

    counts = [
        client.get(f"/staff/sessions?{query}").text.count('class="date side"')
        for query in ("", "page=2", "page=99999999999999999999", "page=x", "when=past")
    ]

    assert counts == [50, 1, 1, 50, 1]


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("perez", ["Zoë Pérez"]),
        ("PÉREZ zoe", ["Zoë Pérez"]),
        ("zoe@", ["Zoë Pérez"]),
        ("متین", ["متین کاظمي"]),
        ("كاظمی", ["متین کاظمي"]),
        ("tehran", ["متین کاظمي"]),
        ("teheran", ["متین کاظمي"]),
        ("تهران", ["متین کاظمي"]),
        ("urban lab", ["<script>alert(1)</script> =1+1"]),
        ("<script>", ["<script>alert(1)</script> =1+1"]),
        ("100%", []),
        ("%", []),
        ("_", []),
        ("nobody", []),
        ("x" * 5000, []),
    ],
)
def test_people_are_found_by_name_mail_and_city_in_any_spelling(
    client: FlaskClient, search: str, found: list[str]
) -> None:
    session = a_session("heat-en")
    a_registration(session, email="zoe@example.org", given_name="Zoë", family_name="Pérez")
    tehran = a_member("Tehran", aliases=["Teheran", "تهران"])
    a_registration(session, email="matin@tehran.example", given_name="متین", family_name="کاظمي", member=tehran)
    a_registration(
        session,
        email="lab@example.org",
        given_name="<script>alert(1)</script>",
        family_name="=1+1",
        organisation="Urban Lab",
    )
    signed_in_as(client, Role.VIEWER)

    answer = client.get(LIST, query_string={"search": search})

    assert answer.status_code == 200
    assert "<script>alert" not in answer.text
    assert names_in(answer.text) == found


def test_the_list_is_narrowed_by_status_affiliation_language_region_and_member(client: FlaskClient) -> None:
    session = a_session("heat-en", languages=("en", "fr"))
    lisbon, lima = a_member("Lisbon"), a_member("Lima", region="Latin America")
    a_registration(session, given_name="A", family_name="A", member=lisbon)
    a_registration(session, given_name="B", family_name="B", member=lima, version="fr")
    a_registration(session, given_name="C", family_name="C", status=RegistrationStatus.WAITING)
    a_registration(session, given_name="D", family_name="D", affiliation=Affiliation.PARTNER)
    a_registration(session, given_name="E", family_name="E", status=RegistrationStatus.CANCELLED)
    signed_in_as(client, Role.VIEWER)

    def shown(query: str) -> str:
        return "".join(name[0] for name in names_in(client.get(f"{LIST}?sort=name&{query}").text))

    assert shown("") == "ABCD"
    assert shown("status=all") == "ABCDE"
    assert shown("status=waiting") == "C"
    assert shown("status=cancelled") == "E"
    assert shown("affiliation=partner") == "D"
    assert shown("language=fr") == "B"
    assert shown("region=Latin+America") == "B"
    assert shown("member=lisbon") == "A"
    assert shown("member=lisbon&language=fr") == ""
    assert shown("status=nonsense&affiliation=nonsense") == "ABCD"


def test_the_list_is_sorted_by_its_columns_both_ways(client: FlaskClient) -> None:
    session = a_session("heat-en", languages=("en", "fr"))
    begin = datetime(2030, 1, 1, tzinfo=UTC)
    for letter, member, version, age in (("a", "Oslo", "fr", 2), ("B", "Cairo", "en", 3), ("c", "Lima", "fr", 1)):
        a_registration(
            session,
            given_name=letter,
            family_name=letter,
            member=a_member(member, region=f"Region of {member}"),
            version=version,
            registered_at=begin - timedelta(days=age),
        )
    signed_in_as(client, Role.VIEWER)

    def order(sort: str) -> str:
        return "".join(name[0] for name in names_in(client.get(f"{LIST}?sort={sort}").text))

    assert (order("name"), order("-name")) == ("aBc", "cBa")
    assert (order("member"), order("-member")) == ("Bca", "acB")
    assert (order("region"), order("language")) == ("Bca", "Bac")
    assert (order("registered"), order("-registered")) == ("Bac", "caB")
    assert order("password") == "Bac"


def test_names_stand_in_the_alphabet_of_who_reads_on_every_database(client: FlaskClient) -> None:
    session = a_session("heat-en")
    for name in ("Zhu", "Ñáñez", "álvarez", "Nzinga", "Olmos", "Alva", "نیلوفر"):
        a_registration(session, given_name=name, family_name=name)
    account = signed_in_as(client, Role.VIEWER)

    def in_order(language: str) -> list[str]:
        with transaction():
            db.session.get_one(StaffAccount, account.id).language = language
        return [name.split()[0] for name in names_in(client.get(f"{LIST}?sort=name").text)]

    assert in_order("es") == ["Alva", "álvarez", "Nzinga", "Ñáñez", "Olmos", "Zhu", "نیلوفر"]
    assert in_order("en") == ["Alva", "álvarez", "Ñáñez", "Nzinga", "Olmos", "Zhu", "نیلوفر"]
    assert in_order("ar") == ["نیلوفر", "Alva", "álvarez", "Ñáñez", "Nzinga", "Olmos", "Zhu"]


def test_pages_filters_and_order_stand_in_the_links(client: FlaskClient) -> None:
    session = a_session("heat-en")
    for number in range(53):
        a_registration(session, given_name="Ana", family_name=f"No{number:02}")
    signed_in_as(client, Role.VIEWER)

    first = client.get(f"{LIST}?search=ana&sort=name").text
    second = client.get(f"{LIST}?search=ana&sort=name&page=2").text

    assert names_in(first)[0] == "Ana No00"
    assert names_in(second) == ["Ana No50", "Ana No51", "Ana No52"]
    assert "1–50 of 53 people" in first
    assert "51–53 of 53 people" in second
    assert f"{LIST}?search=ana&amp;sort=name&amp;page=2" in first
    assert f"{LIST}?search=ana&amp;sort=-name" in first
    assert 'aria-sort="ascending"' in first


def test_one_registration_shows_what_was_typed_agreed_to_written_and_answered(client: FlaskClient) -> None:
    session = a_session("heat-en")
    place = a_registration(
        session, email="ana@example.org", given_name="<b>Ana", family_name='"Sousa"', role="=HYPERLINK()"
    )
    a_consent(place.person)
    a_calendar_entry(place, announced_sequence=0, answer=CalendarAnswer.DECLINED, answered_at=clock.now())
    an_outbox_mail("ana@example.org", person_id=place.person_id, topic="session heat-en", subject="Your place")
    an_outbox_mail("ana@example.org", person_id=place.person_id, topic="session other", subject="Another one")
    signed_in_as(client, Role.VIEWER)

    page = client.get(f"{LIST}/1").text

    assert "<bdi>&lt;b&gt;Ana</bdi>" in page
    assert "=HYPERLINK()" in page
    assert "ana@example.org" in page
    assert "Told how their data are used" in page
    assert ("Your place" in page, "Another one" in page) == (True, False)
    assert "<dd>No</dd>" in page
    assert place.token not in page
    assert place.join_token not in page


@pytest.mark.parametrize(
    ("left_for", "told"),
    [(LeftFor.HANDED_OVER, "Handed to a colleague"), (LeftFor.MOVED, "Moved to another day"), (None, "Cancelled")],
)
def test_where_a_place_went_is_told_beside_its_status(client: FlaskClient, left_for: LeftFor | None, told: str) -> None:
    a_registration(a_session("heat-en"), status=RegistrationStatus.CANCELLED, left_for=left_for)
    signed_in_as(client, Role.VIEWER)

    assert told in client.get(f"{LIST}/1").text
    assert told in client.get(f"{LIST}?status=cancelled").text


def test_a_registration_that_does_not_exist_is_not_found(client: FlaskClient) -> None:
    a_registration(a_session("other"))
    a_session("heat-en")
    signed_in_as(client, Role.VIEWER)

    for turn in ("1", "0", "99999999999999999999", "x"):
        assert client.get(f"{LIST}/{turn}").status_code == 404
    assert client.get("/staff/sessions/none/registrations").status_code == 404
    assert client.get("/staff/sessions/none/").status_code == 404


def test_strangers_are_led_to_the_sign_in(client: FlaskClient) -> None:
    a_registration(a_session("heat-en"))

    for address in ("/staff/", "/staff/sessions", "/staff/sessions/heat-en/", LIST, f"{LIST}/1"):
        answer = client.get(address)
        assert (answer.status_code, answer.location) == (302, f"/staff/sign-in?next={address}")


def test_every_page_takes_the_same_number_of_queries_however_many_people_there_are(
    client: FlaskClient, count_queries: Callable[[], AbstractContextManager[Counted]]
) -> None:
    session = a_session("heat-en", webinar=a_webinar())
    a_registration(session, member=a_member("Lisbon"))
    signed_in_as(client, Role.VIEWER)
    addresses = (
        "/staff/",
        "/staff/sessions",
        "/staff/sessions/heat-en/",
        "/staff/sessions/heat-en/content",
        LIST,
        f"{LIST}?search=a",
        f"{LIST}/1",
    )

    def counted() -> dict[str, int]:
        counts = {}
        for address in addresses:
            with count_queries() as queries:
                assert client.get(address).status_code == 200
            counts[address] = queries.count
        return counts

    few = counted()
    again = find_session_of_any_status("heat-en")
    for number in range(12):
        a_registration(again, member=a_member(f"City {number}"))
        a_registration(a_session(webinar=a_webinar(), join_url=""), member=a_member(f"Other city {number}"))
    many = counted()

    assert many == few
    assert max(many.values()) <= 12
