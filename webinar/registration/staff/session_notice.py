"""The notice of a session, which an organiser puts up within seconds and takes down with one press."""

from __future__ import annotations

from collections.abc import Sequence

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webinar.accounts.guard import needs
from webinar.accounts.models import Role
from webinar.accounts.revisions import ChangedMeanwhile
from webinar.accounts.told import ToldEntry
from webinar.catalogue.forms.session_notice import NoticeForm, notice_form
from webinar.catalogue.models import WebinarSession
from webinar.catalogue.queries import find_session_of_any_status
from webinar.catalogue.services.drafts import EditRefused
from webinar.catalogue.services.session_notice import NothingToSay, put_up_notice, take_down_notice, why_no_notice
from webinar.catalogue.staff.changes import told_here
from webinar.foundation import clock, formats
from webinar.foundation.security import token_checked_by_form
from webinar.foundation.zones import in_zone
from webinar.registration.queries import count_by_mail_language
from webinar.registration.staff.blueprint import bp
from webinar.registration.staff.workspace import frame


@bp.get("/staff/sessions/<key>/notice")
def session_notice(key: str) -> ResponseReturnValue:
    """Show what stands on the pages of a session now, for whom and since when, and the form to change it."""
    session = find_session_of_any_status(key) or abort(404)
    return _page(notice_form(session), session)


@bp.post("/staff/sessions/<key>/notice")
@needs(Role.ORGANISER)
@token_checked_by_form
def put_up(key: str) -> ResponseReturnValue:
    """Put a notice up, in place of the one that stands there."""
    session = find_session_of_any_status(key) or abort(404)
    form = notice_form(session)
    if why_no_notice(session, clock.now()):
        return _page(form, session), 409
    if not form.validate_on_submit():
        return _page(form, session), 422
    try:
        put_up_notice(key, form.lines(), form.revision.data)
    except EditRefused as refusal:
        form.refuse(refusal.field, refusal)
        return _page(form, session), 422
    except NothingToSay:
        return _page(form, session), 409
    except ChangedMeanwhile as refusal:
        form.revision.data = refusal.revision
        return _page(form, session, told_here(refusal.entries)), 409
    flash(_("The notice stands on the pages of the session now."), "good")
    return redirect(url_for(".session_notice", key=key), code=303)


@bp.post("/staff/sessions/<key>/notice/take-down")
@needs(Role.ORGANISER)
def take_down(key: str) -> ResponseReturnValue:
    """Take the notice down, whoever has put up which: what it said stands in the history of the session."""
    find_session_of_any_status(key) or abort(404)
    take_down_notice(key)
    flash(_("The notice is taken down."), "good")
    return redirect(url_for(".session_notice", key=key), code=303)


def _page(form: NoticeForm, session: WebinarSession, meanwhile: Sequence[ToldEntry] | None = None) -> str:
    now = clock.now()
    standing = session.notice_at(now)
    return render_template(
        "staff/sessions/notice.html",
        form=form,
        meanwhile=meanwhile,
        standing=standing,
        since=formats.short(in_zone(standing[0].put_up_at, session.timezone)) if standing else "",
        why_not=why_no_notice(session, now),
        people=count_by_mail_language(session.id),
        **frame(session, "registration_staff.overview"),
    )
