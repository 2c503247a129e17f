"""The mails about one place: what is written when, in the person's language, with the calendar part that goes with it.

Each is stored in the transaction of what it tells, as finished bytes, so nobody has a place without being told.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple, TypedDict

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import inspect

from webinar.calendars.models import CalendarEntry
from webinar.calendars.objects import Occasion
from webinar.calendars.services import cancellation_part, entry_for, hold_entry, new_entry, request_part
from webinar.catalogue.models import LanguageVersionText, Platform, WebinarSession, WebinarText
from webinar.catalogue.queries import notes_on
from webinar.catalogue.texts import in_named_language, text_in, text_or_none, text_with
from webinar.catalogue.ways_to_follow import ToldWay, as_lines, ways_in_messages
from webinar.foundation import clock, formats
from webinar.foundation.addresses import absolute
from webinar.foundation.db import db
from webinar.foundation.isolation import begun
from webinar.foundation.languages import in_words, name_of, of_pages, speaking
from webinar.foundation.when import When
from webinar.foundation.zones import in_zone
from webinar.mail.history import was_invited
from webinar.mail.message import CalendarPart, sender
from webinar.mail.models import OutboxMail
from webinar.mail.outbox import enqueue, write
from webinar.mail.rendering import render
from webinar.registration.models import Approval, Registration, RegistrationStatus
from webinar.registration.queries import is_full_for

CONFIRMATION = "confirmation"
WAITING = "waiting list"
PROMOTION = "promotion"
CANCELLATION = "cancellation"
REMINDER_OF_PLACE = "reminder of place"
REQUEST = "request"
APPROVAL = "approval"
DECLINE = "decline"
LINKS = "links again"
CALENDAR_NO = "calendar no"
SEVERAL = "several sessions"
MAILS_ABOUT_A_PLACE = (
    CONFIRMATION,
    WAITING,
    PROMOTION,
    CANCELLATION,
    REMINDER_OF_PLACE,
    REQUEST,
    APPROVAL,
    DECLINE,
    LINKS,
    CALENDAR_NO,
    SEVERAL,
)


def topic_of(session: WebinarSession) -> str:
    """Return how the mail log names a session."""
    return f"session {session.key}"


def enqueue_news_of_place(place: Registration, now: datetime) -> None:
    """Tell somebody what they have now: a place, with its calendar entry, or a turn in line or a request, without."""
    if place.status is RegistrationStatus.REGISTERED:
        _enqueue_with_entry(CONFIRMATION, "registration/confirmation", place, now)
    elif place.approval is Approval.ASKED:
        enqueue(write_about(REQUEST, "registration/asked", place))
    else:
        enqueue(write_about(WAITING, "registration/waiting", place))


class Confirmation(NamedTuple):
    """A mail that confirms a place and the calendar entry that comes with it, both written and neither stored."""

    mail: OutboxMail
    entry: CalendarEntry


def write_confirmation(place: Registration, now: datetime) -> Confirmation:
    """Write the confirmation of a place that is not stored yet, for somebody who has no calendar entry in its session.

    It takes longer than everything else about a registration, so it is done before anybody has to wait for it.
    """
    entry = new_entry(**_of_entry(place))
    return Confirmation(write_with_entry(CONFIRMATION, "registration/confirmation", place, entry, now), entry)


def enqueue_confirmation(written: Confirmation, place: Registration) -> None:
    """Store a confirmation that was written beforehand; by now its place must have a person."""
    written.entry.session_id = place.session_id
    written.entry.person_id = written.mail.person_id = place.person_id
    db.session.add(written.entry)
    enqueue(written.mail)


def enqueue_promotion(place: Registration, now: datetime) -> None:
    """Tell somebody who waited that they have a seat now, with the calendar entry."""
    _enqueue_with_entry(PROMOTION, "registration/promotion", place, now)


def enqueue_reminder_of_place(place: Registration, now: datetime) -> None:
    """Tell somebody who registers again that nothing changed, and send the links and the entry once more."""
    if place.status is RegistrationStatus.REGISTERED:
        _enqueue_with_entry(REMINDER_OF_PLACE, "registration/place_known", place, now)
    elif place.approval is Approval.ASKED:
        enqueue(write_about(REMINDER_OF_PLACE, "registration/asked_known", place))
    else:
        enqueue(write_about(REMINDER_OF_PLACE, "registration/turn_known", place))


def enqueue_again(place: Registration, now: datetime) -> None:
    """Send somebody who asks for it what they have once more, before all mailings: links, and the entry of a seat."""
    if place.status is RegistrationStatus.REGISTERED:
        _enqueue_with_entry(REMINDER_OF_PLACE, "registration/place_again", place, now, urgent=True)
    elif place.approval is Approval.ASKED:
        enqueue(write_about(REMINDER_OF_PLACE, "registration/asked_known", place))
    else:
        enqueue(write_about(REMINDER_OF_PLACE, "registration/turn_again", place))


def enqueue_links(place: Registration, *, plain: bool = False) -> None:
    """Send somebody who lost them their links once more, before all mailings; ``plain`` as nothing but text.

    It carries no calendar part and waits for no other mail: the entry, if there is one, stays as it is.
    """
    if place.status is RegistrationStatus.REGISTERED:
        template = "registration/links_again"
    elif place.approval is Approval.ASKED:
        template = "registration/asked_known"
    else:
        template = "registration/turn_again"
    enqueue(write_about(LINKS, template, place, notes=notes_of(place), urgent=True, plain=plain))


def enqueue_approval(place: Registration, word: str, now: datetime) -> None:
    """Tell somebody that the organisers let them come, what they have now, and in a word what the organisers add."""
    if place.status is RegistrationStatus.REGISTERED:
        _enqueue_with_entry(APPROVAL, "registration/approved", place, now, word=word)
    else:
        enqueue(write_about(APPROVAL, "registration/approved_to_wait", place, word=word))


def enqueue_decline(place: Registration, word: str) -> None:
    """Tell somebody that the organisers cannot let them come, and in a word why."""
    enqueue(write_about(DECLINE, "registration/declined", place, word=word))


def enqueue_offer_to_give_up(place: Registration, entry: CalendarEntry) -> None:
    """Ask somebody who said no in their calendar whether to give the place up; nothing changes unless they press.

    It carries no calendar part: programs must not answer each other (RFC 5546, 6).
    """
    enqueue(write_about(CALENDAR_NO, "registration/said_no", place, references=entry.first_message_id))


def enqueue_cancellation(place: Registration, now: datetime) -> None:
    """Confirm that a place was given up, and take the entry out of the calendar if there ever was one in it."""
    _enqueue_without_entry("registration/cancellation", place, now)


def enqueue_handed_over(place: Registration, now: datetime) -> None:
    """Confirm to somebody that a colleague has their place now, and take the entry out of their calendar."""
    _enqueue_without_entry("registration/handed_over", place, now)


def enqueue_handed_to(place: Registration, giver: str, now: datetime) -> None:
    """Tell a colleague what somebody of that name handed to them, how to give it back, and how their data are used."""
    if place.status is RegistrationStatus.REGISTERED:
        _enqueue_with_entry(CONFIRMATION, "registration/place_from_colleague", place, now, giver=giver)
    else:
        enqueue(write_about(WAITING, "registration/turn_from_colleague", place, giver=giver))


def enqueue_offered_by(place: Registration, giver: str, now: datetime) -> None:
    """Tell a colleague whom somebody wanted to hand a place to that they keep their own, which is as good or better."""
    if place.status is RegistrationStatus.REGISTERED:
        _enqueue_with_entry(REMINDER_OF_PLACE, "registration/place_kept", place, now, giver=giver)
    elif place.approval is Approval.ASKED:
        enqueue(write_about(REMINDER_OF_PLACE, "registration/asked_known", place))
    else:
        enqueue(write_about(REMINDER_OF_PLACE, "registration/turn_kept", place, giver=giver))


def enqueue_move(old: Registration, new: Registration, now: datetime) -> None:
    """Tell somebody who comes on another day: one mail takes the old entry out of the calendar, the next puts one in.

    Two, because calendars read one entry a message (RFC 5546, 3.2.2). Who only waited had no entry to take out, and
    of a session that was cancelled it is mostly out already.
    """
    entry = hold_entry(old.session_id, old.person_id)
    if entry is not None and entry.announced_sequence is not None and not entry.is_taken_out:
        _enqueue_without_entry("registration/moved_away", old, now)
    if new.status is RegistrationStatus.REGISTERED:
        _enqueue_with_entry(CONFIRMATION, "registration/moved", new, now)
    else:
        enqueue_news_of_place(new, now)


def enqueue_change_of_version(place: Registration, now: datetime) -> None:
    """Tell somebody what is different in the language that they hear from now on, with their entry told anew."""
    if place.status is RegistrationStatus.REGISTERED:
        _enqueue_with_entry(CONFIRMATION, "registration/version_changed", place, now)
    else:
        enqueue_news_of_place(place, now)


def enqueue_address_corrected(place: Registration, now: datetime) -> None:
    """Take the entry out of the calendar of an address that was not the right one, if an invitation went there.

    The new address is not named to the old one: it may be a stranger's. Where every invitation was refused, there is
    nothing to take out and nobody to tell.
    """
    entry = hold_entry(place.session_id, place.person_id)
    if entry is None or entry.announced_sequence is None:
        return
    if was_invited(entry.uid):
        _enqueue_without_entry("registration/address_corrected", place, now)
    else:
        entry.cancel()


def _enqueue_without_entry(template: str, place: Registration, now: datetime) -> None:
    entry = hold_entry(place.session_id, place.person_id)
    enqueue(write_without_entry(CANCELLATION, template, place, entry, now))


def _enqueue_with_entry(kind: str, template: str, place: Registration, now: datetime, **told: Any) -> None:
    entry = entry_of(place)
    enqueue(write_with_entry(kind, template, place, entry, now, **told))


def entry_of(place: Registration) -> CalendarEntry:
    """Return the entry of a place, made now if there is none; its session's row, or the entry, must be held."""
    return entry_for(place.session_id, place.person_id, **_of_entry(place))


