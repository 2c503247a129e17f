"""``catalogue check-times``: which sessions a change of the zone data has moved, and moving them with everybody."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import time_machine
from click.testing import Result
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from tests.conftest import look_again
from tests.factories import (
    a_calendar_entry,
    a_person,
    a_registration,
    a_session,
    a_session_by_former_clocks,
    an_invited_entry,
)
from tests.mailbox import calendar_of, the_only_mail_to, words_of
from tests.signing_in import signed_in_as
from webinar.accounts.models import AuditEntry, Role
from webinar.calendars.models import CalendarAnswer
from webinar.catalogue.models import SessionStatus
from webinar.foundation.db import db
from webinar.registration.models import RegistrationStatus
from webinar.updates.models import UpdateRecipient
from webinar.updates.services import write_due

ONE_IN_CASABLANCA: dict[str, Any] = {"starts": "2030-05-14T13:00", "zone": "Africa/Casablanca", "offset": 1}
"""One o'clock where the clocks were an hour ahead of UTC until the law of 2026."""


def check_times(app: Flask, *options: str) -> Result:
    """Run the command."""
    result = app.test_cli_runner().invoke(args=["catalogue", "check-times", *options])
    look_again()
    return result


def test_where_nothing_has_changed_it_says_so(app: Flask) -> None:
    a_session("heat")

    for options in ([], ["--apply"]):
        result = check_times(app, *options)

        assert (result.exit_code, result.stdout) == (0, "The zone data has changed no session to come.\n")


def test_without_apply_it_says_what_has_changed_and_whom_that_concerns_and_changes_nothing(app: Flask) -> None:
    session = a_session_by_former_clocks("heat", **ONE_IN_CASABLANCA)
    a_registration(session)
    a_registration(session, status=RegistrationStatus.WAITING)
    a_registration(session, status=RegistrationStatus.CANCELLED)
    an_invited_entry(session, a_person())
    a_session_by_former_clocks("draft", **ONE_IN_CASABLANCA, status=SessionStatus.DRAFT)
    before = (session.starts_at, session.sequence, session.revision)

    result = check_times(app)

    assert result.exit_code == 1
    assert result.stdout.splitlines() == [
        "Session heat, 2030-05-14T13:00 to 2030-05-14T14:15 in Africa/Casablanca: calendars show 2030-05-14T12:00 to "
        "2030-05-14T13:15 there, 3 people to tell.",
        "Session draft, 2030-05-14T13:00 to 2030-05-14T14:15 in Africa/Casablanca: calendars show 2030-05-14T12:00 to "
        "2030-05-14T13:15 there, 0 people to tell.",
    ]
    assert result.stderr == (
        "Error: The zone data has changed 2 sessions, 2 of them to be corrected: by --apply, or by “session move” "
        "where a person has to choose the time.\n"
    )
    assert (session.starts_at, session.sequence, session.revision) == before
    assert db.session.scalar(select(func.count()).select_from(UpdateRecipient)) == 0


def test_apply_moves_each_to_the_same_wall_time_and_everybodys_calendar_follows(app: Flask) -> None:
    session = a_session_by_former_clocks("heat", **ONE_IN_CASABLANCA)
    entry = a_calendar_entry(
        a_registration(session, email="ana@lisbon.example", timezone="Asia/Seoul"),
        announced_sequence=0,
        answer=CalendarAnswer.ACCEPTED,
    )
    mexico = a_session_by_former_clocks(
        "late", starts="2030-07-01T10:00", zone="America/Mexico_City", offset=-5, status=SessionStatus.DRAFT
    )

    result = check_times(app, "--apply")
    again = check_times(app)

    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.splitlines()[-1] == (
        "The zone data had changed 2 sessions: corrected, and whoever comes is told."
    )
    assert (again.exit_code, again.stdout) == (0, "The zone data has changed no session to come.\n")
    assert session.starts_wall == datetime(2030, 5, 14, 13, 0)  # noqa: DTZ001 (wall time)
    assert session.starts_at == datetime(2030, 5, 14, 13, 0, tzinfo=UTC)
    assert session.ends_at == datetime(2030, 5, 14, 14, 15, tzinfo=UTC)
    assert mexico.starts_at == datetime(2030, 7, 1, 16, 0, tzinfo=UTC)
    assert write_due() == 1
    told = calendar_of(the_only_mail_to("ana@lisbon.example"))
    assert (told.method, told.uid, told.sequence, told.answer) == ("REQUEST", entry.uid, 1, "NEEDS-ACTION")
    assert (told.start, told.end) == (session.starts_at, session.ends_at)
    words = words_of(the_only_mail_to("ana@lisbon.example"))
    assert "Before: Tuesday, 14 May 2030, 21:00–22:15 for you in Seoul" in words
    assert "Now: Tuesday, 14 May 2030, 22:00–23:15 for you in Seoul" in words


