"""Reading one person's invitation: whose it is now, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, and_, exists, select
from sqlalchemy.orm import aliased, joinedload

from webinar.calendars.models import CalendarAnswer, CalendarEntry, EntryStatus
from webinar.catalogue.models import SessionStatus, WebinarSession
from webinar.foundation.db import db
from webinar.invitations.models import Invitation
from webinar.members.models import Member
from webinar.people.models import Contact, MailKind, Person, UnsubscribeLink
from webinar.people.queries import merged_people
from webinar.registration.invited import Invited
from webinar.registration.models import ALIVE, Registration


def known_behind(token: str, session_key: str) -> Invited | None:
    """Return as whom the network knows who was asked to a session by a token; one query.

    None where the token is none of this session, was taken back, or its person was erased. Of somebody who was merged
    into another, that person.
    """
    return _known(Invitation.token == token, WebinarSession.key == session_key)


def known_of(invitation: Invitation) -> Invited | None:
    """Return as whom the network knows somebody who was invited; None of who was erased."""
    return _known(Invitation.id == invitation.id)


def _known(*which: ColumnElement[bool]) -> Invited | None:
    row = db.session.execute(
        select(Person, WebinarSession.access_token, Contact, Member)
        .select_from(Invitation)
        .join(WebinarSession, WebinarSession.id == Invitation.session_id)
        .join(Person, Person.id == Invitation.person_id)
        .outerjoin(Contact, Contact.person_id == Person.id)
        .outerjoin(Member, Member.id == Contact.member_id)
        .where(*which, Invitation.withdrawn_at.is_(None), WebinarSession.status != SessionStatus.DRAFT)
    ).one_or_none()
    if row is None:
        return None
    person, access = row[0], row[1]
    contact: Contact | None = row[2]
    member: Member | None = row[3]
    if person.merged_into_id is not None:
        person = _who_counts_for(person)
        contact = db.session.scalar(
            select(Contact).where(Contact.person_id == person.id).options(joinedload(Contact.member))
        )
        member = contact.member if contact else None
    if person.email is None:
        return None
    return Invited(
        person_id=person.id,
        email=person.email,
        given_name=contact.given_name if contact else "",
        family_name=contact.family_name if contact else "",
        member_key=member.key if member else None,
        member_name=member.name if member else "",
        organisation=contact.organisation if contact else "",
        role=contact.role if contact else "",
        language=(contact.language if contact else None) or person.language,
        timezone=member.timezone if member else person.timezone,
        access=access,
    )


def _who_counts_for(person: Person) -> Person:
    while person.merged_into_id is not None:
        person = db.session.get_one(Person, person.merged_into_id)
    return person


def is_invited(session_id: int, person_id: int) -> bool:
    """Tell whether a person, or somebody who counts as them, was asked to a session and nobody took it back."""
    merged = merged_people()
    others = select(merged.c.person_id).where(merged.c.counts_as_id == person_id)
    asked = select(Invitation.id).where(Invitation.session_id == session_id, Invitation.withdrawn_at.is_(None)).limit(1)
    return any(
        db.session.scalar(asked.where(who)) is not None
        for who in (Invitation.person_id == person_id, Invitation.person_id.in_(others))
    )


def invitation_behind(entry: CalendarEntry) -> Invitation | None:
    """Return the invitation that a calendar entry came with, held; None where it came with a registration alone."""
    return db.session.scalar(
        select(Invitation)
        .where(Invitation.session_id == entry.session_id, Invitation.person_id == entry.person_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


class Answerable(NamedTuple):
    """An invitation with what its own page shows: whether its person has a place or turn, and how they unsubscribe.

    ``entry`` is theirs for the session, if there is one; ``stops_with`` the token that ends invitations, if a mail of
    ours has brought them one.
    """

    invitation: Invitation
    person: Person
    is_registered: bool
    entry: CalendarEntry | None
    stops_with: str | None

    @property
    def stands_in_calendar(self) -> bool:
        """Whether the entry was sent and not taken out."""
        return self._is_known_to_calendar(EntryStatus.CONFIRMED)

    @property
    def left_calendar(self) -> bool:
        """Whether the entry was sent and then taken out."""
        return self._is_known_to_calendar(EntryStatus.CANCELLED)

    @property
    def said_no_in_calendar(self) -> bool:
        """Whether the last answer in their calendar was no."""
        return self.entry is not None and self.entry.answer is CalendarAnswer.DECLINED

    def _is_known_to_calendar(self, status: EntryStatus) -> bool:
        entry = self.entry
        return entry is not None and entry.announced_sequence is not None and entry.status is status


def find_invitation(token: str) -> Answerable | None:
    """Return what the page of an invitation shows; None where nobody has this token, or its person was erased."""
    asked_to = joinedload(Invitation.session, innerjoin=True)
    return _answerable(select(Invitation).where(Invitation.token == token).options(asked_to))


def lock_invitation(token: str) -> Answerable | None:
    """Return it as ``find_invitation`` does, read anew and held, without its session, whose row must be held."""
    held = select(Invitation).where(Invitation.token == token).with_for_update()
    return _answerable(held.execution_options(populate_existing=True))


def tokens_of_other_days(token: str, now: datetime) -> Sequence[str]:
    """Return the links of the same person to the other days of the same webinar that they can still say no to."""
    this, other = aliased(Invitation), aliased(WebinarSession)
    has_place = exists().where(
        Registration.session_id == Invitation.session_id,
        Registration.person_id == Invitation.person_id,
        Registration.status.in_(ALIVE),
    )
    return db.session.scalars(
        select(Invitation.token)
        .join(this, and_(this.person_id == Invitation.person_id, this.session_id != Invitation.session_id))
        .join(other, other.id == this.session_id)
        .join(
            WebinarSession,
            and_(WebinarSession.id == Invitation.session_id, WebinarSession.webinar_id == other.webinar_id),
        )
        .where(
            this.token == token,
            WebinarSession.status == SessionStatus.PUBLISHED,
            WebinarSession.starts_at > now,
            Invitation.declined_at.is_(None),
            Invitation.withdrawn_at.is_(None),
            ~has_place,
        )
        .order_by(WebinarSession.starts_at)
    ).all()


def session_key_of(token: str) -> str | None:
    """Return which session a token asks to."""
    return db.session.scalar(
        select(WebinarSession.key)
        .join(Invitation, Invitation.session_id == WebinarSession.id)
        .where(Invitation.token == token)
    )


def _answerable(statement: Select[Invitation]) -> Answerable | None:
    invitation = db.session.scalars(statement).one_or_none()
    if invitation is None:
        return None
    person = _who_counts_for(db.session.get_one(Person, invitation.person_id, populate_existing=True))
    if person.email is None:
        return None
    row = db.session.execute(
        select(CalendarEntry, Registration.status, UnsubscribeLink.token)
        .select_from(Person)
        .outerjoin(
            CalendarEntry,
            and_(CalendarEntry.session_id == invitation.session_id, CalendarEntry.person_id == invitation.person_id),
        )
        .outerjoin(
            Registration,
            and_(Registration.session_id == invitation.session_id, Registration.person_id == Person.id),
        )
        .outerjoin(
            UnsubscribeLink,
            and_(UnsubscribeLink.person_id == Person.id, UnsubscribeLink.kind == MailKind.INVITATIONS),
        )
        .where(Person.id == person.id)
        .execution_options(populate_existing=True)
    ).one()
    entry, status, stops_with = row
    return Answerable(invitation, person, status in ALIVE, entry, stops_with)
