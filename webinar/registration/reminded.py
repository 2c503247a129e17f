"""What registration needs of reminders, which are a later feature's: create_app() hands it over."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple, Protocol, cast

from flask import Flask, current_app

from webinar.registration.models import Registration

EXTENSION = "registration.reminded"


class Reminded(NamedTuple):
    """When somebody is still to be reminded of a session, and whether they stopped that."""

    moments: list[datetime]
    is_stopped: bool


class Reminders(Protocol):
    """The mails that go out before a session."""

    def of(self, place: Registration, now: datetime) -> Reminded | None:
        """Return what the page of a place says about reminders; None where there is nothing to say or to choose."""

    def withdraw(self, session_id: int, person_id: int | None = None) -> None:
        """Take back those of a session that have not left, to everybody or to one, in the caller's transaction."""


def init_app(app: Flask, reminders_: Reminders) -> None:
    """Let the places and sessions of an application have reminders."""
    app.extensions[EXTENSION] = reminders_


def reminders() -> Reminders:
    """Return what was handed over."""
    return cast(Reminders, current_app.extensions[EXTENSION])
