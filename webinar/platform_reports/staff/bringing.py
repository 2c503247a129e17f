"""Bringing a platform's report: the file, what it says and whom it names, and how it is to be read.

Nothing but the file itself is stored before it is applied, and that for an hour.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any, NamedTuple

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from webinar.accounts import acting
from webinar.accounts.guard import needs
from webinar.accounts.models import Role
from webinar.attendance.stays import time_within
from webinar.catalogue.models import WebinarSession
from webinar.catalogue.queries import find_session_of_any_status
from webinar.foundation import formats
from webinar.foundation.errors import DomainError
from webinar.foundation.security import takes_file, token_checked_by_form
from webinar.foundation.site import zones_by_continent
from webinar.foundation.zones import in_zone
from webinar.platform_reports.forms import ColumnsForm, ReadingForm, ReportFileForm, columns_form
from webinar.platform_reports.listing import PEOPLE_A_PAGE
from webinar.platform_reports.models import BroughtReport, Standing
from webinar.platform_reports.reading import look_at, name_of
from webinar.platform_reports.report import Layout, UnknownLayout
from webinar.platform_reports.services.apply import apply_brought
from webinar.platform_reports.services.bring import (
    bring_report,
    choose,
    drop_report,
    find_brought_report,
    how_to_read,
)
from webinar.platform_reports.services.plan import Plan, plan_for, read_for
from webinar.platform_reports.services.refusals import NoSuchFile
from webinar.platform_reports.staff.blueprint import bp
from webinar.platform_reports.words import GROUPS, KIND_NAMES, REASON_NAMES, STANDING_NAMES
from webinar.registration.staff import workspace

TAB = "attendance_staff.of_session"
FAULTS = "faults"
HALF = 0.5
MOST_DAYS = 3

WHERE_IT_IS = (
    (
        "Zoom",
        _l("On zoom.us: Reports, Usage Reports, Webinar, Attendee Report; of a meeting: Usage, its participants."),
    ),
    ("Microsoft Teams", _l("In the calendar, the meeting, its tab Attendance: Download.")),
    ("Webex", _l("On your Webex site: Webinars or Meetings, Completed, the session, Attendees: Export.")),
    ("BigBlueButton", _l("In the room, Learning Analytics Dashboard: Download session data.")),
    ("GoToWebinar", _l("Under Analytics, the session, Attendee report: CSV or XLSX.")),
)


class Shown(NamedTuple):
    """A part of what a file says, and how much there is of it."""

    code: str
    label: str
    means: str
    total: int


@bp.get("/staff/sessions/<key>/attendance/reports/new")
@needs(Role.ORGANISER)
def bring(key: str) -> ResponseReturnValue:
    """Show where a report is brought."""
    return _bring_page(_found(key), ReportFileForm())


@bp.post("/staff/sessions/<key>/attendance/reports/new")
@needs(Role.ORGANISER)
@takes_file("file")
@token_checked_by_form
def look_over(key: str) -> ResponseReturnValue:
    """Keep a file for a while, and lead to what it says; nothing of it is stored by this."""
    session = _found(key)
    form = ReportFileForm()
    if not form.validate_on_submit():
        return _bring_page(session, form), 422
    try:
        token = bring_report(key, form.content, file_name=form.file_name, account_id=acting.signed_in().id)
    except DomainError as refusal:
        form.file.errors = [str(refusal)]
        return _bring_page(session, form), 422
    return redirect(url_for(".brought", key=key, brought_token=token), code=303)


@bp.get("/staff/sessions/<key>/attendance/reports/brought/<brought_token>")
@needs(Role.ORGANISER)
def brought(key: str, brought_token: str) -> ResponseReturnValue:
    """Show what a file says and what applying it would do, or ask what its columns are."""
    session = _found(key)
    file = _brought(session, brought_token)
    if file is None:
        return _gone(key)
    if "columns" in request.args:
        layout = look_at(file.content)
        return _columns_page(session, file, layout, columns_form(layout, how_to_read(file).columns))
    return _look_over_page(session, file)


@bp.post("/staff/sessions/<key>/attendance/reports/brought/<brought_token>")
@needs(Role.ORGANISER)
def apply(key: str, brought_token: str) -> ResponseReturnValue:
    """Take a report over as it was shown, or forget the file."""
    account = acting.signed_in()
    if _brought(_found(key), brought_token) is None:
        return _gone(key)
    if "drop" in request.form:
        drop_report(brought_token, account.id)
        flash(_("Nothing was stored. The file is gone from here."))
        return redirect(url_for("attendance_staff.of_session", key=key), code=303)
    try:
        applied = apply_brought(brought_token, account.id)
    except NoSuchFile as refusal:
        flash(str(refusal), "warn")
        return redirect(url_for(".bring", key=key), code=303)
    except DomainError as refusal:
        flash(str(refusal), "bad")
        return redirect(url_for(".brought", key=key, brought_token=brought_token), code=303)
    if applied.is_new:
        counted = _counted(applied.plan)
        flash(
            ngettext(
                "The report is applied: what it says of %(num)s person counts now.",
                "The report is applied: what it says of %(num)s people counts now.",
                counted,
            )
            if counted
            else _("The report is applied. Nobody in it is known for certain: say below who they are.")
        )
    else:
        flash(_("This file had been applied already. Nothing was changed."))
    return redirect(url_for(".report", key=key, report_id=applied.report_id), code=303)


@bp.post("/staff/sessions/<key>/attendance/reports/brought/<brought_token>/reading")
@needs(Role.ORGANISER)
def read_so(key: str, brought_token: str) -> ResponseReturnValue:
    """Remember by which clock the file tells times, how it writes dates, and what it is to a report before it."""
    session = _found(key)
    file = _brought(session, brought_token)
    if file is None:
        return _gone(key)
    try:
        form = _reading_form(session, file, _plan(session, file))
    except UnknownLayout:  # its columns are named first
        return redirect(url_for(".brought", key=key, brought_token=brought_token), code=303)
    if form.validate_on_submit():
        try:
            choose(brought_token, acting.signed_in().id, form.how(how_to_read(file)))
        except DomainError as refusal:
            form.form_errors = [str(refusal)]
        else:
            return redirect(url_for(".brought", key=key, brought_token=brought_token), code=303)
    return _look_over_page(_found(key), file, form), 422


@bp.post("/staff/sessions/<key>/attendance/reports/brought/<brought_token>/columns")
@needs(Role.ORGANISER)
def name_columns(key: str, brought_token: str) -> ResponseReturnValue:
    """Remember which column of the table says what."""
    session = _found(key)
    file = _brought(session, brought_token)
    if file is None:
        return _gone(key)
    layout = look_at(file.content)
    form = columns_form(layout)
    if form.validate_on_submit():
        try:
            choose(brought_token, acting.signed_in().id, replace(how_to_read(file), columns=form.columns))
        except DomainError as refusal:
            form.form_errors = [str(refusal)]
        else:
            return redirect(url_for(".brought", key=key, brought_token=brought_token), code=303)
    return _columns_page(_found(key), file, layout, form), 422


def _found(key: str) -> WebinarSession:
    return find_session_of_any_status(key) or abort(404)


def _brought(session: WebinarSession, token: str) -> BroughtReport | None:
    file = find_brought_report(token, acting.signed_in().id)
    return file if file is not None and file.session_id == session.id else None


def _gone(key: str) -> ResponseReturnValue:
    flash(str(NoSuchFile()), "warn")
    return redirect(url_for(".bring", key=key), code=303)


def _plan(session: WebinarSession, file: BroughtReport) -> Plan:
    return plan_for(session, read_for(session, file.content, how_to_read(file)))


def _counted(plan: Plan) -> int:
    return sum(one.counts_for is not None for one in plan.people)


def _bring_page(session: WebinarSession, form: ReportFileForm) -> str:
    return render_template(
        "staff/platform_reports/bring.html", **workspace.frame(session, TAB), form=form, ways=WHERE_IT_IS
    )


def _columns_page(session: WebinarSession, file: BroughtReport, layout: Layout, form: ColumnsForm) -> str:
    return render_template(
        "staff/platform_reports/columns.html", **workspace.frame(session, TAB), file=file, layout=layout, form=form
    )


def _reading_form(session: WebinarSession, file: BroughtReport, plan: Plan) -> ReadingForm:
    how = how_to_read(file)
    is_zone_open = plan.report.timezone is None or plan.is_of_another_time or how.timezone is not None
    is_other_file = plan.replaces is not None and plan.replaces.digest != plan.reading.digest
    asked = {
        "timezone": bool(plan.report.logins) and is_zone_open,
        "order": plan.report.is_order_doubtful or how.order is not None,
        "room": is_other_file or how.adds,
    }
    return ReadingForm(
        [name for name, is_asked in asked.items() if is_asked],
        zones_by_continent(),
        zone=plan.reading.timezone,
        order=plan.report.date_order,
        adds=how.adds,
    )


def _look_over_page(session: WebinarSession, file: BroughtReport, form: ReadingForm | None = None) -> str:
    try:
        plan = _plan(session, file)
    except UnknownLayout as unknown:
        return _columns_page(session, file, unknown.layout, columns_form(unknown.layout))
    shown, parts = _shown(plan)
    number = request.args.get("page", 1, type=int)
    return render_template(
        "staff/platform_reports/look_over.html",
        **workspace.frame(session, TAB),
        file=file,
        plan=plan,
        report=plan.report,
        platform=name_of(plan.report.platform),
        form=form or _reading_form(session, file, plan),
        counted=_counted(plan),
        counts=plan.counts,
        standings=Standing,
        may_apply=plan.same is None and bool(plan.reading.placed.belonging),
        is_doubtful=_is_mostly_outside(plan, session),
        began=_first_and_last(plan, session),
        days=formats.joined([formats.date(datetime.combine(day, time())) for day in plan.days[:MOST_DAYS]]),
        starts=in_zone(session.starts_at, plan.reading.timezone),
        ends=in_zone(session.ends_at, plan.reading.timezone),
        parts=parts,
        shown=shown,
        **_part_of_list(plan, shown.code, number),
        local=lambda moment: in_zone(moment, session.timezone),
        kind_names=KIND_NAMES,
        reason_names=REASON_NAMES,
        standing_names=STANDING_NAMES,
    )


def _is_mostly_outside(plan: Plan, session: WebinarSession) -> bool:
    """Tell whether more of the time in a report lies outside the session than in it: a wrong clock looks so."""
    stretches = [(one.joined_at, one.left_at) for one in plan.reading.placed.belonging]
    whole = sum((left - joined for joined, left in stretches), timedelta())
    within = sum((time_within([one], session.starts_at, session.ends_at) for one in stretches), timedelta())
    return bool(whole) and within < whole * HALF


def _first_and_last(plan: Plan, session: WebinarSession) -> tuple[Any, Any] | None:
    """Return when the first in a report joined and the last one left, by the session's clock."""
    belonging = plan.reading.placed.belonging
    if not belonging:
        return None
    first, last = min(one.joined_at for one in belonging), max(one.left_at for one in belonging)
    return in_zone(first.astimezone(UTC), session.timezone), in_zone(last.astimezone(UTC), session.timezone)


def _shown(plan: Plan) -> tuple[Shown, list[Shown]]:
    """Return the part of a report that the address asks for, else the first to look at, and all parts there are."""
    counts = plan.counts
    parts = [
        Shown(group.code, str(group.label), str(group.means), sum(counts[one] for one in group.standings))
        for group in GROUPS
    ]
    parts.append(
        Shown(
            FAULTS,
            _("Lines that could not be read"),
            _("They are left out. If one of them matters, mend it in the file and bring it again."),
            len(plan.faults),
        )
    )
    parts = [part for part in parts if part.total] or parts[:1]
    asked = request.args.get("show", "")
    return next((part for part in parts if part.code == asked), parts[0]), parts


def _part_of_list(plan: Plan, code: str, number: int) -> dict[str, Any]:
    group = next((group for group in GROUPS if group.code == code), None)
    everything: list[Any] = (
        list(plan.faults) if group is None else [one for one in plan.people if one.standing in group.standings]
    )
    pages = max(1, -(-len(everything) // PEOPLE_A_PAGE))
    page = min(max(number, 1), pages)
    start = (page - 1) * PEOPLE_A_PAGE
    return {"lines": everything[start : start + PEOPLE_A_PAGE], "page": page, "last_page": pages, "first": start + 1}
