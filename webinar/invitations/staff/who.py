"""Who gets a mailing: the numbers, who is left out and why, person by person, when it goes, and confirming it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from flask import render_template, request
from flask.typing import ResponseReturnValue

from webinar.accounts.guard import needs
from webinar.accounts.models import Role
from webinar.invitations.listing import people_page
from webinar.invitations.models import LeftOut, Mailing
from webinar.invitations.queries import Planned, counted
from webinar.invitations.services.confirm import who_get_it
from webinar.invitations.staff.blueprint import bp
from webinar.invitations.staff.workspace import frame, mailing_or_404
from webinar.invitations.words import REASONS

GET_IT = "gets"


class Part(NamedTuple):
    """A part of the people of a mailing that the page can list: how many they are, and how the address names it."""

    people: int
    language: str
    why: str


@bp.get("/staff/mailings/<int:mailing_id>/who")
@needs(Role.VIEWER)
def who_gets_it(mailing_id: int) -> ResponseReturnValue:
    """Show how many get a mailing and who is left out and why; on demand the people of one of these lines."""
    return _page(mailing_or_404(mailing_id))


def _page(mailing: Mailing, **more: Any) -> str:
    planned = counted(mailing)
    why = request.args.get("why", "")
    language = request.args.get("language", "")
    listing = None
    if why == GET_IT or why in set(LeftOut):
        reason = None if why == GET_IT else LeftOut(why)
        listing = people_page(mailing, planned, reason, language, request.args.get("page", 1, type=int))
    return render_template(
        "staff/invitations/who.html",
        people=who_get_it(planned),
        get_it=[Part(one.people, one.language, GET_IT) for one in planned if one.left_out is None],
        left_out=_left_out(planned),
        why=why,
        read_in=language,
        listing=listing,
        reason_words=REASONS,
        **more,
        **frame(mailing, "invitations_staff.who_gets_it"),
    )


def _left_out(planned: Sequence[Planned]) -> list[Part]:
    counts: dict[LeftOut, int] = {}
    for one in planned:
        if one.left_out is not None:
            counts[one.left_out] = counts.get(one.left_out, 0) + one.people
    return [Part(people, "", why.value) for why, people in sorted(counts.items(), key=lambda item: -item[1])]
