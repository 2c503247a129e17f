"""The command that chooses when people are reminded of a session."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from tests.factories import a_session
from webinar.catalogue.models import SessionStatus, WebinarSession
from webinar.foundation.db import db


def said(app: Flask, *arguments: str) -> tuple[str, int]:
    """Return what the command prints, and with what it exits."""
    result = app.test_cli_runner().invoke(args=["session", "remind", *arguments])
    return result.output.strip().splitlines()[-1], result.exit_code


def chosen() -> str | None:
    db.session.rollback()
    return db.session.scalars(select(WebinarSession.reminders)).one()


def test_it_chooses_them_or_none_or_the_usual_ones(app: Flask) -> None:
    a_session("heat")

    when = "People are reminded of session heat 120, 30 minutes before its start."
    assert said(app, "heat", "--before", "30", "--before", "120") == (when, 0)
    assert chosen() == "120,30"
    assert said(app, "heat", "--never") == ("Nobody is reminded of session heat.", 0)
    assert chosen() == "none"
    assert said(app, "heat", "--as-usual") == ("People are reminded of session heat as usual.", 0)
    assert chosen() is None


@pytest.mark.parametrize(
    ("arguments", "says", "code"),
    [
        (["heat"], "Error: Say when by --before MINUTES, or --never, or --as-usual.", 2),
        (["heat", "--never", "--before", "30"], "Error: Say when by --before MINUTES, or --never, or --as-usual.", 2),
        (["heat", "--before", "soon"], "Error: Invalid value for '--before': 'soon' is not a valid integer.", 2),
        (
            ["heat", "--before", "0"],
            "Error: A reminder goes at least 5 minutes and at most 14 days before the start. Nothing was changed.",
            1,
        ),
        (
            ["heat", "--before", "60", "--before", "60"],
            "Error: There is such a reminder already. Nothing was changed.",
            1,
        ),
        (["nothing", "--never"], "Error: There is no session “nothing”. Nothing was changed.", 1),
        (
            ["off", "--never"],
            "Error: This session is cancelled already. To hold it after all, make a copy of it. Nothing was changed.",
            1,
        ),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence(app: Flask, arguments: list[str], says: str, code: int) -> None:
    a_session("heat")
    a_session("off", status=SessionStatus.CANCELLED)

    assert said(app, *arguments) == (says, code)

    db.session.rollback()
    assert db.session.scalars(select(WebinarSession.reminders)).all() == [None, None]
