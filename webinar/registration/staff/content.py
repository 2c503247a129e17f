"""Making and editing a session, and letting the public see it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask import abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from webinar.accounts.guard import needs
from webinar.accounts.models import Role
from webinar.accounts.revisions import ChangedMeanwhile
from webinar.accounts.told import ToldEntry
from webinar.catalogue.bookings import bookings
from webinar.catalogue.forms.session import SessionForm, session_form
from webinar.catalogue.models import Webinar, WebinarSession
from webinar.catalogue.queries import find_session_of_any_status, find_webinar, find_whole_session, latest_sessions
from webinar.catalogue.services.drafts import EditRefused
from webinar.catalogue.services.edit_session import create_session, edit_session
from webinar.catalogue.services.publish import CannotPublish, CannotUnpublish, publish, unpublish
from webinar.catalogue.services.times import PeopleAreComing
from webinar.catalogue.staff.changes import told_here
from webinar.catalogue.texts import offered_with_text, text_in
from webinar.foundation import languages
from webinar.foundation.security import token_checked_by_form
from webinar.foundation.site import zones_by_continent
from webinar.registration.staff.blueprint import bp
from webinar.registration.staff.dates import dates_beside_form
from webinar.registration.staff.workspace import frame

SESSIONS_LOOKED_AT = 24
"""Of how many of a webinar's last sessions the languages are left out, when one more is begun."""


@bp.get("/staff/webinars/<slug>/new-session")
@needs(Role.ORGANISER)
def new_session(slug: str) -> ResponseReturnValue:
    """Show the form for a session of a webinar, which may be held again in another language by the same speakers."""
    webinar = find_webinar(slug) or abort(404)
    held = latest_sessions(webinar, SESSIONS_LOOKED_AT)
    form = _form(None, {}, webinar, _language_not_held(webinar, held), held[-1] if held else None)
    return _page_of_new(form, webinar)


def _language_not_held(webinar: Webinar, held: Sequence[WebinarSession]) -> str:
    heard = {version.code for session in held for version in session.language_versions}
    wanted = [webinar.original_language, *offered_with_text(webinar.texts)]
    return next((code for code in wanted if code not in heard), webinar.original_language)


@bp.post("/staff/webinars/<slug>/new-session")
@needs(Role.ORGANISER)
@token_checked_by_form
def make_session(slug: str) -> ResponseReturnValue:
    """Make a session, or show its form with one row more or with what its date means."""
    webinar = find_webinar(slug) or abort(404)
    form = _form(None, request.form, webinar)
    if "add" in request.form or "look" in request.form:
        return _page_of_new(form, webinar)
    if form.validate_on_submit():
        key = form.proposed_key(slug)
        try:
            create_session(slug, key, form.draft())
        except EditRefused as refusal:
            form.refuse(refusal.field, refusal)
        else:
            flash(_("The session is stored as a draft. The public sees it when you publish it."))
            return redirect(url_for(".overview", key=key), code=303)
    return _page_of_new(form, webinar), 422


@bp.get("/staff/sessions/<key>/content")
def content(key: str) -> ResponseReturnValue:
    """Show the content of a session, to be edited."""
    session = find_whole_session(key) or abort(404)
    people = bookings().people_in(session.id)
    return _page(_form(session, {}, session.webinar, people=people), session, people)


@bp.post("/staff/sessions/<key>/content")
@needs(Role.ORGANISER)
@token_checked_by_form
def change_content(key: str) -> ResponseReturnValue:
    """Change a session, or show its form with one row more or with what its date means."""
    session = find_whole_session(key) or abort(404)
    people = bookings().people_in(session.id)
    form = _form(session, request.form, session.webinar, people=people)
    if "add" in request.form or "look" in request.form:
        return _page(form, session, people)
    if form.validate_on_submit():
        try:
            promoted = edit_session(key, form.draft(), form.revision.data)
        except EditRefused as refusal:
            form.refuse(refusal.field, refusal)
        except ChangedMeanwhile as refusal:
            form = _form(session, request.form, session.webinar, people=people)  # with the rows that there are now
            form.revision.data = refusal.revision
            return _page(form, session, people, told_here(refusal.entries)), 409
        else:
            flash(_("The session is stored."))
            if promoted:
                flash(
                    ngettext(
                        "%(num)s person who waited has a seat now, and is told by mail.",
                        "%(num)s people who waited have a seat now, and are told by mail.",
                        promoted,
                    )
                )
            return redirect(url_for(".content", key=key), code=303)
    return _page(form, session, people), 422


def _form(
    session: WebinarSession | None,
    sent: Mapping[str, str],
    webinar: Webinar,
    first_language: str = "",
    before: WebinarSession | None = None,
    *,
    people: int = 0,
) -> SessionForm:
    return session_form(
        sent,
        zones_by_continent(),
        current_app.config["DEFAULT_TIMEZONE"],
        webinar.original_language,
        session,
        times_are_fixed=people > 0,
        first_language=first_language or webinar.original_language,
        before=before,
    )


def _page_of_new(form: SessionForm, webinar: Webinar) -> str:
    return render_template(
        "staff/sessions/new.html",
        form=form,
        webinar=webinar,
        text=text_in(webinar.texts, languages.current(), webinar.original_language),
        series_text=text_in(webinar.series.texts, languages.current(), webinar.original_language),
        may_edit=True,
        session=None,
        **dates_beside_form(webinar),
    )


def _page(form: SessionForm, session: WebinarSession, people: int, meanwhile: Sequence[ToldEntry] | None = None) -> str:
    around = frame(session, "registration_staff.content")
    locked = PeopleAreComing(session.key, people) if form.fixed_zone else None
    return render_template(
        "staff/sessions/content.html",
        form=form,
        locked=locked,
        meanwhile=meanwhile,
        **dates_beside_form(session.webinar, session.key),
        **around,
    )


@bp.post("/staff/sessions/<key>/publish")
@needs(Role.ORGANISER)
def let_public_see(key: str) -> ResponseReturnValue:
    """Publish a session."""
    find_session_of_any_status(key) or abort(404)
    try:
        publish(key)
    except CannotPublish as refusal:
        flash(str(refusal), "bad")
    else:
        flash(_("The session is public: people can find it and register."))
    return redirect(url_for(".overview", key=key), code=303)


@bp.post("/staff/sessions/<key>/unpublish")
@needs(Role.ORGANISER)
def take_back(key: str) -> ResponseReturnValue:
    """Make a session a draft again."""
    find_session_of_any_status(key) or abort(404)
    try:
        unpublish(key)
    except CannotUnpublish as refusal:
        flash(str(refusal), "bad")
    else:
        flash(_("The session is a draft again. The public does not see it."))
    return redirect(url_for(".overview", key=key), code=303)
