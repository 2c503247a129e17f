"""Where the staff begin: what comes next and what needs a hand; and the list of all sessions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from flask import render_template, request
from flask.typing import ResponseReturnValue

from webinar.accounts import acting
from webinar.accounts.models import Role
from webinar.catalogue.models import WebinarSession
from webinar.catalogue.queries import sessions_page
from webinar.catalogue.texts import text_in
from webinar.foundation import clock, languages
from webinar.foundation.when import When
from webinar.members.queries import count_members
from webinar.registration.attention import Title, titles_of
from webinar.registration.listing import Figures, figures_of
from webinar.registration.staff.blueprint import bp
from webinar.registration.staff.to_do import attention, everything_to_do

COMING_ON_THE_FIRST_PAGE = 12
SESSIONS_A_PAGE = 50
TO_DO_AT_FIRST = 8


class StaffSession(NamedTuple):
    """One session in a list of the staff: its title, hours, and how many come."""

    session: WebinarSession
    text: Title
    times: When
    figures: Figures
    all_members: int

    @property
    def share_of_members(self) -> float:
        """For how many of the network's members somebody is registered, from 0 to 100."""
        return round(100 * self.figures.members / self.all_members, 1) if self.all_members else 0.0


def _shown(sessions: Sequence[WebinarSession], titles: Mapping[int, Sequence[Title]]) -> list[StaffSession]:
    figures = figures_of(session.id for session in sessions)
    all_members = count_members()
    return [
        StaffSession(
            session,
            text_in(titles[session.webinar_id], languages.current(), session.webinar.original_language),
            session.times_there,
            figures.get(session.id, Figures()),
            all_members,
        )
        for session in sessions
    ]


@bp.get("/staff/")
def home() -> ResponseReturnValue:
    """Show what needs a hand, and the coming sessions."""
    now = clock.now()
    page = sessions_page(now, past=False, page=1, lines=COMING_ON_THE_FIRST_PAGE)
    found = attention(now)
    titles = titles_of({*found.webinar_ids(), *(session.webinar_id for session in page.sessions)})
    return render_template(
        "staff/home.html",
        lines=_shown(page.sessions, titles),
        more=page.total - len(page.sessions),
        to_do=everything_to_do(found, titles),
        at_first=TO_DO_AT_FIRST,
        now=now,
        may_edit=acting.signed_in().may(Role.ORGANISER),
    )


@bp.get("/staff/sessions")
def sessions() -> ResponseReturnValue:
    """List all sessions: those to come, or those that are over."""
    past = request.args.get("when") == "past"
    now = clock.now()
    page = sessions_page(now, past=past, page=request.args.get("page", 1, type=int), lines=SESSIONS_A_PAGE)
    titles = titles_of({session.webinar_id for session in page.sessions})
    return render_template(
        "staff/sessions/list.html", past=past, page=page, lines=_shown(page.sessions, titles), this_year=now.year
    )
