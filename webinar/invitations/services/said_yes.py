"""A "Yes" pressed in the calendar by somebody who was invited and has no place: the button for one, or a place.

Whoever has the entry can press it, and entries are passed on. So a yes that nobody vouches for changes nothing but that
the one who was invited is sent, once, what they can register with. Where the organisers chose so for the mailing, a
proven one registers at once.
"""

from __future__ import annotations

import logging
from datetime import datetime

from webinar.calendars.models import CalendarEntry
from webinar.catalogue.models import RegistrationState, WebinarSession
from webinar.catalogue.queries import lock_session
from webinar.catalogue.questions import questions_of
from webinar.foundation.db import db
from webinar.invitations.mails_to_invited import CALENDAR_YES, write_answer_to_yes
from webinar.invitations.one_invitation import invitation_behind, known_of
from webinar.mail.history import last_mails_about
from webinar.mail.outbox import enqueue
from webinar.registration.door import registration_state
from webinar.registration.invited import Invited
from webinar.registration.mails import enqueue_news_of_place, topic_of
from webinar.registration.notice import TOLD_BY_CALENDAR
from webinar.registration.registrant import Registrant
from webinar.registration.services.register import take_place

logger = logging.getLogger(__name__)


def said_yes(entry: CalendarEntry, now: datetime, *, is_proven: bool) -> None:
    """Do what follows from a "Yes" at an entry, in the caller's transaction, which holds the session's row.

    The person has no place. Nothing follows where they were not invited by us, or one cannot register now.
    """
    invitation = invitation_behind(entry)
    if invitation is None or invitation.withdrawn_at is not None or entry.address is None:
        return
    session = lock_session(entry.session.key)  # held already; now with what a mail shows
    if session is None or registration_state(session, now) is not RegistrationState.OPEN:
        return
    known = known_of(invitation)
    if known is None:
        return
    is_theirs = is_proven and known.person_id == entry.person_id
    if is_theirs and invitation.yes_registers and (registrant := _registrant(known, session, entry, now)):
        _register(session, registrant, now)
        return
    if CALENDAR_YES not in last_mails_about(entry.person_id, topic_of(session), [CALENDAR_YES]):
        enqueue(write_answer_to_yes(entry, invitation, session))
        logger.info("invitation %s: a yes is answered with the button", invitation.id)


def _register(session: WebinarSession, registrant: Registrant, now: datetime) -> None:
    place, is_new = take_place(session, registrant, now, told_by=TOLD_BY_CALENDAR)
    if is_new:
        enqueue_news_of_place(place, now)
        db.session.flush()
    logger.info("registration %s in session %s by a yes in the calendar: %s", place.id, session.key, place.status)


def _registrant(known: Invited, session: WebinarSession, entry: CalendarEntry, now: datetime) -> Registrant | None:
    """Return what the form would hold; None where it cannot be filled in without the person."""
    asks = [question for question in questions_of(session.webinar_id) if question.is_asked(now) and question.is_needed]
    if asks or not (known.given_name and known.family_name):
        return None
    codes = [version.code for version in session.language_versions]
    floor = [version.code for version in session.language_versions if version.kind == "floor"]
    return Registrant(
        given_name=known.given_name,
        family_name=known.family_name,
        affiliation=known.affiliation,
        member_key=known.member_key,
        organisation="" if known.member_key else known.organisation,
        role=known.role,
        email=known.email,
        version=next(code for code in (entry.language, *floor, *codes) if code in codes),
        language=entry.language,
        timezone=known.timezone or session.timezone,
    )
