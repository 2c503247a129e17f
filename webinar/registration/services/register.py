"""Registering for a session: a place, or a turn on the waiting list, and the mail that says so."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import select

from webinar.catalogue.models import RegistrationState, WebinarSession
from webinar.catalogue.queries import lock_session
from webinar.foundation import clock, languages
from webinar.foundation.db import db, transaction
from webinar.mail.history import last_mails_about
from webinar.members.models import Member
from webinar.people.models import Purpose
from webinar.people.services import give_consent, person_with_address
from webinar.registration.mails import MAILS_ABOUT_A_PLACE, enqueue_news_of_place, enqueue_reminder_of_place, topic_of
from webinar.registration.models import Affiliation, Registration
from webinar.registration.notice import NEWSLETTER, NOTICE
from webinar.registration.queries import find_of_person, seating_of
from webinar.registration.registrant import Registrant
from webinar.registration.services.refusals import (
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


def register(session_key: str, registrant: Registrant) -> None:
    """Give a person a place in a session, or one on its waiting list, and tell them by mail.

    The place and the mail about it are stored in one transaction: nobody is registered
    without being told, and nobody is told without being registered. The caller does not
    learn whether the address was known; only its mailbox does.

    Raises:
        NoSuchSession: there is no session of this key.
        RegistrationClosed: not open yet, closed, over, or cancelled.
        UnknownLanguageVersion: the session cannot be followed in that language.
        UnknownMember: there is no member of that key.
    """
    with transaction():
        now = clock.now()
        session = lock_session(session_key)  # whoever changes seats holds this row
        if session is None:
            raise NoSuchSession(session_key)
        state = session.registration_state(now)
        if state is not RegistrationState.OPEN:
            raise RegistrationClosed(state)
        place = _take_place(session, registrant, now)
    logger.info("registration %s in session %s: %s", place.id, session_key, place.status)


def _take_place(session: WebinarSession, registrant: Registrant, now: datetime) -> Registration:
    keep_until = max(now, session.ends_at) + timedelta(days=current_app.config["KEEP_DAYS"])
    language = mail_language(session, registrant)
    person = person_with_address(
        registrant.email, language=language, timezone=registrant.timezone, keep_until=keep_until
    )
    known = find_of_person(session.id, person.id)
    if known is not None and known.is_alive:
        _remind_of_place(known, now)
        return known

    version = next((version for version in session.language_versions if version.code == registrant.version), None)
    if version is None:
        raise UnknownLanguageVersion(registrant.version)
    seating = seating_of(session.id)
    place = known or Registration(session_id=session.id, person_id=person.id)
    place.session = session
    place.person = person
    place.language_version = version
    place.member = _member_of(registrant)
    place.affiliation = registrant.affiliation
    place.given_name = registrant.given_name
    place.family_name = registrant.family_name
    place.organisation = registrant.organisation
    place.role = registrant.role
    place.language = language
    place.timezone = registrant.timezone
    place.turn = seating.last_turn + 1
    place.status = status_for_newcomer(session, seating)
    place.registered_at = now
    place.cancelled_at = None
    place.erase_after = keep_until
    db.session.add(place)
    _record_consents(place, registrant, now)
    enqueue_news_of_place(place, now)
    return place


def mail_language(session: WebinarSession, registrant: Registrant) -> str:
    """Return the language to write in: the interface language of the form if the webinar has texts in it.

    Else the language version's, else the first one offered that has texts; a title is never missing in a mail.
    """
    written = {text.language for text in session.webinar.texts}
    offered = languages.offered()
    for language in (registrant.language, registrant.version, *offered):
        if language in written and language in offered:
            return language
    return registrant.language


def _member_of(registrant: Registrant) -> Member | None:
    if registrant.affiliation is not Affiliation.MEMBER:
        return None
    member = db.session.scalar(select(Member).where(Member.key == registrant.member_key))
    if member is None:
        raise UnknownMember
    return member


def _record_consents(place: Registration, registrant: Registrant, now: datetime) -> None:
    texts = [(Purpose.NOTICE, NOTICE)]
    if registrant.newsletter:
        texts.append((Purpose.NEWSLETTER, NEWSLETTER))
    for purpose, text in texts:
        give_consent(
            place.person,
            purpose,
            text_version=text.version,
            text_language=registrant.language,
            text=text.shown_in(registrant.language),
            source=topic_of(place.session),
            now=now,
        )


def _remind_of_place(place: Registration, now: datetime) -> None:
    written = last_mails_about(place.person_id, topic_of(place.session), MAILS_ABOUT_A_PLACE)
    latest = max(written.values(), default=None)
    if latest is not None and now - latest < QUIET_AFTER_ANY_MAIL:
        return
    reminded = written.get("reminder of place")
    if reminded is not None and now - reminded < QUIET_AFTER_A_REMINDER:
        return
    enqueue_reminder_of_place(place, now)
