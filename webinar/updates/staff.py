"""Moving a session, cancelling it, bringing everybody's calendar up to date: first shown, then done.

Each is two steps. The first asks; the second shows who would be told what, with the very mail, and changes nothing
until its button is pressed. It carries what was typed, so one can go back to the first.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from webinar.accounts.guard import needs
from webinar.accounts.models import Role
from webinar.accounts.revisions import ChangedMeanwhile
from webinar.accounts.told import ToldEntry
from webinar.catalogue.models import WebinarSession
from webinar.catalogue.queries import find_session_of_any_status
from webinar.catalogue.services.drafts import EditRefused
from webinar.catalogue.staff.changes import told_here
from webinar.catalogue.zone_changes import zone_change_of
from webinar.foundation import clock
from webinar.foundation.lines import one_line
from webinar.foundation.security import sandboxed, token_checked_by_form
from webinar.foundation.zones import in_zone
from webinar.registration.staff.dates import meaning_of_date
from webinar.registration.staff.workspace import frame
from webinar.updates.forms import MoveForm, UpdateForm, update_form
from webinar.updates.models import UpdateKind
from webinar.updates.queries import audience_of
from webinar.updates.services import cancel_session, move_session, tell_session
from webinar.updates.services.held import NothingToChange, check_coming
from webinar.updates.services.recipients import MOST_OF_A_WORD
from webinar.updates.services.rehearse import Plan, Rehearsed, rehearse, rehearsed_mail
from webinar.updates.told import progress_shown

bp = Blueprint("updates_staff", __name__)


class Decision(NamedTuple):
    """One of the things that organisers can decide: how it is done, and what is said when it is."""

    kind: UpdateKind
    decide: Callable[[str, Plan, int], None]
    is_done: LazyString


def _move(key: str, plan: Plan, made_from: int) -> None:
    if plan.start is None or plan.end is None:
        raise ValueError("a move without its times")
    move_session(key, plan.start, plan.end, words=plan.words, made_from=made_from)


def _cancel(key: str, plan: Plan, made_from: int) -> None:
    cancel_session(key, words=plan.words, made_from=made_from)


def _tell(key: str, plan: Plan, made_from: int) -> None:
    tell_session(key, words=plan.words, made_from=made_from)


DECISIONS = {
    "move": Decision(UpdateKind.MOVED, _move, _l("The session is moved.")),
    "cancel": Decision(UpdateKind.CANCELLED, _cancel, _l("The session is cancelled.")),
    "tell": Decision(UpdateKind.CHANGED, _tell, _l("Everybody’s calendar is brought up to date.")),
}


@bp.get("/staff/sessions/<key>/<any(move, cancel, tell):what>")
@needs(Role.ORGANISER)
def ask(key: str, what: str) -> ResponseReturnValue:
    """Ask when the session is held instead, and what is to be said in the organisers' own words."""
    session = _coming(key)
    return _page_of_question(what, session, _form(what, session))


@bp.post("/staff/sessions/<key>/<any(move, cancel, tell):what>")
@needs(Role.ORGANISER)
@token_checked_by_form
def go_on(key: str, what: str) -> ResponseReturnValue:
    """Show what the decision would do, do it, or go back to the question with what was typed."""
    session = _coming(key)
    form = _form(what, session)
    if request.form.get("step") == "change":
        return _page_of_question(what, session, form)
    if not form.validate_on_submit():
        return _page_of_question(what, session, form), 422
    decision = DECISIONS[what]
    try:
        if request.form.get("step") == "do":
            decision.decide(key, form.plan(), form.revision.data)
            flash(str(decision.is_done))
            return redirect(url_for("registration_staff.overview", key=key), code=303)
        seen = rehearse(key, form.plan(), form.revision.data)
    except EditRefused as refusal:
        form.refuse(refusal.field, refusal)
    except ChangedMeanwhile as refusal:
        form.revision.data = refusal.revision
        return _page_of_question(what, _again(key), form, told_here(refusal.entries)), 409
    else:
        return _page_of_what_would_be(what, key, form, seen)
    return _page_of_question(what, _again(key), form), 422


