"""Lists of a session on paper."""

from __future__ import annotations

import io

import pytest
from flask import Flask
from pypdf import PdfReader

from tests.factories import a_member, a_registration, a_session, a_webinar, an_attendance
from webinar.attendance import signed_list as lists
from webinar.attendance.models import AttendanceSource
from webinar.attendance.signed_list import EMPTY_LINES, Listed, TooLongForPaper, signed_list
from webinar.catalogue.models import WebinarSession
from webinar.catalogue.queries import find_session_of_any_status
from webinar.foundation import languages
from webinar.registration.models import RegistrationStatus


def loaded(session: WebinarSession) -> WebinarSession:
    found = find_session_of_any_status(session.key)
    assert found is not None
    return found


def words_of(session: WebinarSession, listed: Listed) -> str:
    pages = PdfReader(io.BytesIO(signed_list(loaded(session), listed).content)).pages
    return "\n".join(page.extract_text() for page in pages)


def test_the_list_to_sign_has_everybody_with_a_place_by_name_and_room_for_others(app: Flask) -> None:
    session = a_session(webinar=a_webinar(titles={"en": "Heat in #cities"}), starts="2030-05-14T13:00")
    a_registration(session, given_name="Min-su", family_name="Zo", member=a_member("Seoul"), role="Mayor")
    a_registration(session, given_name="$Ana*", family_name="_Abreu_", organisation="Oxfam <b>")
    a_registration(session, family_name="Absent", status=RegistrationStatus.CANCELLED)
    a_registration(session, family_name="Waits", status=RegistrationStatus.WAITING)

    said = words_of(session, Listed.TO_SIGN)

    assert "Heat in #cities" in said
    assert "14 May 2030" in said
    assert "13:00" in said
    assert "Lisbon time" in said
    assert "2 people" in said
    assert "Signature" in said
    assert "Page 1 / 1" in said
    assert said.index("$Ana* _Abreu_") < said.index("Min-su Zo")
    assert "Oxfam <b>" in said
    assert ("Absent" in said, "Waits" in said) == (False, False)
    assert EMPTY_LINES > 0


def test_the_list_of_who_came_has_minutes_where_they_are_known_and_a_place_to_sign(app: Flask) -> None:
    session = a_session(attendance_threshold=5)
    an_attendance(a_registration(session, given_name="Long", family_name="There"), minutes=61.4)
    short = a_registration(session, given_name="Short", family_name="Visit")
    an_attendance(short, minutes=2)
    a_registration(session, given_name="Not", family_name="Seen")

    said = words_of(session, Listed.CAME)

    assert "Long There" in said
    assert "1 Long There 61" in said
    assert ("Short" in said, "Seen" in said) == (False, False)
    assert "at least 5 minutes" in said
    assert "Name and office" in said
    assert "Place and date" in said


def test_where_only_the_arrival_is_known_there_is_a_dash_for_the_minutes(app: Flask) -> None:
    session = a_session()
    an_attendance(a_registration(session), source=AttendanceSource.JOIN_LINK, minutes=None)

    said = words_of(session, Listed.CAME)

    assert "–" in said.partition("Ana Sousa")[2]


@pytest.mark.parametrize("name", ["الشريف حسن", "김민수", "Nguyễn Thị Minh Khai", "فخاری", "Ζωή"])
def test_names_in_any_script_stand_there_as_they_are(app: Flask, name: str) -> None:
    session = a_session()
    a_registration(session, given_name=name, family_name="", role="x\u202ey" + "z" * 280)

    paper = signed_list(loaded(session), Listed.TO_SIGN)

    assert paper.respelt == frozenset()


def test_a_list_speaks_the_language_of_whoever_takes_it(app: Flask) -> None:
    session = a_session(webinar=a_webinar(titles={"en": "Heat", "fr": "Chaleur"}))

    with languages.speaking("fr"):
        said = words_of(session, Listed.TO_SIGN)

    assert "14 mai 2030" in said
    assert "Chaleur" in said


def test_a_list_that_nobody_would_print_is_refused(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lists, "MOST_ON_PAPER", 1)
    session = a_session()
    for _number in range(2):
        a_registration(session)

    with pytest.raises(TooLongForPaper, match="2 people are on this list"):
        signed_list(loaded(session), Listed.TO_SIGN)


def test_a_list_of_nobody_is_a_page_all_the_same(app: Flask) -> None:
    assert "0 people" in words_of(a_session(), Listed.CAME)
