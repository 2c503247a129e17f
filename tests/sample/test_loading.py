"""Loading the sample network: all of it into an empty database, and nothing the second time."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from tests.factories import a_member, a_person, a_registration, a_session, a_webinar
from tests.sample.test_data import CAME_ON_22_JULY_2020, MATCHING
from webinar.accounts.models import Role, StaffAccount
from webinar.attendance.models import AttendanceRecord, AttendanceSource
from webinar.calendars.models import CalendarEntry
from webinar.catalogue.models import SessionStatus, VersionKind, WayKind, WayToFollow, Webinar, WebinarSession
from webinar.catalogue.queries import coming_sessions, find_session, find_webinar, past_sessions
from webinar.foundation.db import db
from webinar.mail.models import OutboxMail
from webinar.members.matching import Found
from webinar.members.models import Member
from webinar.people.models import Person
from webinar.registration.models import Registration, RegistrationStatus
from webinar.sample.services import ORGANISER, Loaded, load

A_SATURDAY = datetime(2027, 1, 9, 10, 30, tzinfo=UTC)

# What is about the files, and not about how they are stored.
on_one_database = pytest.mark.parametrize("database_kind", ["sqlite"])


def everything() -> dict[str, list[tuple[object, ...]]]:
    """Return all rows of all tables."""
    db.session.commit()
    return {
        table.name: sorted((tuple(row) for row in db.session.execute(select(table))), key=repr)
        for table in db.metadata.sorted_tables
    }


def session_of(key: str) -> WebinarSession:
    session = find_session(key)
    assert session is not None
    return session


def statuses_in(key: str) -> Counter[RegistrationStatus]:
    return Counter(
        db.session.scalars(select(Registration.status).join(Registration.session).where(WebinarSession.key == key))
    )


def test_one_session_has_a_further_way_for_the_countries_that_need_it(app: Flask) -> None:
    load(A_SATURDAY)

    rows = db.session.execute(
        select(WebinarSession.key, WayToFollow.kind, WayToFollow.countries).join(
            WayToFollow, WayToFollow.session_id == WebinarSession.id
        )
    )
    assert [tuple(row) for row in rows] == [("next-all", WayKind.STREAM, "CN IR")]


def test_loading_fills_an_empty_database(app: Flask) -> None:
    loaded = load(A_SATURDAY)

    assert loaded == Loaded(members=63, series=4, registrations=249, stays=117, contacts=27, accounts=1)
    assert db.session.scalar(select(func.count(Member.id))) == 63
    assert db.session.scalar(select(func.count(Webinar.id))) == 4
    assert db.session.scalar(select(func.count(Registration.id))) == 249
    assert db.session.scalar(select(func.count(AttendanceRecord.id))) == 117
    assert {session.status for session in coming_sessions(A_SATURDAY)} == {SessionStatus.PUBLISHED}
    assert [session.key for session in past_sessions(A_SATURDAY)] == [
        "internationalisation-fr",
        "pandemic-2020",
        "internationalisation-en",
        "internationalisation-es",
        "quito-2016",
    ]


def test_loading_twice_changes_nothing(app: Flask) -> None:
    load(A_SATURDAY)
    before = everything()

    again = load(A_SATURDAY + timedelta(days=3))

    assert again == Loaded(members=0, series=0, registrations=0, stays=0, contacts=0, accounts=0)
    assert not again.anything()
    assert everything() == before


@on_one_database
def test_loading_once_more_keeps_what_an_organiser_has_changed(app: Flask) -> None:
    load(A_SATURDAY)
    session_of("next-all").seats = 5
    accra = db.session.scalars(select(Member).where(Member.key == "accra")).one()
    accra.official_name = "Accra"
    db.session.commit()
    before = everything()

    load(A_SATURDAY)

    assert everything() == before


@on_one_database
def test_the_coming_sessions_are_counted_from_the_day_of_loading(app: Flask) -> None:
    load(A_SATURDAY)

    coming = coming_sessions(A_SATURDAY)
    assert {session.key: (session.starts_at, session.ends_at) for session in coming} == {
        "next-es": (datetime(2027, 1, 20, 15, 0, tzinfo=UTC), datetime(2027, 1, 20, 16, 15, tzinfo=UTC)),
        "next-en": (datetime(2027, 1, 28, 15, 0, tzinfo=UTC), datetime(2027, 1, 28, 16, 15, tzinfo=UTC)),
        "next-fr": (datetime(2027, 2, 9, 15, 0, tzinfo=UTC), datetime(2027, 2, 9, 16, 15, tzinfo=UTC)),
        "next-all": (datetime(2027, 2, 24, 15, 0, tzinfo=UTC), datetime(2027, 2, 24, 16, 15, tzinfo=UTC)),
    }
    assert {session.timezone for session in coming} == {"Europe/Madrid"}
    assert {session.webinar.series.slug for session in coming} == {"running-the-metropolis"}


@on_one_database
def test_the_day_of_loading_is_the_day_in_madrid(app: Flask) -> None:
    load(datetime(2027, 1, 12, 23, 30, tzinfo=UTC))  # Wednesday the 13th in Madrid

    assert session_of("next-es").starts_wall == datetime(2027, 1, 27, 16, 0)  # noqa: DTZ001 (a wall time)


@on_one_database
def test_the_languages_of_the_coming_sessions_are_those_that_other_programs_know(app: Flask) -> None:
    load(A_SATURDAY)

    assert {
        session.key: [(version.code, version.kind) for version in session.language_versions]
        for session in coming_sessions(A_SATURDAY)
    } == {
        "next-es": [("es", VersionKind.FLOOR)],
        "next-en": [("en", VersionKind.FLOOR)],
        "next-fr": [("fr", VersionKind.FLOOR)],
        "next-all": [
            ("en", VersionKind.FLOOR),
            ("es", VersionKind.INTERPRETATION),
            ("fr", VersionKind.INTERPRETATION),
        ],
    }


@on_one_database
def test_every_text_is_stored_in_all_languages_of_the_sample(app: Flask) -> None:
    load(A_SATURDAY)

    for slug in db.session.scalars(select(Webinar.slug)).all():
        webinar = find_webinar(slug)
        assert webinar is not None
        titles = [(text.language, text.title) for text in webinar.texts]
        titles += [(text.language, text.title) for text in webinar.series.texts]
        for item in webinar.agenda:
            titles += [(text.language, text.title) for text in item.texts]
        assert Counter(language for language, title in titles if title) == dict.fromkeys(
            ("en", "es", "fr", "pt", "ar"), len(webinar.agenda) + 2
        )
        assert all(text.summary and text.description for text in webinar.texts)
        assert all(text.summary for text in webinar.series.texts)


def test_58_people_from_exactly_the_26_members_came_on_22_july_2020(app: Flask) -> None:
    load(A_SATURDAY)

    session = session_of("internationalisation-en")
    came = select(AttendanceRecord.person_id).where(AttendanceRecord.session_id == session.id)
    people = db.session.scalars(
        select(Registration).where(Registration.session_id == session.id, Registration.person_id.in_(came))
    ).all()
    members = db.session.scalars(
        select(Member.key).where(Member.id.in_({one.member_id for one in people if one.member_id}))
    ).all()
    named = [MATCHING.find(name) for name in CAME_ON_22_JULY_2020]
    assert session.starts_at == datetime(2020, 7, 22, 14, 0, tzinfo=UTC)
    assert len(people) == 58
    assert len(members) == 26
    assert {answer.member_key for answer in named if isinstance(answer, Found)} == set(members)
    assert statuses_in("internationalisation-en") == {
        RegistrationStatus.REGISTERED: 71,
        RegistrationStatus.CANCELLED: 3,
        RegistrationStatus.UNREGISTERED: 2,
    }


@on_one_database
def test_attendance_is_what_a_platform_reported_during_the_session(app: Flask) -> None:
    load(A_SATURDAY)

    assert set(db.session.scalars(select(AttendanceRecord.source))) == {AttendanceSource.REPORT}
    stays = db.session.execute(
        select(
            AttendanceRecord.joined_at, AttendanceRecord.left_at, WebinarSession.starts_at, WebinarSession.ends_at
        ).join(AttendanceRecord.session)
    ).all()
    for joined_at, left_at, starts_at, ends_at in stays:
        assert left_at is not None
        assert joined_at < left_at
        assert starts_at - timedelta(minutes=30) < joined_at < ends_at
        assert left_at < ends_at + timedelta(minutes=30)


@on_one_database
def test_three_seats_are_left_in_french_and_nobody_waits_anywhere(app: Flask) -> None:
    load(A_SATURDAY)

    french = session_of("next-fr")
    assert french.seats == 30
    assert statuses_in("next-fr") == {RegistrationStatus.REGISTERED: 27}
    waiting = select(func.count(Registration.id)).where(Registration.status == RegistrationStatus.WAITING)
    assert db.session.scalar(waiting) == 0


def test_people_registered_for_the_coming_sessions_in_the_days_before_loading(app: Flask) -> None:
    load(A_SATURDAY)

    keys = ("next-es", "next-en", "next-fr", "next-all")
    places = db.session.scalars(
        select(Registration)
        .join(Registration.session)
        .where(WebinarSession.key.in_(keys))
        .order_by(Registration.session_id, Registration.turn)
    ).all()
    assert len(places) == 113
    assert all(A_SATURDAY - timedelta(days=7) < place.registered_at < A_SATURDAY for place in places)
    by_turn = [(place.session_id, place.registered_at) for place in places]
    assert by_turn == sorted(by_turn)


@on_one_database
def test_nobody_is_written_to_and_every_address_is_an_example(app: Flask) -> None:
    load(A_SATURDAY)

    assert db.session.scalar(select(func.count(OutboxMail.id))) == 0
    assert db.session.scalar(select(func.count(CalendarEntry.id))) == 0
    addresses = db.session.scalars(select(Person.email)).all()
    assert len(addresses) == len(set(addresses))
    assert all(address is not None and address.endswith("@example.org") for address in addresses)


@on_one_database
def test_the_organiser_has_an_account_without_a_password(app: Flask) -> None:
    load(A_SATURDAY)

    account = db.session.scalars(select(StaffAccount)).one()
    assert (account.email, account.name, account.role) == (ORGANISER, "Inés Vidal", Role.ORGANISER)
    assert account.password_hash is None
    assert account.is_active


@on_one_database
def test_people_of_ones_own_are_not_touched(app: Flask) -> None:
    person = a_person("kofi.asante@example.org", language="es")  # somebody real could have any address
    own = a_registration(a_session("our-own"), member=a_member("Lisbon"), person=person, language="es")
    before = (own.status, own.given_name, person.language, person.timezone)

    load(A_SATURDAY)

    assert db.session.scalar(select(func.count(Member.id))) == 64
    db.session.refresh(own)
    db.session.refresh(person)
    assert (own.status, own.given_name, person.language, person.timezone) == before


@time_machine.travel(A_SATURDAY, tick=False)
def test_the_command_says_what_it_did_in_one_sentence(app: Flask) -> None:
    run = app.test_cli_runner().invoke

    first = run(args=["sample", "load"])
    second = run(args=["sample", "load"])

    assert (first.exit_code, second.exit_code) == (0, 0)
    assert first.output == (
        "Loaded the sample network: 63 members, 4 series, 249 registrations, 117 records of attendance, 27 contacts "
        "and the account organiser@example.org.\n"
    )
    assert second.output == "The sample network is here already; nothing was changed.\n"


def test_the_command_refuses_where_a_key_of_the_sample_is_taken(app: Flask) -> None:
    a_session("next-en", webinar=a_webinar("our-own"))

    result = app.test_cli_runner().invoke(args=["sample", "load"])

    assert result.exit_code != 0
    assert "next-en" in result.output
    assert db.session.scalar(select(func.count(WebinarSession.id))) == 1
