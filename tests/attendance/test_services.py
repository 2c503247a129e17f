from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from tests.factories import LONG_AFTER, a_registration, a_session, an_attendance, stored
from webinar.accounts.models import AuditEntry
from webinar.attendance.admission import Admission
from webinar.attendance.models import AttendanceRecord, AttendanceSource
from webinar.attendance.services.join import NotAdmitted, UnknownJoinLink, record_join
from webinar.attendance.services.note_export import note_export
from webinar.catalogue.models import LanguageVersion, SessionStatus, VersionKind
from webinar.foundation.db import db
from webinar.registration.models import RegistrationStatus

# The session of a_session(): 13:00 in Lisbon, which is 12:00 UTC, for 75 minutes.
START = datetime(2030, 5, 14, 12, 0, tzinfo=UTC)
END = START + timedelta(minutes=75)
DOORS = START - timedelta(minutes=15)
AN_INSTANT = timedelta(microseconds=1)


def all_records() -> Sequence[AttendanceRecord]:
    return db.session.scalars(select(AttendanceRecord).order_by(AttendanceRecord.id)).all()


def test_joining_records_the_arrival_and_leads_to_the_room(app: Flask) -> None:
    place = a_registration(a_session(join_url="https://zoom.example/j/123"))

    room = record_join(place.join_token, START, doors_open_minutes=15)

    assert room == "https://zoom.example/j/123"
    [record] = all_records()
    assert (record.session_id, record.person_id) == (place.session_id, place.person_id)
    assert (record.source, record.joined_at, record.left_at) == (AttendanceSource.JOIN_LINK, START, None)
    assert record.erase_after == LONG_AFTER


def test_joining_again_leads_to_the_room_and_keeps_the_first_arrival(app: Flask) -> None:
    place = a_registration(a_session())
    record_join(place.join_token, DOORS, doors_open_minutes=15)

    record_join(place.join_token, START, doors_open_minutes=15)

    assert [record.joined_at for record in all_records()] == [DOORS]


def test_twenty_clicks_at_once_are_one_arrival_and_all_of_them_get_in(app: Flask) -> None:
    token = a_registration(a_session()).join_token
    together = threading.Barrier(20)
    rooms: list[str] = []

    def click() -> None:
        with app.app_context():
            together.wait()
            rooms.append(record_join(token, START, doors_open_minutes=15))

    clicks = [threading.Thread(target=click) for _ in range(20)]
    for one in clicks:
        one.start()
    for one in clicks:
        one.join()

    db.session.commit()  # ends what this session has read so far
    assert rooms == ["https://zoom.example/j/123"] * 20
    assert len(all_records()) == 1


def test_what_a_report_knows_already_does_not_keep_the_click_from_being_recorded(app: Flask) -> None:
    place = a_registration(a_session())
    an_attendance(place, source=AttendanceSource.REPORT)

    record_join(place.join_token, START, doors_open_minutes=15)

    assert [record.source for record in all_records()] == [AttendanceSource.REPORT, AttendanceSource.JOIN_LINK]


def test_a_language_version_with_a_room_of_its_own_leads_there(app: Flask) -> None:
    session = a_session(languages=("en", "fr"))
    session.language_versions[1].join_url = "https://zoom.example/j/french"
    stored(session)
    french, english = a_registration(session, version="fr"), a_registration(session, version="en")

    assert record_join(french.join_token, START, doors_open_minutes=15) == "https://zoom.example/j/french"
    assert record_join(english.join_token, START, doors_open_minutes=15) == "https://zoom.example/j/123"


@pytest.mark.parametrize("moment", [DOORS, START, END, END + timedelta(minutes=30) - AN_INSTANT])
def test_the_doors_are_open_from_a_quarter_of_an_hour_before_to_half_an_hour_after(
    app: Flask, moment: datetime
) -> None:
    place = a_registration(a_session())

    assert record_join(place.join_token, moment, doors_open_minutes=15) == "https://zoom.example/j/123"


