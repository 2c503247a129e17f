"""The frame round every page of one session: its head with date and state, and the tabs that exist."""

from __future__ import annotations

from typing import Any

from flask import url_for
from flask_babel import gettext as _

from webinar.accounts import acting
from webinar.accounts.models import Role
from webinar.catalogue.models import SessionStatus, WebinarSession
from webinar.catalogue.texts import text_in
from webinar.foundation import languages
from webinar.registration.queries import seating_of


def frame(session: WebinarSession, tab: str) -> dict[str, Any]:
    """Return what ``staff/sessions/layout.html`` shows round a page of a session; ``tab`` is the endpoint of the page.

    The session has come from ``catalogue.queries``, so its webinar with questions and series are loaded. One query.
    """
    seating = seating_of(session.id)
    webinar = session.webinar
    return {
        "session": session,
        "webinar": webinar,
        "text": text_in(webinar.texts, languages.current(), webinar.original_language),
        "series_text": text_in(webinar.series.texts, languages.current(), webinar.original_language),
        "times": session.times_there,
        "seating": seating,
        "may_edit": acting.signed_in().may(Role.ORGANISER),
        "can_publish": session.status is SessionStatus.DRAFT,
        "tabs": [
            _tab(_("Overview"), "registration_staff.overview", session, tab),
            _tab(_("Content"), "registration_staff.content", session, tab),
            _tab(_("Registrations"), "registration_staff.registrations", session, tab, seating.registered),
            *([_tab(_("Answers"), "registration_staff.answers", session, tab)] if webinar.questions else []),
            _tab(_("Invited"), "invitations_staff.invited", session, tab),
            _tab(_("Reminders"), "reminders_staff.of_session", session, tab),
            _tab(_("By language"), "attendance_staff.languages_of_session", session, tab),
            _tab(_("Attendance"), "attendance_staff.of_session", session, tab),
            _tab(_("Certificates"), "certificates_staff.of_session", session, tab),
        ],
    }


def _tab(label: str, endpoint: str, session: WebinarSession, current: str, count: int | None = None) -> dict[str, Any]:
    return {
        "label": label,
        "href": url_for(endpoint, key=session.key),
        "current": endpoint == current,
        "count": count,
    }
