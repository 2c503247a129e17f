"""Moving with one's place to another session of the same webinar."""

from __future__ import annotations

import logging
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from webinar.catalogue.models import Access, LanguageVersion, RegistrationState, WebinarSession
from webinar.catalogue.queries import other_open_days
from webinar.foundation import clock
from webinar.foundation.db import db, transaction
from webinar.people.services.who_is_who import person_with_address
from webinar.registration.mails import enqueue_move
from webinar.registration.models import Answer, AnswerChoice, Approval, LeftFor, Registration, RegistrationStatus
from webinar.registration.queries import days_taken, find_of_person, lock_by_token_with, seating_of
from webinar.registration.services.answers import forget_answers
from webinar.registration.services.approval import approval_for
from webinar.registration.services.places import keep_until, leave, note_for_staff, still_theirs
from webinar.registration.services.refusals import (
    AlreadyThere,
    NoPlaceThere,
    NoSuchSession,
    RegistrationClosed,
    RegistrationOver,
    UnknownLanguageVersion,
    WouldWait,
)
from webinar.registration.services.seats import promote_waiting, status_for_newcomer

logger = logging.getLogger(__name__)


def move(token: str, session_key: str, *, may_wait: bool, language: str = "") -> str:
    """Let somebody come to another session of the webinar instead, and return the token of their place there.

    They get a seat there, or, if ``may_wait`` says that they know, a turn on its waiting list; the old place goes to
    who waits. Both sessions are held, in the order of their ids. One mail takes the old entry out of the calendar,
    another brings the new one. ``language`` is the one to hear there; without it, it is the one they hear now, or the
    nearest to it. A session that was cancelled can be left for another, one that is over cannot. Moving
    to the session they are in changes nothing.

    Raises:
        NoSuchRegistration: the link belongs to no registration.
        RegistrationOver, HandedOver, MovedAway: the place is not theirs to move.
        NoSuchSession: the webinar has no session of this key that everybody may see.
        RegistrationClosed: one cannot register there now.
        UnknownLanguageVersion: the session there cannot be followed in that language.
        AlreadyThere: they have a place or a turn there.
        NoPlaceThere: not everybody may come there, and nobody has let them in.
        WouldWait: every seat there is taken, and they have not said that they want to wait.
    """
    with transaction():
        now = clock.now()
        found, there = lock_by_token_with(token, session_key)
        old = still_theirs(found)
        here = old.session
        if not old.is_alive or here.registration_state(now) is RegistrationState.OVER:
            raise RegistrationOver
        if there is not None and there.id == here.id:
            return old.token
        # Of one that stands in no list nobody learns by trying its key.
        is_theirs = there is not None and there.webinar_id == here.webinar_id and there.access is not Access.WITH_LINK
        if there is None or not is_theirs or not there.is_public():
            raise NoSuchSession(session_key)
        state = there.registration_state(now)
        if state is not RegistrationState.OPEN:
            raise RegistrationClosed(state)
        known = find_of_person(there.id, old.person_id)
        if known is not None and known.is_alive:
            raise AlreadyThere
        if known is not None and known.approval is Approval.DECLINED:
            raise NoPlaceThere
        if not may_come(old, there):
            raise NoPlaceThere
        version = _version(there, old, language)
        seating = seating_of(there.id)
        status = status_for_newcomer(there, seating, old.member)
        approval = _approval(old, there)
        if approval is Approval.ASKED:
            status = RegistrationStatus.WAITING
        elif status is RegistrationStatus.WAITING and not may_wait:
            raise WouldWait
        new = known or Registration()
        _write(new, old, there, version, now)
        new.status = status
        new.approval = approval
        new.turn = seating.last_turn + 1
        db.session.add(new)
        leave(old, now, left_for=LeftFor.MOVED)
        _take_answers_along(old, new)
        note_for_staff("moved", old, session=[here.key, there.key])
        enqueue_move(old, new, now)
        promote_waiting(here, now)
    logger.info("registration %s moved to %s: %s", old.id, new.id, new.status)
    return new.token


def may_come(place: Registration, there: WebinarSession) -> bool:
    """Tell whether somebody's place lets them into another session of the webinar without asking anybody anew.

    Not into one for those with its link, which they may not have; nor into one for members if the organisers would
    first have to be asked, unless they are already asked, or were, for this one.
    """
    if there.access is Access.WITH_LINK:
        return False
    return place.is_asked or _approval(place, there) is not Approval.ASKED


def who_can_move(places: Collection[Registration], session: WebinarSession, now: datetime) -> set[int]:
    """Return the ids of those of some people with a place in a session who can come on another day of its webinar.

    It is what their own page offers them; who comes on all other days already is offered none.
    """
    days = other_open_days(session, now) if places else []
    if not days:
        return set()
    taken = days_taken([day.id for day in days], [place.person_id for place in places])
    return {
        place.person_id
        for place in places
        if any((day.id, place.person_id) not in taken and may_come(place, day) for day in days)
    }


def _approval(place: Registration, there: WebinarSession) -> Approval | None:
    given_here = place.approval if place.session.access is Access.MEMBERS else None
    return approval_for(there, place.member, place.person.email or "", given_here, place.person_id)


def _write(
    new: Registration, old: Registration, there: WebinarSession, version: LanguageVersion, now: datetime
) -> None:
    until = keep_until(there, now)
    # The address is theirs; the row of the person is held and kept as long as what they do.
    new.person = person_with_address(
        old.person.email or "", language=old.language, timezone=old.timezone, keep_until=until
    )
    new.session = there
    new.language_version = version
    new.member = old.member
    new.affiliation = old.affiliation
    new.typed_affiliation = old.typed_affiliation
    new.given_name = old.given_name
    new.family_name = old.family_name
    new.organisation = old.organisation
    new.role = old.role
    new.language = old.language
    new.timezone = old.timezone
    new.watching_with = old.watching_with
    new.registered_at = now
    new.cancelled_at = None
    new.erase_after = until


def _take_answers_along(old: Registration, new: Registration) -> None:
    """Let what somebody answered to the webinar's questions belong to the new place; said once, it is counted once."""
    answers = db.session.scalars(
        select(Answer).where(Answer.registration_id == old.id).options(selectinload(Answer.choices))
    ).all()
    forget_answers(new.id)
    for answer in answers:
        db.session.add(
            Answer(
                registration_id=new.id,
                question_id=answer.question_id,
                text=answer.text,
                erase_after=answer.erase_after,
                choices=[
                    AnswerChoice(question_id=answer.question_id, choice_id=choice.choice_id)
                    for choice in answer.choices
                ],
            )
        )
        db.session.delete(answer)


def _version(there: WebinarSession, old: Registration, asked_for: str) -> LanguageVersion:
    """Return the language to follow there: the one asked for, else as now, that of their mails, or the original one."""
    by_code = {version.code: version for version in there.language_versions}
    if asked_for and asked_for not in by_code:
        raise UnknownLanguageVersion(asked_for)
    for code in (asked_for, old.language_version.code, old.language):
        if code in by_code:
            return by_code[code]
    return next((version for version in there.language_versions if version.kind == "floor"), there.language_versions[0])
