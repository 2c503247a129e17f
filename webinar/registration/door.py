"""The open door of a session: from the moment the doors open until the end, who comes late goes straight in."""

from __future__ import annotations

from datetime import datetime

from flask import current_app

from webinar.catalogue.models import RegistrationState, WebinarSession


def is_door_open(session: WebinarSession, now: datetime) -> bool:
    """Tell whether who registers at a moment is led to the room at once, if there is a seat."""
    minutes: int = current_app.config["DOORS_OPEN_MINUTES"]
    is_held = session.registration_state(now) not in {RegistrationState.CANCELLED, RegistrationState.OVER}
    return session.has_open_door and session.is_public() and is_held and session.doors_open_at(minutes) <= now


def registration_state(session: WebinarSession, now: datetime) -> RegistrationState:
    """Tell whether one can register: through an open door always, else as the session says."""
    return RegistrationState.OPEN if is_door_open(session, now) else session.registration_state(now)
