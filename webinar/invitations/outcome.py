"""What came of a mailing, by member: read where it is recorded, so it stays true long after the mails have left."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, case, exists, func, or_, select
from sqlalchemy.orm import joinedload

from webinar.attendance.models import Attendance
from webinar.calendars.models import CalendarAnswer, CalendarEntry
from webinar.catalogue.models import Webinar, WebinarSession
from webinar.foundation.db import db
from webinar.foundation.languages import in_alphabet
from webinar.foundation.spreadsheet import Cell
from webinar.invitations.models import Invitation, Mailing, MailingRecipient
from webinar.mail.bounces import CAME_BACK
from webinar.mail.models import MailState, OutboxMail
from webinar.members.models import Member
from webinar.people.models import Contact
from webinar.registration.models import ALIVE, Registration

COLUMNS = ("member", "country", "region", "sent", "refused", "bounced", "registered", "declined", "came")


class Counts(NamedTuple):
    """How many got the mail, were refused by the server, came back; registered, said no, and came, of who got it."""

    sent: int = 0
    refused: int = 0
    bounced: int = 0
    registered: int = 0
    declined: int = 0
    came: int = 0


class OfMember(NamedTuple):
    """What came of a mailing with the people of one member; None are those of none."""

    member: Member | None
    counts: Counts


class Outcome(NamedTuple):
    """What came of a mailing in all, and with each member in the alphabet, those of none last."""

    total: Counts
    of_members: list[OfMember]

    @property
    def cities(self) -> int:
        """From how many members somebody has registered."""
        return sum(1 for one in self.of_members if one.member is not None and one.counts.registered)


def sessions_asked_to(mailing: Mailing) -> list[WebinarSession]:
    """Return the sessions that a mailing asks people to, with their titles, the earliest first; one query."""
    if not mailing.kind.is_asking or not mailing.sessions:
        return []
    return list(
        db.session.scalars(
            select(WebinarSession)
            .where(WebinarSession.id.in_([shown.session_id for shown in mailing.sessions]))
            .options(joinedload(WebinarSession.webinar, innerjoin=True).joinedload(Webinar.texts))
            .order_by(WebinarSession.starts_at, WebinarSession.id)
        ).unique()
    )


def outcome_of(mailing: Mailing) -> Outcome:
    """Count what came of a mailing's mails, by the member of the contact; two statements.

    Registered are those with a place, or waiting for one, in one of its sessions; declined those who said no to the
    invitation or in their calendar; came those who were seen in one. A mail that came back was sent first.
    """
    session_ids = [shown.session_id for shown in mailing.sessions]
    person_id = MailingRecipient.person_id
    has_place = exists().where(
        Registration.person_id == person_id, Registration.session_id.in_(session_ids), Registration.status.in_(ALIVE)
    )
    has_come = exists().where(
        Attendance.person_id == person_id, Attendance.session_id.in_(session_ids), Attendance.came
    )
    rows = db.session.execute(
        select(
            Contact.member_id,
            _count(OutboxMail.state == MailState.SENT),
            _count(and_(OutboxMail.state.in_((MailState.REFUSED, MailState.GIVEN_UP)), ~_came_back())),
            _count(_came_back()),
            _count(has_place),
            _count(and_(_said_no(session_ids), ~has_place)),
            _count(has_come),
        )
        .select_from(MailingRecipient)
        .join(OutboxMail, OutboxMail.id == MailingRecipient.mail_id)
        .outerjoin(Contact, Contact.person_id == person_id)
        .where(MailingRecipient.mailing_id == mailing.id)
        .group_by(Contact.member_id)
    ).all()
    members = {
        member.id: member
        for member in db.session.scalars(select(Member).where(Member.id.in_([row[0] for row in rows if row[0]])))
    }
    found = [OfMember(members.get(row[0] or 0), Counts(*row[1:])) for row in rows]
    found.sort(key=lambda one: (one.member is None, in_alphabet(one.member.name) if one.member else (False, "", "")))
    return Outcome(Counts(*(sum(column) for column in zip(*(one.counts for one in found), strict=True))), found)


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


def _came_back() -> ColumnElement[bool]:
    return OutboxMail.server_said.startswith(CAME_BACK)


def _said_no(session_ids: list[int]) -> ColumnElement[bool]:
    person_id = MailingRecipient.person_id
    return or_(
        exists().where(
            Invitation.person_id == person_id,
            Invitation.session_id.in_(session_ids),
            Invitation.declined_at.is_not(None),
        ),
        exists().where(
            CalendarEntry.person_id == person_id,
            CalendarEntry.session_id.in_(session_ids),
            CalendarEntry.answer == CalendarAnswer.DECLINED,
        ),
    )


def lines_of(outcome: Outcome) -> Iterator[list[Cell]]:
    """Yield a line of ``COLUMNS`` for each member; of people of none, the first three are empty."""
    for one in outcome.of_members:
        member = one.member
        where = [member.name, member.country_code, member.region] if member else ["", "", ""]
        yield [*where, *one.counts]
