"""What a member's focal point does on their own page: registering colleagues, handing places on, giving them back.

Whose city it is, the database says anew within each use case: a link that was taken away, or a contact who is no longer
a focal point, changes nothing. The rules of a session hold as on its public form.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import datetime

from flask_babel import lazy_gettext as _l

from webinar.accounts import audit
from webinar.catalogue.models import Access, RegistrationState
from webinar.catalogue.queries import lock_session
from webinar.foundation import clock
from webinar.foundation.db import db, transaction
from webinar.foundation.errors import DomainError
from webinar.invitations.focal_point_mails import (
    enqueue_given_back,
    enqueue_given_on_by,
    enqueue_registered_by,
    write_link,
)
from webinar.invitations.focal_points import FocalPoint, find_focal_point, find_place_of_city, link_of
from webinar.invitations.models import FocalPointLink
from webinar.mail.outbox import enqueue
from webinar.people.queries import contact_of_address, lock_contact
from webinar.people.services.edit_contact import NoSuchContact
from webinar.people.services.revisions import subject_of
from webinar.registration.door import registration_state
from webinar.registration.mails import enqueue_reminder_of_place
from webinar.registration.models import Affiliation, Registration
from webinar.registration.notice import TOLD_FOR_A_COLLEAGUE
from webinar.registration.registrant import Registrant
from webinar.registration.services.hand_over import Telling, give_place
from webinar.registration.services.places import changeable, leave
from webinar.registration.services.refusals import NoSuchRegistration, NoSuchSession, RegistrationClosed
from webinar.registration.services.register import may_be_reminded, take_place
from webinar.registration.services.seats import promote_waiting

logger = logging.getLogger(__name__)


class NoSuchPage(DomainError):
    """The link leads to nobody's page: it was taken away, or its owner is no focal point any more."""

    def __init__(self) -> None:
        super().__init__(_l("This link does not work any more. Ask the secretariat for another one."))


class NotAFocalPoint(DomainError):
    """Only a member's focal point has a page of their own."""

    def __init__(self) -> None:
        super().__init__(_l("Only a focal point of a member has a page of their own. Mark the contact as one first."))


def register_colleague(token: str, session_key: str, colleague: Registrant) -> None:
    """Give a colleague of the focal point's city a place, or a turn on the waiting list, and tell them by mail.

    They come for the focal point's member, whatever ``colleague`` says, by its clocks. The colleague is told who gave
    us their name, and how their data are used: that is recorded, and nothing is agreed to for them. One who has a place
    already, for whatever member, keeps it and is reminded of it; the focal point does not learn of it here.

    Raises:
        NoSuchPage: the link leads to nobody's page.
        NoSuchSession: there is no session of this key that everybody may see.
        RegistrationClosed: not open yet, closed, over, or cancelled.
        UnknownLanguageVersion: the session cannot be followed in that language.
    """
    with transaction():
        now = clock.now()
        session = lock_session(session_key)
        focal = _focal_point(token)
        if session is None or not session.is_public() or session.access is Access.WITH_LINK:
            raise NoSuchSession(session_key)
        state = registration_state(session, now)
        if state is not RegistrationState.OPEN:
            raise RegistrationClosed(state)
        place, is_new = take_place(session, _of_city(colleague, focal), now, told_by=TOLD_FOR_A_COLLEAGUE)
        db.session.flush()
        if is_new:
            enqueue_registered_by(place, focal.name, now)
        elif may_be_reminded(place, now):
            enqueue_reminder_of_place(place, now)
    logger.info("registration %s in session %s by a focal point: %s", place.id, session_key, place.status)


def hand_on(token: str, session_key: str, turn: int, colleague: Registrant) -> None:
    """Give the place of somebody of the focal point's city to a colleague, and tell both by mail who did so.

    Raises:
        NoSuchPage: the link leads to nobody's page.
        NoSuchRegistration: nobody has a place in the session as this turn for their member.
        RegistrationOver: the session is over or cancelled.
        OwnAddress, StillAsked, ColleagueNotAMember, MemberFull: as ``registration.services.hand_over``.
    """
    with transaction():
        now = clock.now()
        focal, place = _locked(token, session_key, turn, now)
        telling = Telling(left=enqueue_given_on_by(focal.name), given=enqueue_registered_by)
        give_place(place, _of_city(colleague, focal), focal.name, now, telling)
    logger.info("registration %s handed on by a focal point", place.id)


def give_back(token: str, session_key: str, turn: int) -> None:
    """Give up the place of somebody of the focal point's city, or their turn in line, and tell them by mail.

    A freed seat goes to whoever has waited longest, in the same transaction.

    Raises:
        NoSuchPage, NoSuchRegistration, RegistrationOver: as ``hand_on``.
    """
    with transaction():
        now = clock.now()
        focal, place = _locked(token, session_key, turn, now)
        leave(place, now)
        enqueue_given_back(place, focal.name, now)
        promoted = promote_waiting(place.session, now)
    logger.info("registration %s given back by a focal point, %s moved up", place.id, promoted)


def send_link(contact_id: int) -> None:
    """Send a focal point the link to their own page, the same as before where they have one; written down.

    Raises:
        NoSuchContact: there is none of this number.
        NotAFocalPoint: they are none, or were erased.
    """
    with transaction():
        contact = lock_contact(contact_id)
        if contact is None:
            raise NoSuchContact
        if not contact.is_focal_point or contact.member is None or contact.person.email is None:
            raise NotAFocalPoint
        link = link_of(contact_id)
        if link is None:
            link = FocalPointLink(contact_id=contact_id)
            db.session.add(link)
            db.session.flush()
        enqueue(write_link(link, contact, contact.member))
        audit.record("sent a link to", subject_of(contact_id))
    logger.info("contact %s is sent the link to their own page", contact_id)


def send_link_again(email: str) -> None:
    """Send the link to their own page once more to a focal point who has one and has lost it.

    ``email`` is an address as it is stored. To others nothing is sent, and the caller does not learn which it was.
    """
    with transaction():
        contact = contact_of_address(email)
        link = link_of(contact.id) if contact is not None else None
        if contact is None or link is None or not contact.is_focal_point or contact.member is None:
            return
        enqueue(write_link(link, contact, contact.member))
    logger.info("contact %s is sent the link to their own page again", contact.id)


def take_link_away(contact_id: int) -> bool:
    """Let the link of a focal point lead nowhere from now on, and tell whether there was one; written down.

    Raises:
        NoSuchContact: there is none of this number.
    """
    with transaction():
        if lock_contact(contact_id) is None:
            raise NoSuchContact
        link = link_of(contact_id)
        if link is None:
            return False
        db.session.delete(link)
        audit.record("took away the link of", subject_of(contact_id))
    logger.info("contact %s has no page of their own any more", contact_id)
    return True


def _focal_point(token: str) -> FocalPoint:
    focal = find_focal_point(token)
    if focal is None:
        raise NoSuchPage
    return focal


def _locked(token: str, session_key: str, turn: int, now: datetime) -> tuple[FocalPoint, Registration]:
    """Return whose page it is and a place of their city that can be changed, read after the session's row is held."""
    if lock_session(session_key) is None:
        raise NoSuchRegistration
    focal = _focal_point(token)
    place = find_place_of_city(focal.member.id, session_key, turn)
    return focal, changeable(place, now)


def _of_city(colleague: Registrant, focal: FocalPoint) -> Registrant:
    return replace(
        colleague,
        affiliation=Affiliation.MEMBER,
        member_key=focal.member.key,
        organisation="",
        timezone=focal.member.timezone,
        newsletter=False,
        answers=(),
    )
