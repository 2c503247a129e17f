"""``session move``, ``cancel``, ``tell`` and ``notice``: what the organisers' pages do, for scripts."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from click.testing import Result
from flask import Flask

from tests.conftest import look_again
from tests.factories import a_session
from tests.mailbox import all_mail, mails_to, words_of
from tests.updates.test_moving import again, everything_written
from tests.updates.test_staff import a_session_in_two_languages, as_it_is
from webinar.catalogue.models import SessionStatus

THE_21ST = ("--start", "2030-05-21T13:00", "--end", "2030-05-21T14:15")


def run(app: Flask, *arguments: str) -> Result:
    """Run one of the commands."""
    result = app.test_cli_runner().invoke(args=["session", *arguments])
    look_again()
    return result


def test_a_session_is_moved_and_the_sentence_says_whom_that_concerns(app: Flask) -> None:
    session = a_session_in_two_languages()

    result = run(app, "move", "heat", *THE_21ST, "--say", "en", "The speaker is ill.", "--say", "fr", "Souffrante.")

    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == (
        "Session heat has been moved to 2030-05-21T13:00 in Europe/Lisbon; 3 people are told: 2 in en, 1 in fr.\n"
    )
    assert again(session).starts_at == datetime(2030, 5, 21, 12, 0, tzinfo=UTC)
    everything_written()
    assert "The speaker is ill." in words_of(mails_to("ana@lisbon.example")[-1])


def test_a_session_is_cancelled(app: Flask) -> None:
    session = a_session_in_two_languages()

    result = run(app, "cancel", "heat")

    assert (result.exit_code, result.stdout) == (
        0,
        "Session heat has been cancelled; 3 people are told: 2 in en, 1 in fr.\n",
    )
    assert again(session).status is SessionStatus.CANCELLED


def test_everybodys_calendar_is_brought_up_to_date(app: Flask) -> None:
    a_session_in_two_languages()

    result = run(app, "tell", "heat")

    assert (result.exit_code, result.stdout) == (0, "Session heat is told anew; 2 people are told: 2 in en.\n")
    assert everything_written() == 2


def test_where_nobody_comes_nobody_is_told(app: Flask) -> None:
    a_session("heat")

    assert run(app, "move", "heat", *THE_21ST).stdout == (
        "Session heat has been moved to 2030-05-21T13:00 in Europe/Lisbon; there is nobody to tell.\n"
    )
    assert run(app, "cancel", "heat").stdout == "Session heat has been cancelled; there is nobody to tell.\n"
    assert all_mail() == []


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("move", "heat", *THE_21ST), "would be moved to 2030-05-21T13:00 in Europe/Lisbon; 3 people would be told"),
        (("cancel", "heat"), "would be cancelled; 3 people would be told: 2 in en, 1 in fr."),
        (("tell", "heat"), "would be told anew; 2 people would be told: 2 in en."),
    ],
)
def test_a_dry_run_says_who_would_be_told_in_which_languages_and_changes_nothing(
    app: Flask, arguments: tuple[str, ...], says: str
) -> None:
    session = a_session_in_two_languages()
    before = as_it_is(session)

    result = run(app, *arguments, "--dry-run")

    assert result.exit_code == 0
    assert says in result.stdout
    assert as_it_is(session) == before


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("move", "no-such", *THE_21ST), "There is no session “no-such”."),
        (("move", "heat", "--start", "tomorrow", "--end", "2030-05-21T14:15"), "'tomorrow' does not match"),
        (("move", "heat", "--start", "2030-05-21T13:00"), "Missing option '--end'"),
        (("move", "heat", "--start", "2020-05-21T13:00", "--end", "2020-05-21T14:15"), "This is past by now."),
        (("move", "heat", "--start", "2030-05-21T13:00", "--end", "2030-05-21T12:00"), "The end must come after"),
        (("move", "heat", "--start", "2030-05-14T13:00", "--end", "2030-05-14T14:15"), "at these times already"),
        (("move", "heat", "--start", "2030-03-31T01:30", "--end", "2030-03-31T03:30"), "The clocks of Lisbon skip"),
        (("cancel", "heat", "--say", "en", "The speaker is ill."), "Write it in French, too"),
        (("cancel", "heat", "--say", "en", "x" * 301, "--say", "fr", "x"), "Write at most 300 characters."),
        (("cancel", "heat", "--say", "klingon", "Qapla'"), "“klingon” is no language"),
        (("cancel", "heat", "--say", "en", "One.", "--say", "en", "Two."), "Say it once in each language."),
        (("tell", "no-such"), "There is no session “no-such”."),
        (("notice", "heat"), "Say what the notice is"),
        (("notice", "heat", "--off", "--say", "en", "We start late."), "Say what the notice is"),
        (("notice", "heat", "--say", "en", "x" * 301), "Write at most 300 characters."),
        (("notice", "no-such", "--off"), "There is no session “no-such”."),
    ],
)
def test_bad_input_is_refused_with_a_sentence_and_changes_nothing(
    app: Flask, arguments: tuple[str, ...], says: str
) -> None:
    session = a_session_in_two_languages()
    before = as_it_is(session)

    result = run(app, *arguments)

    assert result.exit_code != 0
    assert says in result.stderr
    assert result.stdout == ""
    assert as_it_is(session) == before


def test_what_is_cancelled_is_not_moved(app: Flask) -> None:
    a_session("heat", status=SessionStatus.CANCELLED)

    result = run(app, "move", "heat", *THE_21ST)

    assert result.exit_code == 1
    assert "cancelled already" in result.stderr


def test_a_notice_is_put_up_and_taken_down(app: Flask) -> None:
    a_session("heat", languages=("en", "fr"))

    up = run(
        app, "notice", "heat", "--say", "en", "We start ten minutes late.", "--say", "fr", "Dix minutes de retard."
    )
    page = app.test_client().get("/en/sessions/heat/register").text
    down = run(app, "notice", "heat", "--off")

    assert (up.exit_code, up.stdout) == (0, "The notice of session heat is up in en, fr.\n")
    assert "We start ten minutes late." in page
    assert (down.exit_code, down.stdout) == (0, "The notice of session heat is down.\n")
    assert "We start ten minutes late." not in app.test_client().get("/en/sessions/heat/register").text
