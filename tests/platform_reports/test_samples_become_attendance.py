"""From the sample files to who was there, to the second, as ``files/expected.json`` says it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from tests.factories import a_member, a_registration, a_session
from webinar.attendance.models import Attendance
from webinar.catalogue.models import WebinarSession
from webinar.foundation.db import db
from webinar.people.models import Person
from webinar.platform_reports.models import ReportedPerson, Standing
from webinar.platform_reports.services.apply import Applied, apply_file
from webinar.platform_reports.services.decide import confirm
from webinar.platform_reports.services.plan import HowToRead
from webinar.registration.models import RegistrationStatus

FILES = Path(__file__).parent / "files"
EXPECTED = json.loads((FILES / "expected.json").read_text())
WITH_ADDRESSES = "zoom_attendee_report_2020.csv"
OSCAR_ELSEWHERE = "zoom_attendee_report_2025_excel_padded.csv"
WITHOUT_SOME = ["teams_attendance_en_utf16.csv", "webex_attendance_utf16.csv"]

NAMES = {
    "ana.ejemplo@example.org": ("Ana", "Ejemplo"),
    "bintou.exemple@example.org": ("Bintou", "Exemple"),
    "carl.sample@example.org": ("Carl", "Sample, Jr."),
    "dina.mithal@example.org": ("دينا", "مثال"),
    "shahin.nemune@example.org": ("شاهین", "نمونه"),
    "li.yang@example.org": ("样", "李"),
    "formula@example.org": ('=HYPERLINK("http://evil.example","Prize")', "@SUM(1+1)"),
    "oscar.nunez@example.org": ("Óscar", "Núñez-Muestra"),
    "jo.example.1@example.org": ("Jo", "Example"),
    "jo.example.2@example.org": ("Jo", "Example"),
}
STATUSES = {"pending": RegistrationStatus.WAITING, "cancelled": RegistrationStatus.CANCELLED}


def the_session() -> WebinarSession:
    """Return the session of the samples, in which everybody is registered whom they list."""
    session = a_session(starts="2026-04-03T16:30", minutes=60, zone="Europe/Madrid")
    for email, expected in EXPECTED["people"].items():
        given_name, family_name = NAMES.get(email, (email.split(".")[0].title(), "Nobody"))
        a_registration(
            session,
            email=email,
            given_name=given_name,
            family_name=family_name,
            member=a_member(expected["city"]),
            status=STATUSES.get(expected["status"], RegistrationStatus.REGISTERED),
        )
    return session


def taken_over(session: WebinarSession, name: str) -> Applied:
    """Take a sample over for a session."""
    return apply_file(session.key, (FILES / name).read_bytes(), file_name=name, how=HowToRead())


def who_came(session: WebinarSession) -> dict[str, tuple[int, datetime | None, datetime | None]]:
    """Return how many seconds of the session everybody was there, and when they joined first and left last."""
    rows = db.session.execute(
        select(Person.email, Attendance.seconds, Attendance.first_join_at, Attendance.last_leave_at)
        .join(Person, Person.id == Attendance.person_id)
        .where(Attendance.session_id == session.id, Attendance.came)
    )
    return {email or "": (seconds, first, last) for email, seconds, first, last in rows}


def expected_of(*left_out: str) -> dict[str, tuple[int, datetime, datetime]]:
    """Return what the samples say of who came, but for some."""
    return {
        email: (one["scheduled_seconds"], _moment(one["first_join"]), _moment(one["last_leave"]))
        for email, one in EXPECTED["people"].items()
        if one["rows"] and one["key"] not in left_out
    }


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def test_a_report_with_all_addresses_gives_everybody_their_time_to_the_second(app: Flask) -> None:
    session = the_session()

    taken_over(session, WITH_ADDRESSES)

    assert who_came(session) == expected_of()


def test_who_joined_with_another_address_waits_for_somebody_to_confirm_it(app: Flask) -> None:
    session = the_session()

    done = taken_over(session, OSCAR_ELSEWHERE)

    assert who_came(session) == expected_of("othermail")
    confirm(session.key, done.report_id)
    assert who_came(session) == expected_of()


@pytest.mark.parametrize("name", WITHOUT_SOME)
def test_a_report_without_some_addresses_counts_the_certain_and_asks_about_the_others(app: Flask, name: str) -> None:
    session = the_session()

    done = taken_over(session, name)

    assert who_came(session) == expected_of("othermail", "twin1")
    assert [_proposal(one) for one in done.plan.of(Standing.LIKELY)] == [
        ("Oscar Nunez Muestra", "oscar.nunez@example.org")
    ]
    jo = next(one for one in done.plan.of(Standing.OPEN) if one.name == "Jo Example")
    assert sorted(candidate.email or "" for candidate in jo.candidates) == [
        "jo.example.1@example.org",
        "jo.example.2@example.org",
    ]


def test_names_alone_are_proposed_and_never_counted_unseen(app: Flask) -> None:
    session = the_session()

    done = taken_over(session, "bbb_learning_dashboard.csv")

    assert who_came(session) == {}
    assert {email for _name, email in map(_proposal, done.plan.of(Standing.LIKELY))} == set(
        expected_of("twin1", "formula")
    )


def test_hosts_panellists_telephones_and_nameless_guests_stand_apart(app: Flask) -> None:
    session = the_session()

    done = taken_over(session, WITH_ADDRESSES)

    apart = db.session.execute(
        select(ReportedPerson.name, ReportedPerson.kind)
        .where(ReportedPerson.report_id == done.report_id, ReportedPerson.standing == Standing.APART)
        .order_by(ReportedPerson.number)
    ).all()
    assert [tuple(one) for one in apart] == [
        ("Secretariat Sample", "host"),
        ("Paula Panelista", "panellist"),
        ("15125550***", "phone"),
        ("Guest", "nameless"),
    ]


def _proposal(one: Any) -> tuple[str, str]:
    return one.name, one.registered.email
