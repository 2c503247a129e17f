"""Approving or declining somebody who wants to come to a session for members."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import AnyOf

from webinar.accounts.guard import needs
from webinar.accounts.models import Role
from webinar.catalogue.queries import find_session_of_any_status
from webinar.foundation.errors import DomainError
from webinar.foundation.fields import AtMost
from webinar.foundation.lines import one_line
from webinar.foundation.security import token_checked_by_form
from webinar.registration.models import RegistrationStatus
from webinar.registration.queries import find_with_mail_domains
from webinar.registration.services.approval import approve, decline
from webinar.registration.staff.blueprint import bp
from webinar.registration.staff.workspace import frame

MOST_OF_A_WORD = 500


class DecisionForm(FlaskForm):  # type: ignore[misc]
    """Whether an organiser approves or declines somebody, and what they add in their own words."""

    decision = StringField(
        _l("Decision"), [AnyOf(["approve", "decline"], _l("Choose one of these."), values_formatter=str)]
    )
    word = StringField(
        _l("A word to them"),
        [AtMost(MOST_OF_A_WORD)],
        filters=[lambda written: one_line(written or "")],
    )


@bp.post("/staff/sessions/<key>/registrations/<int:turn>/approval")
@needs(Role.ORGANISER)
@token_checked_by_form
def settle_approval(key: str, turn: int) -> ResponseReturnValue:
    """Approve somebody, or decline, by which button was pressed; or show what was typed again with what to mend."""
    session = find_session_of_any_status(key) or abort(404)
    place = (find_with_mail_domains(session.id, turn) if turn < 2**31 else None) or abort(404)
    form = DecisionForm()
    form.word.id = f"word-{turn}"
    if not form.validate_on_submit():
        page = render_template(
            "staff/sessions/approval.html",
            place=place,
            form=form,
            **frame(session, "registration_staff.registrations"),
        )
        return page, 422
    try:
        _settle(key, turn, form.decision.data, form.word.data)
    except DomainError as refusal:
        flash(str(refusal), "warn")
    return redirect(url_for(".registrations", key=key), code=303)


def _settle(key: str, turn: int, decision: str, word: str) -> None:
    if decision == "decline":
        decline(key, turn, word)
        flash(_("The person has been declined, and is told by mail."))
    elif approve(key, turn, word) is RegistrationStatus.REGISTERED:
        flash(_("The person has been approved and has a place; the calendar invitation is on its way."))
    else:
        flash(_("The person has been approved and waits for a seat; a mail says so."), "warn")
