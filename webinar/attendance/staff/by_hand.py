"""Deciding by hand whether somebody came to a session: with one press in the list, or on a page of their own."""

from __future__ import annotations

from collections.abc import Callable

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webinar.accounts.guard import needs
from webinar.accounts.models import Role
from webinar.attendance.evidence import SOURCE_NAMES, told
from webinar.attendance.forms import ByHandForm
from webinar.attendance.listing import Line, figures_of, find_line
from webinar.attendance.services.by_hand import (
    NotThen,
    proposed,
    said_before,
    say_they_came,
    say_they_did_not,
    take_word_back,
)
from webinar.attendance.staff.blueprint import bp
from webinar.attendance.staff.session import wanted_now
from webinar.catalogue.models import SessionStatus, WebinarSession
from webinar.catalogue.queries import find_session_of_any_status
from webinar.foundation import clock
from webinar.foundation.errors import DomainError
from webinar.foundation.security import token_checked_by_form
from webinar.foundation.zones import in_zone
from webinar.registration.models import Registration
from webinar.registration.staff.workspace import frame

AT_ONCE: dict[str, Callable[[str, int], Registration]] = {
    "came": say_they_came,
    "absent": say_they_did_not,
    "back": take_word_back,
}


@bp.post("/staff/sessions/<key>/attendance/<int:turn>/decide")
@needs(Role.ORGANISER)
def decide(key: str, turn: int) -> ResponseReturnValue:
    """Decide with one press; who did so in the list gets the list again as it was narrowed."""
    _found(key, turn)
    word = request.form.get("word", "")
    if word not in AT_ONCE:
        abort(400)
    try:
        place = AT_ONCE[word](key, turn)
    except DomainError as refusal:
        flash(str(refusal), "bad")
    else:
        flash(_done(word, place))
    if "alone" in request.form:
        return redirect(url_for(".of_person", key=key, turn=turn), code=303)
    wanted = wanted_now()
    return redirect(url_for(".of_session", key=key, **wanted.but(page=wanted.page)), code=303)


@bp.get("/staff/sessions/<key>/attendance/<int:turn>")
def of_person(key: str, turn: int) -> ResponseReturnValue:
    """Show what each source says of somebody, and the form to decide."""
    session, line = _found(key, turn)
    stretch = said_before(session, line.records) or proposed(session, line.first_seen)
    return _page(session, line, ByHandForm(formdata=None, joined=stretch.joined, left=stretch.left))


@bp.post("/staff/sessions/<key>/attendance/<int:turn>")
@needs(Role.ORGANISER)
@token_checked_by_form
def say_when(key: str, turn: int) -> ResponseReturnValue:
    """Say of somebody that they came, and from when to when."""
    session, line = _found(key, turn)
    form = ByHandForm()
    if not form.validate_on_submit():
        return _page(session, line, form), 422
    try:
        place = say_they_came(key, turn, form.stretch())
    except NotThen as refusal:
        form.refuse(refusal.field, refusal)
        session, line = _found(key, turn)  # again: the use case has read it without what the frame shows
        return _page(session, line, form), 422
    except DomainError as refusal:
        flash(str(refusal), "bad")
    else:
        flash(_done("came", place))
    return redirect(url_for(".of_person", key=key, turn=turn), code=303)


def _found(key: str, turn: int) -> tuple[WebinarSession, Line]:
    session = find_session_of_any_status(key) or abort(404)
    line = (find_line(session.id, turn) if turn < 2**31 else None) or abort(404)
    return session, line


def _done(word: str, place: Registration) -> str:
    told_by: dict[str, str] = {
        "came": _("%(name)s came: that is decided by hand.", name=place.full_name),
        "absent": _("%(name)s did not come: that is decided by hand.", name=place.full_name),
        "back": _("What was decided by hand about %(name)s is taken back.", name=place.full_name),
    }
    return told_by[word]


def _page(session: WebinarSession, line: Line, form: ByHandForm) -> str:
    figures = figures_of(session.id)
    return render_template(
        "attendance/person.html",
        **frame(session, "attendance_staff.of_session"),
        line=line,
        local=lambda moment: in_zone(moment, session.timezone),
        source_names=SOURCE_NAMES,
        is_over=session.ends_at <= clock.now(),
        could_come=session.status is not SessionStatus.CANCELLED and session.starts_at <= clock.now(),
        says=told(session, line.records, has_report=figures.has_report),
        figures=figures,
        form=form,
    )
