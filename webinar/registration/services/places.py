"""What the use cases about a place share: whether it can be changed, whose it is, and how it is left."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask import current_app

from webinar.accounts import acting, audit
from webinar.catalogue.models import RegistrationState, WebinarSession
from webinar.catalogue.texts import offered_with_text
from webinar.foundation.db import db
from webinar.members.models import Member
from webinar.members.queries import member_of_key, member_of_name
from webinar.registration.mails import topic_of
from webinar.registration.models import Affiliation, LeftFor, Registration, RegistrationStatus
from webinar.registration.registrant import Details
from webinar.registration.reminded import reminders
from webinar.registration.services.refusals import (
    HandedOver,
    MovedAway,
    NoSuchRegistration,
    RegistrationOver,
    UnknownMember,
)


def still_theirs(place: Registration | None) -> Registration:
    """Return the place of a personal link, unless it is somebody else's or elsewhere by now.

    Raises:
        NoSuchRegistration: the link belongs to no registration.
        HandedOver: a colleague has the place.
        MovedAway: the person comes on another day.
    """
    if place is None or place.person.erased_at is not None:
        raise NoSuchRegistration
    if place.left_for is LeftFor.HANDED_OVER:
        raise HandedOver
    if place.left_for is LeftFor.MOVED:
        raise MovedAway
    return place


def changeable(place: Registration | None, now: datetime) -> Registration:
    """Return the place of a personal link, if its person has it or waits for it and the session is still to be held.

    Raises:
        NoSuchRegistration, HandedOver, MovedAway: it is not theirs.
        RegistrationOver: the place was given up, or the session is over or cancelled.
    """
    place = still_theirs(place)
    state = place.session.registration_state(now)
    if not place.is_alive or state in {RegistrationState.OVER, RegistrationState.CANCELLED}:
        raise RegistrationOver
    return place


def note_for_staff(action: str, place: Registration, **changes: Any) -> None:
    """Write down what somebody of the staff does on a person's behalf, in the caller's transaction.

    What people do about their own places, by their links, is not the staff's and not written down.
    """
    if acting.account() is not None:
        audit.record(action, topic_of(place.session), registration=place.turn, **changes)


def leave(place: Registration, now: datetime, *, left_for: LeftFor | None = None) -> None:
    """Let a place be nobody's any more, in the caller's transaction."""
    place.status = RegistrationStatus.CANCELLED
    place.cancelled_at = now
    place.left_for = left_for
    db.session.flush()
    reminders().withdraw(place.session_id, place.person_id)


def member_of(details: Details) -> Member | None:
    """Return the member that somebody comes for, or None where they come for none.

    Of a name typed as another organisation the staff may have said that it is a member.

    Raises:
        UnknownMember: there is no member of that key.
    """
    if details.affiliation is not Affiliation.MEMBER:
        return member_of_name(details.organisation) if details.organisation else None
    member = member_of_key(details.member_key)
    if member is None:
        raise UnknownMember
    return member


def write_details(place: Registration, details: Details, member: Member | None) -> None:
    """Write down who somebody is and on whose behalf they come."""
    place.member = member
    place.affiliation = details.affiliation if member is None else Affiliation.MEMBER
    if details.affiliation is not place.affiliation:
        place.typed_affiliation = details.affiliation
    place.given_name = details.given_name
    place.family_name = details.family_name
    place.organisation = details.organisation
    place.role = details.role


def mail_languages(place: Registration) -> list[str]:
    """Return the languages in which somebody can be written to: the webinar has its texts in them, or they chose it.

    What they chose stays one of them when it is not offered any more.
    """
    possible = offered_with_text(place.session.webinar.texts)
    return possible if place.language in possible else [*possible, place.language]


def keep_until(session: WebinarSession, now: datetime) -> datetime:
    """Return until when what somebody says about themselves for a session is kept."""
    return max(now, session.ends_at) + timedelta(days=current_app.config["KEEP_DAYS"])
