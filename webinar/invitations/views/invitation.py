"""The page of one person's invitation: saying that one cannot come, and taking that back."""

from __future__ import annotations

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue

from webinar.catalogue.queries import find_session_to_register
from webinar.foundation import clock, languages, reader
from webinar.foundation.errors import DomainError
from webinar.foundation.security import token_checked_by_form
from webinar.invitations.one_invitation import find_invitation, tokens_of_other_days
from webinar.invitations.services import decline as services
from webinar.invitations.views.blueprint import bp
from webinar.registration.programme import Reader, shown


@bp.get("/<lang>/invitations/<token>")
def invitation(lang: str, token: str) -> ResponseReturnValue:
    """Show what somebody is invited to, and a button to say no; scanners open every link, so this changes nothing."""
    return _page(token)


@bp.post("/<lang>/invitations/<token>")
@token_checked_by_form  # the token in the address is the authority here, not a cookie
def decline(lang: str, token: str) -> ResponseReturnValue:
    """Write down that somebody cannot come, on this day or on any."""
    try:
        services.decline(token, on_every_day=request.form.get("days") == "all")
    except services.NoSuchInvitation:
        return _unknown()
    except (services.NothingToAnswer, services.TooManyChanges) as refusal:
        return _page(token, refusal)
    return _page(token)


@bp.post("/<lang>/invitations/<token>/again")
@token_checked_by_form  # as above
def take_back(lang: str, token: str) -> ResponseReturnValue:
    """Take back that somebody cannot come."""
    try:
        services.take_back(token)
    except services.NoSuchInvitation:
        return _unknown()
    except (services.NothingToAnswer, services.TooManyChanges) as refusal:
        return _page(token, refusal)
    return _page(token)


def _page(token: str, refusal: DomainError | None = None) -> ResponseReturnValue:
    found = find_invitation(token)
    if found is None:
        return _unknown()
    asked_to = found.invitation.session
    session = find_session_to_register(asked_to.key, asked_to.access_token) or abort(404)
    now = clock.now()
    [showing] = shown([session], Reader(languages.current(), reader.zone(), now))
    other_days = len(tokens_of_other_days(token, now))
    page = render_template(
        "invitations/invitation.html", found=found, showing=showing, refusal=refusal, now=now, other_days=other_days
    )
    return page, 409 if refusal else 200, {"Cache-Control": "no-store"}


def _unknown() -> ResponseReturnValue:
    return render_template("people/unknown_link.html"), 404
