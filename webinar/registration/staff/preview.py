"""How the public pages of a series and of a webinar will look when everything is published."""

from __future__ import annotations

from collections.abc import Sequence

from flask import abort, render_template, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from webinar.catalogue.models import WebinarSession
from webinar.catalogue.queries import find_series, find_webinar_to_show, latest_sessions
from webinar.foundation import clock, languages, reader
from webinar.registration.programme import Reader, shown
from webinar.registration.staff.blueprint import bp
from webinar.registration.views.programme import series_page, webinar_page

MOST_SESSIONS = 50
"""Of how many a preview is made: what is written just now is among the last ones."""


@bp.get("/staff/series/<slug>/preview/<lang>")
def preview_of_series(slug: str, lang: str) -> ResponseReturnValue:
    """Show the public page of a series with its drafts."""
    found = find_series(slug) or abort(404)
    sessions = latest_sessions(found, MOST_SESSIONS)
    mark = _mark(url_for("catalogue_staff.series", slug=slug), sessions)
    with languages.speaking(_offered(lang)):
        page = _reader(lang)
        return series_page(found, shown(sessions, page, is_preview=True), page, preview=mark)


@bp.get("/staff/webinars/<slug>/preview/<lang>")
def preview_of_webinar(slug: str, lang: str) -> ResponseReturnValue:
    """Show the public page of a webinar with its drafts."""
    found = find_webinar_to_show(slug) or abort(404)
    sessions = latest_sessions(found, MOST_SESSIONS)
    mark = _mark(url_for("catalogue_staff.webinar", slug=slug), sessions)
    with languages.speaking(_offered(lang)):
        page = _reader(lang)
        return webinar_page(found, shown(sessions, page, is_preview=True), page, preview=mark)


def _mark(back: str, sessions: Sequence[WebinarSession]) -> Markup:
    cut = MOST_SESSIONS if len(sessions) == MOST_SESSIONS else 0
    return Markup(render_template("staff/preview.html", back=back, cut=cut))  # noqa: S704 (our own template)


def _offered(lang: str) -> str:
    return lang if lang in languages.offered() else abort(404)


def _reader(lang: str) -> Reader:
    return Reader(lang, reader.zone(), clock.now())
