"""The frame round every page of one mailing: its head and the tabs of its parts."""

from __future__ import annotations

from typing import Any

from flask import abort, url_for
from flask_babel import gettext as _

from webinar.accounts.acting import signed_in
from webinar.accounts.models import Role
from webinar.invitations.models import Mailing
from webinar.invitations.queries import find_mailing, unfinished_mailings
from webinar.invitations.words import KINDS, state_in_words


def mailing_or_404(mailing_id: int) -> Mailing:
    """Return a mailing as ``find_mailing`` does, or end the request: there is none of this number."""
    mailing = find_mailing(mailing_id)
    if mailing is None:
        abort(404)
    return mailing


def frame(mailing: Mailing, tab: str, *, is_unfinished: bool | None = None) -> dict[str, Any]:
    """Return what ``staff/invitations/layout.html`` shows round a page of a mailing; ``tab`` is its endpoint.

    ``is_unfinished`` says whether mails are still to go, where that is known already; else the database is asked.
    """
    pages = [
        (_("Audience"), "invitations_staff.audience"),
        (_("Texts and sessions"), "invitations_staff.text"),
        (_("Who gets this"), "invitations_staff.who_gets_it"),
    ]
    if is_unfinished is None:
        is_unfinished = not mailing.is_draft and bool(unfinished_mailings([mailing.id]))
    if not mailing.is_draft:
        pages = [(_("What came of it"), "invitations_staff.results"), *pages[2:], *pages[:2]]
    return {
        "mailing": mailing,
        "kind_words": KINDS[mailing.kind],
        "state_words": state_in_words(mailing, is_unfinished=is_unfinished),
        "is_unfinished": is_unfinished,
        "may_edit": signed_in().may(Role.ORGANISER),
        "tabs": [
            {"label": label, "href": url_for(endpoint, mailing_id=mailing.id), "current": endpoint == tab}
            for label, endpoint in pages
        ],
    }
