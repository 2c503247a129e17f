"""All mailings, the latest first; and the way to the page of one that matters now."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webinar.accounts.acting import signed_in
from webinar.accounts.guard import needs
from webinar.accounts.models import Role
from webinar.invitations.queries import mailings_page, unfinished_mailings
from webinar.invitations.staff.blueprint import bp
from webinar.invitations.staff.workspace import mailing_or_404
from webinar.invitations.words import KINDS, state_in_words


@bp.get("/staff/mailings")
@needs(Role.VIEWER)
def mailings() -> str:
    """Show the mailings, a page at a time."""
    listing = mailings_page(request.args.get("page", 1, type=int))
    unfinished = unfinished_mailings([one.id for one in listing.mailings])
    return render_template(
        "staff/invitations/list.html",
        listing=listing,
        kind_words=KINDS,
        state_words={one.id: state_in_words(one, is_unfinished=one.id in unfinished) for one in listing.mailings},
        may_edit=signed_in().may(Role.ORGANISER),
    )


@bp.get("/staff/mailings/<int:mailing_id>")
@needs(Role.VIEWER)
def mailing(mailing_id: int) -> ResponseReturnValue:
    """Lead on: to the texts of a draft, else to what came of it."""
    found = mailing_or_404(mailing_id)
    page = ".text" if found.is_draft else ".results"
    return redirect(url_for(page, mailing_id=mailing_id), 303)
