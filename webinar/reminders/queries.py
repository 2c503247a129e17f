"""Reading which reminders are due, whom they go to, and how far that has come."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, and_, exists, func, literal, or_, select
from sqlalchemy.orm import contains_eager, joinedload

from webinar.catalogue.models import LanguageVersion, SessionStatus, WebinarSession
from webinar.foundation.db import db
from webinar.mail.models import MailState, OutboxMail
from webinar.people.models import Contact, MailKind, Person
from webinar.people.queries import is_suppressed, merged_people
from webinar.registration.models import Registration, RegistrationStatus
from webinar.reminders.models import ReminderRecipient, ReminderStop, SessionReminder
from webinar.reminders.moments import FURTHEST, latest_due, moment_before, reminders_of
from webinar.updates.models import SessionUpdate, UpdateKind


class Due(NamedTuple):
    """A reminder whose moment has come and which has not begun to go."""

    session_id: int
    key: str
    starts_at: datetime
    minutes_before: int
    moment: datetime


def due_reminders(now: datetime, session_id: int | None = None) -> list[Due]:
    """Return which reminders are due, of all sessions or of one; of each session only the latest. One query.

    It looks at the sessions that start in the next days, by their starts. A reminder that is later than the latest
    one has gone already where somebody put an earlier one in behind it. Who was told of a move knows the new start:
    what was due before that is not sent any more.
    """
    gone = (
        select(func.min(SessionReminder.minutes_before))
        .where(SessionReminder.session_id == WebinarSession.id, SessionReminder.starts_at == WebinarSession.starts_at)
        .scalar_subquery()
    )
    moved_at = (
        select(func.max(SessionUpdate.made_at))
        .where(SessionUpdate.session_id == WebinarSession.id, SessionUpdate.kind == UpdateKind.MOVED)
        .scalar_subquery()
    )
    coming = select(
        WebinarSession.id,
        WebinarSession.key,
        WebinarSession.starts_at,
        WebinarSession.timezone,
        WebinarSession.reminders,
        gone,
        moved_at,
    ).where(
        WebinarSession.status == SessionStatus.PUBLISHED,
        WebinarSession.starts_at > now,
        WebinarSession.starts_at <= now + FURTHEST,
    )
    if session_id is not None:
        coming = coming.where(WebinarSession.id == session_id)
    found = []
    for id_, key, starts_at, zone, chosen, gone_last, told_at in db.session.execute(coming):
        minutes = latest_due(starts_at, zone, reminders_of(chosen), now, after=told_at)
        if minutes is not None and (gone_last is None or minutes < gone_last):
            found.append(Due(id_, key, starts_at, minutes, moment_before(starts_at, zone, minutes)))
    return found


def people_to_remind(session_id: int, before: datetime) -> Select[Any]:
    """Return the statement of who is reminded of a session, their ``person_id``: who had their seat before a moment.

    Whoever got it later was told everything then. Who waits is not reminded, nor who wants no reminders: of this
    session, or at all.
    """
    return (
        select(Registration.person_id)
        .join(Person, Person.id == Registration.person_id)
        .where(
            Registration.session_id == session_id,
            Registration.status == RegistrationStatus.REGISTERED,
            Registration.seated_at < before,
            Person.email.is_not(None),
            ~wants_none(),
        )
    )


def wants_none() -> ColumnElement[bool]:
    """Return the condition that the person of a registration wants no reminders: of its session, or at all."""
    return or_(exists().where(ReminderStop.registration_id == Registration.id), _never(Registration.person_id))


def _never(person_id: SQLColumnExpression[int]) -> ColumnElement[bool]:
    """Return the condition that somebody wants no reminders at all; what they said as whom they count as now holds."""
    merged = merged_people("reminded_as")

    def said_so(who: SQLColumnExpression[Any]) -> ColumnElement[bool]:
        return or_(
            is_suppressed(who, MailKind.REMINDERS),
            exists().where(Contact.person_id == who, ~Contact.wants_reminders),
        )

    return or_(said_so(person_id), person_id.in_(select(merged.c.person_id).where(said_so(merged.c.counts_as_id))))


class Wish(NamedTuple):
    """Whether somebody stopped the reminders of one session, and whether they want none at all."""

    is_stopped: bool
    never: bool


def wish_of(place: Registration) -> Wish:
    """Return what somebody wants with reminders of the session they have a place in; one query."""
    stopped = exists().where(ReminderStop.registration_id == place.id)
    return Wish(*db.session.execute(select(stopped, _never(literal(place.person_id)))).one())


class Reminded(NamedTuple):
    """What a reminder that was written told, ``told_start``, and what is true of its session and its person now."""

    told_start: datetime
    starts_at: datetime
    session_status: SessionStatus
    status: RegistrationStatus
    wants_none: bool


def reminded_by(mail_id: int) -> Reminded | None:
    """Return whether what a reminder was written for still is so; None where the mail is no reminder. One query."""
    row = db.session.execute(
        select(
            ReminderRecipient.starts_at,
            WebinarSession.starts_at,
            WebinarSession.status,
            Registration.status,
            wants_none(),
        )
        .join(WebinarSession, WebinarSession.id == ReminderRecipient.session_id)
        .join(
            Registration,
            and_(
                Registration.session_id == ReminderRecipient.session_id,
                Registration.person_id == ReminderRecipient.person_id,
            ),
        )
        .where(ReminderRecipient.mail_id == mail_id)
    ).one_or_none()
    return None if row is None else Reminded(*row)


class Audience(NamedTuple):
    """How many have a place in a session and are written to in a language, and how many of them want no reminders."""

    language: str
    people: int
    want_none: int


def audience_of(session_id: int) -> list[Audience]:
    """Count who has a place in a session by the language they are written to, that of most people first; one query."""
    people = func.count()
    rows = db.session.execute(
        select(Registration.language, people, func.count().filter(wants_none()))
        .where(Registration.session_id == session_id, Registration.status == RegistrationStatus.REGISTERED)
        .group_by(Registration.language)
        .order_by(people.desc(), Registration.language)
    )
    return [Audience(*row) for row in rows]


def one_to_remind(session: WebinarSession, language: str) -> Registration | None:
    """Return a place that stands for all in a session that are written to in a language, or None; one query.

    It has all that its mail shows, together with the session, which is loaded for the page already.
    """
    first = (
        select(Registration)
        .join(Registration.person)
        .where(
            Registration.session_id == session.id,
            Registration.status == RegistrationStatus.REGISTERED,
            Registration.language == language,
            Person.email.is_not(None),
        )
        .order_by(Registration.turn)
        .limit(1)
        .options(
            contains_eager(Registration.person),
            joinedload(Registration.member),
            joinedload(Registration.session).joinedload(WebinarSession.ways_to_follow),
            joinedload(Registration.language_version).joinedload(LanguageVersion.texts),
        )
    )
    return db.session.scalars(first).unique().one_or_none()


class Gone(NamedTuple):
    """What became of a reminder: to how many it is still to be written, and how many mails are where.

    ``waiting`` ones have not left, ``refused`` ones were refused for good, ``withdrawn`` ones no longer made sense.
    """

    starts_at: datetime
    minutes_before: int
    began_at: datetime
    to_write: int = 0
    waiting: int = 0
    sent: int = 0
    refused: int = 0
    given_up: int = 0
    withdrawn: int = 0

    @property
    def is_done(self) -> bool:
        """Tell whether nothing is left to do."""
        return self.to_write == 0 and self.waiting == 0


_COUNTED = {
    None: "to_write",
    MailState.QUEUED: "waiting",
    MailState.SENDING: "waiting",
    MailState.SENT: "sent",
    MailState.REFUSED: "refused",
    MailState.GIVEN_UP: "given_up",
    MailState.WITHDRAWN: "withdrawn",
}


def gone_reminders(session_id: int) -> list[Gone]:
    """Return what became of each reminder of a session that has begun to go, the latest first; one query."""
    which = SessionReminder.starts_at, SessionReminder.minutes_before, SessionReminder.began_at
    rows = db.session.execute(
        select(*which, OutboxMail.state, func.count(ReminderRecipient.person_id))
        .outerjoin(
            ReminderRecipient,
            and_(
                ReminderRecipient.session_id == SessionReminder.session_id,
                ReminderRecipient.starts_at == SessionReminder.starts_at,
                ReminderRecipient.minutes_before == SessionReminder.minutes_before,
            ),
        )
        .outerjoin(OutboxMail, OutboxMail.id == ReminderRecipient.mail_id)
        .where(SessionReminder.session_id == session_id)
        .group_by(*which, OutboxMail.state)
    )
    found: dict[tuple[datetime, int], Gone] = {}
    for starts_at, minutes, began_at, state, count in rows:
        so_far = found.get((starts_at, minutes), Gone(starts_at, minutes, began_at))
        name = _COUNTED[state]
        found[starts_at, minutes] = so_far._replace(**{name: getattr(so_far, name) + count})
    return sorted(found.values(), key=lambda one: one.began_at, reverse=True)


def hold_reminders_to_end(now: datetime) -> Sequence[SessionReminder]:
    """Return the reminders of sessions that have begun and that have not ended, held until the transaction ends."""
    return db.session.scalars(_to_end(now).with_for_update(skip_locked=True)).all()


def is_any_to_end(now: datetime) -> bool:
    """Tell whether a session has begun whose reminders have not ended; asks without holding anything."""
    return db.session.scalar(_to_end(now).with_only_columns(SessionReminder.session_id).limit(1)) is not None


def _to_end(now: datetime) -> Select[SessionReminder]:
    return select(SessionReminder).where(SessionReminder.ended_at.is_(None), SessionReminder.starts_at <= now)


def is_any_to_write() -> bool:
    """Tell whether somebody is still to be written a reminder; asks without holding anything."""
    found = select(ReminderRecipient.session_id).where(ReminderRecipient.mail_id.is_(None)).limit(1)
    return db.session.scalar(found) is not None


class Lot(NamedTuple):
    """Some people who are still to be written one reminder of a session."""

    session_id: int
    starts_at: datetime
    minutes_before: int
    person_ids: Sequence[int]


def hold_to_write(most: int) -> Lot | None:
    """Return some who are still to be written one reminder, their rows held until the transaction ends; or None.

    First comes the session that starts first. What another worker holds is passed over.
    """
    is_to_write = ReminderRecipient.mail_id.is_(None)
    which = ReminderRecipient.starts_at, ReminderRecipient.session_id, ReminderRecipient.minutes_before
    first = db.session.execute(select(*which).where(is_to_write).order_by(*which).limit(1)).one_or_none()
    if first is None:
        return None
    person_ids = db.session.scalars(
        select(ReminderRecipient.person_id)
        .where(is_to_write, *(column == value for column, value in zip(which, first, strict=True)))
        .order_by(ReminderRecipient.person_id)
        .limit(most)
        .with_for_update(skip_locked=True)
    ).all()
    starts_at, session_id, minutes_before = first
    return Lot(session_id, starts_at, minutes_before, person_ids)


def recipients_in(lot: Lot) -> Sequence[ReminderRecipient]:
    """Return the recipients of a lot with their people, in its order."""
    return db.session.scalars(
        select(ReminderRecipient)
        .where(
            ReminderRecipient.session_id == lot.session_id,
            ReminderRecipient.starts_at == lot.starts_at,
            ReminderRecipient.minutes_before == lot.minutes_before,
            ReminderRecipient.person_id.in_(lot.person_ids),
        )
        .order_by(ReminderRecipient.person_id)
        .options(joinedload(ReminderRecipient.person, innerjoin=True))
        .execution_options(populate_existing=True)
    ).all()
