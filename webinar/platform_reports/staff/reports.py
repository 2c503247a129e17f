"""The reports of a session that were taken over: whom they name, what is decided about these, and undoing one.

Whoever may sign in may look, as at the attendance; deciding is for organisers.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_babel.speaklater import LazyString

from webinar.accounts import acting
from webinar.accounts.guard import needs
from webinar.accounts.models import Role
from webinar.catalogue.models import WebinarSession
from webinar.catalogue.queries import find_session_of_any_status
from webinar.foundation.errors import DomainError
from webinar.foundation.lines import one_line
from webinar.foundation.security import token_checked_by_form
from webinar.foundation.zones import in_zone
from webinar.members.matching import Found, MemberNames
from webinar.members.queries import member_names, propose_by_mail_domain
from webinar.platform_reports.forms import CameWithoutForm
from webinar.platform_reports.listing import (
    MOST_FOUND,
    candidates_of,
    count_by_standing,
    find_report,
    find_reported,
    found_in_session,
    listed,
    presence_of,
    reports_of,
)
from webinar.platform_reports.models import COUNTING, PlatformReport, ReportedPerson, Standing
from webinar.platform_reports.reading import name_of
from webinar.platform_reports.services.decide import add, confirm, link, set_aside, take_back
from webinar.platform_reports.services.refusals import AlreadyRegistered, NotActive
from webinar.platform_reports.services.undo import undo as undo_import
from webinar.platform_reports.staff.blueprint import bp
from webinar.platform_reports.words import GROUPS, KIND_NAMES, REASON_NAMES, STANDING_NAMES, STANDING_TONES, Group
from webinar.registration.services.refusals import UnknownMember
from webinar.registration.staff import workspace
from webinar.registration.staff.registrations import STATUS_NAMES

TAB = "attendance_staff.of_session"
MOST_OF_A_SEARCH = 200
MOST_CANDIDATES = 5
HIGHEST_NUMBER = 2**31
DECISIONS = ("link", "add", "set-aside", "reopen")

_BRACKETS = re.compile(r"\s*[(\[（]([^()\[\]（）]*)[)\]）]\s*")


class ReportLine(NamedTuple):
    """A report in the list, with how many of its people count and how many somebody has to decide about."""

    report: PlatformReport
    platform: LazyString | str
    counted: int
    to_decide: int


@bp.get("/staff/sessions/<key>/attendance/reports")
def reports(key: str) -> ResponseReturnValue:
    """List the reports that were taken over for a session."""
    session = _found(key)
    found = reports_of(session.id)
    counts = count_by_standing([report.id for report in found])
    return render_template(
        "staff/platform_reports/reports.html",
        **workspace.frame(session, TAB),
        reports=[
            ReportLine(
                report,
                name_of(report.platform),
                sum(counts[report.id][one] for one in COUNTING),
                counts[report.id][Standing.LIKELY] + counts[report.id][Standing.OPEN],
            )
            for report in found
        ],
        local=lambda moment: in_zone(moment, session.timezone),
    )


@bp.get("/staff/sessions/<key>/attendance/reports/<int:report_id>")
def report(key: str, report_id: int) -> ResponseReturnValue:
    """Show a report: what it is, and its people by what is known of them."""
    session = _found(key)
    found = _found_report(session, report_id)
    counts = count_by_standing([found.id])[found.id]
    totals = {group.code: sum(counts[one] for one in group.standings) for group in GROUPS}
    asked = request.args.get("show", "")
    group = next(
        (group for group in GROUPS if group.code == asked),
        next((group for group in GROUPS if totals[group.code]), GROUPS[0]),
    )
    return render_template(
        "staff/platform_reports/report.html",
        **workspace.frame(session, TAB),
        report=found,
        platform=name_of(found.platform),
        groups=GROUPS,
        totals=totals,
        group=group,
        listing=listed(found, session, group.standings, request.args.get("page", 1, type=int), totals[group.code]),
        may_change=found.is_active and acting.signed_in().may(Role.ORGANISER),
        most_candidates=MOST_CANDIDATES,
        status_names=STATUS_NAMES,
        kind_names=KIND_NAMES,
        reason_names=REASON_NAMES,
        standing_names=STANDING_NAMES,
        local=lambda moment: in_zone(moment, session.timezone),
    )


@bp.post("/staff/sessions/<key>/attendance/reports/<int:report_id>/confirm")
@needs(Role.ORGANISER)
def confirm_all(key: str, report_id: int) -> ResponseReturnValue:
    """Confirm all of a report who are likely somebody."""
    _found_report(_found(key), report_id)
    try:
        count = confirm(key, report_id)
    except DomainError as refusal:
        flash(str(refusal), "bad")
    else:
        flash(ngettext("%(num)s person is confirmed.", "%(num)s people are confirmed.", count))
    return redirect(url_for(".report", key=key, report_id=report_id), code=303)


@bp.get("/staff/sessions/<key>/attendance/reports/<int:report_id>/people/<int:reported>")
@needs(Role.ORGANISER)
def person(key: str, report_id: int, reported: int) -> ResponseReturnValue:
    """Show somebody in a report, with all that can be decided about them."""
    session = _found(key)
    one = _found_person(session, report_id, reported)
    return _person_page(session, one, _form(session, one))


@bp.post("/staff/sessions/<key>/attendance/reports/<int:report_id>/people/<int:reported>")
@needs(Role.ORGANISER)
@token_checked_by_form
def decide(key: str, report_id: int, reported: int) -> ResponseReturnValue:
    """Say who somebody in a report is: registered, come without registering, or nobody who matters."""
    session = _found(key)
    if not _found_report(session, report_id).is_active:  # of one that was undone meanwhile nobody is known any more
        return _not_active(key, report_id)
    one = _found_person(session, report_id, reported)
    form = _form(session, one)
    if not _has_token(form):
        return _person_page(session, one, form), 422
    what = request.form.get("do", "")
    if what not in DECISIONS:
        abort(400)
    if what == "add" and not form.validate_on_submit():
        return _person_page(session, one, form), 422
    before = _group_of(one)
    registered_as, refused = None, ""
    try:
        if done := _decide(key, one, what, form):
            flash(done)
    except UnknownMember as refusal:
        form.member.errors = [str(refusal)]
    except AlreadyRegistered as refusal:
        form.email.errors = [str(refusal)]
        registered_as = refusal.turn
    except NotActive:
        return _not_active(key, report_id)
    except DomainError as refusal:
        refused = str(refusal)
    else:
        return redirect(url_for(".report", key=key, report_id=report_id, show=before.code), code=303)
    session = _found(key)  # again: the use case has read them without what the page shows
    one = _found_person(session, report_id, reported)
    return _person_page(session, one, form, refused=refused, registered_as=registered_as), 422


def _group_of(one: ReportedPerson) -> Group:
    return next(group for group in GROUPS if one.standing in group.standings)


def _has_token(form: CameWithoutForm) -> bool:
    """Tell whether a button was pressed on a page of ours; nothing was typed with it."""
    return bool(form.csrf_token.validate(form)) if "csrf_token" in form else True


def _not_active(key: str, report_id: int) -> ResponseReturnValue:
    flash(str(NotActive()), "bad")
    return redirect(url_for(".report", key=key, report_id=report_id), code=303)


def _decide(key: str, one: ReportedPerson, what: str, form: CameWithoutForm) -> str:
    """Decide, and return what was done; nothing where somebody else has decided otherwise meanwhile."""
    called = one.name or one.email or ""
    if what == "link":
        turn = request.form.get("turn", 0, type=int)
        link(key, one.report_id, one.number, turn if 0 <= turn < HIGHEST_NUMBER else 0)
        return str(_("What the report says of %(name)s counts for who is registered.", name=called))
    if what == "add":
        add(key, one.report_id, one.number, form.who)
        return str(_("%(name)s is added as having come without registering.", name=called))
    if what == "set-aside":
        count = set_aside(key, one.report_id, [one.number])
        return str(_("%(name)s is set aside, in later reports too.", name=called)) if count else ""
    count = take_back(key, one.report_id, [one.number])
    return str(_("What was decided about %(name)s is taken back.", name=called)) if count else ""


@bp.get("/staff/sessions/<key>/attendance/reports/<int:report_id>/undo")
@needs(Role.ORGANISER)
def undo(key: str, report_id: int) -> ResponseReturnValue:
    """Ask whether the import of a report is to be undone."""
    session = _found(key)
    found = _found_report(session, report_id)
    counts = count_by_standing([found.id])[found.id]
    return render_template(
        "staff/platform_reports/undo.html",
        **workspace.frame(session, TAB),
        report=found,
        platform=name_of(found.platform),
        counted=sum(counts[one] for one in COUNTING),
        added=counts[Standing.ADDED],
    )


@bp.post("/staff/sessions/<key>/attendance/reports/<int:report_id>/undo")
@needs(Role.ORGANISER)
def do_undo(key: str, report_id: int) -> ResponseReturnValue:
    """Undo the import of a report."""
    _found_report(_found(key), report_id)
    try:
        undo_import(key, report_id)
    except DomainError as refusal:
        flash(str(refusal), "bad")
        return redirect(url_for(".report", key=key, report_id=report_id), code=303)
    flash(_("The import is undone."))
    return redirect(url_for(".reports", key=key), code=303)


def _found(key: str) -> WebinarSession:
    return find_session_of_any_status(key) or abort(404)


def _found_report(session: WebinarSession, report_id: int) -> PlatformReport:
    return (find_report(session.id, report_id) if report_id < HIGHEST_NUMBER else None) or abort(404)


def _found_person(session: WebinarSession, report_id: int, reported: int) -> ReportedPerson:
    is_small = max(report_id, reported) < HIGHEST_NUMBER
    return (find_reported(session.id, report_id, reported) if is_small else None) or abort(404)


def _form(session: WebinarSession, one: ReportedPerson) -> CameWithoutForm:
    """Return the form for who came without registering, with what the report lets one guess."""
    members = member_names()
    name, in_brackets = _BRACKETS.sub(" ", one.name).strip(), _BRACKETS.findall(one.name)
    given_name, _space, family_name = (name or one.name).rpartition(" ")
    member_key = (propose_by_mail_domain(one.email) if one.email else None) or _member_among(in_brackets, members)
    return CameWithoutForm(
        members=members,
        versions=[version.code for version in session.language_versions],
        given_name=given_name or family_name,
        family_name=family_name if given_name else "",
        email=one.email or "",
        member=members.name_of(member_key) if member_key else "",
    )


def _member_among(written: list[str], members: MemberNames) -> str | None:
    for text in written:
        match members.find(text):
            case Found(member_key):
                return member_key
    return None


def _person_page(
    session: WebinarSession,
    one: ReportedPerson,
    form: CameWithoutForm,
    *,
    refused: str = "",
    registered_as: int | None = None,
) -> str:
    search = one_line(request.args.get("search", ""))[:MOST_OF_A_SEARCH]
    candidates: list[Any] = [place for place in (one.registration, one.proposed) if place is not None]
    candidates += candidates_of(one.report_id, [one.number]).get(one.number, [])
    choices = {place.id: place for place in candidates}
    return render_template(
        "staff/platform_reports/person.html",
        **workspace.frame(session, TAB),
        report=one.report,
        person=one,
        presence=presence_of(one, session),
        choices=list(choices.values()),
        looked_for=search,
        found=[place for place in found_in_session(session.id, search, member_names()) if place.id not in choices],
        most_found=MOST_FOUND,
        form=form,
        refused=refused,
        registered_as=registered_as,
        may_change=one.report.is_active,
        back=url_for(".report", key=session.key, report_id=one.report_id, show=_group_of(one).code),
        status_names=STATUS_NAMES,
        kind_names=KIND_NAMES,
        reason_names=REASON_NAMES,
        standing_names=STANDING_NAMES,
        standing_tones=STANDING_TONES,
        local=lambda moment: in_zone(moment, session.timezone),
    )
