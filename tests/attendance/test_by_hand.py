from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.factories import a_registration, a_session, an_attendance
from tests.signing_in import signed_in_as
from webinar.accounts.models import AuditEntry, Role
from webinar.attendance.models import Attendance, AttendanceRecord, AttendanceSource
from webinar.attendance.services.by_hand import (
    NobodyCouldCome,
    NotThen,
    Stretch,
    say_they_came,
    say_they_did_not,
    take_word_back,
)
from webinar.catalogue.models import SessionStatus, WebinarSession
from webinar.foundation.db import db
from webinar.registration.models import Registration
from webinar.registration.services.refusals import NoSuchRegistration

PAGE = "/staff/sessions/heat-en/attendance/1"


def at(hour: int, minute: int = 0) -> datetime:
    """Return a wall time in Lisbon on the day of ``held``; there, an hour later than in UTC."""
    return datetime(2020, 5, 14, hour, minute)  # noqa: DTZ001


def held(key: str = "heat-en", starts: str = "2020-05-14T13:00", **more: object) -> WebinarSession:
    """Return a session that is over: from 13:00 to 14:15 in Lisbon."""
    return a_session(key, starts=starts, **more)  # type: ignore[arg-type]


def the_answer(place: Registration) -> Attendance | None:
    db.session.commit()
    return db.session.get(Attendance, (place.session_id, place.person_id), populate_existing=True)


def told_in_the_log() -> Sequence[dict[str, object]]:
    entries = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "changed").order_by(AuditEntry.id))
    return [entry.changes for entry in entries]


def test_who_is_said_to_have_come_was_there_for_the_hours_of_the_session(app: Flask) -> None:
    place = a_registration(held())

    say_they_came("heat-en", 1)

    answer = the_answer(place)
    assert answer is not None
    assert (answer.came, answer.seconds, answer.sources) == (True, 75 * 60, "by_hand")
    assert (answer.first_join_at, answer.last_leave_at) == (place.session.starts_at, place.session.ends_at)
    assert told_in_the_log() == [
        {"registration": 1, "came": [None, True], "came_from": "2020-05-14T13:00", "came_until": "2020-05-14T14:15"}
    ]


def test_of_who_used_the_link_late_it_begins_with_that(app: Flask) -> None:
    place = a_registration(held())
    an_attendance(
        place, source=AttendanceSource.JOIN_LINK, joined_at=datetime(2020, 5, 14, 12, 15, tzinfo=UTC), minutes=None
    )

    say_they_came("heat-en", 1)

    answer = the_answer(place)
    assert answer is not None
    assert answer.seconds == 60 * 60


def test_the_hours_may_be_others_and_are_those_of_the_clocks_of_the_session(app: Flask) -> None:
    place = a_registration(held())

    say_they_came("heat-en", 1, Stretch(at(12, 50), at(13, 30)))
    say_they_came("heat-en", 1, Stretch(at(12, 50), at(13, 40)))

    answer = the_answer(place)
    assert answer is not None
    assert (answer.first_join_at, answer.seconds) == (datetime(2020, 5, 14, 11, 50, tzinfo=UTC), 40 * 60)
    assert len(db.session.scalars(select(AttendanceRecord)).all()) == 1


def test_who_is_said_not_to_have_come_did_not_whatever_the_report_says_until_it_is_taken_back(app: Flask) -> None:
    place = a_registration(held())
    an_attendance(place)

    say_they_did_not("heat-en", 1)
    answer = the_answer(place)
    assert answer is not None
    assert (answer.came, answer.is_disputed, answer.sources) == (False, True, "report;by_hand")

    take_word_back("heat-en", 1)
    answer = the_answer(place)
    assert answer is not None
    assert (answer.came, answer.is_disputed, answer.sources) == (True, False, "report")
    assert [changes["came"] for changes in told_in_the_log()] == [[None, False], [False, None]]


def test_saying_the_same_again_and_taking_back_nothing_change_nothing(app: Flask) -> None:
    place = a_registration(held())
    take_word_back("heat-en", 1)
    assert the_answer(place) is None
    say_they_did_not("heat-en", 1)

    say_they_did_not("heat-en", 1)

    assert len(told_in_the_log()) == 1


@pytest.mark.parametrize(
    ("stretch", "field"),
    [
        (Stretch(at(13, 30), at(13, 10)), "left"),
        (Stretch(at(13, 30), at(13, 30)), "left"),
        (Stretch(at(12), at(13)), "left"),
        (Stretch(at(14, 15), at(15)), "joined"),
        (Stretch(at(10, 59), at(14)), "joined"),
        (Stretch(at(13), at(16, 16)), "left"),
        (Stretch(at(13).replace(year=2021), at(14).replace(year=2021)), "joined"),
        (Stretch(at(13).replace(year=1), at(14)), "joined"),
    ],
)
def test_hours_that_cannot_be_are_refused_and_nothing_is_stored(app: Flask, stretch: Stretch, field: str) -> None:
    a_registration(held())

    with pytest.raises(NotThen) as refusal:
        say_they_came("heat-en", 1, stretch)

    assert refusal.value.field == field
    assert db.session.scalars(select(AttendanceRecord)).all() == []
    assert told_in_the_log() == []


def test_an_hour_that_the_clocks_leave_out_is_refused(app: Flask) -> None:
    a_registration(held(starts="2020-03-29T00:30", minutes=120))

    with pytest.raises(NotThen, match="skip 01:30"):
        say_they_came("heat-en", 1, Stretch(datetime(2020, 3, 29, 0, 30), datetime(2020, 3, 29, 1, 30)))  # noqa: DTZ001


