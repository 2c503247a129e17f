"""The public pages of the newsletter: asking for it, and confirming from the mailbox that it is wanted there."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, abort, current_app, redirect, render_template, url_for
from flask import session as browser_session
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webinar.foundation import clock, languages, reader
from webinar.foundation.pace import taking_at_least
from webinar.foundation.ratelimit import allow
from webinar.foundation.security import client_address, token_checked_by_form
from webinar.newsletter.forms import SubscribeForm
from webinar.newsletter.models import KEPT_FOR, LINK_WORKS_FOR
from webinar.newsletter.queries import find_request, reader_of_address
from webinar.newsletter.services.ask import ask
from webinar.newsletter.services.confirm import NoSuchRequest, RequestTooOld
from webinar.newsletter.services.confirm import confirm as confirm_request
from webinar.people.mail_address import mailbox_of

bp = Blueprint("newsletter", __name__)

ASKED_FOR = "newsletter_for"
"""Where the browser's session keeps which address was typed, to say it on the next page."""

MAILS_OF_A_MAILBOX = 4
"""How often a day the newsletter may be asked for with the addresses of one mailbox, whether or not it gets it."""

# Writing the mail takes some hundredths of a second, and nobody is to learn by a watch which one was written.
TAKES_AT_LEAST = timedelta(milliseconds=150)


@bp.get("/<lang>/newsletter")
def subscribe(lang: str) -> str:
    """Show the form that asks for the newsletter."""
    return _page(_form(lang))


@bp.post("/<lang>/newsletter")
@token_checked_by_form
def ask_for_it(lang: str) -> ResponseReturnValue:
    """Write to an address that the newsletter was asked for; the answer is the same for all addresses."""
    form = _form(lang)
    if not _may_try():
        return _page(form, is_limited=True), 429, {"Cache-Control": "no-store", "Retry-After": "600"}
    if not form.validate_on_submit():
        return _page(form), 422, {"Cache-Control": "no-store"}
    if not _may_ask_for(form.email.normalised):
        form.email.errors = [
            _(
                "The newsletter was asked for with this address several times today. Look into its mailbox, also "
                "among unwanted mail, or try again tomorrow."
            )
        ]
        return _page(form), 429, {"Cache-Control": "no-store", "Retry-After": "86400"}
    with taking_at_least(TAKES_AT_LEAST):
        ask(form.email.normalised, form.mail_language.data)
    browser_session[ASKED_FOR] = form.email.data
    return redirect(url_for(".asked", lang=lang), code=303)


@bp.get("/<lang>/newsletter/asked")
def asked(lang: str) -> ResponseReturnValue:
    """Say that a mail is on its way: the same for an address that gets the newsletter already and for a new one."""
    page = render_template("newsletter/asked.html", written_to=browser_session.get(ASKED_FOR, ""))
    return page, 200, {"Cache-Control": "no-store"}


@bp.get("/<lang>/newsletter/<token>")
def confirm(lang: str, token: str) -> ResponseReturnValue:
    """Show the button that confirms it, or how it stands where it was pressed before; nothing changes."""
    request = find_request(token) or abort(404)
    if request.confirmed_at is None:
        if not request.can_be_confirmed(clock.now()):
            return _too_old()
        return render_template("newsletter/confirm.html", token=token, email=request.email)
    getting = reader_of_address(request.email)
    return render_template(
        "newsletter/confirmed.html", email=request.email, reads_in=getting.language if getting else None
    )


@bp.post("/<lang>/newsletter/<token>")
@token_checked_by_form  # the one in the address
def get_it(lang: str, token: str) -> ResponseReturnValue:
    """Let the newsletter go to the address that the link was sent to, in the language of the page."""
    try:
        confirm_request(token, lang, timezone=reader.zone())
    except NoSuchRequest:
        abort(404)
    except RequestTooOld:
        return _too_old()
    return redirect(url_for(".confirm", lang=lang, token=token), code=303)


def _too_old() -> ResponseReturnValue:
    return render_template("newsletter/too_old.html"), 410


def _form(lang: str) -> SubscribeForm:
    return SubscribeForm(languages=languages.offered(), preferred=lang)


def _page(form: SubscribeForm, *, is_limited: bool = False) -> str:
    return render_template(
        "newsletter/subscribe.html",
        form=form,
        is_limited=is_limited,
        works_for=LINK_WORKS_FOR.days,
        forgotten_after=KEPT_FOR.days,
    )


def _may_try() -> bool:
    """Count the attempts from one network address, as generously as registrations: a city hall may stand behind it."""
    limit = current_app.config["REGISTRATIONS_PER_HOUR"]
    return allow("newsletter", client_address(), limit=limit, per=timedelta(hours=1), now=clock.now())


def _may_ask_for(address: str) -> bool:
    """Count the mails that somebody could have sent to one mailbox, under whichever of its names."""
    mailbox = mailbox_of(address)
    return allow("newsletter for", mailbox, limit=MAILS_OF_A_MAILBOX, per=timedelta(days=1), now=clock.now())
