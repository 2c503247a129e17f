"""What was changed in a session, readable at the session itself."""

from __future__ import annotations

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue

from webinar.accounts.queries import audit_page
from webinar.catalogue.queries import find_session_of_any_status
from webinar.catalogue.services.revisions import subject_of
from webinar.catalogue.staff.changes import told_here
from webinar.registration.staff.blueprint import bp
from webinar.registration.staff.workspace import frame


@bp.get("/staff/sessions/<key>/changes")
def changes(key: str) -> ResponseReturnValue:
    """Show what was changed in a session, the latest first."""
    session = find_session_of_any_status(key) or abort(404)
    page = audit_page(request.args.get("page", 1, type=int), subject_of(session))
    return render_template(
        "staff/sessions/changes.html",
        page=page,
        entries=told_here(page.entries),
        subject=subject_of(session),
        **frame(session, "registration_staff.content"),
    )
