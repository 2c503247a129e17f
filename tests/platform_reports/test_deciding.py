from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.factories import a_contact, a_member, a_person, a_registration, a_session, an_attendance
from tests.platform_reports.reports import a_zoom_report, minutes_of, number_of, standings_in, take_over
from webinar.accounts.models import AuditEntry
from webinar.attendance.models import Attendance, AttendanceSource
from webinar.catalogue.models import WebinarSession
from webinar.foundation.db import db
from webinar.mail.models import OutboxMail
from webinar.people.models import Person
from webinar.people.services.merge_contacts import merge_contacts
from webinar.platform_reports.models import KnownIdentity
from webinar.platform_reports.services.decide import CameWithout, add, confirm, link, set_aside, take_back
from webinar.platform_reports.services.refusals import (
    AlreadyRegistered,
    NobodyRegistered,
    NoSuchReport,
    NoSuchReported,
    NotActive,
)
from webinar.platform_reports.services.undo import undo
from webinar.registration.models import Affiliation, Registration, RegistrationStatus
from webinar.registration.queries import seating_of
from webinar.registration.services.correct_address import correct_address
from webinar.registration.services.refusals import UnknownLanguageVersion, UnknownMember

AT = ("13:00:00", "14:00:00")


def a_session_with_ana(**more: Any) -> WebinarSession:
    session = a_session(**more)
    a_registration(session, email="ana@lisbon.example")
    return session


def came_without(**more: Any) -> CameWithout:
    values: dict[str, Any] = {"given_name": "Maria", "family_name": "Lopez", "affiliation": Affiliation.OTHER}
    return CameWithout(**(values | more))


def number_in(report_id: int, name: str = "Maria Lopez") -> int:
    return number_of(report_id, name)


def registrations() -> list[str]:
    return list(db.session.scalars(select(Registration.given_name).order_by(Registration.turn)))


def test_likely_ones_are_confirmed_one_by_one_or_together(app: Flask) -> None:
    session = a_session_with_ana()
    a_registration(session, email="rui@lisbon.example", given_name="Rui", family_name="Costa")
    a_registration(session, email="eva@lisbon.example", given_name="Eva", family_name="Dias")
    names = ("Ana Sousa", "Rui Costa", "Eva Dias")
    report_id = take_over(session, a_zoom_report(*((name, None, *AT) for name in names))).report_id
    assert minutes_of(session) == {}

    assert confirm(session.key, report_id, [number_of(report_id, "Rui Costa"), 99]) == 1
    assert minutes_of(session) == {"rui@lisbon.example": 60}
    assert confirm(session.key, report_id) == 2

    assert minutes_of(session) == {"ana@lisbon.example": 60, "eva@lisbon.example": 60, "rui@lisbon.example": 60}
    assert confirm(session.key, report_id) == 0
    entries = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "confirmed").order_by(AuditEntry.id))
    assert [entry.changes["people"] for entry in entries] == [[2], [1, 3]]


def test_what_was_decided_is_remembered_for_the_next_report(app: Flask) -> None:
    session = a_session_with_ana()
    report = a_zoom_report(("Ana at home", None, *AT), ("Recorder", "bot@x.example", *AT))
    report_id = take_over(session, report).report_id
    link(session.key, report_id, number_of(report_id, "Ana at home"), 1)
    set_aside(session.key, report_id, [number_of(report_id, "Recorder")])
    another = a_session()
    a_registration(another, person=db.session.scalars(select(Person)).one())

    done = take_over(another, report)

    assert standings_in(done.report_id) == {"Ana at home": "certain", "Recorder": "set_aside"}
    assert minutes_of(another) == {"ana@lisbon.example": 60}


def test_two_organisers_decide_about_the_same_names_in_two_sessions_at_once(app: Flask) -> None:
    names = [f"{letter}. Lopez" for letter in "ABCDEFGH"]
    reported = a_zoom_report(*((name, None, *AT) for name in names))
    theirs = [
        (session.key, take_over(session, reported).report_id, numbers)
        for session, numbers in ((a_session(), range(1, 9)), (a_session(), range(8, 0, -1)))
    ]
    together = threading.Barrier(len(theirs))
    decided: list[int] = []

    def decide(key: str, report_id: int, numbers: Sequence[int]) -> None:
        with app.app_context():
            together.wait()
            decided.append(set_aside(key, report_id, numbers))

    organisers = [threading.Thread(target=decide, args=one) for one in theirs]
    for one in organisers:
        one.start()
    for one in organisers:
        one.join()

    db.session.commit()
    assert decided == [8, 8]
    assert db.session.scalar(select(func.count()).select_from(KnownIdentity)) == 8


