"""The organisers' page of a focal point's own page: sending its link, and taking it away."""

from __future__ import annotations

from flask import Blueprint, abort, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webinar.accounts import acting
from webinar.accounts.guard import needs
from webinar.accounts.models import Role
from webinar.foundation import reader
from webinar.foundation.errors import DomainError
from webinar.foundation.zones import in_zone
from webinar.invitations.focal_points import link_of
from webinar.invitations.services.focal_point_page import send_link, take_link_away
from webinar.people.queries import find_contact
from webinar.people.services.edit_contact import NoSuchContact

bp = Blueprint("focal_points_staff", __name__)


@bp.get("/staff/contacts/<int:contact_id>/own-page")
def own_page(contact_id: int) -> str:
    """Show whether a focal point has a page of their own, and since when."""
    contact = find_contact(contact_id) or abort(404)
    link = link_of(contact.id)
    zone = reader.zone() or current_app.config["DEFAULT_TIMEZONE"]
    return render_template(
        "staff/focal_points/own_page.html",
        contact=contact,
        made_at=in_zone(link.made_at, zone) if link else None,
        may_edit=acting.signed_in().may(Role.ORGANISER),
    )


@bp.post("/staff/contacts/<int:contact_id>/own-page")
@needs(Role.ORGANISER)
def send(contact_id: int) -> ResponseReturnValue:
    """Send a focal point the link to their own page."""
    try:
        send_link(contact_id)
    except NoSuchContact:
        abort(404)
    except DomainError as refusal:
        flash(str(refusal), "bad")
    else:
        flash(_("A mail with the link leaves now."))
    return redirect(url_for(".own_page", contact_id=contact_id), code=303)


@bp.post("/staff/contacts/<int:contact_id>/own-page/take-away")
@needs(Role.ORGANISER)
def take_away(contact_id: int) -> ResponseReturnValue:
    """Let the link of a focal point lead nowhere from now on."""
    try:
        was_there = take_link_away(contact_id)
    except NoSuchContact:
        abort(404)
    flash(_("The link leads nowhere from now on.") if was_there else _("Nothing was changed."))
    return redirect(url_for(".own_page", contact_id=contact_id), code=303)
