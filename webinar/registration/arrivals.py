"""What registration must know about who came, which is a later feature's: create_app() hands it over."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple, Protocol, cast

from flask import Flask, current_app

from webinar.catalogue.models import WebinarSession
from webinar.registration.models import Registration

EXTENSION = "registration.arrivals"


class Evidence(NamedTuple):
    """Whether somebody came to a session, None where nothing is known, and what each source says, in sentences."""

    came: bool | None
    says: list[str]


class Arrivals(Protocol):
    """Who came to sessions."""

    def evidence(self, session: WebinarSession, person_id: int) -> Evidence:
        """Return what is known of somebody in a session, by its clocks and in the language of the page."""

    def note(self, place: Registration, now: datetime) -> None:
        """Note that somebody was let in, once, in the caller's transaction."""

    def settle(self, session_id: int) -> None:
        """Make everybody's answer anew, after a session's times have changed, in the caller's transaction."""

    def move(self, session_id: int, person_id: int, to_person_id: int) -> None:
        """Let what is known about one person in a session be about another, in the caller's transaction."""


def init_app(app: Flask, arrivals: Arrivals) -> None:
    """Let the registration of an application ask about who came."""
    app.extensions[EXTENSION] = arrivals


def arrivals() -> Arrivals:
    """Return what was handed over."""
    return cast(Arrivals, current_app.extensions[EXTENSION])
