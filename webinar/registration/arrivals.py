"""What registration must know about who came, which is a later feature's: create_app() hands it over."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol, cast

from flask import Flask, current_app

from webinar.registration.models import Registration

EXTENSION = "registration.arrivals"


class Arrivals(Protocol):
    """Who came to sessions."""

    def note(self, place: Registration, now: datetime) -> None:
        """Note that somebody was let in, once, in the caller's transaction."""

    def move(self, session_id: int, person_id: int, to_person_id: int) -> None:
        """Let what is known about one person in a session be about another, in the caller's transaction."""


def init_app(app: Flask, arrivals: Arrivals) -> None:
    """Let the registration of an application ask about who came."""
    app.extensions[EXTENSION] = arrivals


def arrivals() -> Arrivals:
    """Return what was handed over."""
    return cast(Arrivals, current_app.extensions[EXTENSION])
