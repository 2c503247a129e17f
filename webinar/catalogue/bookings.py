"""What the catalogue must know about people, who live in a later feature: create_app() hands it over."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol, cast

from flask import Flask, current_app

from webinar.catalogue.models import WebinarSession

EXTENSION = "catalogue.bookings"


class Bookings(Protocol):
    """Who is booked into sessions."""

    def people_in(self, session_id: int) -> int:
        """Count those with a place in a session, a turn on its waiting list, who asked for one, or were invited."""

    def seats_taken(self, session_id: int) -> int:
        """Count those with a place in a session."""

    def people_by_version(self, session_id: int) -> dict[str, int]:
        """Count all registrations of a session by their language, those given up too: each is a record of its own."""

    def promote_waiting(self, session: WebinarSession, now: datetime) -> int:
        """Give free seats to who waits, in the caller's transaction with the session's row held."""

    def times_changed(self, session_id: int) -> None:
        """Count anew how long people were at a session, in the caller's transaction with the session's row held."""

    def has_answers(self, question_id: int) -> bool:
        """Tell whether anybody has answered a question."""

    def chosen(self, question_id: int) -> set[int]:
        """Return the ids of a question's choices that somebody has made."""

    def keep_answers_until(self, question_id: int, moment: datetime) -> None:
        """Let no answer to a question be kept longer than until a moment; one that goes sooner does so still."""


def init_app(app: Flask, bookings: Bookings) -> None:
    """Let the catalogue of an application ask about people."""
    app.extensions[EXTENSION] = bookings


def bookings() -> Bookings:
    """Return what was handed over."""
    return cast(Bookings, current_app.extensions[EXTENSION])
