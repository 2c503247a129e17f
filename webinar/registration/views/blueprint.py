"""The blueprint of the public pages, and what holds for all of them."""

from __future__ import annotations

from flask import Blueprint

from webinar.foundation import clock, languages, reader
from webinar.registration.programme import Reader

bp = Blueprint("registration", __name__)


def this_reader() -> Reader:
    """Return who reads the page that is being made."""
    return Reader(languages.current(), reader.zone(), clock.now())
