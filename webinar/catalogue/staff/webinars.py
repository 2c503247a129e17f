"""The organisers' pages of a webinar: its texts, its agenda, and its sessions."""

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
from webinar.catalogue.forms.webinar import WebinarForm, webinar_form
from webinar.catalogue.models import Series, Webinar
from webinar.catalogue.queries import (
    find_series,
    find_webinar,
    series_titles,
    sessions_page_of_webinar,
)
from webinar.catalogue.services.drafts import EditRefused
from webinar.catalogue.services.edit_webinar import create_webinar, edit_webinar
from webinar.catalogue.services.original_language import NotAllTranslated, make_original
from webinar.catalogue.staff.blueprint import bp, may_edit
from webinar.catalogue.staff.changes import told_here
from webinar.catalogue.staff.workspace import tabs_of
from webinar.catalogue.texts import text_in
from webinar.foundation import languages
from webinar.foundation.security import token_checked_by_form

SESSIONS_A_PAGE = 50


@bp.get("/staff/series/<slug>/new-webinar")
@needs(Role.ORGANISER)
def new_webinar(slug: str) -> ResponseReturnValue:
    """Show the empty form for a webinar of a series."""
    found = find_series(slug) or abort(404)
    form = webinar_form(_series_to_choose(), {}, series_slug=slug)
    return _webinar_page(form, None, found)


@bp.post("/staff/series/<slug>/new-webinar")
@needs(Role.ORGANISER)
@token_checked_by_form
def make_webinar(slug: str) -> ResponseReturnValue:
    """Make a webinar, or show one row more of its agenda."""
    found = find_series(slug) or abort(404)
    form = webinar_form(_series_to_choose(), request.form, series_slug=slug)
    if "add" in request.form:
        return _webinar_page(form, None, found)
    if form.validate_on_submit():
        draft = form.draft()
        try:
            create_webinar(draft, form.texts_in)
        except EditRefused as refusal:
            form.refuse(refusal.field, refusal)
        else:
            flash(_("The webinar is stored. Now add its first session."))
            return redirect(url_for(".webinar", slug=draft.slug), code=303)
    return _webinar_page(form, None, found), 422


@bp.get("/staff/webinars/<slug>")
def webinar(slug: str) -> ResponseReturnValue:
    """Show a webinar with its sessions, to be edited."""
    found = _found(slug)
    form = webinar_form(_series_to_choose(), {}, found)
    return _webinar_page(form, found, found.series)


@bp.post("/staff/webinars/<slug>")
@needs(Role.ORGANISER)
@token_checked_by_form
def change_webinar(slug: str) -> ResponseReturnValue:
    """Change a webinar, or show one row more of its agenda; who is behind what somebody else has saved is told."""
    found = _found(slug)
    form = webinar_form(_series_to_choose(), request.form, found)
    if "add" in request.form:
        return _webinar_page(form, found, found.series)
    if form.validate_on_submit():
        draft = form.draft()
        try:
            differs = edit_webinar(found.slug, draft, form.revision.data)
        except EditRefused as refusal:
            form.refuse(refusal.field, refusal)
        except ChangedMeanwhile as refusal:
            # With the rows that there are now.
            form = webinar_form(_series_to_choose(), request.form, found)
            form.revision.data = refusal.revision
            return _webinar_page(form, found, found.series, told_here(refusal.entries)), 409
        else:
            flash(_("The webinar is stored.") if differs else _("Nothing was changed."))
            return redirect(url_for(".webinar", slug=draft.slug), code=303)
    return _webinar_page(form, found, found.series), 422


@bp.post("/staff/webinars/<slug>/original-language")
@needs(Role.ORGANISER)
def change_original(slug: str) -> ResponseReturnValue:
    """Make another language the one that all others are translated from."""
    found = _found(slug)
    language = request.form.get("language", "")
    if language not in {text.language for text in found.texts}:
        abort(404)
    try:
        differs = make_original(found.slug, language, request.form.get("revision", type=int))
    except (NotAllTranslated, ChangedMeanwhile) as refusal:
        flash(str(refusal), "bad")
    else:
        flash(_("The webinar is stored.") if differs else _("Nothing was changed."))
    return redirect(url_for(".webinar", slug=found.slug), code=303)


def _found(slug: str) -> Webinar:
    return find_webinar(slug) or find_webinar(renamed("webinar", slug)) or abort(404)


def _series_to_choose() -> list[tuple[str, str]]:
    return [(slug, text_in(texts, languages.current()).title) for slug, texts in series_titles().items()]


def _webinar_page(
    form: WebinarForm, found: Webinar | None, series_: Series, meanwhile: Sequence[ToldEntry] | None = None
) -> str:
    wanted = request.args.get("page", 1, type=int)
    page = sessions_page_of_webinar(found.id, page=wanted, lines=SESSIONS_A_PAGE) if found else None
    return render_template(
        "staff/catalogue/webinar.html",
        form=form,
        meanwhile=meanwhile,
        webinar=found,
        text=text_in(found.texts, languages.current(), found.original_language) if found else None,
        series=series_,
        tabs=tabs_of(found, "catalogue_staff.webinar") if found else [],
        series_text=text_in(series_.texts, languages.current()),
        page=page,
        is_public=page is not None and page.public > 0,
        may_edit=may_edit(),
    )
