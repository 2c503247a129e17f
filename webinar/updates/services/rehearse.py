"""Seeing an update before it is decided: who will be told what, with the very mail that would leave."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from webinar.calendars.services import entry_to_show
from webinar.catalogue.models import SessionStatus, WebinarSession
from webinar.catalogue.queries import find_session_of_any_status
from webinar.catalogue.services.edit_session import NoSuchSession
from webinar.catalogue.services.revisions import check_revision
from webinar.foundation import clock
from webinar.foundation.db import db
from webinar.foundation.lines import one_line
from webinar.foundation.when import When
from webinar.mail.message import OpenedMail, open_message
from webinar.mail.models import OutboxMail
from webinar.people.models import Person
from webinar.registration.queries import find_of_person
from webinar.registration.services.move import who_can_move
from webinar.updates.mails import write_to_invited, write_to_place
from webinar.updates.models import UpdateKind, times_of
from webinar.updates.queries import Audience, audience_of, one_to_tell
from webinar.updates.services.held import check_coming
from webinar.updates.services.move_session import ABOUT, change_times
from webinar.updates.services.recipients import checked_words


@dataclass(frozen=True)
class Plan:
    """What an organiser is about to decide: ``start`` and ``end`` are wall times, of a move only."""

    kind: UpdateKind
    start: datetime | None = None
    end: datetime | None = None
    words: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Rehearsed:
    """What would come of a plan: who is told, in which languages, and when the session would be, before and then.

    The registration window is as it would be, in UTC.
    """

    audience: list[Audience]
    before: When
    then: When
    registration_opens: datetime | None
    registration_closes: datetime | None

    @property
    def people(self) -> int:
        """How many are told in all."""
        return sum(one.people for one in self.audience)


def rehearse(key: str, plan: Plan, made_from: int | None = None) -> Rehearsed:
    """Return what would come of a plan, which is checked as if it were decided; nothing changes.

    Raises:
        NoSuchSession, NothingToChange, ChangedMeanwhile, EditRefused: as the decision itself would.
    """
    with rehearsal(), db.session.no_autoflush:
        session = _found(key)
        check_revision(session, made_from, *ABOUT)
        before = session.times_there
        _do(session, plan)
        checked_words(session, plan.kind, plan.words)
        return Rehearsed(
            audience_of(session.id, plan.kind),
            before,
            session.times_there,
            session.registration_opens,
            session.registration_closes,
        )


def rehearsed_mail(key: str, plan: Plan, language: str) -> OpenedMail | None:
    """Return the mail that somebody who is written to in a language would get, or None where there is nobody.

    It is a real person's, with their links, written by what writes it for everybody; nothing is stored.

    Raises:
        NoSuchSession, NothingToChange, EditRefused: as the decision itself would.
    """
    with rehearsal(), db.session.no_autoflush:
        session = _found(key)
        mail = _mail_in(session, plan, language)
    return None if mail is None or mail.message is None else open_message(mail.message)


def _mail_in(session: WebinarSession, plan: Plan, language: str) -> OutboxMail | None:
    one = one_to_tell(session.id, plan.kind, language)
    if one is None:
        return None
    now = clock.now()
    knew, word = times_of(session), one_line(plan.words.get(language, ""))
    # Before anything is changed: reading them reads the session once more.
    place = find_of_person(session.id, one.person_id)
    entry = entry_to_show(session.id, one.person_id)
    can_move = place is not None and bool(who_can_move([place], session, now))
    session = session if place is None else place.session
    _do(session, plan)
    if entry is not None and plan.kind is UpdateKind.MOVED:
        entry.sequence, entry.answer = entry.sequence + 1, None
    if place is not None and place.is_alive:
        return write_to_place(place, entry, knew, word=word, can_move=can_move, now=now)
    if entry is None:
        return None
    if plan.kind is UpdateKind.CANCELLED:
        entry.cancel()
    person = db.session.get_one(Person, one.person_id)
    return write_to_invited(entry, session, knew, zone=person.timezone, word=word, now=now)


@contextmanager
def rehearsal() -> Iterator[None]:
    """Let a block change what it reads; at its end everything is as it was, and nothing has been written."""
    stage = db.session.begin_nested()
    try:
        yield
    finally:
        stage.rollback()


def _found(key: str) -> WebinarSession:
    session = find_session_of_any_status(key)
    if session is None:
        raise NoSuchSession(key)
    check_coming(session, clock.now())
    return session


def _do(session: WebinarSession, plan: Plan) -> None:
    if plan.kind is UpdateKind.CANCELLED:
        session.status = SessionStatus.CANCELLED
    elif plan.start is not None and plan.end is not None:
        change_times(session, plan.start, plan.end, clock.now())