class _OfEntry(TypedDict):
    address: str
    name: str
    language: str
    keep_until: datetime


def _of_entry(place: Registration) -> _OfEntry:
    return _OfEntry(
        address=address_of(place), name=place.full_name, language=place.language, keep_until=place.erase_after
    )


def write_with_entry(
    kind: str, template: str, place: Registration, entry: CalendarEntry, now: datetime, **told: Any
) -> OutboxMail:
    """Write a mail to somebody who has a place, with the part that puts the entry where it belongs; it is not stored.

    ``told`` is what the template knows besides.
    """
    notes = notes_of(place)
    part = _part(request_part, place, entry, now, notes)
    mail = write_about(kind, template, place, notes=notes, entry=entry, part=part, **told)
    if entry.first_message_id is None:
        entry.first_message_id = mail.message_id
    return mail


def write_without_entry(
    kind: str, template: str, place: Registration, entry: CalendarEntry | None, now: datetime, **told: Any
) -> OutboxMail:
    """Write a mail to somebody who no longer comes, with the part that takes out the entry if it ever was told."""
    if entry is None or entry.announced_sequence is None:
        return write_about(kind, template, place, **told)
    part = _part(cancellation_part, place, entry, now)
    return write_about(kind, template, place, entry=entry, part=part, **told)


