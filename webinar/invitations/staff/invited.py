"""Who was invited to a session, how each stands, and taking invitations back."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from webinar.accounts.guard import needs
from webinar.accounts.models import Role
from webinar.catalogue.models import SessionStatus
from webinar.catalogue.queries import find_session_of_any_status
from webinar.foundation import clock
from webinar.foundation.errors import DomainError
from webinar.foundation.zones import in_zone
from webinar.invitations.invited_list import InvitedState, invited_page
from webinar.invitations.services.withdraw import withdraw, withdraw_silent
from webinar.invitations.staff.blueprint import bp
from webinar.invitations.words import INVITED_STATES
from webinar.registration.staff.registrations import ANSWER_NAMES
from webinar.registration.staff.workspace import frame


@bp.get("/staff/sessions/<key>/invited")
@needs(Role.VIEWER)
def invited(key: str) -> str:
    """Show who was invited, narrowed as the address says, a page at a time."""
    session = find_session_of_any_status(key) or abort(404)
    wanted = request.args.get("standing", "")
    standing = InvitedState(wanted) if wanted in set(InvitedState) else None
    return render_template(
        "staff/sessions/invited.html",
        **frame(session, "invitations_staff.invited"),
        listing=invited_page(session.id, standing, request.args.get("page", 1, type=int)),
        standing=standing,
        standings=INVITED_STATES,
        answer_names=ANSWER_NAMES,
        can_withdraw=session.status is SessionStatus.PUBLISHED and clock.now() < session.starts_at,
        local=lambda moment: in_zone(moment, session.timezone),
    )


@bp.post("/staff/sessions/<key>/invited/withdraw")
@needs(Role.ORGANISER)
def withdraw_invitations(key: str) -> ResponseReturnValue:
    """Take back one invitation, or those of all who are silent."""
    find_session_of_any_status(key) or abort(404)
    one = request.form.get("invitation", type=int)
    try:
        if request.form.get("who") == "silent":
            people = withdraw_silent(key)
            flash(
                ngettext(
                    "One invitation is withdrawn. Whoever has it in the calendar is told by mail.",
                    "%(num)s invitations are withdrawn. Whoever has one in the calendar is told by mail.",
                    people,
                )
            )
        elif one is not None and 0 < one < 2**31:
            withdraw(key, one)
            flash(_("The invitation is withdrawn. If it stands in a calendar, a mail takes it out."))
        else:
            abort(400)
    except DomainError as refusal:
        flash(str(refusal), "warn")
    return redirect(url_for(".invited", key=key, standing=request.form.get("standing") or None), code=303)
