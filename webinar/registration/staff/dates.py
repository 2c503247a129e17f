"""Choosing and confirming the dates of sessions."""

from __future__ import annotations

from flask import abort, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webinar.accounts.guard import needs
from webinar.accounts.models import Role
from webinar.catalogue.queries import find_session_of_any_status
from webinar.catalogue.services.publish import confirm_date
from webinar.foundation import reader
from webinar.registration.staff.blueprint import bp


@bp.post("/staff/sessions/<key>/confirm-date")
@needs(Role.ORGANISER)
def confirm(key: str) -> ResponseReturnValue:
    """Let the provisional date of a session stand."""
    find_session_of_any_status(key) or abort(404)
    confirm_date(key)
    flash(_("The date is confirmed. The session can be published now."))
    return redirect(reader.came_from() or url_for(".overview", key=key), code=303)
