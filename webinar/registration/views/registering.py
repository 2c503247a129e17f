"""Registering for a session, and what one is told afterwards."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, NamedTuple

from flask import abort, current_app, jsonify, redirect, render_template, request, url_for
from flask import session as browser_session
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from webinar.catalogue.models import RegistrationState, WebinarSession
from webinar.catalogue.queries import find_session_to_register, sessions_of
from webinar.catalogue.questions import questions_asked
from webinar.foundation import clock, reader
from webinar.foundation.errors import DomainError
from webinar.foundation.pace import taking_at_least
from webinar.foundation.ratelimit import allow
from webinar.foundation.security import client_address, token_checked_by_form
from webinar.foundation.site import zones_by_continent
from webinar.foundation.when import When
from webinar.members.queries import member_names, members_for_choice, propose_by_mail_domain
from webinar.people.mail_address import mailbox_of
from webinar.registration import services
from webinar.registration.asking import asking
from webinar.registration.door import is_door_open, registration_state
from webinar.registration.forms import InvitedForm, RegistrationForm
from webinar.registration.invited import Invited, invitations
from webinar.registration.page_cache import kept_form
from webinar.registration.programme import Showing, shown
from webinar.registration.views.blueprint import bp, this_reader

WRITTEN_TO = "written_to"
"""Where the browser's session keeps whom the last form was about, to say so on the next page."""

GOES_IN = "goes_in"
"""Where the browser's session keeps into which session, and in which language, its last form leads."""

TAKES_AT_LEAST = timedelta(milliseconds=200)

NAMES_OF_A_MAILBOX = 20
"""How often a day somebody may be registered under the names with a plus of one mailbox."""


@bp.get("/<lang>/sessions/<key>/register")
def register(lang: str, key: str) -> ResponseReturnValue:
    """Show the registration form, or why one cannot register and what one can do instead.

    Who comes from their invitation finds it filled in.
    """
    invited = invited_to(key)
    if invited is None:
        return _for_everybody(lang=lang, key=key)
    return _for(invited, lang, key), 200, {"Cache-Control": "no-store"}


@kept_form
def _for_everybody(lang: str, key: str) -> str:
    return _for(None, lang, key)


def _for(invited: Invited | None, lang: str, key: str) -> str:
    session = public_session(key, invited)
    if registration_state(session, clock.now()) is not RegistrationState.OPEN:
        return closed_page(session)
    return _form_page(_form(session, lang, invited), session)


@bp.post("/<lang>/sessions/<key>/register")
@token_checked_by_form
def send_registration(lang: str, key: str) -> ResponseReturnValue:
    """Register the person who sends the form, or show it again with what to mend."""
    invited = invited_to(key)
    session = public_session(key, invited)
    if registration_state(session, clock.now()) is not RegistrationState.OPEN:
        return closed_page(session), 409
    form = _form(session, lang, invited)
    if not may_try():
        return _form_page(form, session, is_limited=True), 429, {"Cache-Control": "no-store", "Retry-After": "600"}
    if form.validate_on_submit():
        try:
            goes_in = _register(form, key, lang, is_led_in=is_door_open(session, clock.now()))
        except services.RegistrationClosed:
            return closed_page(session), 409
        except services.UnknownLanguageVersion as refusal:
            form.language.errors = [str(refusal)]
        except services.UnknownMember as refusal:
            form.member.errors = [str(refusal)]
        except TooManyForOneMailbox as refusal:
            form.email.errors = [str(refusal)]
        else:
            browser_session[WRITTEN_TO] = [key, _shown_address(form), form.given_name.data, form.family_name.data]
            if goes_in:
                browser_session[GOES_IN] = [key, form.language.data]
                return redirect(url_for(".come_in", lang=lang, key=key, **session.way_in()), code=303)
            return redirect(url_for(".look_into_your_mailbox", lang=lang, key=key, **session.way_in()), code=303)
    form.propose_member(propose_by_mail_domain)
    return _form_page(form, session), 422, {"Cache-Control": "no-store"}


class TooManyForOneMailbox(DomainError):
    """More forms came for one mailbox than one person would send."""

    def __init__(self) -> None:
        super().__init__(
            _l("Many registrations came for this mailbox today. Try again tomorrow, or write to the secretariat.")
        )


def _register(form: RegistrationForm, key: str, lang: str, *, is_led_in: bool) -> bool:
    if not may_write_to(form.email.normalised):
        raise TooManyForOneMailbox
    # Whoever is led in sees nothing but the room, so how long it took would be the only thing that tells of an address.
    with taking_at_least(TAKES_AT_LEAST if is_led_in else timedelta(0)):
        return services.register(key, form.registrant(lang), leads_in=is_led_in)


def invited_to(key: str) -> Invited | None:
    """Return who was invited to a session by the token in the address; None where it says nothing of anybody."""
    token = request.args.get("invitation", "")
    return invitations().behind(token, key) if token else None


def public_session(key: str, invited: Invited | None = None) -> WebinarSession:
    """Return the session of a page, if whoever asks may see it: some need the token of the link, or an invitation."""
    access = request.args.get("access", "") if invited is None else invited.access
    return find_session_to_register(key, access) or abort(404)


