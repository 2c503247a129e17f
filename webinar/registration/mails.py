"""The mails about one place: what is written when, in the person's language, with the calendar part that goes with it.

Each is stored in the transaction of what it tells, as finished bytes, so nobody has a place without being told.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import current_app
from flask_babel import gettext as _

from webinar.calendars.models import CalendarEntry
from webinar.calendars.objects import Occasion
from webinar.calendars.services import cancellation_part, entry_for, find_entry, request_part
from webinar.catalogue.models import WebinarSession
from webinar.catalogue.texts import text_in
from webinar.foundation import formats
from webinar.foundation.addresses import absolute
from webinar.foundation.languages import name_of, speaking
from webinar.foundation.zones import in_zone
from webinar.mail.message import CalendarPart, sender
from webinar.mail.models import OutboxMail
from webinar.mail.outbox import enqueue
from webinar.mail.rendering import render
from webinar.registration.models import Registration, RegistrationStatus

CONFIRMATION = "confirmation"
WAITING = "waiting list"
PROMOTION = "promotion"
CANCELLATION = "cancellation"
REMINDER_OF_PLACE = "reminder of place"
MAILS_ABOUT_A_PLACE = (CONFIRMATION, WAITING, PROMOTION, CANCELLATION, REMINDER_OF_PLACE)


def topic_of(session: WebinarSession) -> str:
    """Return how the mail log names a session."""
    return f"session {session.key}"


def enqueue_news_of_place(place: Registration, now: datetime) -> None:
    """Tell somebody what they have now: a place, with its calendar entry, or a turn on the waiting list, without."""
    if place.status is RegistrationStatus.REGISTERED:
        _enqueue_with_entry(CONFIRMATION, "registration/confirmation", place, now)
    else:
        _enqueue(WAITING, "registration/waiting", place)


def enqueue_promotion(place: Registration, now: datetime) -> None:
    """Tell somebody who waited that they have a seat now, with the calendar entry."""
    _enqueue_with_entry(PROMOTION, "registration/promotion", place, now)


def enqueue_reminder_of_place(place: Registration, now: datetime) -> None:
    """Tell somebody who registers again that nothing changed, and send the links and the entry once more."""
    if place.status is RegistrationStatus.REGISTERED:
        _enqueue_with_entry(REMINDER_OF_PLACE, "registration/place_known", place, now)
    else:
        _enqueue(REMINDER_OF_PLACE, "registration/turn_known", place)


def enqueue_cancellation(place: Registration, now: datetime) -> None:
    """Confirm that a place was given up, and take the entry out of the calendar if there ever was one in it."""
    entry = find_entry(place.session_id, place.person_id)
    if entry is None or entry.announced_sequence is None:
        _enqueue(CANCELLATION, "registration/cancellation", place)
        return
    _enqueue(
        CANCELLATION, "registration/cancellation", place, entry=entry, part=_part(cancellation_part, place, entry, now)
    )


def _enqueue_with_entry(kind: str, template: str, place: Registration, now: datetime) -> None:
    entry = entry_for(
        place.session_id,
        place.person_id,
        address=_address(place),
        name=place.full_name,
        language=place.language,
        keep_until=place.erase_after,
    )
    mail = _enqueue(kind, template, place, entry=entry, part=_part(request_part, place, entry, now))
    if entry.first_message_id is None:
        entry.first_message_id = mail.message_id


def _part(
    make: Callable[[CalendarEntry, Occasion, datetime], CalendarPart],
    place: Registration,
    entry: CalendarEntry,
    now: datetime,
) -> CalendarPart:
    with speaking(place.language):
        return make(entry, _occasion(place), now)


def _enqueue(
    kind: str,
    template: str,
    place: Registration,
    *,
    entry: CalendarEntry | None = None,
    part: CalendarPart | None = None,
) -> OutboxMail:
    return enqueue(
        kind,
        render(template, place.language, **_shown(place)),
        to=_address(place),
        to_name=place.full_name,
        person_id=place.person_id,
        topic=topic_of(place.session),
        language=place.language,
        order_key=entry.uid if entry else None,
        calendar=part,
        references=entry.first_message_id if entry else None,
        keep_until=place.erase_after,
    )


def _address(place: Registration) -> str:
    if place.person.email is None:
        raise ValueError(f"registration {place.id} belongs to somebody who was erased")
    return place.person.email


def _shown(place: Registration) -> dict[str, Any]:
    session = place.session
    webinar = session.webinar
    doors_open_at = session.doors_open_at(current_app.config["DOORS_OPEN_MINUTES"])
    return {
        "place": place,
        "session": session,
        "text": text_in(webinar.texts, place.language, webinar.original_language),
        "when": formats.When(session.starts_at, session.ends_at, place.timezone, session.timezone),
        "doors_open_at": in_zone(doors_open_at, place.timezone),
        "version_name": name_of(place.language_version.code, place.language),
        "manage_url": absolute("registration.my_registration", lang=place.language, token=place.token),
        "join_url": _join_url(place),
        "webinar_url": absolute("registration.webinar", lang=place.language, slug=webinar.slug),
        "register_url": absolute("registration.register", lang=place.language, key=session.key),
        "network": sender().name,
    }


def _join_url(place: Registration) -> str:
    return absolute("attendance.join", token=place.join_token)


def _occasion(place: Registration) -> Occasion:
    """Return what the person's calendar shows; it must be called while speaking their language."""
    session = place.session
    text = text_in(session.webinar.texts, place.language, session.webinar.original_language)
    when = formats.When(session.starts_at, session.ends_at, place.timezone, session.timezone)
    lines = [
        _("This is your personal link; please do not pass it on."),
        f"{formats.full_date(when.starts_here)}, {when.for_you}",
        when.there,
        "",
        text.summary,
        "",
        _("If you cannot come, please give your place up with the link in our message, so that somebody else can."),
    ]
    return Occasion(
        title=text.title,
        description="\n".join(lines).strip(),
        language=place.language,
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        link=_join_url(place),
        link_label=_("Join"),
        host=sender().name,
    )
