"""One mail about several places of one person, where a mail for each would be too many.

A calendar acts on one entry a mail (RFC 5546, 3.2.2), so here all of them are in a file to import. They are the same
entries as ever: the next mail about one of them is an invitation or a cancellation of its own, with the same UID.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from webinar.calendars.services import published_part
from webinar.foundation.languages import name_of
from webinar.mail.outbox import enqueue, write
from webinar.mail.rendering import render
from webinar.registration.mails import (
    REMINDER_OF_PLACE,
    SEVERAL,
    address_of,
    entry_of,
    notes_of,
    occasion_of,
    personal_of,
    shown_notes,
    shown_of,
    topic_of,
    ways_of,
)
from webinar.registration.models import Registration, RegistrationStatus
from webinar.registration.queries import feed_token_of


class News(NamedTuple):
    """A place of which somebody is told, and whether they have it only now."""

    place: Registration
    is_new: bool


def enqueue_told_together(news: Sequence[News], *, topic: str, now: datetime) -> None:
    """Tell one person of all these places in one mail, with the calendar entries of those where they have a seat.

    It is in the language of most of them; each entry is in the language of its place. ``topic`` is what they share.
    It counts as the reminder of those they had before, and overtakes mailings where one of the sessions is soon.
    """
    in_order = sorted(news, key=lambda one: (one.place.session.starts_at, one.place.session_id))
    places = [one.place for one in in_order]
    [(language, _count)] = Counter(place.language for place in places).most_common(1)
    entries = {place: entry_of(place) for place in places if place.status is RegistrationStatus.REGISTERED}
    occasions = [(entry, occasion_of(place, notes_of(place))) for place, entry in entries.items()]
    told = [_told(one, language) for one in in_order]
    person = places[0]
    mail = write(
        SEVERAL if all(one.is_new for one in news) else REMINDER_OF_PLACE,
        render(
            "registration/told_together",
            language,
            name=person.full_name,
            told=told,
            all_have_places=len(entries) == len(places),
            calendar_url=next((one["manage_url"] + "#calendar" for one in told if one["has_place"]), ""),
            has_feed=feed_token_of(person.person_id) is not None,
        ),
        to=address_of(person),
        to_name=person.full_name,
        person_id=person.person_id,
        topic=topic,
        language=language,
        calendar=published_part(occasions, now) if occasions else None,
        urgent=any(place.session.is_soon(now) for place in places),
        several={topic_of(place.session): entries[place].uid if place in entries else None for place in places},
        keep_until=max(place.erase_after for place in places),
    )
    for entry in entries.values():
        entry.first_message_id = entry.first_message_id or mail.message_id
    enqueue(mail)


def _told(one: News, language: str) -> dict[str, Any]:
    place = one.place
    return {
        **personal_of(place),
        **shown_of(place),
        "is_new": one.is_new,
        "version_name": name_of(place.language_version.code, language),
        "notes": shown_notes(notes_of(place)) if place.status is RegistrationStatus.REGISTERED else None,
        "ways": ways_of(place),
    }
