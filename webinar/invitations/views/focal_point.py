"""A focal point's own page: what is coming, who of their city comes, and what they can do about that.

Whoever has the link is the focal point; it is sent to nobody else. Of other cities nothing is shown, and of colleagues
their name, role and language; not their address.
"""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, abort, current_app, flash, redirect, render_template, url_for
from flask import session as browser_session
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from webinar.catalogue.models import Access, RegistrationState, WebinarSession
from webinar.catalogue.queries import find_session_to_register
from webinar.catalogue.texts import offered_with_text
from webinar.foundation import clock, languages, reader
from webinar.foundation.errors import DomainError
from webinar.foundation.pace import taking_at_least
from webinar.foundation.ratelimit import allow
from webinar.foundation.security import client_address, token_checked_by_form
from webinar.invitations.focal_point_form import ColleagueForm, LostPageForm
from webinar.invitations.focal_points import FocalPoint, coming_of, find_focal_point, find_place_of_city
from webinar.invitations.services import focal_point_page as services
from webinar.people.mail_address import mailbox_of
from webinar.registration import services as places
from webinar.registration.door import registration_state
from webinar.registration.models import Registration
from webinar.registration.programme import Reader, Showing, shown

bp = Blueprint("focal_points", __name__)

CHANGES_A_DAY = 60
"""How often a day a focal point may write to colleagues: each time a stranger's address may be written to."""

MAILS_TO_A_MAILBOX = 10
"""How often a day focal points may register one mailbox, whoever does: each time somebody else's words go there."""


LINKS_OF_A_MAILBOX = 6
"""How often an hour the link may be asked for with the addresses of one mailbox, whoever's it is."""

SENT_TO = "focal_point_link_sent_to"
"""Where the browser's session keeps which address was typed, to say it on the next page."""

# Writing the mail takes some hundredths of a second, and nobody is to learn by a watch whether one was written.
TAKES_AT_LEAST = timedelta(milliseconds=150)


class TooManyChanges(DomainError):
    """The page was used more often than one city would within a day."""

    def __init__(self) -> None:
        super().__init__(_l("This page was used many times today. Try again tomorrow, or write to the secretariat."))


class TooManyToOneMailbox(DomainError):
    """Colleagues have been registered under several names of one mailbox more often than one would."""

    def __init__(self) -> None:
        super().__init__(
            _l("Many registrations came for this mailbox today. Try again tomorrow, or write to the secretariat.")
        )


@bp.get("/<lang>/focal-points")
def lost(lang: str) -> str:
    """Ask a focal point for the address to which the link to their page is to be sent once more."""
    return _lost_page(LostPageForm())


@bp.post("/<lang>/focal-points")
@token_checked_by_form
def send_again(lang: str) -> ResponseReturnValue:
    """Send the link again, if the address is a focal point's who has one; the answer is the same for all addresses."""
    form = LostPageForm()
    now, an_hour = clock.now(), timedelta(hours=1)
    limit = current_app.config["REGISTRATIONS_PER_HOUR"]
    if not allow("lost link", client_address(), limit=limit, per=an_hour, now=now):
        return _lost_page(form, is_limited=True), 429, {"Cache-Control": "no-store", "Retry-After": "600"}
    if not form.validate_on_submit():
        return _lost_page(form), 422, {"Cache-Control": "no-store"}
    mailbox = mailbox_of(form.email.normalised)
    if not allow("lost page of", mailbox, limit=LINKS_OF_A_MAILBOX, per=an_hour, now=now):
        form.email.errors = [
            _(
                "The link was asked for with this address several times within an hour. Look into its mailbox, also "
                "among unwanted mail. Else write to the secretariat."
            )
        ]
        return _lost_page(form), 429, {"Cache-Control": "no-store", "Retry-After": "3600"}
    with taking_at_least(TAKES_AT_LEAST):
        services.send_link_again(form.email.normalised)
    browser_session[SENT_TO] = form.email.data
    return redirect(url_for(".sent", lang=lang), code=303)


