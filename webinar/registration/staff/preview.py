"""How the public pages of a series and of a webinar will look when everything is published."""

from __future__ import annotations

from flask import abort, url_for
from flask.typing import ResponseReturnValue

from webinar.catalogue.queries import all_sessions_of, find_series, find_webinar
from webinar.foundation import clock, languages, reader
from webinar.registration.programme import Reader, shown
from webinar.registration.staff.blueprint import bp
from webinar.registration.views.programme import series_page, webinar_page


@bp.get("/staff/series/<slug>/preview/<lang>")
def preview_of_series(slug: str, lang: str) -> ResponseReturnValue:
    """Show the public page of a series with its drafts."""
    found = find_series(slug) or abort(404)
    with languages.speaking(_offered(lang)):
        reader_ = _reader(lang)
        showings = shown(all_sessions_of(found), reader_, is_preview=True)
        return series_page(found, showings, reader_, preview_of=url_for("catalogue_staff.series", slug=slug))


@bp.get("/staff/webinars/<slug>/preview/<lang>")
def preview_of_webinar(slug: str, lang: str) -> ResponseReturnValue:
    """Show the public page of a webinar with its drafts."""
    found = find_webinar(slug) or abort(404)
    with languages.speaking(_offered(lang)):
        reader_ = _reader(lang)
        showings = shown(all_sessions_of(found), reader_, is_preview=True)
        return webinar_page(found, showings, reader_, preview_of=url_for("catalogue_staff.webinar", slug=slug))


def _offered(lang: str) -> str:
    return lang if lang in languages.offered() else abort(404)


def _reader(lang: str) -> Reader:
    return Reader(lang, reader.zone(), clock.now())
