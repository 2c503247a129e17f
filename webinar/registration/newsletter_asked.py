"""Asking by mail whether the newsletter is wanted again, which is a later feature's: create_app() hands it over."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol, cast

from flask import Flask, current_app

EXTENSION = "registration.newsletter_asked"


class NewsletterAsked(Protocol):
    """The mail whose link confirms that an address is to get the newsletter."""

    def by_mail(self, email: str, language: str, now: datetime) -> None:
        """Write it to an address, as it is stored, in the caller's transaction."""


def init_app(app: Flask, asked: NewsletterAsked) -> None:
    """Let the registrations of an application ask by mail."""
    app.extensions[EXTENSION] = asked


def newsletter_asked() -> NewsletterAsked:
    """Return what was handed over."""
    return cast(NewsletterAsked, current_app.extensions[EXTENSION])
