"""What a member's focal point sees on their own page: the sessions to come, and who of their city comes to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import contains_eager, joinedload

from webinar.catalogue.models import Access, WebinarSession
from webinar.catalogue.queries import coming_sessions
from webinar.foundation.db import db
from webinar.invitations.models import FocalPointLink
from webinar.members.models import Member
from webinar.people.models import Contact
from webinar.registration.models import ALIVE, Registration
from webinar.registration.programme import Reader, Showing, shown
from webinar.registration.queries import find_by_token

LARGEST_NUMBER = 2**31 - 1
"""A turn in an address that is larger is none, and databases fail on it."""


@dataclass(frozen=True)
class FocalPoint:
    """Whose page it is, and of which member they are a focal point now."""

    contact: Contact
    member: Member

    @property
    def name(self) -> str:
        """How others are told who did something: by the person's name, else by the member's."""
        return self.contact.full_name or self.member.name


def find_focal_point(token: str) -> FocalPoint | None:
    """Return whose page a link leads to, read from the database as it is now; None where they are none any more."""
    link = db.session.scalar(
        select(FocalPointLink)
        .join(FocalPointLink.contact)
        .join(Contact.member)
        .join(Contact.person)
        .where(FocalPointLink.token == token, Contact.is_focal_point.is_(True))
        .options(
            contains_eager(FocalPointLink.contact).options(
                contains_eager(Contact.member), contains_eager(Contact.person)
            )
        )
        .execution_options(populate_existing=True)
    )
    if link is None or link.contact.member is None or link.contact.person.email is None:
        return None
    return FocalPoint(link.contact, link.contact.member)


def link_of(contact_id: int) -> FocalPointLink | None:
    """Return the link of a contact, or None where they have none."""
    return db.session.get(FocalPointLink, contact_id, populate_existing=True)


@dataclass(frozen=True)
class SessionOfCity:
    """A session to come, and who has a place in it or waits for one on behalf of a member, in their turn."""

    showing: Showing
    places: Sequence[Registration]


def coming_of(member_id: int, reader: Reader) -> list[SessionOfCity]:
    """Return the public sessions to come with the places of a member's people; one query more than the programme."""
    sessions = coming_sessions(reader.now)
    places = db.session.scalars(
        select(Registration)
        .where(
            Registration.member_id == member_id,
            Registration.session_id.in_([session.id for session in sessions]),
            Registration.status.in_(ALIVE),
        )
        .options(joinedload(Registration.language_version))
        .order_by(Registration.turn)
    ).all()
    of_session: dict[int, list[Registration]] = {}
    for place in places:
        of_session.setdefault(place.session_id, []).append(place)
    return [SessionOfCity(showing, of_session.get(showing.session.id, [])) for showing in shown(sessions, reader)]


def find_place_of_city(member_id: int, session_key: str, turn: int) -> Registration | None:
    """Return the place that somebody has for a member in a session, or waits for, as which turn; no other member's."""
    token = None
    if turn <= LARGEST_NUMBER:
        token = db.session.scalar(
            select(Registration.token)
            .join(Registration.session)
            .where(
                WebinarSession.key == session_key,
                WebinarSession.access != Access.WITH_LINK,
                Registration.turn == turn,
                Registration.member_id == member_id,
                Registration.status.in_(ALIVE),
            )
        )
    return None if token is None else find_by_token(token)
