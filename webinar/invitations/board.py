"""The cities of a webinar: which of them come, which are silent, and which were never reached.

A city comes when somebody is registered for it in any session of the webinar: who comes on another day comes. Nothing
of that is stored here; it is read where it is recorded, for all members at once, in a fixed number of statements.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, and_, distinct, exists, func, literal, or_, select, union_all
from sqlalchemy.orm import joinedload

from webinar.calendars.models import CalendarAnswer, CalendarEntry
from webinar.catalogue.models import WebinarSession
from webinar.foundation.db import Code, db
from webinar.foundation.languages import in_alphabet
from webinar.invitations.models import CityAnswer, CityFollowUp, CityNote, Invitation, MailingRecipient, MailingSession
from webinar.mail.models import MailState, OutboxMail
from webinar.members.models import Member
from webinar.people.models import Contact, MailKind, Person, Suppression
from webinar.registration.models import Registration, RegistrationStatus


class CityState(Code):
    """How far a member is with a webinar, as far as the program knows.

    ``registered`` has somebody with a place, ``waiting`` somebody who waits for one; ``declined`` said no for everybody
    who was asked; ``silent`` was reached by a mail and has not answered; ``not_reached`` was asked and no mail arrived;
    ``not_asked`` has somebody who can be asked, ``no_contact`` has not.
    """

    REGISTERED = "registered"
    WAITING = "waiting"
    DECLINED = "declined"
    SILENT = "silent"
    NOT_REACHED = "not_reached"
    NOT_ASKED = "not_asked"
    NO_CONTACT = "no_contact"


class Counts(NamedTuple):
    """How many people of a member have a place, wait, can be written to, were asked, were reached, have said no."""

    registered: int = 0
    waiting: int = 0
    contacts: int = 0
    asked: int = 0
    reached: int = 0
    declined: int = 0

    @property
    def state(self) -> CityState:
        """What these come to."""
        if self.registered:
            return CityState.REGISTERED
        if self.waiting:
            return CityState.WAITING
        if self.asked:
            if self.declined == self.asked:
                return CityState.DECLINED
            return CityState.SILENT if self.reached else CityState.NOT_REACHED
        return CityState.NOT_ASKED if self.contacts else CityState.NO_CONTACT


@dataclass(frozen=True)
class City:
    """One member on the board; ``focal_points`` are those that can be written to, ``note`` is the last one."""

    member: Member
    counts: Counts
    focal_points: Sequence[Contact]
    follow_up: CityFollowUp | None
    note: CityNote | None

    @property
    def state(self) -> CityState:
        """How far the member is, as far as the program knows."""
        return self.counts.state

    @property
    def answer(self) -> CityAnswer | None:
        """What the member has said to the organisers outside of the program."""
        return None if self.follow_up is None else self.follow_up.answer

    @property
    def is_open(self) -> bool:
        """Whether somebody should still do something: nobody is registered, and the member has not said no."""
        is_settled = self.state in {CityState.REGISTERED, CityState.WAITING}
        return not is_settled and self.answer is not CityAnswer.DOES_NOT_COME


def board_of(webinar_id: int) -> list[City]:
    """Return all members of the network with where they stand in a webinar, in the alphabet; three statements."""
    return _cities(webinar_id, select(Member.id).where(Member.merged_into_id.is_(None)))


def city_of(webinar_id: int, member_key: str) -> City | None:
    """Return one member with where it stands in a webinar, or None; as many statements, which look at no other."""
    one = select(Member.id).where(Member.key == member_key, Member.merged_into_id.is_(None))
    return next(iter(_cities(webinar_id, one)), None)


def _cities(webinar_id: int, which: Select[int]) -> list[City]:
    last = select(func.max(CityNote.id)).where(CityNote.webinar_id == webinar_id).group_by(CityNote.member_id)
    members = db.session.execute(
        select(Member, CityFollowUp, CityNote)
        .outerjoin(CityFollowUp, and_(CityFollowUp.member_id == Member.id, CityFollowUp.webinar_id == webinar_id))
        .outerjoin(CityNote, and_(CityNote.member_id == Member.id, CityNote.id.in_(last)))
        .where(Member.id.in_(which))
        .options(joinedload(CityFollowUp.responsible))
    ).all()
    counts = _counts(webinar_id, which)
    points: dict[int, list[Contact]] = {}
    for contact in db.session.scalars(_focal_points(which)):
        points.setdefault(contact.member_id or 0, []).append(contact)
    cities = [
        City(member, counts.get(member.id, Counts()), points.get(member.id, ()), follow_up, note)
        for member, follow_up, note in members
    ]
    return sorted(cities, key=lambda city: in_alphabet(city.member.name))


def notes_of(webinar_id: int, member_id: int) -> Sequence[CityNote]:
    """Return what organisers wrote down about a member and a webinar, the latest first, with who wrote it."""
    return db.session.scalars(
        select(CityNote)
        .where(CityNote.webinar_id == webinar_id, CityNote.member_id == member_id)
        .options(joinedload(CityNote.account))
        .order_by(CityNote.at.desc(), CityNote.id.desc())
    ).all()


def _counts(webinar_id: int, which: Select[int]) -> dict[int, Counts]:
    sessions = select(WebinarSession.id).where(WebinarSession.webinar_id == webinar_id)
    places = (
        select(
            Registration.member_id,
            func.count(distinct(Registration.person_id))
            .filter(Registration.status == RegistrationStatus.REGISTERED)
            .label("registered"),
            func.count(distinct(Registration.person_id))
            .filter(Registration.status == RegistrationStatus.WAITING)
            .label("waiting"),
            *(literal(0).label(name) for name in ("contacts", "asked", "reached", "declined")),
        )
        .where(Registration.session_id.in_(sessions), Registration.member_id.in_(which))
        .group_by(Registration.member_id)
    )
    asked = (
        select(Invitation.id)
        .where(
            Invitation.person_id == Contact.person_id,
            Invitation.session_id.in_(sessions),
            Invitation.withdrawn_at.is_(None),
        )
        .exists()
    )
    people = (
        select(
            Contact.member_id,
            *(literal(0).label(name) for name in ("registered", "waiting")),
            func.count().filter(_can_be_asked()).label("contacts"),
            func.count().filter(asked).label("asked"),
            func.count().filter(and_(asked, _was_reached(sessions))).label("reached"),
            func.count().filter(and_(asked, _has_declined(sessions))).label("declined"),
        )
        .join(Person, Person.id == Contact.person_id)
        .where(Contact.member_id.in_(which), Person.email.is_not(None))
        .group_by(Contact.member_id)
    )
    found: dict[int, Counts] = {}
    for member_id, *numbers in db.session.execute(union_all(places, people)):
        so_far = found.get(member_id, Counts())
        found[member_id] = Counts(*(one + other for one, other in zip(so_far, numbers, strict=True)))
    return found


def _can_be_asked() -> ColumnElement[bool]:
    is_suppressed = exists().where(
        Suppression.person_id == Contact.person_id,
        Suppression.lifted_at.is_(None),
        or_(Suppression.kind.is_(None), Suppression.kind == MailKind.INVITATIONS),
    )
    return and_(Contact.wants_invitations.is_(True), ~is_suppressed)


def _was_reached(sessions: Select[int]) -> ColumnElement[bool]:
    """Tell whether a mail that asked to some session has left and not come back."""
    return exists().where(
        MailingRecipient.person_id == Contact.person_id,
        MailingSession.mailing_id == MailingRecipient.mailing_id,
        MailingSession.session_id.in_(sessions),
        OutboxMail.id == MailingRecipient.mail_id,
        OutboxMail.state == MailState.SENT,
    )


def _has_declined(sessions: Select[int]) -> ColumnElement[bool]:
    """Tell whether somebody said no, to the invitation or in the calendar."""
    declined_here = exists().where(
        Invitation.person_id == Contact.person_id,
        Invitation.session_id.in_(sessions),
        Invitation.declined_at.is_not(None),
    )
    in_calendar = exists().where(
        CalendarEntry.person_id == Contact.person_id,
        CalendarEntry.session_id.in_(sessions),
        CalendarEntry.answer == CalendarAnswer.DECLINED,
    )
    return or_(declined_here, in_calendar)


def _focal_points(which: Select[int]) -> Select[Contact]:
    return (
        select(Contact)
        .join(Person, Person.id == Contact.person_id)
        .where(
            Contact.member_id.in_(which), Contact.is_focal_point.is_(True), Person.email.is_not(None), _can_be_asked()
        )
        .options(joinedload(Contact.person))
        .order_by(Contact.folded, Contact.id)
    )
