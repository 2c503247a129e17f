"""The mails that tell of a moved, cancelled or changed session: to who has a place, waits for one, or was invited."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from webinar.calendars.models import CalendarEntry, EntryStatus
from webinar.calendars.objects import Occasion
from webinar.calendars.occasions import public_occasion
from webinar.calendars.services import cancellation_part, request_part
from webinar.catalogue.models import SessionStatus, WebinarSession, is_soon
from webinar.catalogue.texts import text_in
from webinar.foundation.addresses import absolute
from webinar.foundation.languages import of_pages, speaking
from webinar.foundation.when import When
from webinar.mail.message import CalendarPart, sender
from webinar.mail.models import OutboxMail
from webinar.mail.outbox import unwritable, write
from webinar.mail.rendering import render
from webinar.registration.mails import (
    entry_of,
    shown_text,
    topic_of,
    write_about,
    write_with_entry,
    write_without_entry,
)
from webinar.registration.models import Registration, RegistrationStatus
from webinar.updates.models import Times, UpdateKind, UpdateRecipient, times_of

SESSION_MOVED = "session moved"
SESSION_CANCELLED = "session cancelled"
SESSION_CHANGED = "session changed"

_KINDS = {
    UpdateKind.MOVED: SESSION_MOVED,
    UpdateKind.CANCELLED: SESSION_CANCELLED,
    UpdateKind.CHANGED: SESSION_CHANGED,
}


def kind_to_tell(session: WebinarSession, knew: Times) -> UpdateKind:
    """Return what somebody who knew a session at some times has to be told of it as it stands now."""
    if session.status is SessionStatus.CANCELLED:
        return UpdateKind.CANCELLED
    return UpdateKind.CHANGED if times_of(session) == knew else UpdateKind.MOVED


def _is_urgent(session: WebinarSession, knew: Times, now: datetime) -> bool:
    """Tell whether an update cannot wait: the session starts within a day, or people believe that it does."""
    return session.is_soon(now) or is_soon(*knew, now)


def write_to_place(
    place: Registration,
    entry: CalendarEntry | None,
    knew: Times,
    *,
    word: str,
    can_move: bool,
    now: datetime,
) -> OutboxMail | None:
    """Write what somebody who has a place, or waits for one, is told now, or return None where it is nothing.

    ``entry`` is theirs, held; ``knew`` the times they were told last, which a cancellation names, too; ``word`` what
    the organisers add in their language. Who waits has no entry but one from an invitation, which follows as that does.
    """
    session = place.session
    kind = kind_to_tell(session, knew)
    told: dict[str, Any] = {
        "urgent": _is_urgent(session, knew, now),
        "was": When(knew.starts_at, knew.ends_at, place.timezone, session.timezone),
        "word": word,
        **({"can_move": can_move} if kind is UpdateKind.CANCELLED else {}),
    }
    if place.status is RegistrationStatus.REGISTERED:
        if kind is UpdateKind.CANCELLED:
            return write_without_entry(SESSION_CANCELLED, "updates/cancelled", place, entry, now, **told)
        return write_with_entry(_KINDS[kind], f"updates/{kind.value}", place, entry or entry_of(place), now, **told)
    if kind is UpdateKind.CHANGED:
        return None
    part = None if entry is None else _part_of_invitation(entry, session, place.language, now)
    told |= {"entry": entry, "part": part} if part else {}
    if kind is UpdateKind.CANCELLED:
        return write_about(SESSION_CANCELLED, "updates/cancelled", place, **told)
    return write_about(SESSION_MOVED, "updates/moved_to_wait", place, has_entry=part is not None, **told)


def write_to_invited(
    entry: CalendarEntry, session: WebinarSession, knew: Times, *, zone: str | None, word: str, now: datetime
) -> OutboxMail | None:
    """Write what somebody who was invited and has not registered is told now, or None where the entry is not theirs.

    ``zone`` is theirs if it is known, else times are told as they are where the session is held.
    """
    part = _part_of_invitation(entry, session, entry.language, now)
    if part is None or entry.address is None:
        return None
    kind = kind_to_tell(session, knew)
    webinar = session.webinar
    theirs, is_guess = zone or session.timezone, zone is None
    words = render(
        f"updates/{kind.value}_invited",
        entry.language,
        {"name": entry.name or ""},
        word=word,
        text=shown_text(text_in(webinar.texts, entry.language, webinar.original_language)),
        when=When(session.starts_at, session.ends_at, theirs, session.timezone, is_guess),
        was=When(knew.starts_at, knew.ends_at, theirs, session.timezone, is_guess),
        webinar_url=absolute(
            "registration.webinar", lang=of_pages(entry.language), slug=webinar.slug, **session.way_in()
        ),
        network=sender().name,
    )
    return write(
        _KINDS[kind],
        words,
        to=entry.address,
        to_name=entry.name or "",
        person_id=entry.person_id,
        topic=topic_of(session),
        language=entry.language,
        order_key=entry.uid,
        calendar=part,
        urgent=_is_urgent(session, knew, now),
        references=entry.first_message_id,
        keep_until=entry.erase_after,
    )


def write_that_it_cannot_be_written(recipient: UpdateRecipient, session: WebinarSession, why: str) -> OutboxMail:
    """Return what the mail log shows of somebody who cannot be told, with the reason; nothing is sent."""
    person, webinar = recipient.person, session.webinar
    language = person.language or webinar.original_language
    return unwritable(
        _KINDS[kind_to_tell(session, recipient.knew)],
        why,
        to=person.email or "",
        subject=text_in(webinar.texts, language, webinar.original_language).title,
        person_id=person.id,
        topic=topic_of(session),
        language=language,
        keep_until=person.erase_after,
    )


def _part_of_invitation(
    entry: CalendarEntry, session: WebinarSession, language: str, now: datetime
) -> CalendarPart | None:
    """Return what an entry that came with an invitation is told; None where it is in no calendar any more."""
    if entry.announced_sequence is None or entry.address is None:
        return None
    is_cancelled = session.status is SessionStatus.CANCELLED
    if entry.status is EntryStatus.CANCELLED and not (is_cancelled and entry.announced_sequence < entry.sequence):
        return None
    make: Callable[[CalendarEntry, Occasion, datetime], CalendarPart]
    make = cancellation_part if is_cancelled else request_part
    with speaking(of_pages(language)):
        return make(entry, public_occasion(session, of_pages(language), follows=True), now)