def _part(
    make: Callable[[CalendarEntry, Occasion, datetime], CalendarPart],
    place: Registration,
    entry: CalendarEntry,
    now: datetime,
    notes: LanguageVersionText | None = None,
) -> CalendarPart:
    return make(entry, occasion_of(place, notes), now)


def write_about(
    kind: str,
    template: str,
    place: Registration,
    *,
    notes: LanguageVersionText | None = None,
    entry: CalendarEntry | None = None,
    part: CalendarPart | None = None,
    urgent: bool = False,
    plain: bool = False,
    references: str | None = None,
    giver: str = "",
    **told: Any,
) -> OutboxMail:
    """Write a mail about a place from a template, in the person's language; it is not stored.

    It overtakes mailings where ``urgent`` says so, and always where the session is soon. ``giver`` is the name of who
    had the place before; ``told`` are values that many may be told alike.
    """
    words = render(
        template,
        place.language,
        {**personal_of(place), "giver": giver},
        notes=shown_notes(notes),
        ways=ways_of(place),
        **told,
        **shown_of(place),
    )
    return write(
        kind,
        replace(words, html="") if plain else words,
        to=address_of(place),
        to_name=place.full_name,
        person_id=place.person_id,
        topic=topic_of(place.session),
        language=place.language,
        order_key=entry.uid if entry else None,
        calendar=part,
        urgent=urgent or place.session.is_soon(clock.now()),
        references=entry.first_message_id if entry else references,
        keep_until=place.erase_after,
    )


def address_of(place: Registration) -> str:
    """Return where somebody is written to about their place.

    Raises:
        ValueError: they were erased.
    """
    if place.person.email is None:
        raise ValueError(f"registration {place.id} belongs to somebody who was erased")
    return place.person.email


def personal_of(place: Registration) -> dict[str, str]:
    """Return what a mail about a place tells to nobody but its person: their name, and the links that are theirs."""
    return {
        "name": place.full_name,
        "manage_url": absolute("registration.my_registration", lang=of_pages(place.language), token=place.token),
        "join_url": _join_url(place),
    }


class ShownText(NamedTuple):
    """The title of a webinar, with the language it is in."""

    title: str
    language: str


