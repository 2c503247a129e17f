"""Helping somebody who is registered, ten minutes before the start: their link, their address, their day and language.

What is done on somebody's behalf is the same use case as by their own link, and is written down. Only organisers see
personal links, and each look is written down too.
"""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from webinar.accounts.guard import needs
from webinar.accounts.models import Role
from webinar.catalogue.models import WebinarSession
from webinar.catalogue.queries import find_session_of_any_status, sessions_of
from webinar.foundation import clock, languages
from webinar.foundation.errors import DomainError
from webinar.foundation.security import token_checked_by_form
from webinar.registration import services
from webinar.registration.forms import AddressForm
from webinar.registration.listing import find_detail
from webinar.registration.models import Registration
from webinar.registration.programme import Reader, Showing, shown
from webinar.registration.queries import sessions_come_to
from webinar.registration.services.move import may_come
from webinar.registration.staff.blueprint import bp
from webinar.registration.staff.workspace import frame

# What the use cases say is said to the person; to one of the staff some of it is said otherwise.
TO_THE_STAFF = {
    services.AlreadyThere: _l("They are registered for that day already. Nothing was changed."),
    services.HandedOver: _l("This place was handed to a colleague. Nothing was changed."),
    services.MovedAway: _l("They have moved to another day. Nothing was changed."),
    services.NoPlaceThere: _l("That session is not for everybody, and nobody has let them in there."),
    services.WouldWait: _l("Every seat there is taken: they would wait for one. Nothing has changed yet."),
}


@bp.post("/staff/sessions/<key>/registrations/<int:turn>/link")
@needs(Role.ORGANISER)
def show_link(key: str, turn: int) -> ResponseReturnValue:
    """Show somebody's link in a sentence that is ready for a chat. A POST, because each look is written down."""
    _session, place = _found(key, turn)
    try:
        words = services.show_link(place.token)
    except DomainError as refusal:
        flash(_told(refusal), "bad")
        return _back(key, turn)
    session, place = _found(key, turn)  # again: the use case has read it without what the frame shows
    return render_template(
        "staff/sessions/link.html",
        **frame(session, "registration_staff.registrations"),
        back=_address(key, turn),
        whose=place.full_name,
        words=words,
        language_of_words=place.language,
    )


@bp.post("/staff/sessions/<key>/registrations/<int:turn>/send-again")
@needs(Role.ORGANISER)
def send_again(key: str, turn: int) -> ResponseReturnValue:
    """Send the links again: with the calendar entry, or as nothing but text."""
    _session, place = _found(key, turn)
    send = services.send_plain if request.form.get("as") == "text" else services.send_again
    try:
        send(place.token)
    except DomainError as refusal:
        flash(_told(refusal), "bad")
    else:
        flash(_("The links leave now, to %(address)s.", address=place.person.email))
    return _back(key, turn)


@bp.get("/staff/sessions/<key>/registrations/<int:turn>/address")
@needs(Role.ORGANISER)
def address(key: str, turn: int) -> ResponseReturnValue:
    """Ask for the right address of somebody."""
    return _address_page(key, turn)


@bp.post("/staff/sessions/<key>/registrations/<int:turn>/address")
@needs(Role.ORGANISER)
@token_checked_by_form
def correct_address(key: str, turn: int) -> ResponseReturnValue:
    """Correct somebody's address: the old links die, new ones go to the new address."""
    _session, place = _found(key, turn)
    form = AddressForm()
    registered_as: int | None = None
    if form.validate_on_submit():
        try:
            services.correct_address(place.token, form.email.normalised)
        except services.AddressRegistered as refusal:
            form.email.errors = [str(refusal)]
            registered_as = refusal.turn
        except DomainError as refusal:
            form.email.errors = [_told(refusal)]
        else:
            flash(_("The address is corrected. The old links are dead; new ones leave now, to the new address."))
            return _back(key, turn)
    return _address_page(key, turn, form, registered_as), 422


def _address_page(key: str, turn: int, form: AddressForm | None = None, registered_as: int | None = None) -> str:
    session, place = _found(key, turn)
    return render_template(
        "staff/sessions/address.html",
        **frame(session, "registration_staff.registrations"),
        place=place,
        form=form or AddressForm(email=place.person.email),
        back=_address(key, turn),
        registered_as=None if registered_as is None else _address(key, registered_as),
    )