@pytest.mark.parametrize(
    ("moment", "why"),
    [(DOORS - AN_INSTANT, Admission.EARLY), (END + timedelta(minutes=30), Admission.OVER)],
)
def test_outside_these_hours_nobody_gets_in_and_nothing_is_recorded(
    app: Flask, moment: datetime, why: Admission
) -> None:
    place = a_registration(a_session())

    with pytest.raises(NotAdmitted) as refusal:
        record_join(place.join_token, moment, doors_open_minutes=15)

    assert refusal.value.admission is why
    assert all_records() == []


def test_how_long_before_the_doors_open_is_a_setting(app: Flask) -> None:
    place = a_registration(a_session())

    with pytest.raises(NotAdmitted):
        record_join(place.join_token, START - AN_INSTANT, doors_open_minutes=0)
    assert record_join(place.join_token, START, doors_open_minutes=0) == "https://zoom.example/j/123"


@pytest.mark.parametrize(
    ("status", "why"),
    [
        (RegistrationStatus.WAITING, Admission.WAITING),
        (RegistrationStatus.CANCELLED, Admission.PLACE_CANCELLED),
        (RegistrationStatus.UNREGISTERED, Admission.PLACE_CANCELLED),
    ],
)
def test_who_has_no_place_does_not_get_in(app: Flask, status: RegistrationStatus, why: Admission) -> None:
    place = a_registration(a_session(), status=status)

    with pytest.raises(NotAdmitted) as refusal:
        record_join(place.join_token, START, doors_open_minutes=15)

    assert refusal.value.admission is why
    assert all_records() == []


def test_nobody_gets_into_a_cancelled_session(app: Flask) -> None:
    place = a_registration(a_session(status=SessionStatus.CANCELLED))

    with pytest.raises(NotAdmitted) as refusal:
        record_join(place.join_token, START, doors_open_minutes=15)

    assert refusal.value.admission is Admission.SESSION_CANCELLED


@pytest.mark.parametrize(
    "address",
    [
        "",
        "zoom.example/j/123",
        "//zoom.example",
        "javascript:alert(1)",
        "data:text/html,x",
        "ftp://zoom.example/",
        "https://",
        "https://zoom.example/\r\nSet-Cookie: a=b",
        "https://zoom.example\\@evil.example",
        "https://[zoom",
        "https://zoom.example:99999/",
    ],
)
def test_what_is_no_address_of_the_web_is_no_room(app: Flask, address: str) -> None:
    place = a_registration(a_session(join_url=address))

    with pytest.raises(NotAdmitted) as refusal:
        record_join(place.join_token, START, doors_open_minutes=15)

    assert refusal.value.admission is Admission.NO_ROOM_YET
    assert all_records() == []


def test_the_token_that_manages_a_place_does_not_join(app: Flask) -> None:
    place = a_registration(a_session())

    for token in (place.token, place.join_token[:-1], "", "x" * 10_000):
        with pytest.raises(UnknownJoinLink):
            record_join(token, START, doors_open_minutes=15)

    assert all_records() == []


def test_who_took_data_out_is_written_down(app: Flask) -> None:
    note_export("session heat-en", "csv")

    [entry] = db.session.scalars(select(AuditEntry)).all()
    assert (entry.action, entry.subject) == ("exported", "session heat-en")
    assert entry.changes == {"what": "attendance", "format": "csv"}


def test_a_version_of_its_own_room_counts_even_where_the_session_has_none(app: Flask) -> None:
    session = a_session(join_url="")
    session.language_versions.append(
        LanguageVersion(code="fr", kind=VersionKind.INTERPRETATION, position=1, join_url="https://zoom.example/fr")
    )
    stored(session)
    place = a_registration(session, version="fr")

    assert record_join(place.join_token, START, doors_open_minutes=15) == "https://zoom.example/fr"
