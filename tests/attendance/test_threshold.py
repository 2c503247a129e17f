from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.factories import a_registration, a_session, an_attendance
from tests.signing_in import signed_in_as
from webinar.accounts.models import AuditEntry, Role
from webinar.attendance.listing import figures_of, would_come
from webinar.attendance.models import AttendanceSource
from webinar.attendance.services.by_hand import say_they_came, say_they_did_not
from webinar.attendance.services.threshold import NobodyWasThereSoLong, set_threshold
from webinar.catalogue.models import WebinarSession
from webinar.foundation.db import db
from webinar.registration.services.refusals import NoSuchSession

TAB = "/staff/sessions/heat-en/attendance"


def a_session_with_everybody() -> WebinarSession:
    """Return one of 75 minutes with stays of 1, 20 and 60 minutes, one click, and two that are decided by hand."""
    session = a_session("heat-en", starts="2020-05-14T13:00")
    for minutes in (1, 20, 60, 60, 1):
        an_attendance(a_registration(session), minutes=minutes)
    an_attendance(a_registration(session), source=AttendanceSource.JOIN_LINK, minutes=None)
    say_they_did_not("heat-en", 4)
    say_they_came("heat-en", 5)
    return session


def test_another_threshold_makes_everybodys_answer_anew_and_is_written_down(app: Flask) -> None:
    session = a_session_with_everybody()
    assert figures_of(session.id).came == 5

    assert set_threshold("heat-en", 20)

    assert figures_of(session.id).came == 3
    entry = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert entry is not None
    assert (entry.subject, entry.changes) == ("session heat-en", {"attendance_threshold": [0, 20]})
    assert not set_threshold("heat-en", 20)


@pytest.mark.parametrize("minutes", [0, 1, 2, 20, 21, 60, 75])
def test_how_many_would_come_is_how_many_then_come(app: Flask, minutes: int) -> None:
    session = a_session_with_everybody()
    set_threshold("heat-en", 30)

    foretold = would_come(session.id, minutes)

    set_threshold("heat-en", minutes)
    assert figures_of(session.id).came == foretold


def test_where_there_is_no_report_a_click_is_enough_for_any_threshold(app: Flask) -> None:
    session = a_session("heat-en")
    an_attendance(a_registration(session), source=AttendanceSource.JOIN_LINK, minutes=None)

    assert would_come(session.id, 60) == 1
    set_threshold("heat-en", 60)
    assert figures_of(session.id).came == 1


def test_exactly_the_threshold_is_enough_and_a_second_less_is_not(app: Flask) -> None:
    session = a_session("heat-en")
    exactly, less = (an_attendance(a_registration(session), minutes=20) for _ in range(2))
    assert exactly.left_at is not None
    less.left_at = exactly.left_at - timedelta(seconds=1)
    db.session.commit()

    set_threshold("heat-en", 20)

    figures = figures_of(session.id)
    assert (figures.came, figures.parts["too_short"]) == (1, 1)  # type: ignore[index]


@pytest.mark.parametrize("minutes", [-1, 76, 10**6])
def test_nobody_is_there_longer_than_the_session(app: Flask, minutes: int) -> None:
    a_session("heat-en")

    with pytest.raises(NobodyWasThereSoLong, match="from 0 to 75"):
        set_threshold("heat-en", minutes)
    with pytest.raises(NoSuchSession):
        set_threshold("nowhere", 5)


def test_the_tab_says_how_many_it_would_be_before_anything_changes(client: FlaskClient) -> None:
    session = a_session_with_everybody()
    signed_in_as(client, Role.ORGANISER)

    page = client.get(f"{TAB}?minutes=20").get_data(as_text=True)
    part = client.get(f"{TAB}/threshold?minutes=20").get_data(as_text=True)

    says = "Then 3 of 6 people who were seen would have come; now it is 5."
    assert says in page
    assert says in part
    assert '<input type="hidden" name="minutes" value="20">' in part
    assert db.session.get_one(WebinarSession, session.id).attendance_threshold == 0

    answer = client.post(f"{TAB}/threshold", data={"minutes": "20"})
    assert answer.status_code == 303
    assert "So it is now: 3 of 6 people who were seen came." in client.get(TAB).get_data(as_text=True)


def test_a_threshold_in_other_digits_is_read_and_what_is_none_is_refused_at_the_field(client: FlaskClient) -> None:
    a_session_with_everybody()
    signed_in_as(client, Role.ORGANISER)

    for written, says in (("٢٠", "Then 3 of 6"), ("", "Write a whole number"), ("ten", "Write a whole number")):
        for address in (f"{TAB}/threshold", TAB):
            assert says in client.get(address, query_string={"minutes": written}).get_data(as_text=True)
    for written in ("", "x", "76", "-1", "9" * 30):
        answer = client.post(f"{TAB}/threshold", data={"minutes": written})
        assert answer.status_code == 422
        assert "Write a whole number" in answer.get_data(as_text=True) or "from 0 to 75" in answer.get_data(
            as_text=True
        )


def test_a_viewer_sees_the_threshold_and_sets_none(client: FlaskClient) -> None:
    a_session_with_everybody()
    signed_in_as(client, Role.VIEWER)

    assert "At least 0 minutes." in client.get(TAB).get_data(as_text=True)
    assert client.post(f"{TAB}/threshold", data={"minutes": "20"}).status_code == 403
