"""How the public pages of a series and of a webinar will look when everything is published."""

from __future__ import annotations

from flask import abort, render_template, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from webinar.catalogue.queries import all_sessions_of, find_series, find_webinar_to_show
from webinar.foundation import clock, languages, reader
from webinar.registration.programme import Reader, shown
from webinar.registration.staff.blueprint import bp
from webinar.registration.views.programme import series_page, webinar_page


@bp.get("/staff/series/<slug>/preview/<lang>")
def preview_of_series(slug: str, lang: str) -> ResponseReturnValue:
    """Show the public page of a series with its drafts."""
    found = find_series(slug) or abort(404)
    mark = _mark(url_for("catalogue_staff.series", slug=slug))
    with languages.speaking(_offered(lang)):
        page = _reader(lang)
        return series_page(found, shown(all_sessions_of(found), page, is_preview=True), page, preview=mark)


@bp.get("/staff/webinars/<slug>/preview/<lang>")
def preview_of_webinar(slug: str, lang: str) -> ResponseReturnValue:
    """Show the public page of a webinar with its drafts."""
    found = find_webinar_to_show(slug) or abort(404)
    mark = _mark(url_for("catalogue_staff.webinar", slug=slug))
    with languages.speaking(_offered(lang)):
        page = _reader(lang)
        return webinar_page(found, shown(all_sessions_of(found), page, is_preview=True), page, preview=mark)


def _mark(back: str) -> Markup:
    return Markup(render_template("staff/preview.html", back=back))  # noqa: S704 (our own template)


def _offered(lang: str) -> str:
    return lang if lang in languages.offered() else abort(404)


def _reader(lang: str) -> Reader:
    return Reader(lang, reader.zone(), clock.now())
