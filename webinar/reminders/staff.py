"""The organisers' page of the reminders of a session: which go when, what became of them, and the very mail."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webinar.accounts.guard import needs
from webinar.accounts.models import Role
from webinar.accounts.revisions import ChangedMeanwhile
from webinar.accounts.told import ToldEntry
from webinar.catalogue.models import SessionStatus, WebinarSession
from webinar.catalogue.queries import find_session_of_any_status
from webinar.catalogue.staff.changes import told_here
from webinar.foundation import clock, formats
from webinar.foundation.security import sandboxed, token_checked_by_form
from webinar.foundation.zones import in_zone
from webinar.registration.mails import topic_of
from webinar.registration.staff.workspace import frame
from webinar.reminders.forms import RemindersForm, reminders_form
from webinar.reminders.mails import SESSION_REMINDER
from webinar.reminders.moments import moment_before, reminders_of
from webinar.reminders.queries import Gone, audience_of, gone_reminders
from webinar.reminders.services.choose import ReminderRefused, choose_reminders
from webinar.reminders.services.rehearse import rehearsed_reminder
from webinar.updates.services.held import NothingToChange, check_coming

bp = Blueprint("reminders_staff", __name__)


class Line(NamedTuple):
    """One reminder: so many minutes before the start, at a moment as the clocks there show it, and what became of it.

    ``is_to_come`` says that its moment is still to come; one that has passed and not ``gone`` came too late.
    """

    minutes: int
    moment: datetime
    is_to_come: bool
    gone: Gone | None


@bp.get("/staff/sessions/<key>/reminders")
def of_session(key: str) -> ResponseReturnValue:
    """Show when people are reminded of a session, how far that has come, and the form to change it."""
    session = _session(key)
    return _page(session, _form(session))


@bp.post("/staff/sessions/<key>/reminders")
@needs(Role.ORGANISER)
@token_checked_by_form
def choose(key: str) -> ResponseReturnValue:
    """Choose when people are reminded of a session."""
    session = _session(key)
    check_coming(session, clock.now())
    form = _form(session)
    if not form.validate_on_submit():
        return _page(session, form), 422
    try:
        choose_reminders(key, form.before(), form.revision.data)
    except ReminderRefused as refusal:
        form.refuse_reminder(refusal)
        return _page(_session(key), form), 422
    except ChangedMeanwhile as refusal:
        form.revision.data = refusal.revision
        return _page(_session(key), form, told_here(refusal.entries)), 409
    flash(_("The reminders of this session are stored."), "good")
    return redirect(url_for(".of_session", key=key), code=303)


@bp.post("/staff/sessions/<key>/reminders/as-usual")
@needs(Role.ORGANISER)
def as_usual(key: str) -> ResponseReturnValue:
    """Leave it to the setting that counts for all sessions, whoever has chosen which: that stands in the history."""
    _session(key)
    choose_reminders(key, None)
    flash(_("The reminders of this session are the usual ones."), "good")
    return redirect(url_for(".of_session", key=key), code=303)


@bp.get("/staff/sessions/<key>/reminders/mail")
@needs(Role.ORGANISER)
def mail(key: str) -> ResponseReturnValue:
    """Show the very mail of a reminder, as somebody who has a place would get it now."""
    session = _session(key)
    audience = audience_of(session.id)
    languages = [one.language for one in audience]
    language = request.args.get("language") or next(iter(languages), "")
    possible = _possible(session)
    minutes = _minutes(possible)
    opened = rehearsed_reminder(session, minutes, language) if language in languages else None
    return render_template(
        "staff/reminders/mail.html",
        audience=audience,
        shown_in=language,
        minutes=minutes,
        possible=possible,
        opened=opened,
        mail_address=url_for(".mail_as_it_looks", key=key, language=language, before=minutes) if opened else "",
        **frame(session, "reminders_staff.of_session"),
    )


@bp.get("/staff/sessions/<key>/reminders/mail/<language>")
@needs(Role.ORGANISER)
def mail_as_it_looks(key: str, language: str) -> ResponseReturnValue:
    """Show how the mail in a language would look, in a response that can do nothing and loads nothing."""
    session = _session(key)
    opened = rehearsed_reminder(session, _minutes(_possible(session)), language)
    return sandboxed(opened.html) if opened else abort(404)


@bp.errorhandler(NothingToChange)
def nothing_to_change(refusal: NothingToChange) -> ResponseReturnValue:
    """Say that a session is over or cancelled, where its reminders are to be changed."""
    session = _session((request.view_args or {})["key"])
    own = frame(session, "reminders_staff.of_session")
    return render_template("staff/updates/nothing.html", refusal=refusal, **own), 409


def _session(key: str) -> WebinarSession:
    return find_session_of_any_status(key) or abort(404)


def _form(session: WebinarSession) -> RemindersForm:
    return reminders_form(session, reminders_of(session.reminders), request.form)


def _possible(session: WebinarSession) -> tuple[int, ...]:
    """Return which reminders can be shown, by their minutes: those of the session, else the usual ones."""
    return reminders_of(session.reminders) or reminders_of(None)


def _minutes(possible: Sequence[int]) -> int:
    wanted = request.args.get("before", "")
    return next((minutes for minutes in possible if wanted in ("", str(minutes))), 0) or abort(404)


def _page(session: WebinarSession, form: RemindersForm, meanwhile: Sequence[ToldEntry] | None = None) -> str:
    now = clock.now()
    gone = gone_reminders(session.id)
    audience = audience_of(session.id)
    return render_template(
        "staff/reminders/reminders.html",
        form=form,
        meanwhile=meanwhile,
        lines=_lines(session, gone, now),
        before_moves=[_before_move(session, one) for one in gone if one.starts_at != session.starts_at],
        city=formats.city(session.timezone),
        usual=[_("%(time)s before", time=formats.minutes_in_words(minutes)) for minutes in reminders_of(None)],
        is_as_usual=session.reminders is None,
        can_change=session.status is not SessionStatus.CANCELLED and now < session.ends_at,
        is_held=session.status is SessionStatus.PUBLISHED,
        registered=sum(one.people for one in audience),
        want_none=sum(one.want_none for one in audience),
        topic=topic_of(session),
        kind=SESSION_REMINDER,
        **frame(session, "reminders_staff.of_session"),
    )


def _lines(session: WebinarSession, gone: Sequence[Gone], now: datetime) -> list[Line]:
    of_start = {one.minutes_before: one for one in gone if one.starts_at == session.starts_at}
    lines = []
    for minutes in sorted({*reminders_of(session.reminders), *of_start}, reverse=True):
        moment = moment_before(session.starts_at, session.timezone, minutes)
        there: datetime = in_zone(moment, session.timezone)
        lines.append(Line(minutes, there, moment > now, of_start.get(minutes)))
    return lines


def _before_move(session: WebinarSession, gone: Gone) -> tuple[datetime, Line]:
    """Return for which start, as the clocks there show it, a reminder went before the session was moved."""
    moment = moment_before(gone.starts_at, session.timezone, gone.minutes_before)
    line = Line(gone.minutes_before, in_zone(moment, session.timezone), is_to_come=False, gone=gone)
    return in_zone(gone.starts_at, session.timezone), line
