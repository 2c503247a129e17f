"""The blueprint of the public pages, and what holds for all of them."""

from __future__ import annotations

from flask import Blueprint, abort, request

from webinar.foundation import clock, languages, reader
from webinar.registration.programme import Reader

bp = Blueprint("registration", __name__)


@bp.before_request
def refuse_other_languages() -> None:
    """Answer 404 for an interface language that is not offered."""
    lang = (request.view_args or {}).get("lang")
    if lang is not None and lang not in languages.offered():
        abort(404)


def this_reader() -> Reader:
    """Return who reads the page that is being made."""
    return Reader(languages.current(), reader.zone(), clock.now())