@bp.get("/staff/sessions/<key>/<any(move, cancel, tell):what>/mail/<language>")
@needs(Role.ORGANISER)
def mail(key: str, what: str, language: str) -> ResponseReturnValue:
    """Show how the mail in a language would look, in a response that can do nothing and loads nothing."""
    kind = DECISIONS[what].kind
    start, end = (_wall(request.args.get(name, "")) for name in ("start", "end"))
    if kind is UpdateKind.MOVED and (start is None or end is None):
        abort(404)
    find_session_of_any_status(key) or abort(404)
    word = one_line(request.args.get("word", ""))[:MOST_OF_A_WORD]
    try:
        opened = rehearsed_mail(key, Plan(kind, start, end, {language: word}), language)
    except (EditRefused, NothingToChange):
        abort(404)
    return sandboxed(opened.html) if opened else abort(404)


@bp.get("/staff/sessions/<key>/told")
def told(key: str) -> ResponseReturnValue:
    """Show how far everybody has been told, as a part of a page: a script asks for it while mails leave."""
    session = find_session_of_any_status(key) or abort(404)
    shown = progress_shown(session)
    if shown["progress"] is None:
        abort(404)
    return render_template("staff/updates/told.html", session=session, **shown)


def _wall(written: str) -> datetime | None:
    try:
        return datetime.strptime(written, "%Y-%m-%dT%H:%M")  # noqa: DTZ007 (wall time of the session's zone)
    except ValueError:
        return None


def _form(what: str, session: WebinarSession) -> UpdateForm:
    kind = DECISIONS[what].kind
    form: UpdateForm = update_form(kind, session, [one.language for one in audience_of(session.id, kind)])
    return form


def _coming(key: str) -> WebinarSession:
    session = find_session_of_any_status(key) or abort(404)
    check_coming(session, clock.now())
    return session


def _again(key: str) -> WebinarSession:
    """Return a session once more: what a refusal took back is not there any more."""
    return find_session_of_any_status(key) or abort(404)


@bp.errorhandler(NothingToChange)
def nothing_to_change(refusal: NothingToChange) -> ResponseReturnValue:
    """Say that a session is over or cancelled, wherever something is to be decided about it."""
    session = _again((request.view_args or {})["key"])
    return render_template("staff/updates/nothing.html", refusal=refusal, **_frame(session)), 409


def _page_of_question(
    what: str, session: WebinarSession, form: UpdateForm, meanwhile: Sequence[ToldEntry] | None = None
) -> str:
    return render_template(
        f"staff/updates/{what}.html",
        what=what,
        form=form,
        meanwhile=meanwhile,
        zone_change=zone_change_of(session, clock.now()),
        date_address=url_for("registration_staff.look_at_date", **_place_of(session)),
        **_frame(session),
    )


def _page_of_what_would_be(what: str, key: str, form: UpdateForm, seen: Rehearsed) -> str:
    languages = [one.language for one in seen.audience]
    wanted = request.form.get("language", "")
    language = wanted if wanted in languages else next(iter(languages), "")
    opened = rehearsed_mail(key, form.plan(), language) if language else None
    session = _again(key)
    zone = session.timezone
    times = _times(form) if isinstance(form, MoveForm) else {}
    return render_template(
        "staff/updates/what_would_be.html",
        what=what,
        form=form,
        typed={field.name: field.data for field in form.words} | times,
        seen=seen,
        shown_in=language,
        opened=opened,
        mail_address=url_for(
            ".mail", key=key, what=what, language=language, word=form.plan().words.get(language), **times
        ),
        opens=in_zone(seen.registration_opens, zone) if seen.registration_opens else None,
        closes=in_zone(seen.registration_closes, zone) if seen.registration_closes else None,
        **(meaning_of_date(times | _place_of(session)) if times else {}),
        **_frame(session),
    )


def _times(form: MoveForm) -> dict[str, Any]:
    return {"start": f"{form.start.data:%Y-%m-%dT%H:%M}", "end": f"{form.end.data:%Y-%m-%dT%H:%M}"}


def _place_of(session: WebinarSession) -> dict[str, Any]:
    return {"webinar": session.webinar.slug, "session": session.key, "timezone": session.timezone}


def _frame(session: WebinarSession) -> dict[str, Any]:
    return frame(session, "registration_staff.overview")
