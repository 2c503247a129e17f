"""Handing a place to a colleague, who gets one of their own in its stead."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from webinar.catalogue.models import WebinarSession
from webinar.foundation import clock
from webinar.foundation.db import db, transaction
from webinar.members.models import Member
from webinar.people.mail_address import normalise
from webinar.people.models import Person, Purpose
from webinar.people.services.who_is_who import give_consent, person_with_address
from webinar.registration.mails import enqueue_handed_over, enqueue_handed_to, enqueue_offered_by, topic_of
from webinar.registration.models import Approval, LeftFor, Registration, RegistrationStatus
from webinar.registration.notice import NOTICE, TOLD_FOR_A_COLLEAGUE
from webinar.registration.queries import find_of_person, is_full_for, lock_by_token, seating_of
from webinar.registration.registrant import Registrant
from webinar.registration.services.approval import approval_for
from webinar.registration.services.places import changeable, keep_until, leave, member_of, write_details
from webinar.registration.services.refusals import ColleagueNotAMember, MemberFull, OwnAddress, StillAsked
from webinar.registration.services.seats import promote_waiting

logger = logging.getLogger(__name__)


def hand_over(token: str, colleague: Registrant) -> None:
    """Give somebody's seat, or their turn on the waiting list, to a colleague, and tell both by mail.

    The colleague gets a registration of their own, with links of their own; the old links lead to a page that says
    the place was handed over. One who is registered already keeps the better of the two, and what becomes free goes
    to who waits; the person does not learn of it. The colleague is told who gave us their name, and how their data
    are used: that is recorded, and nothing is agreed to for them. ``colleague.version`` is not looked at: they follow
    the session in the language of the place.

    Raises:
        NoSuchRegistration: the link belongs to no registration.
        RegistrationOver, HandedOver, MovedAway: the place is not theirs to hand over.
        OwnAddress: the address is that of the person themselves.
        StillAsked: the organisers have not said yet whether the person may come.
        ColleagueNotAMember: the organisers would have to be asked whether the colleague may come.
        UnknownMember: there is no member of that key.
        MemberFull: the colleague's other member has as many seats as one may have.
    """
    with transaction():
        now = clock.now()
        place = changeable(lock_by_token(token), now)
        give_place(place, colleague, place.full_name, now)


class Telling(NamedTuple):
    """The mails about a place that passes to a colleague: to who had it, and to the colleague, by a giver's name."""

    left: Callable[[Registration, datetime], None] = enqueue_handed_over
    given: Callable[[Registration, str, datetime], None] = enqueue_handed_to


BY_THEMSELVES = Telling()


def give_place(
    place: Registration, colleague: Registrant, giver: str, now: datetime, telling: Telling = BY_THEMSELVES
) -> None:
    """Give a changeable place, whose session's row is held, to a colleague, as ``hand_over`` does.

    In the caller's transaction. ``giver`` is the name of who does so; ``telling`` says so where that is somebody else.

    Raises:
        OwnAddress, StillAsked, ColleagueNotAMember, UnknownMember, MemberFull: as ``hand_over``.
    """
    session = place.session
    has_seat = place.status is RegistrationStatus.REGISTERED
    member = _member_of_who_may_have(place, colleague)
    person = person_with_address(
        colleague.email,
        language=colleague.language,
        timezone=colleague.timezone,
        keep_until=keep_until(session, now),
    )
    if person.id == place.person_id:  # an address of theirs that was merged
        raise OwnAddress
    theirs = find_of_person(session.id, person.id)
    turn = place.turn
    place.turn = seating_of(session.id).last_turn + 1
    leave(place, now, left_for=LeftFor.HANDED_OVER)
    telling.left(place, now)
    if theirs is not None and theirs.is_alive:
        _keep_the_better(theirs, turn, has_seat=has_seat, giver=giver, now=now, telling=telling)
    else:
        theirs = theirs or Registration()
        write_details(theirs, colleague, member)
        theirs.session = session
        theirs.person = person
        theirs.language_version = place.language_version
        theirs.language = colleague.language
        theirs.timezone = colleague.timezone
        theirs.status = RegistrationStatus.REGISTERED if has_seat else RegistrationStatus.WAITING
        theirs.approval = None
        theirs.turn = turn
        theirs.registered_at = now
        theirs.cancelled_at = None
        theirs.erase_after = keep_until(session, now)
        db.session.add(theirs)
        db.session.flush()
        _record_notice(person, session, colleague.language, now)
        telling.given(theirs, giver, now)
    promote_waiting(session, now)
    logger.info("registration %s handed over to %s", place.id, theirs.id)


def _member_of_who_may_have(place: Registration, colleague: Registrant) -> Member | None:
    """Return the member that a colleague comes for, or None; the refusals are those of ``hand_over``."""
    if normalise(colleague.email) == place.person.email:
        raise OwnAddress
    if place.is_asked:
        raise StillAsked
    member = member_of(colleague)
    # Whether the organisers let this colleague in before is not for others to learn.
    if approval_for(place.session, member, normalise(colleague.email), None) is Approval.ASKED:
        raise ColleagueNotAMember
    has_seat = place.status is RegistrationStatus.REGISTERED
    comes_for_another = member is not None and member.id != place.member_id
    if has_seat and comes_for_another and is_full_for(place.session, member):
        raise MemberFull
    return member


def _keep_the_better(
    theirs: Registration, turn: int, *, has_seat: bool, giver: str, now: datetime, telling: Telling
) -> None:
    """Let a colleague who is registered, or waits, keep what they have, or have what they are given if it is better."""
    waits = theirs.status is RegistrationStatus.WAITING and theirs.approval is not Approval.ASKED
    if waits and has_seat and not is_full_for(theirs.session, theirs.member):
        theirs.status = RegistrationStatus.REGISTERED
        db.session.flush()
        telling.given(theirs, giver, now)
        return
    if theirs.status is RegistrationStatus.WAITING:
        theirs.turn = min(theirs.turn, turn)
        db.session.flush()
    enqueue_offered_by(theirs, giver, now)


def _record_notice(person: Person, session: WebinarSession, language: str, now: datetime) -> None:
    give_consent(
        person,
        Purpose.NOTICE,
        text_version=NOTICE.version,
        text_language=language,
        text=NOTICE.shown_in(language),
        source=f"{TOLD_FOR_A_COLLEAGUE}{topic_of(session)}",
        now=now,
    )