def _form(session: WebinarSession, lang: str, invited: Invited | None) -> RegistrationForm:
    asked = questions_asked(session.webinar, clock.now())
    about: dict[str, Any] = {
        "members": member_names(),
        "versions": [version.code for version in session.language_versions],
    }
    if invited is None:
        return asking(RegistrationForm, asked, lang)(
            **about, preferred=preferred_version(session, lang), own_zone=reader.zone() or session.timezone
        )
    return asking(InvitedForm, asked, lang)(
        **about,
        invited=invited,
        preferred=preferred_version(session, invited.language or "", lang),
        own_zone=reader.zone() or invited.timezone or session.timezone,
    )


def _shown_address(form: RegistrationForm) -> str:
    """Return where the mail goes as the next page shows it: of who was invited no more than they are shown before."""
    if isinstance(form, InvitedForm) and form.is_theirs:
        return form.invited.masked_email
    return form.email.data or ""


def _form_page(form: RegistrationForm, session: WebinarSession, *, is_limited: bool = False) -> str:
    return render_template(
        "registration/register.html",
        form=form,
        invited=form.invited if isinstance(form, InvitedForm) else None,
        showing=showing_of(session),
        zones=zones_by_continent() if form.timezone.errors else [],
        is_limited=is_limited,
        keep_days=current_app.config["KEEP_DAYS"],
    )


def closed_page(session: WebinarSession) -> str:
    """Return the page that says why one cannot register for a session, and what one can do instead."""
    others = [
        other
        for other in shown(sessions_of(session.webinar, request.args.get("access", "")), this_reader())
        if other.is_open and other.session.id != session.id
    ]
    return render_template("registration/closed.html", showing=showing_of(session), others=others)


def showing_of(session: WebinarSession) -> Showing:
    """Return a session as the reader of this page sees it."""
    [showing] = shown([session], this_reader())
    return showing


def may_try() -> bool:
    """Count the attempts from one network address; a whole city hall may stand behind it."""
    limit = current_app.config["REGISTRATIONS_PER_HOUR"]
    return allow("register", client_address(), limit=limit, per=timedelta(hours=1), now=clock.now())


def may_write_to(address: str) -> bool:
    """Count the registrations for one mailbox under several names: what follows a plus mostly leads to one person.

    Without this, somebody could fill a stranger's mailbox: each such name is a person of its own, who is written to.
    """
    mailbox = mailbox_of(address)
    return mailbox == address or allow(
        "register for", mailbox, limit=NAMES_OF_A_MAILBOX, per=timedelta(days=1), now=clock.now()
    )


def preferred_version(session: WebinarSession, *languages: str) -> str:
    """Return the language version to select first: the one asked for, that of the reader, else the original."""
    codes = [version.code for version in session.language_versions]
    floor = [version.code for version in session.language_versions if version.kind == "floor"]
    return next(code for code in (request.args.get("language", ""), *languages, *floor, *codes) if code in codes)


class WrittenTo(NamedTuple):
    """To whom the mail about a registration goes, as typed."""

    email: str
    name: str


def written_to_about(what: str) -> WrittenTo | None:
    """Return to whom the mail goes, if the last form of this browser was about this."""
    kept = browser_session.get(WRITTEN_TO)
    return WrittenTo(kept[1], f"{kept[2]} {kept[3]}") if kept and kept[0] == what else None


@bp.get("/<lang>/sessions/<key>/registered")
def look_into_your_mailbox(lang: str, key: str) -> ResponseReturnValue:
    """Say that a mail is on its way: the same for an address that was known and for a new one."""
    session = public_session(key)
    showing = showing_of(session)
    doors = session.doors_open_at(current_app.config["DOORS_OPEN_MINUTES"])
    page = render_template(
        "registration/mailbox.html",
        showing=showing,
        written_to=written_to_about(key),
        doors=When(doors, session.starts_at, showing.when.reader_zone, session.timezone, showing.when.is_guess),
    )
    return page, 200, {"Cache-Control": "no-store"}


@bp.get("/<lang>/sessions/<key>/come-in")
def come_in(lang: str, key: str) -> ResponseReturnValue:
    """Lead on to the room, through an open door and right after the form: the same for known and new addresses.

    A page between, and no redirect from the form: browsers hold the policy of the form's page against where it ends.
    """
    session = public_session(key)
    kept = browser_session.get(GOES_IN)
    if not kept or kept[0] != key or not is_door_open(session, clock.now()):
        return redirect(url_for(".register", lang=lang, key=key, **session.way_in()))
    version = next((version for version in session.language_versions if version.code == kept[1]), None)
    page = render_template("registration/come_in.html", showing=showing_of(session), room=session.room_in(version))
    return page, 200, {"Cache-Control": "no-store"}


@bp.get("/<lang>/members.json")
def members(lang: str) -> Response:
    """Answer with all names of all members, for the input that proposes them while one types."""
    response = jsonify(
        [
            {
                "name": member["name"],
                "more": " · ".join(part for part in (member["official_name"], member["country"]) if part),
                "names": member["names"],
            }
            for member in members_for_choice(lang)
        ]
    )
    response.headers["Cache-Control"] = "public, max-age=3600"
    response.add_etag()
    return response.make_conditional(request)
