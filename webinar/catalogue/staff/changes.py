"""What was changed in a series or a webinar: told to who is changing it too, and on a page of its own."""

from __future__ import annotations

from collections.abc import Iterable

from flask import abort, current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webinar.accounts.models import AuditEntry
from webinar.accounts.queries import audit_page
from webinar.accounts.told import ToldEntry
from webinar.catalogue.history import told
from webinar.catalogue.models import Series, SeriesText, Webinar, WebinarText
from webinar.catalogue.queries import find_series, find_webinar
from webinar.catalogue.services.revisions import subject_of
from webinar.catalogue.staff.blueprint import bp, may_edit
from webinar.catalogue.texts import text_in
from webinar.foundation import languages, reader


def told_here(entries: Iterable[AuditEntry]) -> list[ToldEntry]:
    """Return what was changed as a page tells it to who is looking at it, in their zone as far as it is known."""
    return told(entries, reader.zone() or current_app.config["DEFAULT_TIMEZONE"])


@bp.get("/staff/series/<slug>/changes")
def changes_of_series(slug: str) -> ResponseReturnValue:
    """Show what was changed in a series, the latest first."""
    found = find_series(slug) or abort(404)
    text = text_in(found.texts, languages.current())
    return _page(found, url_for(".series", slug=slug), text, text)


@bp.get("/staff/webinars/<slug>/changes")
def changes_of_webinar(slug: str) -> ResponseReturnValue:
    """Show what was changed in a webinar, the latest first."""
    found = find_webinar(slug) or abort(404)
    text = text_in(found.texts, languages.current(), found.original_language)
    return _page(found, url_for(".webinar", slug=slug), text, text_in(found.series.texts, languages.current()))


def _page(thing: Series | Webinar, back: str, text: SeriesText | WebinarText, series_text: SeriesText) -> str:
    page = audit_page(request.args.get("page", 1, type=int), subject_of(thing))
    return render_template(
        "staff/catalogue/changes.html",
        page=page,
        entries=told_here(page.entries),
        subject=subject_of(thing),
        back=back,
        text=text,
        series=thing.series if isinstance(thing, Webinar) else None,
        series_text=series_text,
        may_edit=may_edit(),
    )
