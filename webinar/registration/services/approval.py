"""Sessions for members: who comes at once, whom an organiser looks at first, and what they decide."""

from __future__ import annotations

import logging
from datetime import datetime

from flask_babel import lazy_gettext as _l

from webinar.accounts import audit
from webinar.catalogue.models import Access, RegistrationState, WebinarSession
from webinar.foundation import clock
from webinar.foundation.db import db, transaction
from webinar.foundation.errors import DomainError
from webinar.members.models import Member
from webinar.members.queries import members_by_mail_domain
from webinar.registration.invited import invitations
from webinar.registration.mails import enqueue_approval, enqueue_decline, topic_of
from webinar.registration.models import Approval, Registration, RegistrationStatus
from webinar.registration.queries import lock_by_turn, seating_of
from webinar.registration.services.places import leave
from webinar.registration.services.refusals import NoSuchRegistration
from webinar.registration.services.seats import status_for_newcomer

logger = logging.getLogger(__name__)


class DecidedAlready(DomainError):
    """Nobody asks any more: somebody else has decided, or the person has given up."""

    def __init__(self, place: Registration) -> None:
        told = {
            Approval.APPROVED: _l("%(name)s has been approved already. Nothing was changed.", name=place.full_name),
            Approval.DECLINED: _l("%(name)s has been declined already. Nothing was changed.", name=place.full_name),
        }
        nobody_asks = _l("%(name)s does not wait to be approved any more. Nothing was changed.", name=place.full_name)
        super().__init__(nobody_asks if place.approval is None else told.get(place.approval, nobody_asks))


class TooLateToDecide(DomainError):
    """The session is over or cancelled."""

    def __init__(self, state: RegistrationState) -> None:
        super().__init__(
            _l("This session has been cancelled, so nobody can be approved or declined any more.")
            if state is RegistrationState.CANCELLED
            else _l("This session is over, so nobody can be approved or declined any more.")
        )


def approval_for(
    session: WebinarSession,
    member: Member | None,
    email: str,
    before: Approval | None,
    person_id: int | None = None,
) -> Approval | None:
    """Tell what somebody's registration needs who comes for a member, or for none, with a mail address.

    Everybody may come, or everybody who has the link; or else whoever comes for a member with an address under one of
    its mail domains, whoever was approved ``before`` in this session, and whoever was invited to it, as ``person_id``.
    Of all others the organisers are asked.
    """
    if session.access is not Access.MEMBERS:
        return None
    if before is Approval.APPROVED:
        return before
    if member is not None and member.key in members_by_mail_domain(email):
        return None
    if person_id is not None and invitations().is_invited(session.id, person_id):
        return None
    return Approval.ASKED


def approve(session_key: str, turn: int, word: str = "") -> RegistrationStatus:
    """Let somebody come: they get a seat if there is one for them, else they wait, in the order of registering.

    They are told by mail, with what the organiser adds in ``word``. Return what they have now.

    Raises:
        NoSuchRegistration: nobody came as this one in the session.
        DecidedAlready: nobody asks any more.
        TooLateToDecide: the session is over or cancelled.
    """
    with transaction():
        now = clock.now()
        place = _locked(session_key, turn, now)
        # As for a newcomer, and before they stand in line themselves: nobody who may move up is waiting there.
        place.status = status_for_newcomer(place.session, seating_of(place.session_id), place.member)
        place.approval = Approval.APPROVED
        db.session.flush()
        enqueue_approval(place, word, now)
        audit.record("approved", topic_of(place.session), registration=turn)
    logger.info("registration %s approved: %s", place.id, place.status)
    return place.status


def decline(session_key: str, turn: int, word: str = "") -> None:
    """Do not let somebody come, and tell them by mail, with what the organiser adds in ``word``.

    Raises:
        NoSuchRegistration: nobody came as this one in the session.
        DecidedAlready: nobody asks any more.
        TooLateToDecide: the session is over or cancelled.
    """
    with transaction():
        now = clock.now()
        place = _locked(session_key, turn, now)
        place.approval = Approval.DECLINED
        leave(place, now)
        enqueue_decline(place, word)
        audit.record("declined", topic_of(place.session), registration=turn)
    logger.info("registration %s declined", place.id)


def _locked(session_key: str, turn: int, now: datetime) -> Registration:
    place = lock_by_turn(session_key, turn)
    if place is None:
        raise NoSuchRegistration
    if not place.is_asked:
        raise DecidedAlready(place)
    state = place.session.registration_state(now)
    if state in {RegistrationState.OVER, RegistrationState.CANCELLED}:
        raise TooLateToDecide(state)
    return place
