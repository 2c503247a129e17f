"""What anybody can put into a calendar: one session, published."""

from __future__ import annotations

from flask import Blueprint, Response, abort, make_response, request
from flask_babel import gettext as _

from webinar.calendars.objects import Occasion, published
from webinar.catalogue.models import SessionStatus, WebinarSession
from webinar.catalogue.queries import find_session
from webinar.catalogue.texts import in_named_language, text_in, text_with
from webinar.foundation import formats, languages
from webinar.foundation.addresses import absolute
from webinar.foundation.isolation import begun
from webinar.mail.message import sender

bp = Blueprint("calendars", __name__)


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
        content = published(
            _occasion(session, language),
            uid=session.uid,
            sequence=session.sequence,
            changed_at=session.changed_at,
            cancelled=session.status is SessionStatus.CANCELLED,
            organizer=sender().address,
        )
    response = make_response(content)
    response.content_type = "text/calendar; charset=utf-8"
    response.headers["Content-Disposition"] = 'attachment; filename="session.ics"'
    response.headers["Cache-Control"] = "public, max-age=900"
    response.vary.add("Accept-Language")
    response.last_modified = session.changed_at
    response.add_etag()
    # The time alone does not tell whether the webinar's texts have changed since, or are those of this language.
    if request.if_none_match:
        response.make_conditional(request)
    return response


def _occasion(session: WebinarSession, language: str) -> Occasion:
    texts, original = session.webinar.texts, session.webinar.original_language
    text = text_in(texts, language, original)
    summary = text_with("summary", texts, language, original)
    when = session.times_there
    told = f"{formats.hours(when.starts_here, when.ends_here)} ({formats.city(session.timezone)})"
    lines = [
        f"{formats.day_and_hour(formats.full_date(when.starts_here), told)} · {when.there}",
        "",
        in_named_language(summary.summary, summary.language, language) if summary else "",
        "",
        _("Register there to get your personal link. This copy will not follow a new date; an invitation does."),
    ]
    return Occasion(
        title=text.title,
        description=begun("\n".join(lines).strip()),
        language=text.language,
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        link=absolute("registration.webinar", lang=language, slug=session.webinar.slug, **session.way_in()),
        link_label=_("Register"),
        host=sender().name,
    )