@bp.get("/staff/sessions/<key>/registrations/<int:turn>/change")
@needs(Role.ORGANISER)
def change(key: str, turn: int) -> ResponseReturnValue:
    """Show what can be changed on somebody's behalf: language, day, giving the place up or taking it back."""
    return _change_page(key, turn)


@bp.post("/staff/sessions/<key>/registrations/<int:turn>/language")
@needs(Role.ORGANISER)
def change_language(key: str, turn: int) -> ResponseReturnValue:
    """Let somebody follow the session in another of its languages; nobody is told of a place that was given up."""
    _session, place = _found(key, turn)
    wanted = request.form.get("language", "")
    try:
        if place.is_alive:
            services.change_version(place.token, wanted)
        else:
            services.change_version_of_given_up(key, turn, wanted)
    except DomainError as refusal:
        return _change_page(key, turn, refusal)
    flash(_("The language is changed. A mail tells them.") if place.is_alive else _("The language is changed."))
    return _back(key, turn)


@bp.post("/staff/sessions/<key>/registrations/<int:turn>/move")
@needs(Role.ORGANISER)
def move(key: str, turn: int) -> ResponseReturnValue:
    """Let somebody come to another session of the webinar."""
    _session, place = _found(key, turn)
    wanted = request.form.get("session", "")
    try:
        token = services.move(place.token, wanted, may_wait="wait" in request.form)
    except services.WouldWait as refusal:
        return _change_page(key, turn, refusal, would_wait_in=wanted)
    except DomainError as refusal:
        return _change_page(key, turn, refusal)
    if token == place.token:
        return _change_page(key, turn)
    flash(_("They have moved. A mail brings them the new links."))
    return redirect(url_for(".registrations", key=wanted, search=place.person.email), code=303)


@bp.post("/staff/sessions/<key>/registrations/<int:turn>/cancel")
@needs(Role.ORGANISER)
def cancel(key: str, turn: int) -> ResponseReturnValue:
    """Give somebody's place up for them."""
    _session, place = _found(key, turn)
    try:
        services.cancel(place.token)
    except DomainError as refusal:
        return _change_page(key, turn, refusal)
    flash(_("The place is given up. A mail tells them."))
    return _back(key, turn)


@bp.post("/staff/sessions/<key>/registrations/<int:turn>/take-back")
@needs(Role.ORGANISER)
def take_place_back(key: str, turn: int) -> ResponseReturnValue:
    """Give somebody their place again, or a turn in line where there is no seat."""
    _session, place = _found(key, turn)
    try:
        services.take_back(place.token, may_wait=True)
    except DomainError as refusal:
        return _change_page(key, turn, refusal)
    flash(_("They are registered again. A mail tells them."))
    return redirect(url_for(".registrations", key=key, search=place.person.email), code=303)


def _change_page(
    key: str, turn: int, refusal: DomainError | None = None, *, would_wait_in: str = ""
) -> ResponseReturnValue:
    session, place = _found(key, turn)
    others = _others(session, place)
    page = render_template(
        "staff/sessions/change.html",
        **frame(session, "registration_staff.registrations"),
        place=place,
        back=_address(key, turn),
        others=others,
        would_wait=next((one for one in others if one.session.key == would_wait_in), None),
        refusal=None if refusal is None else _told(refusal),
        may_take_back=place.can_be_taken_back(clock.now()),
    )
    return page, 200 if refusal is None else 409


def _others(session: WebinarSession, place: Registration) -> list[Showing]:
    """Return the sessions that somebody could come to instead."""
    if not place.is_alive:
        return []
    reader = Reader(languages.current(), None, clock.now())
    taken = sessions_come_to(place.person_id, session.webinar_id)
    sessions = [
        one
        for one in sessions_of(session.webinar)
        if one.id != session.id and one.id not in taken and may_come(place, one)
    ]
    return [showing for showing in shown(sessions, reader) if showing.is_open]


def _found(key: str, turn: int) -> tuple[WebinarSession, Registration]:
    session = find_session_of_any_status(key) or abort(404)
    detail = (find_detail(session.id, turn) if turn < 2**31 else None) or abort(404)
    return session, detail.place


def _told(refusal: DomainError) -> str:
    return str(TO_THE_STAFF.get(type(refusal), refusal.message))


def _address(key: str, turn: int) -> str:
    return url_for(".registration", key=key, turn=turn)


def _back(key: str, turn: int) -> ResponseReturnValue:
    return redirect(_address(key, turn), code=303)