def test_a_decision_can_be_taken_back_and_is_forgotten(app: Flask) -> None:
    session = a_session_with_ana()
    report_id = take_over(session, a_zoom_report(("Ana Sousa", None, *AT), ("Maria Lopez", None, *AT))).report_id
    confirm(session.key, report_id)
    set_aside(session.key, report_id, [number_in(report_id)])

    assert take_back(session.key, report_id, [1, 2]) == 2

    assert standings_in(report_id) == {"Ana Sousa": "likely", "Maria Lopez": "open"}
    assert minutes_of(session) == {}
    assert db.session.scalars(select(KnownIdentity)).all() == []


def test_a_certain_one_can_be_linked_to_somebody_else_and_back_and_the_address_stays_whose_it_is(app: Flask) -> None:
    session = a_session_with_ana()
    rui = a_registration(session, email="rui@lisbon.example", given_name="Rui", family_name="Costa")
    report_id = take_over(session, a_zoom_report(("Ana Sousa", "ana@lisbon.example", *AT))).report_id

    link(session.key, report_id, 1, rui.turn)
    assert minutes_of(session) == {"rui@lisbon.example": 60}
    assert db.session.scalars(select(KnownIdentity)).all() == []
    take_back(session.key, report_id, [1])

    assert minutes_of(session) == {"ana@lisbon.example": 60}
    assert standings_in(report_id) == {"Ana Sousa": "certain"}


@pytest.mark.parametrize("email", ["maria@porto.example", None])
def test_who_came_without_registering_is_added_takes_no_seat_and_is_written_nothing(
    app: Flask, email: str | None
) -> None:
    session = a_session_with_ana(seats=1, languages=("en", "fr"))
    porto = a_member("Porto")
    report_id = take_over(session, a_zoom_report(("Maria Lopez", email, *AT))).report_id

    who = came_without(email=email, affiliation=Affiliation.MEMBER, member_key=porto.key, version="fr")
    add(session.key, report_id, number_in(report_id), who)

    place = db.session.scalars(select(Registration).where(Registration.given_name == "Maria")).one()
    assert (place.status, place.member_id, place.turn) == (RegistrationStatus.UNREGISTERED, porto.id, 2)
    assert place.language_version_id == session.language_versions[1].id
    assert db.session.get_one(Person, place.person_id).email == email
    assert (seating_of(session.id).registered, seating_of(session.id).waiting) == (1, 0)
    assert minutes_of(session) == {email or "": 60}
    assert db.session.scalar(select(func.count()).select_from(OutboxMail)) == 0
    assert standings_in(report_id) == {"Maria Lopez": "added"}


def test_two_without_an_address_are_two_people(app: Flask) -> None:
    session = a_session()
    report_id = take_over(session, a_zoom_report(("Maria Lopez", None, *AT), ("Eva Dias", None, *AT))).report_id

    add(session.key, report_id, 1, came_without())
    add(session.key, report_id, 2, came_without(given_name="Eva", family_name="Dias"))

    assert db.session.scalar(select(func.count()).select_from(Attendance).where(Attendance.came)) == 2


def test_adding_somebody_who_is_registered_is_refused_and_stores_nothing(app: Flask) -> None:
    session = a_session_with_ana()
    report_id = take_over(session, a_zoom_report(("Maria Lopez", None, *AT))).report_id
    number = number_in(report_id)

    with pytest.raises(AlreadyRegistered) as refusal:
        add(session.key, report_id, number, came_without(email="ANA@lisbon.example"))
    assert refusal.value.turn == 1
    with pytest.raises(UnknownMember):
        add(session.key, report_id, number, came_without(affiliation=Affiliation.MEMBER, member_key="atlantis"))
    with pytest.raises(UnknownLanguageVersion):
        add(session.key, report_id, number, came_without(version="xx"))

    assert registrations() == ["Ana"]
    assert standings_in(report_id) == {"Maria Lopez": "open"}


@pytest.mark.parametrize("email", ["maria@porto.example", None])
@pytest.mark.parametrize("way", ["undo", "take_back", "link"])
def test_whoever_was_added_is_gone_again_when_nothing_tells_of_them_any_more(
    app: Flask, way: str, email: str | None
) -> None:
    session = a_session_with_ana()
    report_id = take_over(session, a_zoom_report(("Maria Lopez", email, *AT))).report_id
    add(session.key, report_id, number_in(report_id), came_without(email=email))

    if way == "undo":
        undo(session.key, report_id)
    elif way == "take_back":
        take_back(session.key, report_id, [1])
    else:
        link(session.key, report_id, 1, 1)

    assert registrations() == ["Ana"]
    assert list(db.session.scalars(select(Person.email))) == ["ana@lisbon.example"]
    assert minutes_of(session) == ({"ana@lisbon.example": 60} if way == "link" else {})


