"""What anybody can put into a calendar: one session as a file, and the feeds of all sessions and of a series."""

from __future__ import annotations

from flask import Blueprint, Response, abort, make_response, request
from flask_babel import gettext as _

from webinar.calendars import feeds
from webinar.calendars.objects import Subscription, published
from webinar.calendars.occasions import as_published
from webinar.catalogue.queries import find_listed_series, find_session, sessions_to_follow
from webinar.catalogue.texts import text_in
from webinar.foundation import clock, languages
from webinar.foundation.addresses import absolute
from webinar.mail.message import sender

bp = Blueprint("calendars", __name__)

PUBLIC = "public, max-age=900"


@bp.route("/sessions/<key>.ics")
def session_ics(key: str) -> Response:
    """Give out one public session as a calendar file, in the language asked for (``?lang=fr``) or the browser's.

    A session that stands in no list is given out to whoever has its link's token (``?access=``).

    The bytes change only when the session or its texts do, so that a calendar that asks again gets 304
    (RFC 9110, 13.1.2).
    """
    session = find_session(key, request.args.get("access", "")) or abort(404)
    wanted = request.args.get("lang", "")
    language = wanted if wanted in languages.offered() else languages.accepted()
    with languages.speaking(language):
        told = as_published(session, language, follows=False)
    response = make_response(published([told]))
    response.content_type = "text/calendar; charset=utf-8"
    response.headers["Content-Disposition"] = 'attachment; filename="session.ics"'
    response.headers["Cache-Control"] = PUBLIC
    response.vary.add("Accept-Language")
    response.last_modified = told.changed_at
    response.add_etag()
    # The time alone does not tell whether these are the texts of this language.
    if request.if_none_match:
        response.make_conditional(request)
    return response


@bp.get("/<lang>/calendar.ics")
def all_sessions(lang: str) -> Response:
    """Give out all public sessions as a calendar to subscribe to, in one language."""

    def compose(window: feeds.Window) -> bytes:
        name = _("Webinars of %(network)s", network=sender().name)
        return _composed(window, Subscription(name, lang, absolute("calendars.all_sessions", lang=lang)), None)

    return _public(feeds.kept_feed(lang, clock.now(), compose))


@bp.get("/<lang>/series/<slug>/calendar.ics")
def series(lang: str, slug: str) -> Response:
    """Give out the public sessions of a series as a calendar to subscribe to, in one language.

    It is empty, and still there, when the last session has been over for long: calendars drop what they do not find.
    """

    def compose(window: feeds.Window) -> bytes:
        found = find_listed_series(slug) or abort(404)
        name = text_in(found.texts, lang)
        source = absolute("calendars.series", lang=lang, slug=slug)
        return _composed(window, Subscription(name.title, name.language, source), found.id)

    return _public(feeds.kept_feed((lang, slug), clock.now(), compose))


def _composed(window: feeds.Window, subscription: Subscription, series_id: int | None) -> bytes:
    sessions = sessions_to_follow(
        ended_after=window.ended_after, cancelled_after=window.cancelled_after, series_id=series_id
    )
    language = languages.current()
    return published([as_published(session, language, follows=True) for session in sessions], subscription)


def _public(feed: feeds.Feed) -> Response:
    response = feeds.answer(feed)
    response.headers["Cache-Control"] = PUBLIC
    return response