def test_nobody_can_have_come_to_what_has_not_begun_or_was_cancelled(app: Flask) -> None:
    a_registration(held(starts="2040-05-14T13:00"))
    a_registration(held("cancelled", status=SessionStatus.CANCELLED))

    for key in ("heat-en", "cancelled"):
        with pytest.raises(NobodyCouldCome):
            say_they_came(key, 1)
        with pytest.raises(NobodyCouldCome):
            say_they_did_not(key, 1)
    for say in (say_they_came, say_they_did_not, take_word_back):
        with pytest.raises(NoSuchRegistration):
            say("heat-en", 7)


def test_the_page_of_a_person_tells_what_each_source_says(client: FlaskClient) -> None:
    session = held()
    place = a_registration(session)
    an_attendance(
        place, source=AttendanceSource.JOIN_LINK, joined_at=datetime(2020, 5, 14, 11, 58, tzinfo=UTC), minutes=None
    )
    an_attendance(a_registration(session))
    signed_in_as(client, Role.ORGANISER)

    page = client.get(PAGE).get_data(as_text=True)

    assert "Used the join link at 12:58." in page
    assert "The report does not have them." in page
    assert 'value="2020-05-14 13:00:00"' in page
    assert 'value="2020-05-14 14:15:00"' in page
    evidence = client.get("/staff/sessions/heat-en/registrations/1").get_data(as_text=True)
    assert "Used the join link at 12:58." in evidence
    assert PAGE in evidence


def test_what_was_typed_is_shown_again_with_the_reason(client: FlaskClient) -> None:
    a_registration(held())
    signed_in_as(client, Role.ORGANISER)

    for joined, left, says in (
        ("2020-05-14T13:30", "2020-05-14T13:10", "They must have left after they came."),
        ("2020-05-15T13:30", "2020-05-15T13:50", "This session was on 14 May 2020, 13:00–14:15."),
        ("tomorrow", "2020-05-15T13:50", "as in 2027-04-03T16:30"),
        ("", "2020-05-15T13:50", "Write the day and the hour at which they came."),
    ):
        answer = client.post(PAGE, data={"joined": joined, "left": left})
        assert answer.status_code == 422
        assert says in answer.get_data(as_text=True)
        assert f'value="{joined}"' in answer.get_data(as_text=True)
    assert db.session.scalars(select(AttendanceRecord)).all() == []


def test_an_organiser_decides_on_the_page_and_takes_it_back(client: FlaskClient) -> None:
    place = a_registration(held())
    signed_in_as(client, Role.ORGANISER)

    stored = client.post(PAGE, data={"joined": "2020-05-14T13:05", "left": "2020-05-14T14:00"})
    assert (stored.status_code, stored.headers["Location"]) == (303, PAGE)
    answer = the_answer(place)
    assert answer is not None
    assert answer.seconds == 55 * 60
    assert 'value="2020-05-14 13:05:00"' in client.get(PAGE).get_data(as_text=True)

    client.post(f"{PAGE}/decide", data={"word": "back", "alone": "yes"})
    assert the_answer(place) is None


def test_one_press_in_the_list_decides_and_the_list_stays_as_it_was(client: FlaskClient) -> None:
    session = held()
    place = a_registration(session, family_name="Sousa")
    an_attendance(place, source=AttendanceSource.JOIN_LINK, minutes=None)
    an_attendance(a_registration(session))
    signed_in_as(client, Role.ORGANISER)
    page = client.get("/staff/sessions/heat-en/attendance?which=to_decide&search=sousa").get_data(as_text=True)
    assert "/attendance/1/decide?search=sousa&amp;which=to_decide" in page

    answer = client.post(f"{PAGE}/decide?search=sousa&which=to_decide", data={"word": "absent"})

    assert answer.headers["Location"] == "/staff/sessions/heat-en/attendance?search=sousa&which=to_decide"
    decided = the_answer(place)
    assert decided is not None
    assert not decided.came
    assert "did not come: that is decided by hand" in client.get(answer.headers["Location"]).get_data(as_text=True)


def test_what_cannot_be_decided_is_said_and_what_is_no_word_is_no_request(client: FlaskClient) -> None:
    a_registration(held(starts="2040-05-14T13:00"))
    signed_in_as(client, Role.ORGANISER)

    answer = client.post(f"{PAGE}/decide", data={"word": "came"}, follow_redirects=True)

    assert "has not begun, so nobody can have come" in answer.get_data(as_text=True)
    assert client.post(f"{PAGE}/decide", data={"word": "perhaps"}).status_code == 400
    assert client.post("/staff/sessions/heat-en/attendance/99999999999/decide").status_code == 404


def test_a_viewer_sees_the_evidence_and_decides_nothing(client: FlaskClient) -> None:
    a_registration(held())
    signed_in_as(client, Role.VIEWER)

    page = client.get(PAGE).get_data(as_text=True)

    assert "Has not used the join link." in page
    assert "They came" not in page
    assert client.post(PAGE).status_code == 403
    assert client.post(f"{PAGE}/decide", data={"word": "came"}).status_code == 403


@time_machine.travel(datetime(2030, 5, 14, 12, 30, tzinfo=UTC), tick=False)
def test_while_the_session_is_on_somebody_can_be_said_to_be_there(app: Flask) -> None:
    place = a_registration(a_session("heat-en"))

    say_they_came("heat-en", 1)

    answer = the_answer(place)
    assert answer is not None
    assert answer.came
