"""The organisers' pages of series and webinars: their texts, and what is held of them.

Everybody signed in may look; only organisers may change. Sessions have pages of their own, which show who is
registered, so they belong to a later feature.
"""

from __future__ import annotations

from collections.abc import Iterable

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webinar.accounts import acting
from webinar.accounts.guard import needs
from webinar.accounts.models import Role
from webinar.catalogue.forms.series import SeriesForm, series_form
from webinar.catalogue.forms.webinar import WebinarForm, webinar_form
from webinar.catalogue.models import Series, Webinar
from webinar.catalogue.queries import (
    WebinarsPage,
    all_series,
    find_series,
    find_webinar,
    is_series_public,
    languages_heard,
    latest_sessions_of,
    series_titles,
    sessions_page_of_webinar,
    webinars_page,
)
from webinar.catalogue.services.drafts import EditRefused
from webinar.catalogue.services.edit_series import create_series, edit_series
from webinar.catalogue.services.edit_webinar import create_webinar, edit_webinar
from webinar.catalogue.texts import text_in
from webinar.foundation import languages
from webinar.foundation.security import token_checked_by_form

WEBINARS_A_PAGE = 10
SESSIONS_OF_EACH = 8
SESSIONS_A_PAGE = 50

bp = Blueprint("catalogue_staff", __name__)


def may_edit() -> bool:
    """Tell whether who is signed in may change anything."""
    return acting.signed_in().may(Role.ORGANISER)


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
    found = find_series(slug) or abort(404)
    return _series_page(series_form(_codes_of_series(found), found), found)


@bp.post("/staff/series/<slug>")
@needs(Role.ORGANISER)
@token_checked_by_form
def change_series(slug: str) -> ResponseReturnValue:
    """Change a series."""
    found = find_series(slug) or abort(404)
    form = series_form(_codes_of_series(found), found)
    if form.validate_on_submit():
        draft = form.draft()
        try:
            differs = edit_series(slug, draft)
        except EditRefused as refusal:
            form.refuse(refusal.field, refusal)
        else:
            flash(_("The series is stored.") if differs else _("Nothing was changed."))
            return redirect(url_for(".series", slug=draft.slug), code=303)
    return _series_page(form, found), 422


def _codes_of_series(found: Series) -> list[str]:
    return _with_offered(text.language for text in found.texts)


def _with_offered(others: Iterable[str]) -> list[str]:
    return list(dict.fromkeys([*languages.offered(), *sorted(others)]))


def _series_page(form: SeriesForm, found: Series | None) -> str:
    page = (
        webinars_page(found.id, page=request.args.get("page", 1, type=int), lines=WEBINARS_A_PAGE)
        if found
        else WebinarsPage([], 1, 1, 0)
    )
    return render_template(
        "staff/catalogue/series.html",
        form=form,
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


@bp.get("/staff/series/<slug>/new-webinar")
@needs(Role.ORGANISER)
def new_webinar(slug: str) -> ResponseReturnValue:
    """Show the empty form for a webinar of a series."""
    found = find_series(slug) or abort(404)
    form = webinar_form(languages.offered(), _series_to_choose(), {}, series_slug=slug)
    return _webinar_page(form, None, found)


@bp.post("/staff/series/<slug>/new-webinar")
@needs(Role.ORGANISER)
@token_checked_by_form
def make_webinar(slug: str) -> ResponseReturnValue:
    """Make a webinar, or show one row more of its agenda."""
    found = find_series(slug) or abort(404)
    form = webinar_form(languages.offered(), _series_to_choose(), request.form, series_slug=slug)
    if "add" in request.form:
        return _webinar_page(form, None, found)
    if form.validate_on_submit():
        draft = form.draft()
        try:
            create_webinar(draft)
        except EditRefused as refusal:
            form.refuse(refusal.field, refusal)
        else:
            flash(_("The webinar is stored. Now add its first session."))
            return redirect(url_for(".webinar", slug=draft.slug), code=303)
    return _webinar_page(form, None, found), 422


@bp.get("/staff/webinars/<slug>")
def webinar(slug: str) -> ResponseReturnValue:
    """Show a webinar with its sessions, to be edited."""
    found = find_webinar(slug) or abort(404)
    form = webinar_form(_codes_of_webinar(found), _series_to_choose(), {}, found)
    return _webinar_page(form, found, found.series)


@bp.post("/staff/webinars/<slug>")
@needs(Role.ORGANISER)
@token_checked_by_form
def change_webinar(slug: str) -> ResponseReturnValue:
    """Change a webinar, or show one row more of its agenda."""
    found = find_webinar(slug) or abort(404)
    form = webinar_form(_codes_of_webinar(found), _series_to_choose(), request.form, found)
    if "add" in request.form:
        return _webinar_page(form, found, found.series)
    if form.validate_on_submit():
        draft = form.draft()
        try:
            differs = edit_webinar(slug, draft)
        except EditRefused as refusal:
            form.refuse(refusal.field, refusal)
        else:
            flash(_("The webinar is stored.") if differs else _("Nothing was changed."))
            return redirect(url_for(".webinar", slug=draft.slug), code=303)
    return _webinar_page(form, found, found.series), 422


def _codes_of_webinar(found: Webinar) -> list[str]:
    written = (text.language for text in found.texts)
    return _with_offered({*languages_heard(found.id), found.original_language, *written})


def _series_to_choose() -> list[tuple[str, str]]:
    return [(slug, text_in(texts, languages.current()).title) for slug, texts in series_titles().items()]


def _webinar_page(form: WebinarForm, found: Webinar | None, series_: Series) -> str:
    wanted = request.args.get("page", 1, type=int)
    page = sessions_page_of_webinar(found.id, page=wanted, lines=SESSIONS_A_PAGE) if found else None
    return render_template(
        "staff/catalogue/webinar.html",
        form=form,
        webinar=found,
        text=text_in(found.texts, languages.current(), found.original_language) if found else None,
        series=series_,
        series_text=text_in(series_.texts, languages.current()),
        page=page,
        is_public=page is not None and page.public > 0,
        may_edit=may_edit(),
    )
