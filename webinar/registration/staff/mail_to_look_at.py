"""Mail to look at: what came from people's calendars and a person has to settle."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from webinar.accounts.guard import needs
from webinar.accounts.models import Role
from webinar.calendars.models import KeptFor
from webinar.catalogue.texts import text_in
from webinar.foundation import languages
from webinar.foundation.errors import DomainError
from webinar.foundation.zones import in_zone
from webinar.registration.attention import titles_of
from webinar.registration.kept import kept_page
from webinar.registration.services.calendar_answers import settle_kept_reply
from webinar.registration.staff.blueprint import bp
from webinar.registration.staff.registrations import ANSWER_NAMES

REASONS = {
    KeptFor.UNPROVEN: _l("Our mail server does not say whether this address is true."),
    KeptFor.ANOTHER_SENDER: _l("It comes from another address than was invited."),
    KeptFor.OTHER_TIME: _l("Asks for another time."),
    KeptFor.PASSED_ON: _l("Wants somebody else to come instead."),
    KeptFor.ASKS_AGAIN: _l("Asks for the invitation again."),
}


@bp.get("/staff/mail/to-look-at")
@needs(Role.ORGANISER)
def mail_to_look_at() -> ResponseReturnValue:
    """Show what is to be settled, the oldest first."""
    page = kept_page(request.args.get("page", 1, type=int))
    titles = titles_of(line.session.webinar_id for line in page.lines)
    return render_template(
        "staff/mail/to_look_at.html",
        page=page,
        title_of=lambda session: text_in(
            titles[session.webinar_id], languages.current(), session.webinar.original_language
        ),
        reasons=REASONS,
        answer_names=ANSWER_NAMES,
        in_zone=in_zone,
    )


@bp.post("/staff/mail/to-look-at/<int:kept_id>")
@needs(Role.ORGANISER)
def settle(kept_id: int) -> ResponseReturnValue:
    """Take an answer that is not proven, or put away what was looked at."""
    take_it = "take" in request.form
    try:
        if kept_id < 2**31:
            settle_kept_reply(kept_id, take_it=take_it)
    except DomainError as refusal:
        flash(str(refusal), "bad")
    else:
        flash(_("The answer is stored.") if take_it else _("It is put away."), "good")
    return redirect(url_for(".mail_to_look_at"), code=303)