@bp.get("/<lang>/focal-points/sent")
def sent(lang: str) -> ResponseReturnValue:
    """Say where to look: the same whether or not the address is a focal point's."""
    page = render_template("focal_points/sent.html", sent_to=browser_session.get(SENT_TO, ""))
    return page, 200, {"Cache-Control": "no-store"}


@bp.errorhandler(services.NoSuchPage)
def no_such_page(refusal: services.NoSuchPage) -> ResponseReturnValue:
    """Say that a link leads nowhere, and how to get one that does."""
    return render_template("focal_points/unknown.html"), 404


@bp.get("/<lang>/focal-points/<token>")
def page(lang: str, token: str) -> ResponseReturnValue:
    """Show the sessions to come, with who of the city has a place in each or waits for one."""
    return _page(token)


@bp.get("/<lang>/focal-points/<token>/sessions/<key>/register")
def colleague(lang: str, token: str, key: str) -> ResponseReturnValue:
    """Ask which colleague is to be registered."""
    focal, session = _focal_point(token), _session(key)
    if registration_state(session, clock.now()) is not RegistrationState.OPEN:
        return redirect(url_for(".page", lang=lang, token=token))
    return _colleague_page(focal, token, session, _form(session, lang))


@bp.post("/<lang>/focal-points/<token>/sessions/<key>/register")
@token_checked_by_form  # the one in the address
def register(lang: str, token: str, key: str) -> ResponseReturnValue:
    """Register a colleague: the same answer, whether or not their address was known."""
    focal, session = _focal_point(token), _session(key)
    form = _form(session, lang)
    if not form.validate_on_submit():
        return _colleague_page(focal, token, session, form), 422
    try:
        _count(focal, form.email.normalised)
        services.register_colleague(token, key, form.colleague(focal.member.timezone))
    except services.NoSuchPage:
        raise
    except places.NoSuchSession:
        abort(404)
    except TooManyToOneMailbox as refusal:
        form.email.errors = [str(refusal)]
        return _colleague_page(focal, token, session, form), 429
    except places.UnknownLanguageVersion as refusal:
        form.language.errors = [str(refusal)]
        return _colleague_page(focal, token, session, form), 422
    except DomainError as refusal:
        return _page(token, refusal)
    flash(_("We have written to %(name)s.", name=f"{form.given_name.data} {form.family_name.data}"), "good")
    return redirect(url_for(".page", lang=lang, token=token), code=303)


@bp.get("/<lang>/focal-points/<token>/sessions/<key>/places/<int:turn>")
def place(lang: str, token: str, key: str, turn: int) -> ResponseReturnValue:
    """Show a colleague's place: to whom it is to be handed on, or that it is given back."""
    focal = _focal_point(token)
    found = _place(focal, key, turn)
    if found.session.ends_at <= clock.now():
        return redirect(url_for(".page", lang=lang, token=token))
    return _place_page(focal, token, found, _form(found.session, lang, found))


@bp.post("/<lang>/focal-points/<token>/sessions/<key>/places/<int:turn>")
@token_checked_by_form  # the one in the address
def hand_on(lang: str, token: str, key: str, turn: int) -> ResponseReturnValue:
    """Hand a colleague's place on to another one."""
    focal = _focal_point(token)
    found = _place(focal, key, turn)
    form = _form(found.session, lang, found)
    if not form.validate_on_submit():
        return _place_page(focal, token, found, form), 422
    try:
        _count(focal, form.email.normalised)
        services.hand_on(token, key, turn, form.colleague(focal.member.timezone))
    except services.NoSuchPage:
        raise
    except places.NoSuchRegistration:
        abort(404)
    except places.OwnAddress:
        form.email.errors = [_("The place has this address already. Write that of another colleague.")]
        return _place_page(focal, token, found, form), 422
    except places.StillAsked:
        refused = _("The secretariat has not looked at this registration yet. Register the other colleague instead.")
        return _place_page(focal, token, found, form, refused), 409
    except (places.ColleagueNotAMember, TooManyToOneMailbox) as refusal:
        form.email.errors = [str(refusal)]
        return _place_page(focal, token, found, form), 422
    except DomainError as refusal:
        return _page(token, refusal)
    flash(
        _(
            "%(name)s has the place now. We have written to both.",
            name=f"{form.given_name.data} {form.family_name.data}",
        ),
        "good",
    )
    return redirect(url_for(".page", lang=lang, token=token), code=303)


