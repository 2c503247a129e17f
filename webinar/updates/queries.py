"""Reading who is to be told of a session's changes, and how far that has come."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, case, exists, func, literal, select, union_all
from sqlalchemy.orm import joinedload

from webinar.calendars.models import CalendarEntry, EntryStatus
from webinar.catalogue.models import WebinarSession
from webinar.foundation.db import db
from webinar.mail.models import MailState, OutboxMail
from webinar.people.models import Person
from webinar.registration.models import ALIVE, Registration, RegistrationStatus
from webinar.updates.models import SessionUpdate, UpdateKind, UpdateRecipient

REGISTERED, WAITING, INVITED = "registered", "waiting", "invited"


def people_to_tell(session_id: int, kind: UpdateKind) -> Select[Any]:
    """Return the statement of who is to be told: ``person_id``, ``language``, and as what they will be told.

    They are who has a place or waits for one, and who has been invited and not registered. Who waits has no entry in
    a calendar, so what does not change the date or cancel it is not told to them.
    """
    told = ALIVE if kind is not UpdateKind.CHANGED else (RegistrationStatus.REGISTERED,)
    standing = case((Registration.status == RegistrationStatus.REGISTERED, REGISTERED), else_=WAITING)
    places = (
        select(Registration.person_id, Registration.language, standing.label("standing"))
        .join(Person, Person.id == Registration.person_id)
        .where(Registration.session_id == session_id, Registration.status.in_(told), Person.email.is_not(None))
    )
    invited = (
        select(CalendarEntry.person_id, CalendarEntry.language, literal(INVITED))
        .join(Person, Person.id == CalendarEntry.person_id)
        .where(
            CalendarEntry.session_id == session_id,
            CalendarEntry.status == EntryStatus.CONFIRMED,
            CalendarEntry.announced_sequence.is_not(None),
            Person.email.is_not(None),
            ~_has_a_place(),
        )
    )
    both = union_all(places, invited).subquery("people_to_tell")
    return select(both.c.person_id, both.c.language, both.c.standing)


def _has_a_place() -> ColumnElement[bool]:
    return exists().where(
        Registration.session_id == CalendarEntry.session_id,
        Registration.person_id == CalendarEntry.person_id,
        Registration.status.in_(ALIVE),
    )


class Audience(NamedTuple):
    """How many are to be told in a language: with a place, waiting for one, invited only."""

    language: str
    registered: int
    waiting: int
    invited: int

    @property
    def people(self) -> int:
        """How many that are together."""
        return self.registered + self.waiting + self.invited


def audience_of(session_id: int, kind: UpdateKind) -> list[Audience]:
    """Count who would be told of an update, the language of most people first; one query."""
    people = people_to_tell(session_id, kind).subquery()
    rows = db.session.execute(
        select(people.c.language, people.c.standing, func.count()).group_by(people.c.language, people.c.standing)
    )
    counts: dict[str, Counter[str]] = {}
    for language, standing, count in rows:
        counts.setdefault(language, Counter())[standing] = count
    found = [
        Audience(language, count[REGISTERED], count[WAITING], count[INVITED]) for language, count in counts.items()
    ]
    return sorted(found, key=lambda one: (-one.people, one.language))


class OneToTell(NamedTuple):
    """Who stands for all that are told in a language, where the mail is shown before it leaves."""

    person_id: int
    standing: str


def one_to_tell(session_id: int, kind: UpdateKind, language: str) -> OneToTell | None:
    """Return somebody who would be told in a language, with a place if there is one who has it; or None."""
    people = people_to_tell(session_id, kind).subquery()
    row = db.session.execute(
        select(people.c.person_id, people.c.standing)
        .where(people.c.language == language)
        .order_by(case({REGISTERED: 0, INVITED: 1}, value=people.c.standing, else_=2), people.c.person_id)
        .limit(1)
    ).one_or_none()
    return None if row is None else OneToTell(*row)


class Progress(NamedTuple):
    """How far everybody has been told of a session's latest update.

    ``to_write`` mails are still to be written, ``waiting`` ones have not left, ``failed`` ones were refused for good
    or given up.
    """

    kind: UpdateKind
    made_at: datetime
    people: int
    to_write: int
    waiting: int
    sent: int
    failed: int

    @property
    def is_done(self) -> bool:
        """Tell whether nothing is left to do."""
        return self.to_write == 0 and self.waiting == 0


def progress_of(session_id: int) -> Progress | None:
    """Return how far a session's latest update has come, or None where there is none; two queries."""
    latest = db.session.scalar(
        select(SessionUpdate).where(SessionUpdate.session_id == session_id).order_by(SessionUpdate.id.desc()).limit(1)
    )
    if latest is None:
        return None
    rows = db.session.execute(
        select(OutboxMail.state, func.count())
        .select_from(UpdateRecipient)
        .outerjoin(OutboxMail, OutboxMail.id == UpdateRecipient.mail_id)
        .where(UpdateRecipient.session_id == session_id)
        .group_by(OutboxMail.state)
    )
    by_state: dict[MailState | None, int] = {state: count for state, count in rows}
    return Progress(
        kind=latest.kind,
        made_at=latest.made_at,
        people=sum(by_state.values()),
        to_write=by_state.get(None, 0),
        waiting=by_state.get(MailState.QUEUED, 0) + by_state.get(MailState.SENDING, 0),
        sent=by_state.get(MailState.SENT, 0),
        failed=by_state.get(MailState.REFUSED, 0) + by_state.get(MailState.GIVEN_UP, 0),
    )


def is_anything_to_write() -> bool:
    """Tell whether somebody is still to be written to; asks without holding anything."""
    found = db.session.scalar(select(UpdateRecipient.session_id).where(UpdateRecipient.mail_id.is_(None)).limit(1))
    db.session.rollback()
    return found is not None


def hold_to_write(most: int) -> Sequence[UpdateRecipient]:
    """Return some who are still to be written to, all of one session, held until the transaction ends.

    The session that starts first comes first. What another worker holds is passed over.
    """
    session_id = db.session.scalar(
        select(UpdateRecipient.session_id)
        .join(WebinarSession, WebinarSession.id == UpdateRecipient.session_id)
        .where(UpdateRecipient.mail_id.is_(None))
        .order_by(WebinarSession.starts_at, WebinarSession.id)
        .limit(1)
    )
    if session_id is None:
        return []
    return db.session.scalars(
        select(UpdateRecipient)
        .where(UpdateRecipient.session_id == session_id, UpdateRecipient.mail_id.is_(None))
        .order_by(UpdateRecipient.person_id)
        .limit(most)
        .options(
            joinedload(UpdateRecipient.person),
            joinedload(UpdateRecipient.update).selectinload(SessionUpdate.words),
        )
        .with_for_update(of=UpdateRecipient, skip_locked=True)
        .execution_options(populate_existing=True)
    ).all()
