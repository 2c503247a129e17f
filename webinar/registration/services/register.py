"""Registering for a session: a place, or a turn on the waiting list, and the mail that says so."""

from __future__ import annotations

import logging
import secrets
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

from webinar.catalogue.models import RegistrationState, WebinarSession
from webinar.catalogue.queries import find_marked_session_to_register, lock_session, lock_session_alone
from webinar.catalogue.texts import offered_with_text
from webinar.catalogue.version import current_mark
from webinar.foundation import clock
from webinar.foundation.db import db, transaction
from webinar.mail.history import last_mails_about
from webinar.people.mail_address import normalise
from webinar.people.models import Person, Purpose
from webinar.people.newsletter import has_ended_newsletter
from webinar.people.services.who_is_who import give_consent, person_with_address
from webinar.registration.arrivals import arrivals
from webinar.registration.door import is_door_open, registration_state
from webinar.registration.mails import (
    MAILS_ABOUT_A_PLACE,
    REMINDER_OF_PLACE,
    Confirmation,
    enqueue_confirmation,
    enqueue_news_of_place,
    enqueue_reminder_of_place,
    topic_of,
    write_confirmation,
)
from webinar.registration.models import Approval, Registration, RegistrationStatus
from webinar.registration.newsletter_asked import newsletter_asked
from webinar.registration.notice import NEWSLETTER, NOTICE, TOLD_BY_STAFF
from webinar.registration.queries import find_of_person, is_known_in, seating_of
from webinar.registration.registrant import Registrant
from webinar.registration.services.answers import store_answers
from webinar.registration.services.approval import approval_for
from webinar.registration.services.places import keep_until, member_of, note_for_staff, write_details
from webinar.registration.services.refusals import (
    AddressRegistered,
    NoSuchSession,
    RegistrationClosed,
    UnknownLanguageVersion,
    UnknownMember,
)
from webinar.registration.services.seats import status_for_newcomer

logger = logging.getLogger(__name__)

# A repeat is answered by mail, but nobody's mailbox can be filled by typing their address again and again.
QUIET_AFTER_ANY_MAIL = timedelta(minutes=10)
QUIET_AFTER_A_REMINDER = timedelta(days=1)


def register(session_key: str, registrant: Registrant, *, leads_in: bool = False) -> bool:
    """Give a person a place in a session, or one on its waiting list, and tell them by mail.

    Return whether they go straight in: the caller leads them there, the session's door is open, and a newcomer who
    says this about themselves gets a seat now. That is the same for an address that is known and for a new one.

    In a session for members the organisers may have to approve them first; who was declined may ask again.

    The place and the mail about it are stored in one transaction: nobody is registered
    without being told, and nobody is told without being registered. The caller does not
    learn whether the address was known; only its mailbox does.

    Raises:
        NoSuchSession: there is no session of this key.
        RegistrationClosed: not open yet, closed, over, or cancelled.
        UnknownLanguageVersion: the session cannot be followed in that language.
        UnknownMember: there is no member of that key.
    """
    expected = _expect_a_seat(session_key, registrant)
    with transaction():
        now = clock.now()
        if expected is not None and not _holds_as_expected(session_key, expected):
            expected = None
        session = expected.place.session if expected is not None else lock_session(session_key)
        if session is None:
            raise NoSuchSession(session_key)
        state = registration_state(session, now)
        if state is not RegistrationState.OPEN:
            raise RegistrationClosed(state)
        goes_in = leads_in and is_door_open(session, now) and _is_newcomer_seated(session, registrant)
        place, is_new = take_place(session, registrant, now, expected)
        _tell(place, now, is_new=is_new, expected=expected)
        # Only somebody new is noted as having come. Whoever types the address of somebody known proves nothing, and
        # would make up that they were there; they are led in all the same, and their own link notes that they came.
        if goes_in and is_new and place.status is RegistrationStatus.REGISTERED:
            db.session.flush()
            arrivals().note(place, now)
    logger.info("registration %s in session %s: %s", place.id, session_key, place.status)
    return goes_in