def test_what_is_left_for_a_person_keeps_the_exit_code_while_the_rest_is_corrected(app: Flask) -> None:
    good = a_session_by_former_clocks("good", **ONE_IN_CASABLANCA)
    a_session_by_former_clocks("gap", starts="2030-03-31T02:30", zone="Europe/Madrid", offset=1)
    a_session_by_former_clocks("lost", starts="2030-04-01T16:00", zone="Europe/Atlantis", offset=1)

    result = check_times(app, "--apply")

    assert result.exit_code == 1
    assert good.starts_at == datetime(2030, 5, 14, 13, 0, tzinfo=UTC)
    assert result.stdout.splitlines()[:2] == [
        "Session gap, 2030-03-31T02:30 to 2030-03-31T03:45 in Europe/Madrid: The clocks of Madrid skip 02:30 on this "
        "day. Choose another time.",
        "Session lost, 2030-04-01T16:00 to 2030-04-01T17:15 in Europe/Atlantis: There is no time zone "
        "“Europe/Atlantis” any more. Choose another one.",
    ]
    assert "changed 3 sessions, 2 of them to be corrected" in result.stderr


@time_machine.travel(datetime(2030, 5, 14, 11, 30, tzinfo=UTC), tick=False)
def test_one_that_should_have_begun_by_now_stays_and_that_is_said(app: Flask) -> None:
    session = a_session_by_former_clocks("heat", starts="2030-05-14T16:45", zone="Asia/Kathmandu", offset=5)

    result = check_times(app, "--apply")

    assert result.exit_code == 1
    assert "Session heat stays as it is: This is past by now. Choose a time to come." in result.stderr
    assert session.starts_at == datetime(2030, 5, 14, 11, 45, tzinfo=UTC)


@time_machine.travel(datetime(2030, 5, 14, 12, 0, tzinfo=UTC), tick=False)
def test_one_that_has_begun_is_left_alone(app: Flask) -> None:
    session = a_session_by_former_clocks("heat", **ONE_IN_CASABLANCA)

    result = check_times(app, "--apply")

    assert (result.exit_code, result.stdout) == (0, "The zone data has changed no session to come.\n")
    assert session.starts_at == datetime(2030, 5, 14, 12, 0, tzinfo=UTC)


def test_what_has_moved_is_written_down(app: Flask) -> None:
    a_session_by_former_clocks("heat", **ONE_IN_CASABLANCA)

    check_times(app, "--apply")

    [entry] = db.session.scalars(select(AuditEntry)).all()
    assert (entry.subject, entry.account_id) == ("session heat", None)
    assert entry.changes == {"starts_at": ["2030-05-14T12:00:00+00:00", "2030-05-14T13:00:00+00:00"]}


def test_organisers_correct_it_on_the_page_of_moving_which_has_the_decided_times(client: FlaskClient) -> None:
    session = a_session_by_former_clocks("heat", **ONE_IN_CASABLANCA)
    entry = a_calendar_entry(a_registration(session), announced_sequence=0)
    other = a_session("other", zone="Africa/Casablanca")
    signed_in_as(client, Role.ORGANISER)

    page = client.get("/staff/sessions/heat/move").text
    times = dict(re.findall(r'name="(start|end)"[^>]*value="([^"]*)"', page))
    answer = client.post("/staff/sessions/heat/move", data={**times, "revision": "0", "step": "do"})

    assert "pages and calendars show 12:00–13:15 instead of 13:00–14:15" in page
    assert times == {"start": "2030-05-14 13:00:00", "end": "2030-05-14 14:15:00"}
    assert answer.status_code == 303
    assert session.starts_at == datetime(2030, 5, 14, 13, 0, tzinfo=UTC)
    assert entry.sequence == 1
    assert "since the clocks" not in client.get(answer.location).text
    assert "since the clocks" not in client.get(f"/staff/sessions/{other.key}/move").text