@bp.post("/<lang>/focal-points/<token>/sessions/<key>/places/<int:turn>/give-back")
@token_checked_by_form  # the one in the address
def give_back(lang: str, token: str, key: str, turn: int) -> ResponseReturnValue:
    """Give a colleague's place back, so that somebody else can have it."""
    focal = _focal_point(token)
    name = _place(focal, key, turn).full_name
    try:
        _count(focal)
        services.give_back(token, key, turn)
    except services.NoSuchPage:
        raise
    except places.NoSuchRegistration:
        abort(404)
    except DomainError as refusal:
        return _page(token, refusal)
    flash(_("The place of %(name)s is given back. We have written to them.", name=name), "good")
    return redirect(url_for(".page", lang=lang, token=token), code=303)


def _focal_point(token: str) -> FocalPoint:
    focal = find_focal_point(token)
    if focal is None:
        raise services.NoSuchPage
    return focal


def _session(key: str) -> WebinarSession:
    session = find_session_to_register(key) or abort(404)
    if session.access is Access.WITH_LINK:
        abort(404)
    return session


def _place(focal: FocalPoint, key: str, turn: int) -> Registration:
    return find_place_of_city(focal.member.id, key, turn) or abort(404)


def _count(focal: FocalPoint, address: str | None = None) -> None:
    """Count what is done, by focal point, by network address and by the mailbox that is written to."""
    now, an_hour, a_day = clock.now(), timedelta(hours=1), timedelta(days=1)
    limit = current_app.config["REGISTRATIONS_PER_HOUR"]
    who = str(focal.contact.id)
    if not allow("register", client_address(), limit=limit, per=an_hour, now=now) or not allow(
        "focal point", who, limit=CHANGES_A_DAY, per=a_day, now=now
    ):
        raise TooManyChanges
    if address is not None and not allow(
        "focal point writes to", mailbox_of(address), limit=MAILS_TO_A_MAILBOX, per=a_day, now=now
    ):
        raise TooManyToOneMailbox


def _form(session: WebinarSession, lang: str, found: Registration | None = None) -> ColleagueForm:
    codes = [version.code for version in session.language_versions]
    mails = offered_with_text(session.webinar.texts) or list(languages.offered())
    floor = next((version.code for version in session.language_versions if version.kind == "floor"), codes[0])
    if found is not None:
        codes = [found.language_version.code]  # a place keeps its language
    hears = next(code for code in (lang, floor, *codes) if code in codes)
    return ColleagueForm(versions=codes, mails=mails, language=hears, mail_language=lang if lang in mails else mails[0])


def _reader(focal: FocalPoint) -> Reader:
    return Reader(languages.current(), reader.zone() or focal.member.timezone, clock.now())


def _showing(session: WebinarSession, focal: FocalPoint) -> Showing:
    [showing] = shown([session], _reader(focal))
    return showing


def _lost_page(form: LostPageForm, *, is_limited: bool = False) -> str:
    return render_template("focal_points/lost.html", form=form, is_limited=is_limited)


def _page(token: str, refusal: DomainError | None = None) -> ResponseReturnValue:
    focal = _focal_point(token)
    rendered = render_template(
        "focal_points/page.html",
        focal=focal,
        token=token,
        sessions=coming_of(focal.member.id, _reader(focal)),
        refusal=refusal,
    )
    return rendered, 200 if refusal is None else 429 if isinstance(refusal, TooManyChanges) else 409


def _colleague_page(focal: FocalPoint, token: str, session: WebinarSession, form: ColleagueForm) -> str:
    return render_template(
        "focal_points/colleague.html", focal=focal, token=token, form=form, showing=_showing(session, focal)
    )


def _place_page(focal: FocalPoint, token: str, found: Registration, form: ColleagueForm, refused: str = "") -> str:
    return render_template(
        "focal_points/place.html",
        focal=focal,
        token=token,
        place=found,
        form=form,
        showing=_showing(found.session, focal),
        refused=refused,
    )
