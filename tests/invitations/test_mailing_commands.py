"""The commands about mailings: each says in a sentence what it did, or why it did nothing."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.factories import a_contact, a_mailing, a_session, a_suppression
from webinar.foundation.db import db
from webinar.invitations.models import Mailing, MailingState
from webinar.invitations.queries import find_mailing

pytestmark = pytest.mark.usefixtures("app")


def run(app: Flask, *words: object) -> tuple[str, int]:
    """Run a command, and return what it says and its exit code."""
    result = app.test_cli_runner().invoke(args=["mailing", *map(str, words)])
    return result.output.strip(), result.exit_code


def state_of(mailing: Mailing) -> MailingState:
    db.session.rollback()
    found = find_mailing(mailing.id)
    assert found is not None
    db.session.refresh(found)
    return found.state


def test_a_mailing_is_looked_at_confirmed_paused_and_stopped(app: Flask) -> None:
    a_contact("ana@lisbon.example")
    a_suppression(a_contact("bo@lisbon.example").person)
    mailing = a_mailing(a_session(), name="Come")
    number = mailing.id

    assert run(app, "list") == (f"{number}: invitation, draft, “Come”.\nThere is 1 mailing.", 0)
    said, code = run(app, "show", number)
    shown, _blank, named = said.partition(" Their list is ")
    assert (shown, code) == (f"Mailing {number} is a draft: 1 person would get it (1 in en), 1 are left out.", 0)
    said, code = run(app, "confirm", number, "--list", "2-of-another")
    assert (said, code) == (
        "Error: The list has changed meanwhile: one person would get it now. Look again, then confirm. "
        "Nothing was changed.",
        1,
    )
    assert run(app, "confirm", number, "--list", named.rstrip(".")) == (
        f"Mailing {number} is confirmed for 1 person.",
        0,
    )
    assert run(app, "show", number)[0].startswith(f"Mailing {number} is confirmed, of 1 person: 1 to write, 0 sent.")
    assert run(app, "pause", number) == (f"Mailing {number} is paused.", 0)
    assert run(app, "pause", number)[1] == 1
    assert run(app, "continue", number) == (f"Mailing {number} goes on.", 0)
    assert run(app, "try-again", number)[1] == 1
    assert run(app, "stop", number) == (f"Mailing {number} is stopped.", 0)
    assert state_of(mailing) is MailingState.STOPPED


def test_when_it_goes_is_chosen(app: Flask) -> None:
    a_contact()
    number = a_mailing(a_session()).id

    at = run(app, "schedule", number, "--at", "2050-05-02T09:00", "--timezone", "Asia/Seoul")
    nine = run(app, "schedule", number, "--nine-on", "2050-05-02")
    now = run(app, "schedule", number, "--now")

    assert at == (f"Mailing {number} goes out at 2050-05-02T09:00 in Asia/Seoul, when it is confirmed.", 0)
    assert nine == (f"Mailing {number} goes out at nine on 2050-05-02 in each city, when it is confirmed.", 0)
    assert now == (f"Mailing {number} goes out at once, when it is confirmed.", 0)


@pytest.mark.parametrize(
    "words",
    [
        ("show", 999_999),
        ("show", 10**30),
        ("show", -1),
        ("show", "x"),
        ("confirm", 1),
        ("pause", 999_999),
        ("schedule", 999_999, "--now"),
        ("schedule", 1),
        ("schedule", 1, "--now", "--nine-on", "2050-05-02"),
    ],
)
def test_what_cannot_be_understood_is_said_and_changes_nothing(app: Flask, words: tuple[object, ...]) -> None:
    said, code = run(app, *words)

    assert code != 0
    assert "Traceback" not in said


@pytest.mark.parametrize("when", [("--at", "2001-05-02T09:00"), ("--nine-on", "2001-05-02")])
def test_a_time_that_is_past_is_refused(app: Flask, when: tuple[str, str]) -> None:
    number = a_mailing(a_session()).id

    said, code = run(app, "schedule", number, *when)

    assert code == 1
    assert "is past" in said


def test_an_unknown_zone_is_refused(app: Flask) -> None:
    number = a_mailing(a_session()).id

    said, code = run(app, "schedule", number, "--at", "2050-05-02T09:00", "--timezone", "Mars/Base")

    assert code == 1
    assert "There is no time zone" in said
