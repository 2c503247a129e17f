"""What organisers pass on about the cities of a webinar: a text for a chat, and the board as a table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from flask_babel import gettext as _

from webinar.catalogue.models import Webinar, WebinarSession
from webinar.catalogue.texts import text_in
from webinar.foundation import formats, languages
from webinar.foundation.addresses import absolute
from webinar.foundation.spreadsheet import Cell
from webinar.invitations.board import City

COLUMNS = (
    *("member", "country", "region", "state", "registered", "waiting", "invited", "reached", "declined"),
    *("focal_points", "responsible", "answer", "note", "noted_at_utc"),
)


def text_for_chat(webinar: Webinar, sessions: Sequence[WebinarSession], cities: Iterable[City]) -> str:
    """Return what can be written in a chat about who is still missing, in the language of the page.

    ``sessions`` are those to which people can still register, in their order, with their languages; the webinar's
    texts are loaded.
    """
    language = languages.current()
    title = text_in(webinar.texts, language, webinar.original_language).title
    days = [_day(session) for session in sessions]
    missing = [city.member.name for city in cities]
    lines = [
        title,
        *days,
        _("Not registered yet: %(cities)s.", cities=formats.joined(missing)) if missing else "",
        _("Register here: %(link)s", link=absolute("registration.webinar", lang=language, slug=webinar.slug)),
    ]
    return "\n".join(line for line in lines if line)


def _day(session: WebinarSession) -> str:
    when = session.times_there
    heard = formats.joined([languages.name_here(version.code) for version in session.language_versions])
    return f"{formats.day_and_hour(formats.full_date(when.starts_here), when.for_you)} · {heard}"


def lines_of(cities: Iterable[City]) -> Iterator[list[Cell]]:
    """Yield a line of ``COLUMNS`` for each city; states and answers are codes."""
    for city in cities:
        counts, held, note = city.counts, city.follow_up, city.note
        who = held.responsible if held else None
        noted: datetime | None = note.at if note else None
        yield [
            city.member.name,
            city.member.country_code,
            city.member.region,
            city.state.value,
            counts.registered,
            counts.waiting,
            counts.asked,
            counts.reached,
            counts.declined,
            "; ".join(contact.person.email or "" for contact in city.focal_points),
            (who.name or who.email) if who else "",
            city.answer.value if city.answer else "",
            note.text if note else "",
            noted,
        ]
