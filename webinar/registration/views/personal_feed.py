"""A person's own calendar: the feed, and what they do about its address on the page of a place."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from flask import Response, abort, flash, make_response, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webinar.calendars.feeds import answer
from webinar.foundation import clock
from webinar.foundation.errors import DomainError
from webinar.foundation.ratelimit import allow
from webinar.foundation.security import token_checked_by_form
from webinar.registration import services
from webinar.registration.feed import feed_of, file_of
from webinar.registration.queries import find_by_token, find_feed, seat_with_entry
from webinar.registration.views.blueprint import bp
from webinar.registration.views.my_registration import TooManyChanges, page_of

CHANGES_A_DAY = 20
"""How often a day the address of a person's calendar may be changed."""


@bp.get("/calendar/<feed>.ics")
def personal_feed(feed: str) -> Response:
    """Give out what one person takes, as a calendar to subscribe to; empty as long as they take nothing.

    Its address is its owner's secret, but unlike a page it is kept by the calendar, which is told when it changes.
    """
    found = find_feed(feed) or abort(404)
    response = answer(feed_of(found, clock.now()))
    response.headers["Cache-Control"] = "private, max-age=900"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@bp.get("/<lang>/registrations/<token>/session.ics")
def my_entry(lang: str, token: str) -> Response:
    """Give out one's own entry as a file, for calendars that take no invitation by mail; who waits has none.

    Nor has who was brought in quietly: the mail that will make their entry gives it another UID than any file could.
    """
    found = seat_with_entry(token) or abort(404)
    response = make_response(file_of(found))
    response.content_type = "text/calendar; charset=utf-8"
    response.headers["Content-Disposition"] = 'attachment; filename="session.ics"'
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@bp.post("/<lang>/registrations/<token>/calendar")
@token_checked_by_form  # the one in the address
def make_feed(lang: str, token: str) -> ResponseReturnValue:
    """Make an address for the calendar of whose place this is."""
    return _changed(lang, token, services.make_feed, _("Your calendar has an address now. It is below."))


@bp.post("/<lang>/registrations/<token>/calendar/renew")
@token_checked_by_form  # the one in the address
def renew_feed(lang: str, token: str) -> ResponseReturnValue:
    """Make another address in its stead."""
    told = _("Your calendar has another address. The one of before leads nowhere: subscribe again with the new one.")
    return _changed(lang, token, services.renew_feed, told)


@bp.post("/<lang>/registrations/<token>/calendar/end")
@token_checked_by_form  # the one in the address
def end_feed(lang: str, token: str) -> ResponseReturnValue:
    """Let the address lead nowhere."""
    told = _("The address of your calendar leads nowhere any more. Take it out of your calendar program, too.")
    return _changed(lang, token, services.end_feed, told)


def _changed(lang: str, token: str, change: Callable[[str], None], told: str) -> ResponseReturnValue:
    place = find_by_token(token) or abort(404)
    try:
        who = str(place.person_id)
        if not allow("personal feed", who, limit=CHANGES_A_DAY, per=timedelta(days=1), now=clock.now()):
            raise TooManyChanges
        change(token)
    except services.NoSuchRegistration:
        abort(404)
    except DomainError as refusal:
        return page_of(token, refusal)
    flash(told, "good")
    return redirect(url_for(".my_registration", lang=lang, token=token, _anchor="calendar"), code=303)
