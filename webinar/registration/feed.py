"""A person's own calendar: the same entries as in the mails to them, each in the language of its place."""

from __future__ import annotations

from datetime import datetime

from flask_babel import gettext as _

from webinar.calendars.feeds import Feed, window
from webinar.calendars.objects import Published, Subscription, published
from webinar.calendars.occasions import texts_told
from webinar.catalogue.models import SessionStatus
from webinar.catalogue.texts import text_or_none
from webinar.catalogue.version import last_change
from webinar.foundation.addresses import absolute
from webinar.foundation.languages import of_pages, speaking
from webinar.mail.message import sender
from webinar.registration.mails import occasion_of
from webinar.registration.models import PersonalFeed, RegistrationStatus
from webinar.registration.queries import OfPerson, places_to_follow


def feed_of(feed: PersonalFeed, now: datetime) -> Feed:
    """Return a person's own calendar as it is at a moment; six queries, however many places they have.

    It is called in the language in which they registered last, else in the one they came with.
    """
    since = window(now)
    places = places_to_follow(feed.person_id, ended_after=since.ended_after, cancelled_after=since.cancelled_after)
    latest = max((one.place for one in places), key=lambda place: place.registered_at, default=None)
    language = of_pages(latest.language if latest is not None else feed.person.language or "")
    with speaking(language):
        name = _("My webinars at %(network)s", network=sender().name)
    source = absolute("registration.personal_feed", feed=feed.token)
    told = [_published(one) for one in places]
    change = last_change()
    changed_at = max([feed.made_at, *([change[1]] if change else []), *(one.changed_at for one in told)])
    return Feed(published(told, Subscription(name, language, source)), changed_at)


def file_of(one: OfPerson) -> bytes:
    """Return a person's entry of one session as a file: by its UID calendars know the one of mails and feed."""
    return published([_published(one)])


def _published(one: OfPerson) -> Published:
    place, entry = one
    session = place.session
    is_cancelled = place.status is RegistrationStatus.CANCELLED or session.status is SessionStatus.CANCELLED
    notes = text_or_none(place.language_version.texts, place.language, session.webinar.original_language)
    occasion = occasion_of(place, notes)
    if entry is None:  # brought in quietly: no mail has told of an entry, so there is none to be the same as
        uid, sequence, organizer = session.uid, session.sequence, sender().address
    else:
        uid, sequence, organizer = entry.uid, entry.sequence, entry.organizer
    told = texts_told(session, place.language)
    moments = [place.registered_at, place.cancelled_at, session.changed_at, *(text.changed_at for text in told)]
    moments.append(entry.dtstamp if entry is not None else None)
    return Published(
        occasion=occasion,
        uid=uid,
        sequence=sequence,
        changed_at=max(moment for moment in moments if moment is not None),
        is_cancelled=is_cancelled,
        organizer=organizer,
        is_personal=True,
    )
