"""What public calendars tell of a session: one text for the file of one session and for the feeds of many."""

from __future__ import annotations

from flask_babel import gettext as _

from webinar.calendars.objects import Occasion, Published
from webinar.catalogue.models import SessionStatus, WebinarSession, WebinarText
from webinar.catalogue.texts import in_named_language, text_in, text_with
from webinar.foundation import formats
from webinar.foundation.addresses import absolute
from webinar.foundation.isolation import begun
from webinar.mail.message import sender


def texts_told(session: WebinarSession, language: str) -> list[WebinarText]:
    """Return the texts that calendars tell of: that of the title, then that of the summary if there is one."""
    texts, original = session.webinar.texts, session.webinar.original_language
    summary = text_with("summary", texts, language, original)
    return [text_in(texts, language, original), *([summary] if summary else [])]


def as_published(session: WebinarSession, language: str, *, follows: bool) -> Published:
    """Return a session with its webinar's texts for everybody; it must be called while speaking the language.

    ``follows`` says that it stands in a feed, which a calendar asks for again; a file is a copy of one moment.
    """
    told = texts_told(session, language)
    return Published(
        occasion=public_occasion(session, language, follows=follows),
        uid=session.uid,
        sequence=session.sequence,
        changed_at=max([session.changed_at, *(text.changed_at for text in told)]),
        is_cancelled=session.status is SessionStatus.CANCELLED,
        organizer=sender().address,
    )


def public_occasion(session: WebinarSession, language: str, *, follows: bool) -> Occasion:
    """Return what the public is told of a session; it must be called while speaking the language."""
    text, *summaries = texts_told(session, language)
    when = session.times_there
    told = f"{formats.hours(when.starts_here, when.ends_here)} ({formats.city(session.timezone)})"
    lines = [
        f"{formats.day_and_hour(formats.full_date(when.starts_here), told)} · {when.there}",
        "",
        *(in_named_language(summary.summary, summary.language, language) for summary in summaries),
        "",
        _what_to_do(session, follows=follows),
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


def _what_to_do(session: WebinarSession, *, follows: bool) -> str:
    if session.status is SessionStatus.CANCELLED:
        return str(_("This session has been cancelled"))
    if follows:
        return str(_("Register there to get your personal link."))
    return str(_("Register there to get your personal link. This copy will not follow a new date; an invitation does."))
