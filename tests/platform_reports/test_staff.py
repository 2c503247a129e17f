"""The staff's pages of platforms' reports: bringing one, looking it over, applying it, deciding, undoing."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from tests.conftest import Counted
from tests.factories import (
    a_brought_report,
    a_member,
    a_platform_report,
    a_registration,
    a_reported_person,
    a_session,
    a_staff_account,
)
from tests.platform_reports.test_samples_become_attendance import FILES
from tests.signing_in import signed_in_as
from webinar.accounts.models import Role
from webinar.attendance.models import Attendance
from webinar.catalogue.models import WebinarSession
from webinar.foundation.db import db
from webinar.platform_reports.models import BroughtReport, KnownLayout, PlatformReport, Reason, ReportedPerson, Standing
from webinar.registration.models import Registration, RegistrationStatus

Counting = Callable[[], AbstractContextManager[Counted]]

REPORTS = "/staff/sessions/metro/attendance/reports"
ZOOM = (FILES / "zoom_attendee_report_2025_excel_padded.csv").read_bytes()
OWN_TABLE = b"Wer;Adresse;Kam;Ging\nAna;ana@lisbon.example;2026-04-03 16:30;2026-04-03 17:00\n"


def the_session_of_the_sample() -> WebinarSession:
    """Return the session of the sample, in which Ana is registered with her address and Oscar with another one."""
    session = a_session("metro", starts="2026-04-03T16:30", minutes=60, zone="Europe/Madrid")
    a_registration(session, email="ana.ejemplo@example.org", given_name="Ana", family_name="Ejemplo")
    a_registration(session, email="oscar@mexico.example", given_name="Óscar", family_name="Núñez-Muestra")
    return session


def bring(client: FlaskClient, content: bytes = ZOOM, name: str = "attendees.csv") -> str:
    """Bring a file that is taken, and return the address at which it is looked over."""
    answer = client.post(f"{REPORTS}/new", data={"file": (io.BytesIO(content), name)})
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def applied(client: FlaskClient, content: bytes = ZOOM) -> str:
    """Bring and apply a report, and return its address."""
    answer = client.post(bring(client, content))
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def count_of(model: type[object]) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def number_of(name: str) -> int:
    return db.session.scalars(select(ReportedPerson.number).where(ReportedPerson.name == name)).one()


# Bringing a file.


@pytest.mark.parametrize(
    ("content", "says"),
    [
        pytest.param(b"", "Choose a file.", id="none"),
        pytest.param(b"\x89PNG\r\n\x1a\n" + bytes(64), "", id="picture"),
        pytest.param(b"PK\x03\x04 nothing", "", id="no archive"),
        pytest.param(b"nothing to see here\n", "", id="text"),
    ],
)
def test_what_is_no_report_is_refused_at_its_field_and_nothing_is_kept(
    client: FlaskClient, content: bytes, says: str
) -> None:
    signed_in_as(client, Role.ORGANISER)
    the_session_of_the_sample()

    file = {"file": (io.BytesIO(content), "attendees.csv")} if content else {}
    answer = client.post(f"{REPORTS}/new", data=file)

    assert answer.status_code == 422
    assert says in answer.text
    assert 'id="file-error"' in answer.text
    assert count_of(BroughtReport) == 0


def test_a_file_too_large_is_refused_at_its_field_and_a_huge_one_unread(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "MAX_FILE_BYTES", 1000)
    monkeypatch.setitem(app.config, "MAX_CONTENT_LENGTH", 1000)
    signed_in_as(client, Role.ORGANISER)
    the_session_of_the_sample()

    large = client.post(f"{REPORTS}/new", data={"file": (io.BytesIO(ZOOM[:1100]), "a.csv")})
    huge = client.post(f"{REPORTS}/new", data={"file": (io.BytesIO(ZOOM), "a.csv")})

    assert (large.status_code, huge.status_code) == (422, 413)
    assert "which no report of one session is" in large.text
    assert "Nothing was stored" in huge.text
    assert count_of(BroughtReport) == 0


# Looking it over.


def test_a_report_is_looked_over_by_the_clock_that_one_says_and_stored_when_it_is_applied(client: FlaskClient) -> None:
    signed_in_as(client, Role.ORGANISER)
    the_session_of_the_sample()

    address = bring(client)
    page = client.get(address).text
    wrong = client.post(f"{address}/reading", data={"timezone": "Europe/Lisbon"}, follow_redirects=True).text
    none = client.post(f"{address}/reading", data={"timezone": "Mars/Olympus"})
    client.post(f"{address}/reading", data={"timezone": "Europe/Madrid"})
    stored_before = count_of(PlatformReport)
    done = client.post(address, follow_redirects=True).text

    assert "<dt>Topic</dt><dd><bdi>Internationalisation and metropolitan spaces (sample data)</bdi></dd>" in page
    assert '<option selected value="Europe/Madrid">' in page
    assert "16:10–17:35" in page
    assert "Apply: 1 person counts" in page
    assert "17:10–18:35" in wrong
    assert "Most of the time in this report lies outside the hours of the session" in wrong
    assert none.status_code == 422
    assert "There is no time zone “Mars/Olympus”." in none.text
    assert stored_before == 0
    assert "what it says of 1 person counts now" in done
    assert "Oscar Nunez Muestra" in done
    assert [one.seconds for one in db.session.scalars(select(Attendance).where(Attendance.came))] == [3600]


def test_a_report_of_next_year_says_so_and_cannot_be_applied(client: FlaskClient) -> None:
    signed_in_as(client, Role.ORGANISER)
    the_session_of_the_sample()

    address = bring(client, ZOOM.replace(b"2026", b"2027"))
    page = client.get(address).text
    done = client.post(address, follow_redirects=True).text

    assert "It is of 3 April 2027; the session is on 3 April 2026, 16:30–17:30 by the same clock." in page
    assert "button primary" not in page[page.index('id="apply"') :]
    assert "Nobody in this report was there at the time of the session" in done
    assert count_of(PlatformReport) == 0


def test_the_same_file_again_changes_nothing_and_a_corrected_one_takes_its_place_or_is_a_further_room(
    client: FlaskClient,
) -> None:
    signed_in_as(client, Role.ORGANISER)
    the_session_of_the_sample()
    first = applied(client)

    again = bring(client)
    seen = client.get(again).text
    same = client.post(again)
    corrected = bring(client, ZOOM + b"\n")
    proposed = client.get(corrected).text
    further = client.post(
        f"{corrected}/reading", data={"room": "adds", "timezone": "Europe/Madrid"}, follow_redirects=True
    )
    client.post(f"{corrected}/reading", data={"room": "replaces", "timezone": "Europe/Madrid"})
    client.post(corrected)
    former = client.get(first).text

    assert "This file has been applied already" in seen
    assert same.headers["Location"] == first
    assert "It takes the place of" in proposed
    assert "It takes the place of" not in further.text
    assert "A corrected report has taken the place of this one" in former
    assert count_of(PlatformReport) == 2


def test_the_columns_of_a_table_of_one_s_own_are_named_once(client: FlaskClient) -> None:
    signed_in_as(client, Role.ORGANISER)
    the_session_of_the_sample()
    a_registration(a_session("other"), email="ana@lisbon.example")
    chosen = {"name": "0", "email": "1", "joined": "2", "left": "3", "given_name": "", "family_name": "", "minutes": ""}

    address = bring(client, OWN_TABLE)
    asked = client.get(address).text
    too_early = client.post(f"{address}/reading", data={"timezone": "Europe/Lisbon"})
    few = client.post(f"{address}/columns", data={**chosen, "name": "", "email": ""})
    twice = client.post(f"{address}/columns", data={**chosen, "left": "2"})
    other = client.post(f"{address}/columns", data={**chosen, "left": "17"})
    read = client.post(f"{address}/columns", data=chosen, follow_redirects=True).text
    client.post(address)
    next_time = client.get(bring(client, OWN_TABLE.replace(b"17:00", b"17:05"))).text

    assert "Which column is which?" in asked
    assert "2026-04-03 16:30" in asked
    assert too_early.headers["Location"] == address
    assert [answer.status_code for answer in (few, twice, other)] == [422, 422, 422]
    assert "Say at least where the name or the mail address stands" in few.text
    assert "A column says one thing." in twice.text
    assert "Choose a column of the table, or none." in other.text
    assert "ana@lisbon.example" in read
    assert count_of(KnownLayout) == 1
    assert "Which column is which?" not in next_time
    assert "Name its columns anew" in next_time


def test_nobody_else_sees_a_file_that_somebody_has_brought_and_one_that_is_not_wanted_goes(client: FlaskClient) -> None:
    account = signed_in_as(client, Role.ORGANISER)
    the_session_of_the_sample()
    others = a_brought_report(account=a_staff_account("bo@example.org"))
    own_of_another_session = a_brought_report(account=account)

    for file in (others, own_of_another_session):
        for method, path in (("GET", ""), ("POST", ""), ("POST", "/reading"), ("POST", "/columns")):
            answer = client.open(f"{REPORTS}/brought/{file.token}{path}", method=method)
            assert answer.headers["Location"] == f"{REPORTS}/new"
    client.post(bring(client), data={"drop": "1"})

    assert count_of(PlatformReport) == 0
    assert set(db.session.scalars(select(BroughtReport.token))) == {others.token, own_of_another_session.token}


# Deciding.


def test_who_is_likely_is_confirmed_alone_or_with_all_others(client: FlaskClient) -> None:
    signed_in_as(client, Role.ORGANISER)
    the_session_of_the_sample()
    address = applied(client)

    page = client.get(f"{address}?show=likely").text
    all_of_them = client.post(f"{address}/confirm", follow_redirects=True).text

    assert "the same name" in page
    assert "1 person is confirmed." in all_of_them
    assert count_of(Attendance) == 2


def test_who_is_not_known_is_linked_to_somebody_who_is_searched_for_and_that_is_taken_back(
    client: FlaskClient,
) -> None:
    signed_in_as(client, Role.ORGANISER)
    the_session_of_the_sample()
    address = applied(client)
    person = f"{address}/people/{number_of('李样')}"

    found = client.get(f"{person}?search=oscar").text
    turn = re.findall(r'name="turn" value="(\d+)"', found)[0]
    linked = client.post(person, data={"do": "link", "turn": turn}, follow_redirects=True).text
    came = count_of(Attendance)
    nobody = client.post(person, data={"do": "link", "turn": "999"})
    back = client.post(person, data={"do": "reopen"}, follow_redirects=True).text

    assert "Núñez-Muestra" in found
    assert "What the report says of 李样 counts for who is registered." in linked
    assert came == 2
    assert nobody.status_code == 422
    assert "There is no such registration in this session." in nobody.text
    assert "What was decided about 李样 is taken back." in back
    assert count_of(Attendance) == 1


def test_who_came_without_registering_is_added_with_a_member_and_what_is_wrong_is_said_at_its_field(
    client: FlaskClient,
) -> None:
    signed_in_as(client, Role.ORGANISER)
    the_session_of_the_sample()
    a_member("Dakar")
    address = applied(client)
    person = f"{address}/people/{number_of('Bintou Exemple (Dakar)')}"
    who = {"do": "add", "given_name": "Bintou", "family_name": "Exemple", "affiliation": "member"}

    page = client.get(person).text
    wrong = client.post(person, data={**who, "member": "Atlantis", "email": "nothing", "role": "Mayor"})
    known = client.post(person, data={**who, "member": "Dakar", "email": "ana.ejemplo@example.org"})
    added = client.post(person, data={**who, "member": "Dakar", "email": ""}, follow_redirects=True).text

    assert 'value="Dakar"' in page
    assert wrong.status_code == known.status_code == 422
    assert "We found no member with this name." in wrong.text
    assert 'value="Mayor"' in wrong.text
    assert "Somebody with this address is registered in this session already." in known.text
    assert "See who is registered with it" in known.text
    assert "is added as having come without registering" in added
    place = db.session.scalars(select(Registration).order_by(Registration.id.desc())).first()
    assert place is not None
    assert (place.given_name, place.status) == ("Bintou", RegistrationStatus.UNREGISTERED)


def test_the_language_that_somebody_heard_is_asked_where_a_session_has_several(client: FlaskClient) -> None:
    signed_in_as(client, Role.ORGANISER)
    a_session("metro", starts="2026-04-03T16:30", minutes=60, zone="Europe/Madrid", languages=("en", "fr"))
    a_member("Dakar")
    person = f"{applied(client)}/people/{number_of('Bintou Exemple (Dakar)')}"
    who = {"do": "add", "given_name": "Bintou", "family_name": "Exemple", "affiliation": "member", "member": "Dakar"}

    page = client.get(person).text
    added = client.post(person, data={**who, "version": "fr"})

    assert 'name="version"' in page
    assert added.status_code == 303
    assert db.session.scalars(select(Registration.language)).one() == "fr"


def test_who_does_not_matter_is_set_aside_and_the_whole_import_is_undone_after_a_question(client: FlaskClient) -> None:
    signed_in_as(client, Role.ORGANISER)
    the_session_of_the_sample()
    address = applied(client)

    aside = client.post(f"{address}/people/{number_of('李样')}", data={"do": "set-aside"}, follow_redirects=True).text
    asked = client.get(f"{address}/undo").text
    came = count_of(Attendance)
    client.post(f"{address}/undo")
    again = client.post(f"{address}/undo", follow_redirects=True).text

    assert "李样 is set aside, in later reports too." in aside
    assert "What the report says of 1 person counts no more." in asked
    assert came == 1
    assert "This report does not count any more" in again
    assert count_of(Attendance) == 0


def test_who_decides_what_another_has_decided_meanwhile_is_told_nothing_wrong(client: FlaskClient) -> None:
    signed_in_as(client, Role.ORGANISER)
    the_session_of_the_sample()
    address = applied(client)
    person = f"{address}/people/{number_of('李样')}"
    client.post(person, data={"do": "link", "turn": "1"}, follow_redirects=True)

    too_late = client.post(person, data={"do": "set-aside"}, follow_redirects=True)
    client.post(f"{address}/undo", follow_redirects=True)
    undone = client.post(person, data={"do": "set-aside"}, follow_redirects=True)

    assert "is set aside" not in too_late.text
    assert undone.status_code == 200
    assert "This report does not count any more" in undone.text


# Who may, and how much at once.


def test_who_may_only_look_sees_reports_and_changes_nothing(client: FlaskClient) -> None:
    signed_in_as(client, Role.VIEWER)
    report = a_platform_report(the_session_of_the_sample())
    a_reported_person(report)
    page = f"{REPORTS}/{report.id}"

    assert [client.get(path).status_code for path in (REPORTS, page)] == [200, 200]
    assert 'class="button"' not in client.get(page).text.partition('id="people"')[2]
    for method, path in (
        ("GET", f"{REPORTS}/new"),
        ("POST", f"{REPORTS}/new"),
        ("POST", f"{page}/confirm"),
        ("GET", f"{page}/people/1"),
        ("POST", f"{page}/people/1"),
        ("POST", f"{page}/undo"),
    ):
        assert client.open(path, method=method).status_code == 403
    assert client.get(f"{REPORTS}/999").status_code == 404


def test_a_page_shows_fifty_people_of_a_report_with_the_same_few_queries_as_one(
    client: FlaskClient, count_queries: Counting
) -> None:
    signed_in_as(client, Role.ORGANISER)
    report = a_platform_report(the_session_of_the_sample())
    place = db.session.scalars(select(Registration).order_by(Registration.id)).first()
    assert place is not None
    likely = {"standing": Standing.LIKELY, "reason": Reason.SAME_NAME, "proposed_id": place.id}
    a_reported_person(report, 1, name="Person 01", **likely)
    page = f"{REPORTS}/{report.id}"
    with count_queries() as for_one:
        client.get(page)
    report = db.session.scalars(select(PlatformReport)).one()
    for number in range(2, 53):
        a_reported_person(report, number, name=f"Person {number:02}", **likely)

    with count_queries() as for_many:
        first = client.get(page).text
    second = client.get(f"{page}?page=2").text

    assert for_many.count == for_one.count < 12
    assert "Confirm all 52 people" in first
    assert ("Person 50" in first, "Person 51" in first, "Person 51" in second) == (True, False, True)
