"""Who was invited to a session, person by person, and how each stands now; and who has still to be told otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, literal, or_, select
from sqlalchemy.orm import aliased

from webinar.calendars.models import CalendarAnswer, CalendarEntry, EntryStatus
from webinar.catalogue.models import WebinarSession
from webinar.foundation.db import Code, db
from webinar.invitations.models import Invitation
from webinar.members.models import Member
from webinar.people.models import Contact, Person
from webinar.registration.models import ALIVE, Registration, RegistrationStatus

PEOPLE_A_PAGE = 50


class InvitedState(Code):
    """How somebody stands who was invited: what they did counts before what they said, and that before silence."""

    REGISTERED = "registered"
    WAITING = "waiting"
    CAME_WITHOUT = "came_without"
    GAVE_UP = "gave_up"
    WITHDRAWN = "withdrawn"
    DECLINED = "declined"
    SAID_YES = "said_yes"
    SAID_MAYBE = "said_maybe"
    ANOTHER_DAY = "another_day"
    SILENT = "silent"


_OF_INVITATION = and_(Registration.session_id == Invitation.session_id, Registration.person_id == Invitation.person_id)
_ENTRY_OF_INVITATION = and_(
    CalendarEntry.session_id == Invitation.session_id, CalendarEntry.person_id == Invitation.person_id
)
HAS_A_PLACE = exists().where(_OF_INVITATION, Registration.status.in_(ALIVE))
"""Whether somebody who was invited has a place or a turn."""
_other_place, _other_day, _this_day = aliased(Registration), aliased(WebinarSession), aliased(WebinarSession)
_COMES_ANOTHER_DAY = exists().where(
    _other_place.person_id == Invitation.person_id,
    _other_place.status.in_(ALIVE),
    _other_day.id == _other_place.session_id,
    _this_day.id == Invitation.session_id,
    _other_day.webinar_id == _this_day.webinar_id,
)
IS_SILENT = and_(
    Invitation.declined_at.is_(None),
    Invitation.withdrawn_at.is_(None),
    ~exists().where(_OF_INVITATION),
    ~exists().where(_ENTRY_OF_INVITATION, CalendarEntry.answer.is_not(None)),
    ~_COMES_ANOTHER_DAY,
)
"""Whether somebody who was invited neither registered, on this day or another, nor said anything."""

_STATE: ColumnElement[str] = case(
    (Registration.status == RegistrationStatus.REGISTERED, literal(InvitedState.REGISTERED.value)),
    (Registration.status == RegistrationStatus.WAITING, literal(InvitedState.WAITING.value)),
    (Registration.status == RegistrationStatus.UNREGISTERED, literal(InvitedState.CAME_WITHOUT.value)),
    (Invitation.withdrawn_at.is_not(None), literal(InvitedState.WITHDRAWN.value)),
    (Registration.status == RegistrationStatus.CANCELLED, literal(InvitedState.GAVE_UP.value)),
    (
        or_(Invitation.declined_at.is_not(None), CalendarEntry.answer == CalendarAnswer.DECLINED),
        literal(InvitedState.DECLINED.value),
    ),
    (CalendarEntry.answer == CalendarAnswer.ACCEPTED, literal(InvitedState.SAID_YES.value)),
    (CalendarEntry.answer == CalendarAnswer.TENTATIVE, literal(InvitedState.SAID_MAYBE.value)),
    (_COMES_ANOTHER_DAY, literal(InvitedState.ANOTHER_DAY.value)),
    else_=literal(InvitedState.SILENT.value),
)


class InvitedPerson(NamedTuple):
    """One person who was invited, as the network knows them; ``turn`` is that of their registration, if any."""

    invitation_id: int
    name: str
    email: str | None
    comes_for: str | None
    invited_at: datetime
    state: InvitedState
    answer: CalendarAnswer | None
    turn: int | None

    @property
    def can_be_withdrawn(self) -> bool:
        """Whether there is something to take back."""
        return self.state in {
            InvitedState.SILENT,
            InvitedState.ANOTHER_DAY,
            InvitedState.SAID_YES,
            InvitedState.SAID_MAYBE,
            InvitedState.DECLINED,
        }


class InvitedPage(NamedTuple):
    """Some of who was invited, the latest first, and how many stand how; pages count from 1."""

    people: Sequence[InvitedPerson]
    counts: dict[InvitedState, int]
    page: int
    pages: int
    total: int

    @property
    def invited(self) -> int:
        """How many were invited in all."""
        return sum(self.counts.values())


def invited_page(session_id: int, state: InvitedState | None, page: int) -> InvitedPage:
    """Return a page of who was invited to a session, narrowed to who stands so; two queries."""
    counts = {
        InvitedState(stands): count
        for stands, count in db.session.execute(
            _with_what_became(select(_STATE, func.count()), session_id).group_by(_STATE)
        )
    }
    total = sum(counts.values()) if state is None else counts.get(state, 0)
    pages = max(1, -(-total // PEOPLE_A_PAGE))
    page = min(max(page, 1), pages)
    counted_as = aliased(Member)
    wanted = (
        _with_what_became(
            select(
                Invitation.id,
                Invitation.invited_at,
                _STATE,
                Person.email,
                Contact.given_name,
                Contact.family_name,
                func.coalesce(
                    counted_as.name, Member.name, func.nullif(Registration.organisation, ""), Contact.organisation
                ),
                CalendarEntry.name,
                CalendarEntry.answer,
                Registration.turn,
                Registration.given_name,
                Registration.family_name,
            ),
            session_id,
        )
        .join(Person, Person.id == Invitation.person_id)
        .outerjoin(Contact, Contact.person_id == Invitation.person_id)
        .outerjoin(Member, Member.id == Contact.member_id)
        .outerjoin(counted_as, counted_as.id == Registration.member_id)
        .order_by(Invitation.invited_at.desc(), Invitation.id)
        .limit(PEOPLE_A_PAGE)
        .offset((page - 1) * PEOPLE_A_PAGE)
    )
    if state is not None:
        wanted = wanted.where(_STATE.in_([state.value]))
    people = []
    for row in db.session.execute(wanted):
        invitation_id, invited_at, stands, email, given, family, member, as_sent, answer, turn, *typed = row
        name = f"{given or typed[0] or ''} {family or typed[1] or ''}".strip() or as_sent or ""
        people.append(InvitedPerson(invitation_id, name, email, member, invited_at, InvitedState(stands), answer, turn))
    return InvitedPage(people, counts, page, pages, total)


def _with_what_became(statement: Select[*tuple[Any, ...]], session_id: int) -> Select[*tuple[Any, ...]]:
    return (
        statement.select_from(Invitation)
        .outerjoin(Registration, _OF_INVITATION)
        .outerjoin(CalendarEntry, _ENTRY_OF_INVITATION)
        .where(Invitation.session_id == session_id)
    )


# Who has still to be told that the invitation was taken back

_IS_TO_BE_TOLD = (
    CalendarEntry.announced_sequence < CalendarEntry.sequence,
    CalendarEntry.status == EntryStatus.CANCELLED,
    CalendarEntry.address.is_not(None),
    exists().where(_ENTRY_OF_INVITATION, Invitation.withdrawn_at.is_not(None)),
    ~exists().where(
        Registration.session_id == CalendarEntry.session_id,
        Registration.person_id == CalendarEntry.person_id,
        Registration.status.in_(ALIVE),
    ),
)


def is_anything_to_tell() -> bool:
    """Tell whether somebody has still to be told; asks without holding anything."""
    found = db.session.scalar(select(CalendarEntry.id).where(*_IS_TO_BE_TOLD).limit(1))
    db.session.rollback()
    return found is not None


def hold_to_tell(most: int) -> Sequence[CalendarEntry]:
    """Return the entries of some who have still to be told, held; what somebody else holds is passed over."""
    return db.session.scalars(
        select(CalendarEntry)
        .where(*_IS_TO_BE_TOLD)
        .order_by(CalendarEntry.session_id, CalendarEntry.person_id)
        .limit(most)
        .with_for_update(of=CalendarEntry, skip_locked=True)
        .execution_options(populate_existing=True)
    ).all()
