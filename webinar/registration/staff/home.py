"""Where the staff begin: what comes next and what needs a hand; and the list of all sessions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from flask import render_template, request
from flask.typing import ResponseReturnValue

from webinar.accounts import acting
from webinar.accounts.models import Role
from webinar.catalogue.models import WebinarSession, WebinarText
from webinar.catalogue.queries import sessions_page, sessions_without_link
from webinar.catalogue.texts import text_in
from webinar.foundation import clock, formats, languages
from webinar.mail.queries import count_to_settle
from webinar.registration.listing import Figures, figures_of
from webinar.registration.staff.blueprint import bp
from webinar.registration.staff.workspace import times_of

COMING_ON_THE_FIRST_PAGE = 12
SESSIONS_A_PAGE = 50


class StaffSession(NamedTuple):
    """One session in a list of the staff: its title, hours, and how many come."""

    session: WebinarSession
    text: WebinarText
    times: formats.When
    figures: Figures

    @property
    def share_taken(self) -> float | None:
        """How much of its seats are taken, from 0 to 100; None without a limit."""
        seats = self.session.seats
        return None if seats is None else round(min(100.0, 100 * self.figures.registered / seats), 1)


def _shown(sessions: Sequence[WebinarSession]) -> list[StaffSession]:
    figures = figures_of(session.id for session in sessions)
    return [
        StaffSession(
            session,
            text_in(session.webinar.texts, languages.current(), session.webinar.original_language),
            times_of(session),
            figures.get(session.id, Figures()),
        )
        for session in sessions
    ]


@bp.get("/staff/")
def home() -> ResponseReturnValue:
    """Show the coming sessions, and what needs a hand."""
    now = clock.now()
    page = sessions_page(now, past=False, page=1, lines=COMING_ON_THE_FIRST_PAGE)
    return render_template(
        "staff/home.html",
        lines=_shown(page.sessions),
        more=page.total - len(page.sessions),
        to_settle=count_to_settle(),
        without_link=[(session, times_of(session)) for session in sessions_without_link(now)],
        now=now,
        may_edit=acting.signed_in().may(Role.ORGANISER),
    )


@bp.get("/staff/sessions")
def sessions() -> ResponseReturnValue:
    """List all sessions: those to come, or those that are over."""
    past = request.args.get("when") == "past"
    page = sessions_page(clock.now(), past=past, page=request.args.get("page", 1, type=int), lines=SESSIONS_A_PAGE)
    return render_template("staff/sessions/list.html", past=past, page=page, lines=_shown(page.sessions))
