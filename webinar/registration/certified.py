"""What registration needs of certificates, which are a later feature's: create_app() hands it over."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple, Protocol, cast

from flask import Flask, current_app

from webinar.registration.models import Registration

EXTENSION = "registration.certified"


class Certified(NamedTuple):
    """That somebody can have a certificate of their attendance, and whether it was made already."""

    is_made: bool


class Certificates(Protocol):
    """The certificates of who came to sessions."""

    def of(self, place: Registration, now: datetime) -> Certified | None:
        """Return what the page of a place says about its certificate; None where its person can have none."""


def init_app(app: Flask, certificates_: Certificates) -> None:
    """Let the places of an application have certificates."""
    app.extensions[EXTENSION] = certificates_


def certificates() -> Certificates:
    """Return what was handed over."""
    return cast(Certificates, current_app.extensions[EXTENSION])
