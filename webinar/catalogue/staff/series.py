"""The organisers' pages of series: all of them, and the texts and webinars of one."""

from __future__ import annotations

from collections.abc import Sequence

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webinar.accounts.guard import needs
from webinar.accounts.models import Role
from webinar.accounts.queries import renamed
from webinar.accounts.revisions import ChangedMeanwhile
from webinar.accounts.told import ToldEntry
from webinar.catalogue.forms.series import SeriesForm, series_form
from webinar.catalogue.models import Series
from webinar.catalogue.queries import (
    WebinarsPage,
    all_series,
    find_series,
    is_series_public,
    latest_sessions_of,
    webinars_page,
)
from webinar.catalogue.services.drafts import EditRefused
from webinar.catalogue.services.edit_series import create_series, edit_series
from webinar.catalogue.staff.blueprint import bp, codes_with_offered, may_edit
from webinar.catalogue.staff.changes import told_here
from webinar.catalogue.texts import text_in
from webinar.foundation import languages
from webinar.foundation.security import token_checked_by_form

WEBINARS_A_PAGE = 10
SESSIONS_OF_EACH = 8


@bp.get("/staff/series")
def list_series() -> ResponseReturnValue:
    """List all series."""
    lines = [(line, text_in(line.series.texts, languages.current())) for line in all_series()]
    return render_template("staff/catalogue/list.html", lines=lines, may_edit=may_edit())


@bp.get("/staff/new-series")
@needs(Role.ORGANISER)
def new_series() -> ResponseReturnValue:
    """Show the empty form for a series."""
    return _series_page(series_form(languages.offered()), None)


@bp.post("/staff/new-series")
@needs(Role.ORGANISER)
@token_checked_by_form
def make_series() -> ResponseReturnValue:
    """Make a series."""
    form = series_form(languages.offered())
    if form.validate_on_submit():
        draft = form.draft()
        try:
            create_series(draft)
        except EditRefused as refusal:
            form.refuse(refusal.field, refusal)
        else:
            flash(_("The series is stored. Now add its first webinar."))
            return redirect(url_for(".series", slug=draft.slug), code=303)
    return _series_page(form, None), 422


@bp.get("/staff/series/<slug>")
def series(slug: str) -> ResponseReturnValue:
    """Show a series with its webinars, to be edited."""
    found = _found(slug)
    return _series_page(series_form(_codes_of_series(found), found), found)


@bp.post("/staff/series/<slug>")
@needs(Role.ORGANISER)
@token_checked_by_form
def change_series(slug: str) -> ResponseReturnValue:
    """Change a series; who is behind what somebody else has saved is told so first."""
    found = _found(slug)
    form = series_form(_codes_of_series(found), found)
    if form.validate_on_submit():
        draft = form.draft()
        try:
            differs = edit_series(found.slug, draft, form.revision.data)
        except EditRefused as refusal:
            form.refuse(refusal.field, refusal)
        except ChangedMeanwhile as refusal:
            form = series_form(_codes_of_series(found), found)  # with the languages that there are now
            form.revision.data = refusal.revision
            return _series_page(form, found, told_here(refusal.entries)), 409
        else:
            flash(_("The series is stored.") if differs else _("Nothing was changed."))
            return redirect(url_for(".series", slug=draft.slug), code=303)
    return _series_page(form, found), 422


def _found(slug: str) -> Series:
    return find_series(slug) or find_series(renamed("series", slug)) or abort(404)


def _codes_of_series(found: Series) -> list[str]:
    return codes_with_offered(text.language for text in found.texts)


def _series_page(form: SeriesForm, found: Series | None, meanwhile: Sequence[ToldEntry] | None = None) -> str:
    page = (
        webinars_page(found.id, page=request.args.get("page", 1, type=int), lines=WEBINARS_A_PAGE)
        if found
        else WebinarsPage([], 1, 1, 0)
    )
    return render_template(
        "staff/catalogue/series.html",
        form=form,
        meanwhile=meanwhile,
        series=found,
        text=text_in(found.texts, languages.current()) if found else None,
        webinars=[
            (webinar, text_in(webinar.texts, languages.current(), webinar.original_language))
            for webinar in page.webinars
        ],
        page=page,
        sessions=latest_sessions_of((webinar.id for webinar in page.webinars), each=SESSIONS_OF_EACH),
        is_public=found is not None and is_series_public(found.id),
        may_edit=may_edit(),
    )
