"""The Attendance tab of a session: everybody with whether they came, who is there now, and how long is long enough.

Whoever may sign in may look at it, as at the registrations; deciding is for organisers.
"""

from __future__ import annotations

from datetime import datetime

from flask import abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webinar.accounts import acting
from webinar.accounts.guard import needs
from webinar.accounts.models import Role
from webinar.attendance.evidence import SOURCE_NAMES, told
from webinar.attendance.export import ExportFormat
from webinar.attendance.forms import ThresholdForm
from webinar.attendance.listing import WHICH_NAMES, Wanted, Which, figures_of, listed, would_come
from webinar.attendance.live import find_session_alone, is_on, seen_in
from webinar.attendance.queries import turnout_by_member
from webinar.attendance.reports_told import reports_told
from webinar.attendance.services.threshold import NobodyWasThereSoLong, longest_threshold, set_threshold
from webinar.attendance.staff.blueprint import bp
from webinar.catalogue.models import WebinarSession
from webinar.catalogue.queries import find_session_of_any_status
from webinar.foundation import clock
from webinar.foundation.lines import one_line
from webinar.foundation.zones import in_zone
from webinar.members.queries import member_names
from webinar.registration.staff import workspace

MOST_OF_A_SEARCH = 200


@bp.get("/staff/sessions/<key>/attendance")
def of_session(key: str) -> ResponseReturnValue:
    """Show everybody of a session and whether they came: searched and narrowed as the address says."""
    session = find_session_of_any_status(key) or abort(404)
    return _page(session, _asked_threshold() if "minutes" in request.args else _threshold_of(session))


@bp.get("/staff/sessions/<key>/attendance/live")
def live(key: str) -> ResponseReturnValue:
    """Show who has used their join link, as a part of a page: a script asks for it while the session is on."""
    session = find_session_alone(key) or abort(404)
    return render_template(
        "attendance/live.html", session=session, seen=seen_in(session.id), is_on=_is_on(session, clock.now())
    )


@bp.get("/staff/sessions/<key>/attendance/threshold")
def threshold(key: str) -> ResponseReturnValue:
    """Show how many would come with another threshold, as a part of a page: a script asks for it while one types."""
    session = find_session_alone(key) or abort(404)
    return render_template(
        "attendance/would_come.html",
        session=session,
        figures=figures_of(session.id),
        may_edit=acting.signed_in().may(Role.ORGANISER),
        **_would_come(session, _asked_threshold()),
    )


@bp.post("/staff/sessions/<key>/attendance/threshold")
@needs(Role.ORGANISER)
def keep_threshold(key: str) -> ResponseReturnValue:
    """Let whoever was there so long have come."""
    session = find_session_of_any_status(key) or abort(404)
    form = ThresholdForm()
    if not form.validate_on_submit():
        return _page(session, form), 422
    try:
        set_threshold(key, form.minutes.data)
    except NobodyWasThereSoLong as refusal:
        form.minutes.errors = [str(refusal)]
        session = find_session_of_any_status(key) or abort(404)  # again: the use case has read it without its frame
        return _page(session, form), 422
    flash(_("Everybody’s answer is made anew."))
    return redirect(url_for(".of_session", key=key), code=303)


def wanted_now() -> Wanted:
    """Return whom the address asks for."""
    which = request.args.get("which", "")
    return Wanted(
        search=one_line(request.args.get("search", ""))[:MOST_OF_A_SEARCH],
        which=Which(which) if which in set(Which) else Which.EVERYBODY,
        page=request.args.get("page", 1, type=int),
    )


def _page(session: WebinarSession, form: ThresholdForm) -> str:
    now = clock.now()
    wanted = wanted_now()
    figures = figures_of(session.id)
    is_on_now = _is_on(session, now)
    return render_template(
        "attendance/staff.html",
        **workspace.frame(session, "attendance_staff.of_session"),
        wanted=wanted,
        which_names=WHICH_NAMES,
        figures=figures,
        listing=listed(session.id, wanted, figures, member_names() if wanted.search else None),
        told=lambda line: told(session, line.records, has_report=figures.has_report),
        local=lambda moment: in_zone(moment, session.timezone),
        members=[] if is_on_now else turnout_by_member(session.id),
        is_on=is_on_now,
        seen=seen_in(session.id) if is_on_now else None,
        has_begun=session.starts_at <= now,
        is_over=session.ends_at <= now,
        source_names=SOURCE_NAMES,
        reports=reports_told().of(session.id),
        form=form,
        longest=longest_threshold(session),
        **_would_come(session, form),
        may_export=acting.signed_in().may(Role.ORGANISER),
        export_formats=list(ExportFormat),
    )


def _is_on(session: WebinarSession, now: datetime) -> bool:
    return is_on(session, now, doors_open_minutes=current_app.config["DOORS_OPEN_MINUTES"])


def _threshold_of(session: WebinarSession) -> ThresholdForm:
    return ThresholdForm(formdata=None, minutes=session.attendance_threshold)


def _asked_threshold() -> ThresholdForm:
    form = ThresholdForm(formdata=request.args)
    form.minutes.validate(form)
    return form


def _would_come(session: WebinarSession, form: ThresholdForm) -> dict[str, object]:
    """Return how many would come with what is in the form; nothing where that cannot be, or is so already."""
    minutes = form.minutes.data
    longest = longest_threshold(session)
    if not form.minutes.errors and not 0 <= minutes <= longest:
        form.minutes.errors = [str(NobodyWasThereSoLong(longest))]
    is_another = not form.minutes.errors and minutes != session.attendance_threshold
    return {
        "minutes": minutes,
        "problems": form.minutes.errors,
        "would": would_come(session.id, minutes) if is_another else None,
    }