def test_whoever_was_added_stays_if_something_else_tells_of_them(app: Flask) -> None:
    session = a_session()
    content = a_zoom_report(("Maria Lopez", "maria@porto.example", *AT))
    report_id = take_over(session, content).report_id
    add(session.key, report_id, 1, came_without(email="maria@porto.example"))
    place = db.session.scalars(select(Registration)).one()
    db.session.refresh(place, ["session", "person"])
    an_attendance(place, source=AttendanceSource.BY_HAND, minutes=None)

    undo(session.key, report_id)

    assert registrations() == ["Maria"]


@pytest.mark.parametrize("is_another_called_so", [False, True])
def test_another_report_that_asks_for_whoever_was_added_does_not_keep_them(
    app: Flask, is_another_called_so: bool
) -> None:
    session = a_session_with_ana()
    if is_another_called_so:
        a_registration(session, email="rui@lisbon.example", given_name="Maria", family_name="Lopez")
    before = registrations()
    first = take_over(session, a_zoom_report(("Maria Lopez", None, *AT))).report_id
    add(session.key, first, 1, came_without())
    further_room = take_over(session, a_zoom_report(("Lopez Maria", None, *AT), meeting="1")).report_id

    undo(session.key, first)

    assert registrations() == before
    assert standings_in(further_room) == {"Lopez Maria": "open"}


def test_a_person_of_a_list_stays_when_they_are_no_longer_among_those_who_came(app: Flask) -> None:
    session = a_session()
    a_contact(person=a_person("maria@porto.example"))
    report_id = take_over(session, a_zoom_report(("Maria Lopez", "maria@porto.example", *AT))).report_id
    add(session.key, report_id, 1, came_without(email="maria@porto.example"))

    undo(session.key, report_id)

    assert registrations() == []
    assert list(db.session.scalars(select(Person.email))) == ["maria@porto.example"]


def test_a_corrected_report_keeps_those_who_were_added_and_undoing_it_too(app: Flask) -> None:
    session = a_session()
    first = take_over(session, a_zoom_report(("Maria Lopez", None, *AT)))
    add(session.key, first.report_id, 1, came_without())
    second = take_over(session, a_zoom_report(("Maria Lopez", None, "13:00:00", "13:30:00")))
    assert (registrations(), minutes_of(session)) == (["Maria"], {"": 30})

    undo(session.key, second.report_id)

    assert (registrations(), minutes_of(session)) == (["Maria"], {"": 60})


def test_who_was_added_and_is_not_in_the_corrected_report_is_open_again_in_the_former_one(app: Flask) -> None:
    session = a_session_with_ana()
    ana = ("Ana Sousa", "ana@lisbon.example", *AT)
    first = take_over(session, a_zoom_report(("Maria Lopez", None, *AT), ana))
    add(session.key, first.report_id, 1, came_without())

    second = take_over(session, a_zoom_report(ana))

    assert registrations() == ["Ana"]
    undo(session.key, second.report_id)
    assert standings_in(first.report_id) == {"Maria Lopez": "open", "Ana Sousa": "certain"}


def test_a_decision_about_nobody_or_in_a_report_that_does_not_count_is_refused(app: Flask) -> None:
    session, other = a_session_with_ana(), a_session()
    report_id = take_over(session, a_zoom_report(("Maria Lopez", None, *AT))).report_id

    with pytest.raises(NoSuchReport):
        confirm(other.key, report_id)
    with pytest.raises(NoSuchReported):
        link(session.key, report_id, 99, 1)
    with pytest.raises(NobodyRegistered):
        link(session.key, report_id, 1, 99)
    undo(session.key, report_id)
    with pytest.raises(NotActive):
        link(session.key, report_id, 1, 1)


def test_merged_people_and_corrected_addresses_keep_their_attendance(app: Flask) -> None:
    session = a_session_with_ana()
    person = db.session.scalars(select(Person)).one()
    home, work = a_contact(person=person), a_contact("ana@work.example")
    merge_contacts(home.id, work.id)
    first = take_over(session, a_zoom_report(("A. S.", "ana@work.example", *AT)))
    assert standings_in(first.report_id) == {"A. S.": "certain"}

    correct_address(db.session.scalars(select(Registration.token)).one(), "ana.sousa@lisbon.example")
    take_over(session, a_zoom_report(("Ana Sousa", "ana.sousa@lisbon.example", "14:00:00", "14:10:00"), meeting="1"))

    assert minutes_of(session) == {"ana.sousa@lisbon.example": 70}