class ShownNotes(NamedTuple):
    """How somebody gets to hear their language, with the language that is said in."""

    practical_notes: str
    language: str


def shown_text(text: WebinarText) -> ShownText:
    """Return what mails show of a webinar's text."""
    return ShownText(text.title, text.language)


def shown_notes(notes: LanguageVersionText | None) -> ShownNotes | None:
    """Return what mails show of the notes on a language."""
    return ShownNotes(notes.practical_notes, notes.language) if notes else None


def shown_of(place: Registration) -> dict[str, Any]:
    """Return what mails tell of a place and its session, in the person's language and by their clocks.

    It is the same for all who have the like: what is one person's own is in ``personal_of``.
    """
    session = place.session
    webinar = session.webinar
    original = webinar.original_language
    pages_in = of_pages(place.language)  # the language they chose may have been taken away since
    doors_open_at = session.doors_open_at(current_app.config["DOORS_OPEN_MINUTES"])
    member_is_full = place.status is RegistrationStatus.WAITING and is_full_for(session, place.member)
    return {
        "has_place": place.status is RegistrationStatus.REGISTERED,
        "is_asked": place.approval is Approval.ASKED,
        "is_in_room": session.platform is Platform.ROOM,
        "text": shown_text(text_in(webinar.texts, place.language, original)),
        "when": When(session.starts_at, session.ends_at, place.timezone, session.timezone),
        "doors_open_at": in_zone(doors_open_at, place.timezone),
        "version_code": place.language_version.code,
        "version_name": name_of(place.language_version.code, place.language),
        "webinar_url": absolute("registration.webinar", lang=pages_in, slug=webinar.slug, **session.way_in()),
        "register_url": absolute("registration.register", lang=pages_in, key=session.key, **session.way_in()),
        "privacy_url": absolute("registration.privacy", lang=pages_in),
        "member_is_full": member_is_full,
        "member_name": place.member.name if place.member and member_is_full else "",
        "most_per_member": session.most_per_member,
        "network": sender().name,
    }


def notes_of(place: Registration) -> LanguageVersionText | None:
    """Return how somebody who comes gets to hear their language, in the one they are written to if it is said in it."""
    version = place.language_version
    texts = notes_on(version.id) if "texts" in inspect(version).unloaded else version.texts
    return text_or_none(texts, place.language, place.session.webinar.original_language)


def ways_of(place: Registration) -> list[ToldWay]:
    """Return the further ways to follow the session that concern somebody who has a place; there are none without."""
    if place.status is not RegistrationStatus.REGISTERED or not place.session.ways_to_follow:
        return []
    with speaking(place.language):
        return ways_in_messages(place.session, place.country)


def _join_url(place: Registration) -> str:
    return absolute("attendance.join", token=place.join_token)


def occasion_of(place: Registration, notes: LanguageVersionText | None) -> Occasion:
    """Return what the person's calendar shows in their language, by mail or feed."""
    session = place.session
    texts, original = session.webinar.texts, session.webinar.original_language
    text = text_in(texts, place.language, original)
    summary = text_with("summary", texts, place.language, original)
    told = _told_by_calendars(
        place.language,
        When(session.starts_at, session.ends_at, place.timezone, session.timezone),
        place.language_version.code,
        shown_notes(notes),
        tuple(ways_of(place)),
        (summary.summary, summary.language) if summary else None,
    )
    return Occasion(
        title=text.title,
        description=told.description,
        language=place.language,
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        link=_join_url(place),
        link_label=told.link_label,
        host=sender().name,
    )


class _ToldByCalendars(NamedTuple):
    description: str
    link_label: str


@lru_cache(maxsize=256)  # everybody in one zone and language is told the same of a session
def _told_by_calendars(
    language: str,
    when: When,
    version_code: str,
    notes: ShownNotes | None,
    ways: tuple[ToldWay, ...],
    summary: tuple[str, str] | None,
) -> _ToldByCalendars:
    with speaking(language):
        lines = [
            _("This is your personal link; please do not pass it on."),
            formats.day_and_hour(formats.full_date(when.starts_here), when.for_you),
            when.there,
            _("You hear it in %(language)s.", language=in_words(version_code)),
            *([in_named_language(notes.practical_notes, notes.language, language)] if notes else []),
            *as_lines(ways),
            "",
            in_named_language(*summary, language) if summary else "",
            "",
            _("If you cannot come, please give your place up with the link in our message, so that somebody else can."),
        ]
        return _ToldByCalendars(begun("\n".join(lines).strip()), _("Join"))
