"""Reading who is to be told of a session's changes, and how far that has come."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple, cast

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, literal, or_, select, union_all
from sqlalchemy.orm import joinedload, selectinload

from webinar.calendars.models import CalendarEntry, EntryStatus
from webinar.calendars.occasions import texts_told
from webinar.catalogue.models import WebinarSession
from webinar.foundation.db import db
from webinar.mail.models import MailState, OutboxMail
from webinar.people.models import Person
from webinar.registration.models import ALIVE, Registration, RegistrationStatus
from webinar.registration.queries import is_invited_alone
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
        .where(is_invited_alone(session_id), Person.email.is_not(None))
    )
    both = union_all(places, invited).subquery("people_to_tell")
    return select(both.c.person_id, both.c.language, both.c.standing)


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

    ``to_write`` mails are still to be written, ``waiting`` ones have not left, ``refused`` ones for good.
    """

    kind: UpdateKind
    made_at: datetime
    people: int
    to_write: int
    waiting: int
    sent: int
    refused: int
    given_up: int

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
        refused=by_state.get(MailState.REFUSED, 0),
        given_up=by_state.get(MailState.GIVEN_UP, 0),
    )


def calendars_behind(session: WebinarSession) -> int:
    """Count in how many people's calendars the session has an older title or summary than it has now; one query.

    The texts of its webinar must be loaded. Who is about to be written to anyway is left out.
    """
    people = people_to_tell(session.id, UpdateKind.CHANGED).subquery()
    is_to_be_told = exists().where(
        UpdateRecipient.session_id == session.id,
        UpdateRecipient.person_id == people.c.person_id,
        UpdateRecipient.mail_id.is_(None),
    )
    webinar = session.webinar
    codes = {text.language for text in webinar.texts}
    others = (people.c.language.not_in(codes), _is_older(session, webinar.original_language))
    is_behind = or_(
        and_(*others), *(and_(people.c.language == code, _is_older(session, code)) for code in sorted(codes))
    )
    found = db.session.scalar(
        select(func.count())
        .select_from(people)
        .join(CalendarEntry, CalendarEntry.person_id == people.c.person_id)
        .where(
            CalendarEntry.session_id == session.id,
            CalendarEntry.status == EntryStatus.CONFIRMED,
            CalendarEntry.announced_sequence.is_not(None),
            is_behind,
            ~is_to_be_told,
        )
    )
    return found or 0


def _is_older(session: WebinarSession, language: str) -> ColumnElement[bool]:
    """Tell whether an entry was announced before what it says in a language was written; DTSTAMP has whole seconds."""
    written = max(text.changed_at for text in texts_told(session, language))
    return CalendarEntry.dtstamp < written.replace(microsecond=0)


def is_anything_to_write() -> bool:
    """Tell whether somebody is still to be written to; asks without holding anything."""
    found = db.session.scalar(select(UpdateRecipient.session_id).where(UpdateRecipient.mail_id.is_(None)).limit(1))
    db.session.rollback()
    return found is not None


def hold_recipients(session_id: int) -> None:
    """Hold the rows of all who are told of a session's updates until the transaction ends.

    A worker may be writing to some of them at this very moment: when it is done, their mails can be withdrawn.
    """
    db.session.execute(
        select(UpdateRecipient.person_id)
        .where(UpdateRecipient.session_id == session_id)
        .order_by(UpdateRecipient.person_id)
        .with_for_update()
    ).close()


class Lot(NamedTuple):
    """Some people who are still to be told of a session's update."""

    session_id: int
    person_ids: Sequence[int]


def hold_to_write(most: int) -> Lot:
    """Return some who are still to be written to, all of one session, their rows held until the transaction ends.

    First comes the session that starts first, or was to start first as they were told. What another worker holds is
    passed over. Nothing is read with these rows: what is joined to a row that is held would be as it was before.
    """
    session_id = _session_to_write_about()
    if session_id is None:
        return Lot(0, [])
    person_ids = db.session.scalars(
        select(UpdateRecipient.person_id)
        .where(UpdateRecipient.session_id == session_id, UpdateRecipient.mail_id.is_(None))
        .order_by(UpdateRecipient.person_id)
        .limit(most)
        .with_for_update(skip_locked=True)
    ).all()
    return Lot(session_id, person_ids)


def _session_to_write_about() -> int | None:
    to_write = UpdateRecipient.mail_id.is_(None)
    # Mostly there is one session, which the ends of the index tell, without a look at all of its people.
    first, last = (select(of(UpdateRecipient.session_id)).where(to_write) for of in (func.min, func.max))
    lowest, highest = db.session.execute(select(first.scalar_subquery(), last.scalar_subquery())).one()
    if lowest == highest:
        return cast(int | None, lowest)
    starts = case(
        (UpdateRecipient.knew_starts_at < WebinarSession.starts_at, UpdateRecipient.knew_starts_at),
        else_=WebinarSession.starts_at,
    )
    return db.session.scalar(
        select(UpdateRecipient.session_id)
        .join(WebinarSession, WebinarSession.id == UpdateRecipient.session_id)
        .where(to_write)
        .group_by(UpdateRecipient.session_id)
        .order_by(func.min(starts), UpdateRecipient.session_id)
        .limit(1)
    )


def recipients_in(lot: Lot) -> Sequence[UpdateRecipient]:
    """Return the recipients of a lot with person and update, in its order."""
    return db.session.scalars(
        select(UpdateRecipient)
        .where(UpdateRecipient.session_id == lot.session_id, UpdateRecipient.person_id.in_(lot.person_ids))
        .order_by(UpdateRecipient.person_id)
        .options(
            joinedload(UpdateRecipient.person, innerjoin=True),
            selectinload(UpdateRecipient.update).selectinload(SessionUpdate.words),
        )
        .execution_options(populate_existing=True)
    ).all()
