"""Who may register for a session: everyone, those with its link, or members and those whom the organisers approve."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from webinar.accounts.guard import needs
from webinar.accounts.models import Role
from webinar.accounts.revisions import ChangedMeanwhile
from webinar.accounts.told import ToldEntry
from webinar.catalogue.forms.access import AccessForm
from webinar.catalogue.models import Access, WebinarSession
from webinar.catalogue.queries import find_session_of_any_status
from webinar.catalogue.staff.changes import told_here
from webinar.catalogue.texts import offered_with_text
from webinar.foundation import languages
from webinar.foundation.addresses import absolute
from webinar.foundation.security import token_checked_by_form
from webinar.registration.queries import most_of_one_member
from webinar.registration.services.who_may_register import MovedOn, renew_link, set_who_may_register
from webinar.registration.staff.blueprint import bp
from webinar.registration.staff.workspace import frame


@bp.get("/staff/sessions/<key>/access")
def access(key: str) -> ResponseReturnValue:
    """Show who may register, and the link to pass on where one needs it."""
    session = find_session_of_any_status(key) or abort(404)
    return _page(AccessForm(session), session)


@bp.post("/staff/sessions/<key>/access")
@needs(Role.ORGANISER)
@token_checked_by_form
def change_access(key: str) -> ResponseReturnValue:
    """Change who may register."""
    session = find_session_of_any_status(key) or abort(404)
    form = AccessForm(session)
    if form.validate_on_submit():
        try:
            moved = set_who_may_register(
                key,
                Access(form.access.data),
                form.most_per_member.data,
                form.revision.data,
                has_open_door=form.has_open_door.data,
            )
        except ChangedMeanwhile as refusal:
            form.revision.data = refusal.revision
            return _page(form, session, told_here(refusal.entries)), 409
        flash(_("It is stored who may register."))
        _tell(moved)
        return redirect(url_for(".access", key=key), code=303)
    return _page(form, session), 422


@bp.post("/staff/sessions/<key>/access/new-link")
@needs(Role.ORGANISER)
def make_new_link(key: str) -> ResponseReturnValue:
    """Give the session another link; the one before leads nowhere."""
    find_session_of_any_status(key) or abort(404)
    renew_link(key)
    flash(_("The session has a new link. The one before leads nowhere any more."))
    return redirect(url_for(".access", key=key), code=303)


def _tell(moved: MovedOn) -> None:
    if moved.promoted:
        flash(
            ngettext(
                "%(num)s person who waited has a seat now, and is told by mail.",
                "%(num)s people who waited have a seat now, and are told by mail.",
                moved.promoted,
            )
        )
    if moved.in_line:
        flash(
            ngettext(
                "%(num)s person who was to be approved waits for a seat now, and is told by mail.",
                "%(num)s people who were to be approved wait for a seat now, and are told by mail.",
                moved.in_line,
            )
        )


class LinkToPassOn(NamedTuple):
    """The address of the registration form in one language."""

    language: str
    address: str


def _links(session: WebinarSession) -> list[LinkToPassOn]:
    """Return the links to pass on: in the languages of the webinar's texts, the original one first."""
    if session.access is not Access.WITH_LINK:
        return []
    codes = offered_with_text(session.webinar.texts) or languages.offered()[:1]
    codes = sorted(codes, key=lambda code: code != session.webinar.original_language)
    return [
        LinkToPassOn(code, absolute("registration.register", lang=code, key=session.key, **session.way_in()))
        for code in codes
    ]


def _page(form: AccessForm, session: WebinarSession, meanwhile: Sequence[ToldEntry] | None = None) -> str:
    return render_template(
        "staff/sessions/access.html",
        form=form,
        meanwhile=meanwhile,
        links=_links(session),
        most_taken=most_of_one_member(session.id),
        **frame(session, "registration_staff.content"),
    )
