"""What an organiser writes to somebody in a chat, or reads to them on the telephone: their link, in a sentence."""

from __future__ import annotations

from flask_babel import gettext as _

from webinar.catalogue.models import Platform, WebinarSession
from webinar.catalogue.texts import text_in
from webinar.foundation import formats
from webinar.foundation.addresses import absolute
from webinar.foundation.languages import current, of_pages, offered, speaking
from webinar.foundation.when import When
from webinar.foundation.zones import in_zone
from webinar.registration.models import Registration, RegistrationStatus


def link_in_a_sentence(place: Registration) -> str:
    """Return a sentence in the person's language that ends with their link: the one to join, if it lets them in.

    Who waits, and who goes to a room, gets the link to their place instead, which can change and give it up too.
    """
    session = place.session
    when = When(session.starts_at, session.ends_at, place.timezone, session.timezone)
    with speaking(place.language):
        told = {
            "name": place.given_name,
            "title": text_in(session.webinar.texts, place.language, session.webinar.original_language).title,
            "date": formats.full_date(when.starts_here),
            "hours": when.for_you,
        }
        if place.status is RegistrationStatus.WAITING:
            return str(
                _(
                    "Hello %(name)s, you are in line for “%(title)s” (%(date)s, %(hours)s). Here you see your turn, or "
                    "give it up: %(link)s",
                    link=_link_to_manage(place),
                    **told,
                )
            )
        if session.platform is Platform.ROOM:
            return str(
                _(
                    "Hello %(name)s, here is your place in “%(title)s” (%(date)s, %(hours)s): %(link)s",
                    link=_link_to_manage(place),
                    **told,
                )
            )
        return str(
            _(
                "Hello %(name)s, here is your personal link for “%(title)s” (%(date)s, %(hours)s): %(link)s",
                link=absolute("attendance.join", token=place.join_token),
                **told,
            )
        )


def _link_to_manage(place: Registration) -> str:
    return absolute("registration.my_registration", lang=of_pages(place.language), token=place.token)


def speakers_link_in_a_sentence(session: WebinarSession, name: str, join_token: str, doors_open_minutes: int) -> str:
    """Return a sentence for a speaker that ends with their link, in the webinar's original language where we speak it.

    Hours are those where the session is held: nobody asked the speaker for a zone.
    """
    webinar = session.webinar
    language = webinar.original_language if webinar.original_language in offered() else current()
    when = session.times_there
    with speaking(language):
        return str(
            _(
                "Hello %(name)s, here is your link as a speaker in “%(title)s” (%(date)s, %(hours)s). It lets you in "
                "from %(doors)s on: %(link)s",
                name=name,
                title=text_in(webinar.texts, language, webinar.original_language).title,
                date=formats.full_date(when.starts_here),
                hours=when.for_you,
                doors=formats.hour(in_zone(session.doors_open_at(doors_open_minutes), session.timezone)),
                link=absolute("attendance.join", token=join_token),
            )
        )