def register_on_behalf(session_key: str, registrant: Registrant) -> int:
    """Give a person a place, or one on the waiting list, because one of the staff says so; return as which they came.

    As ``register``, but also where registration has not opened or has closed, and whoever may come: that the staff
    register them is their approval. They follow the clock of the member they come for, else of the session.

    Raises:
        NoSuchSession: there is no session of this key.
        RegistrationClosed: the session is not public yet, over, or cancelled.
        AddressRegistered: the address has a place or a turn there; nothing is changed or sent.
        UnknownLanguageVersion: the session cannot be followed in that language.
        UnknownMember: there is no member of that key.
    """
    with transaction():
        now = clock.now()
        session = lock_session(session_key)
        if session is None:
            raise NoSuchSession(session_key)
        state = session.registration_state(now)
        if state in {RegistrationState.OVER, RegistrationState.CANCELLED} or not session.is_public():
            raise RegistrationClosed(state)
        member = member_of(registrant)
        registrant = replace(registrant, timezone=member.timezone if member is not None else session.timezone)
        place, _is_new = take_place(session, registrant, now, by_staff=True, told_by=TOLD_BY_STAFF)
        enqueue_news_of_place(place, now)
        db.session.flush()
        note_for_staff("registered", place)
    logger.info("registration %s in session %s by the staff: %s", place.id, session_key, place.status)
    return place.turn


class Expected(NamedTuple):
    """A place as it mostly comes to be, with its confirmation: a new person gets a seat, and nothing is stored yet.

    Writing a mail takes as long as all the rest, and while the session's row is held everybody else waits; on SQLite
    for all sessions. ``mark`` is that of the catalogue from which the mail was written.
    """

    mark: str | None
    place: Registration
    confirmation: Confirmation


def _expect_a_seat(session_key: str, registrant: Registrant) -> Expected | None:
    found = find_marked_session_to_register(session_key)
    if found is None:
        return None
    session, mark = found
    now = clock.now()
    if registration_state(session, now) is not RegistrationState.OPEN:
        return None
    place = Registration(person=Person(email=normalise(registrant.email)))
    try:
        _describe(place, session, registrant, now)
    except (UnknownLanguageVersion, UnknownMember):
        return None  # said under the lock, where it is certain
    place.token, place.join_token = secrets.token_urlsafe(), secrets.token_urlsafe()
    place.status = RegistrationStatus.REGISTERED
    return Expected(mark, place, write_confirmation(place, now))


def _holds_as_expected(session_key: str, expected: Expected) -> bool:
    """Hold the session's row, and tell whether all that the confirmation was written from is still as it was."""
    return lock_session_alone(session_key) and current_mark() == expected.mark


def _is_newcomer_seated(session: WebinarSession, registrant: Registrant) -> bool:
    """Tell whether somebody whom nobody knows yet gets a seat, who says this about themselves."""
    member = member_of(registrant)
    if approval_for(session, member, normalise(registrant.email), None) is not None:
        return False
    return status_for_newcomer(session, seating_of(session.id), member) is RegistrationStatus.REGISTERED


