"""The page that stops one kind of mail, for whoever has the link that stands in it."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from webinar.foundation import languages
from webinar.foundation.security import token_checked_by_form
from webinar.people.models import SuppressionReason
from webinar.people.queries import suppressions_of, who_unsubscribes
from webinar.people.services import unsubscribe as services

bp = Blueprint("people", __name__)


@bp.get("/unsubscribe/<token>")
def unsubscribe(token: str) -> ResponseReturnValue:
    """Show what would stop, and a button; scanners open every link of a mail, so this changes nothing."""
    return _page(token)


@bp.post("/unsubscribe/<token>")
@token_checked_by_form  # the token in the address is the authority here, not a cookie
def stop(token: str) -> ResponseReturnValue:
    """Stop the kind of mail at once, for the button of the page and for those that mail programs show (RFC 8058).

    Nothing but the address is looked at, and the answer is no redirect: mail providers follow none.
    """
    try:
        services.unsubscribe(token)
    except services.NoSuchUnsubscribeLink:
        return _unknown()
    return _page(token)


@bp.post("/unsubscribe/<token>/again")
@token_checked_by_form  # as above
def subscribe_again(token: str) -> ResponseReturnValue:
    """Take back that somebody has unsubscribed."""
    try:
        services.subscribe_again(token)
    except services.NoSuchUnsubscribeLink:
        return _unknown()
    return _page(token, is_back=True)


def _page(token: str, *, is_back: bool = False) -> ResponseReturnValue:
    who = who_unsubscribes(token)
    if who is None:
        return _unknown()
    standing = [one for one in suppressions_of(who.person_id) if one.lifted_at is None and one.kind in {None, who.kind}]
    own = [one for one in standing if one.kind is who.kind and one.reason is SuppressionReason.UNSUBSCRIBED]
    language = languages.asked_for() or languages.of_pages(who.language or languages.current())
    with languages.speaking(language):
        return render_template(
            "people/unsubscribe.html",
            token=token,
            asked_for=languages.asked_for(),
            kind=who.kind,
            is_stopped=bool(standing),
            can_undo=bool(own),
            stands_otherwise=len(standing) > len(own),
            is_back=is_back and not standing,
        )


def _unknown() -> ResponseReturnValue:
    return render_template("people/unknown_link.html"), 404
