"""What somebody chooses about reminders on the page of their place."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webinar.foundation.errors import DomainError
from webinar.foundation.security import token_checked_by_form
from webinar.registration.services import NoSuchRegistration
from webinar.registration.views.my_registration import page_of
from webinar.reminders.services.stop import remind_again, stop_reminders

bp = Blueprint("reminders", __name__)


@bp.post("/<lang>/registrations/<token>/reminders")
@token_checked_by_form  # the one in the address
def choose(lang: str, token: str) -> ResponseReturnValue:
    """Stop the reminders of this session, or have them again."""
    wants_them = request.form.get("wanted") == "yes"
    try:
        if wants_them:
            remind_again(token)
        else:
            stop_reminders(token)
    except NoSuchRegistration:
        abort(404)
    except DomainError as refusal:
        return page_of(token, refusal)
    if wants_them:
        flash(_("We remind you of this session again."), "good")
    else:
        flash(_("We send you no more reminders of this session."), "good")
    return redirect(url_for("registration.my_registration", lang=lang, token=token), code=303)
