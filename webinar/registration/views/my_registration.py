"""One's own registration: see it, follow it in another language, give it up."""

from __future__ import annotations

from flask import Response, abort, current_app, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webinar.catalogue.queries import sessions_of
from webinar.foundation import clock
from webinar.foundation.errors import DomainError
from webinar.foundation.formats import When
from webinar.foundation.security import token_checked_by_form
from webinar.registration import services
from webinar.registration.programme import shown
from webinar.registration.queries import find_by_token
from webinar.registration.views.blueprint import bp, this_reader


@bp.get("/<lang>/registrations/<token>")
def my_registration(lang: str, token: str) -> ResponseReturnValue:
    """Show somebody their place, or their turn on the waiting list, and what they can change."""
    return _page(token)


@bp.post("/<lang>/registrations/<token>/language")
@token_checked_by_form  # the one in the address
def change_language(lang: str, token: str) -> ResponseReturnValue:
    """Follow the session in another of its languages."""
    try:
        services.change_version(token, request.form.get("language", ""))
    except services.NoSuchRegistration:
        abort(404)
    except DomainError as refusal:
        return _page(token, refusal)
    flash(_("Your choice of language is stored. A mail confirms it."), "good")
    return redirect(url_for(".my_registration", lang=lang, token=token), code=303)


@bp.post("/<lang>/registrations/<token>/cancel")
@token_checked_by_form  # the one in the address
def cancel(lang: str, token: str) -> ResponseReturnValue:
    """Give the place up."""
    try:
        services.cancel(token)
    except services.NoSuchRegistration:
        abort(404)
    except DomainError as refusal:
        return _page(token, refusal)
    return redirect(url_for(".my_registration", lang=lang, token=token), code=303)


def _page(token: str, refusal: DomainError | None = None) -> Response:
    place = find_by_token(token) or abort(404)
    page = this_reader()
    session = place.session
    [showing] = shown([session], page)
    zone = page.zone or place.timezone
    times = When(session.starts_at, session.ends_at, zone, session.timezone)
    doors_open_at = session.doors_open_at(current_app.config["DOORS_OPEN_MINUTES"])
    others = [
        other for other in shown(sessions_of(session.webinar), page) if other.is_open and other.session.id != session.id
    ]
    return make_response(
        render_template(
            "registration/my_registration.html",
            place=place,
            showing=showing,
            times=times,
            reader_zone=zone,
            doors=When(doors_open_at, session.starts_at, zone, session.timezone),
            doors_are_open=doors_open_at <= clock.now(),
            now=clock.now(),
            others=others,
            refusal=refusal,
            join_address=url_for("attendance.join", token=place.join_token),
        ),
        409 if refusal else 200,
    )