def take_place(
    session: WebinarSession,
    registrant: Registrant,
    now: datetime,
    expected: Expected | None = None,
    *,
    by_staff: bool = False,
    told_by: str = "",
) -> tuple[Registration, bool]:
    """Return the place that somebody has now, and whether they have it by this form and not from before.

    The session's row must be held; nobody has been told yet. ``told_by`` is how the source of what is recorded begins
    where somebody else filled the form in: TOLD_BY_STAFF, TOLD_FOR_A_COLLEAGUE.

    Raises:
        AddressRegistered: the staff say so of somebody who has a place or a turn there.
        UnknownLanguageVersion: the session cannot be followed in that language.
        UnknownMember: there is no member of that key.
    """
    person = person_with_address(
        registrant.email,
        language=mail_language(session, registrant),
        timezone=registrant.timezone,
        keep_until=keep_until(session, now),
    )
    is_known = is_known_in(session.id, person.id)
    known = find_of_person(session.id, person.id) if is_known else None
    if known is not None and known.is_alive:
        if by_staff:
            raise AddressRegistered(known.turn)
        return known, False

    seating = seating_of(session.id)
    if expected is not None and not is_known and expected.place.person.email == person.email:
        place = expected.place
    else:
        place = known or Registration()
        _describe(place, session, registrant, now)
    place.approval = approval_for(session, place.member, normalise(registrant.email), place.approval, person.id)
    if by_staff and place.approval is Approval.ASKED:
        place.approval = Approval.APPROVED
    if place.approval is Approval.ASKED:
        place.status = RegistrationStatus.WAITING
    else:
        place.status = status_for_newcomer(session, seating, place.member)
    place.person = person
    place.turn = seating.last_turn + 1
    place.registered_at = now
    place.cancelled_at = None
    db.session.add(place)
    _record_consents(place, registrant, now, told_by)
    store_answers(place, registrant.answers)
    return place, True


def _tell(place: Registration, now: datetime, *, is_new: bool, expected: Expected | None) -> None:
    if not is_new:
        if may_be_reminded(place, now):
            enqueue_reminder_of_place(place, now)
    elif expected is not None and expected.place is place and place.status is RegistrationStatus.REGISTERED:
        enqueue_confirmation(expected.confirmation, place)
    else:
        enqueue_news_of_place(place, now)


def _describe(place: Registration, session: WebinarSession, registrant: Registrant, now: datetime) -> None:
    """Write down what somebody typed.

    Raises:
        UnknownLanguageVersion: the session cannot be followed in that language.
        UnknownMember: there is no member of that key.
    """
    version = next((version for version in session.language_versions if version.code == registrant.version), None)
    if version is None:
        raise UnknownLanguageVersion(registrant.version)
    place.session = session
    place.language_version = version
    write_details(place, registrant, member_of(registrant))
    place.language = mail_language(session, registrant)
    place.timezone = registrant.timezone
    place.watching_with = registrant.watching_with
    place.erase_after = keep_until(session, now)


def mail_language(session: WebinarSession, registrant: Registrant) -> str:
    """Return the language to write in: the interface language of the form if the webinar has texts in it.

    Else the language version's, else the first one offered that has texts; a title is never missing in a mail.
    """
    possible = offered_with_text(session.webinar.texts)
    wanted = (code for code in (registrant.language, registrant.version, *possible) if code in possible)
    return next(wanted, registrant.language)


def _record_consents(place: Registration, registrant: Registrant, now: datetime, told_by: str) -> None:
    texts = [(Purpose.NOTICE, NOTICE)]
    if registrant.newsletter:
        if has_ended_newsletter(place.person.id):  # anybody can type any address, so only its mailbox takes that back
            newsletter_asked().by_mail(normalise(registrant.email), registrant.language, now)
        else:
            texts.append((Purpose.NEWSLETTER, NEWSLETTER))
    for purpose, text in texts:
        give_consent(
            place.person,
            purpose,
            text_version=text.version,
            text_language=registrant.language,
            text=text.shown_in(registrant.language),
            source=f"{told_by}{topic_of(place.session)}",
            now=now,
        )


def may_be_reminded(place: Registration, now: datetime) -> bool:
    """Tell whether somebody who registers again is told what they have: not right after another mail, once a day."""
    written = last_mails_about(place.person_id, topic_of(place.session), MAILS_ABOUT_A_PLACE)
    latest = max(written.values(), default=None)
    if latest is not None and now - latest < QUIET_AFTER_ANY_MAIL:
        return False
    reminded = written.get(REMINDER_OF_PLACE)
    return reminded is None or now - reminded >= QUIET_AFTER_A_REMINDER
