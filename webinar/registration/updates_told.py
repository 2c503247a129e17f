"""What the overview of a session shows of updates, which are a later feature's: create_app() hands it over."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Protocol, cast

from flask import Flask, current_app

from webinar.catalogue.models import WebinarSession

EXTENSION = "registration.updates_told"


class UpdatesTold(Protocol):
    """How far everybody has been told of what organisers changed."""

    def of(self, session: WebinarSession, now: datetime) -> dict[str, Any]:
        """Return what the page shows of updates of a session, whose webinar's texts are loaded."""


def init_app(app: Flask, told: UpdatesTold) -> None:
    """Let the overview of an application ask about updates."""
    app.extensions[EXTENSION] = told


def updates_told() -> UpdatesTold:
    """Return what was handed over."""
    return cast(UpdatesTold, current_app.extensions[EXTENSION])
