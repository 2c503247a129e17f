"""I lost my link: it is sent again to the address that was registered, and the page tells nobody which one was."""

from __future__ import annotations

from datetime import timedelta

from flask import current_app, redirect, render_template, url_for
from flask import session as browser_session
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webinar.catalogue.models import RegistrationState, WebinarSession
from webinar.foundation import clock
from webinar.foundation.pace import taking_at_least
from webinar.foundation.ratelimit import allow
from webinar.foundation.security import client_address, token_checked_by_form
from webinar.people.mail_address import mailbox_of
from webinar.registration import services
from webinar.registration.forms import LostLinkForm
from webinar.registration.views.blueprint import bp
from webinar.registration.views.registering import closed_page, public_session, showing_of

LINKS_SENT_TO = "links_sent_to"
"""Where the browser's session keeps which address was typed, to say it on the next page."""

LINKS_OF_A_MAILBOX = 6
"""How often an hour the links may be asked for with the addresses of one mailbox, registered or not."""

# Writing the mail takes some hundredths of a second, and nobody is to learn by a watch whether one was written.
TAKES_AT_LEAST = timedelta(milliseconds=150)


@bp.get("/<lang>/sessions/<key>/lost-link")
def lost_link(lang: str, key: str) -> ResponseReturnValue:
    """Ask for the address to which the links of a place are to be sent once more."""
    session = public_session(key)
    return closed_page(session) if _leads_nowhere(session) else _page(session, LostLinkForm())


@bp.post("/<lang>/sessions/<key>/lost-link")
@token_checked_by_form
def send_lost_link(lang: str, key: str) -> ResponseReturnValue:
    """Send the links again, if the address has a place; the answer is the same for all addresses."""
    session = public_session(key)
    form = LostLinkForm()
    if not _may_try():
        return _page(session, form, is_limited=True), 429, {"Cache-Control": "no-store", "Retry-After": "600"}
    if not form.validate_on_submit():
        return _page(session, form), 422, {"Cache-Control": "no-store"}
    if not _may_ask_for(form.email.normalised):
        form.email.errors = [
            _(
                "The links were asked for with this address several times within an hour. If it is registered, they "
                "are in its mailbox, perhaps among unwanted mail. Else write to the secretariat, or call."
            )
        ]
        return _page(session, form), 429, {"Cache-Control": "no-store", "Retry-After": "3600"}
    try:
        with taking_at_least(TAKES_AT_LEAST):
            services.send_links_again(key, form.email.normalised)
    except services.RegistrationClosed:
        return closed_page(session), 409
    browser_session[LINKS_SENT_TO] = [key, form.email.data]
    return redirect(url_for(".links_sent", lang=lang, key=key, **session.way_in()), code=303)


@bp.get("/<lang>/sessions/<key>/links-sent")
def links_sent(lang: str, key: str) -> ResponseReturnValue:
    """Say where to look, and what else helps: the same whether or not the address was registered."""
    session = public_session(key)
    kept = browser_session.get(LINKS_SENT_TO)
    sent_to = kept[1] if kept and kept[0] == key else ""
    page = render_template("registration/links_sent.html", showing=showing_of(session), sent_to=sent_to)
    return page, 200, {"Cache-Control": "no-store"}


def _leads_nowhere(session: WebinarSession) -> bool:
    return session.registration_state(clock.now()) in {RegistrationState.OVER, RegistrationState.CANCELLED}


def _page(session: WebinarSession, form: LostLinkForm, *, is_limited: bool = False) -> str:
    return render_template("registration/lost_link.html", form=form, showing=showing_of(session), is_limited=is_limited)


def _may_try() -> bool:
    """Count the attempts from one network address, as generously as registrations: a city hall may stand behind it."""
    limit = current_app.config["REGISTRATIONS_PER_HOUR"]
    return allow("lost link", client_address(), limit=limit, per=timedelta(hours=1), now=clock.now())


def _may_ask_for(address: str) -> bool:
    """Count the mails that somebody could have sent to one mailbox, under whichever of its names."""
    mailbox = mailbox_of(address)
    return allow("lost link of", mailbox, limit=LINKS_OF_A_MAILBOX, per=timedelta(hours=1), now=clock.now())
