from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import func, select

from tests.factories import a_registration, a_session
from tests.platform_reports.reports import a_zoom_report, minutes_of
from webinar.accounts.models import AuditEntry
from webinar.catalogue.models import WebinarSession
from webinar.foundation.db import db
from webinar.platform_reports.models import PlatformReport, ReportedPerson

REPORT = a_zoom_report(
    ("Ana Sousa", "ana@lisbon.example", "13:00:00", "14:00:00"),
    ("Rui Costa", "rui@home.example", "13:00:00", "13:30:00"),
    ("Maria Lopez", None, "13:00:00", "13:30:00"),
    others=[("Guest", "13:00:00", "13:10:00"), ("15125550***", "09:00:00", "09:10:00")],
)


@pytest.fixture
def session(app: Flask) -> WebinarSession:
    """Return a session with Ana and Rui."""
    session = a_session("heat-en")
    a_registration(session, email="ana@lisbon.example")
    a_registration(session, email="rui@lisbon.example", given_name="Rui", family_name="Costa")
    return session


@pytest.fixture
def report(tmp_path: Path) -> Path:
    """Return a report of the session."""
    file = tmp_path / "attendees.csv"
    file.write_bytes(REPORT)
    return file


def run(app: Flask, *arguments: str | Path) -> Result:
    return app.test_cli_runner().invoke(args=["attendance", "import", *map(str, arguments)])


def reports() -> int:
    return db.session.scalar(select(func.count()).select_from(PlatformReport)) or 0


def test_the_command_says_what_it_would_do_and_stores_nothing(
    app: Flask, session: WebinarSession, report: Path
) -> None:
    result = run(app, "heat-en", report)

    assert result.output.splitlines() == [
        "Zoom webinar report “Heat in cities”, began on 2030-05-14 at 12:50, times in Europe/Lisbon.",
        "The file names no time zone; if Europe/Lisbon is wrong, say --timezone.",
        "1 log-in was before or after the session and does not count.",
        "To confirm: Rui Costa <rui@home.example> is likely Rui Costa (the same name)",
        "Open: Maria Lopez",
        "Counted apart: guests without a name 1.",
        "People: 1 certain, 1 to confirm, 1 open, 1 apart. Nothing was stored. Say --apply to store what is certain.",
    ]
    assert result.exit_code == 0
    assert (reports(), minutes_of(session)) == (0, {})
    assert db.session.scalars(select(AuditEntry)).all() == []


def test_the_command_stores_what_is_certain_once(app: Flask, session: WebinarSession, report: Path) -> None:
    first = run(app, "heat-en", report, "--apply")
    again = run(app, "heat-en", report, "--apply")
    would = run(app, "heat-en", report)

    assert first.output.splitlines()[-1] == (
        "The report has been taken over for session heat-en: 1 certain, 1 to confirm, 1 open, 1 apart."
    )
    assert again.output == "This very file was taken over before: nothing was changed in session heat-en.\n"
    assert would.output.splitlines()[-1] == (
        "This very file was taken over before: --apply would change nothing. Nothing was stored."
    )
    assert [first.exit_code, again.exit_code, would.exit_code] == [0, 0, 0]
    assert (reports(), minutes_of(session)) == (1, {"ana@lisbon.example": 60})


def test_the_command_takes_the_zone_of_the_times(app: Flask, session: WebinarSession, report: Path) -> None:
    assert run(app, "heat-en", report, "--timezone", "UTC", "--apply").exit_code == 0

    assert minutes_of(session) == {"ana@lisbon.example": 15}


def test_a_corrected_file_is_said_to_replace_the_other(app: Flask, session: WebinarSession, report: Path) -> None:
    run(app, "heat-en", report, "--apply")
    report.write_bytes(a_zoom_report(("Ana Sousa", "ana@lisbon.example", "13:00:00", "13:30:00")))

    would, did = run(app, "heat-en", report), run(app, "heat-en", report, "--apply")

    assert "It would replace attendees.csv." in would.output
    assert "It replaces attendees.csv." in did.output
    assert minutes_of(session) == {"ana@lisbon.example": 30}


@pytest.mark.parametrize(
    ("arguments", "content", "sentence"),
    [
        (["no-such"], REPORT, "There is no session “no-such”. Nothing was stored."),
        (
            ["heat-en", "--timezone", "Mars/Base"],
            REPORT,
            "There is no time zone “Mars/Base”. Choose one from the list. Nothing was stored.",
        ),
        (
            ["heat-en"],
            a_zoom_report(("Ana", "ana@lisbon.example", "13:00:00", "14:00:00"), day="2031-05-14"),
            "Nobody in this report was there at the time of the session: it is of another meeting or day, or its times "
            "are in another time zone. Nothing was stored.",
        ),
        (["heat-en"], a_zoom_report(), "This report names nobody who was there. Nothing was stored."),
        (["heat-en"], b"", ""),
        (["heat-en"], b"\x89PNG\r\n\x1a\n\x00\x00", ""),
        (
            ["heat-en"],
            b"Wer,Wann\nAna,13:00\n",
            "attendees.csv is a table, but its headings do not say which column is which: “Wer”, “Wann”. Bring it on "
            "the page of the session and name the columns there. Nothing was stored.",
        ),
    ],
    ids=["session", "zone", "year", "nobody", "empty", "picture", "table"],
)
def test_the_command_refuses_with_a_sentence_and_leaves_nothing(
    app: Flask, session: WebinarSession, report: Path, arguments: list[str], content: bytes, sentence: str
) -> None:
    report.write_bytes(content)

    result = run(app, *arguments[:1], report, *arguments[1:], "--apply")

    assert result.exit_code == 1
    assert result.output.startswith("Error: ")
    assert result.output.endswith("Nothing was stored.\n")
    if sentence:
        assert result.output == f"Error: {sentence}\n"
    assert db.session.scalar(select(func.count()).select_from(ReportedPerson)) == 0


def test_without_applying_the_days_of_another_meeting_are_said(
    app: Flask, session: WebinarSession, report: Path
) -> None:
    report.write_bytes(a_zoom_report(("Ana", "ana@lisbon.example", "13:00:00", "14:00:00"), day="2031-05-14"))

    result = run(app, "heat-en", report)

    assert "Its log-ins are of 2031-05-14." in result.output
    assert "Error: Nobody in this report was there at the time of the session" in result.output
    assert result.exit_code == 1
