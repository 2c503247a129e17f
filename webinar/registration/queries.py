"""Reading registrations: one by its link, many by session, and how many seats are taken."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import contains_eager, joinedload

from webinar.catalogue.models import LanguageVersion, WebinarSession
from webinar.catalogue.queries import lock_session, with_webinar
from webinar.foundation.db import db
from webinar.members.models import Member
from webinar.registration.models import Registration, RegistrationStatus


def _with_everything() -> Select[Registration]:
    return (
        select(Registration)
        .join(Registration.session)
        .options(
            contains_eager(Registration.session).options(*with_webinar()),
            joinedload(Registration.person),
            joinedload(Registration.member),
            joinedload(Registration.language_version),
        )
    )


def _one(*conditions: ColumnElement[bool]) -> Registration | None:
    return db.session.scalar(_with_everything().where(*conditions).execution_options(populate_existing=True))


def find_by_token(token: str) -> Registration | None:
    """Return the registration that a personal link manages, with everything its page and mails show, or None."""
    return _one(Registration.token == token)


def find_by_join_token(token: str) -> Registration | None:
    """Return the registration that a personal join link belongs to, with everything its page shows, or None."""
    return _one(Registration.join_token == token)


def find_by_id(registration_id: int) -> Registration | None:
    """Return one registration with everything its mails show, or None."""
    return _one(Registration.id == registration_id)


def find_of_person(session_id: int, person_id: int) -> Registration | None:
    """Return a person's registration in a session, with everything its mails show, or None."""
    known = db.session.scalar(
        select(Registration.id).where(Registration.session_id == session_id, Registration.person_id == person_id)
    )
    # Mostly there is none, and everything that goes with one need not be asked for.
    return None if known is None else find_by_id(known)


def next_waiting(session_id: int) -> Registration | None:
    """Return who has waited longest for a seat in a session, or None."""
    return db.session.scalar(
        _with_everything()
        .where(Registration.session_id == session_id, Registration.status == RegistrationStatus.WAITING)
        .order_by(Registration.turn)
        .limit(1)
    )


def lock_by_token(token: str) -> Registration | None:
    """Return the registration of a personal link, read after its session's row is held; or None."""
    key = db.session.scalar(select(WebinarSession.key).join(Registration).where(Registration.token == token))
    if key is None:
        return None
    lock_session(key)
    return find_by_token(token)


class Seating(NamedTuple):
    """How many have a seat in a session, how many wait for one, and the turn of whoever came last."""

    registered: int
    waiting: int
    last_turn: int


def seating_of(session_id: int) -> Seating:
    """Count a session's seats and turns in one statement; to decide on it, the session's row must be held."""
    registered = func.count().filter(Registration.status == RegistrationStatus.REGISTERED)
    waiting = func.count().filter(Registration.status == RegistrationStatus.WAITING)
    row = db.session.execute(
        select(registered, waiting, func.coalesce(func.max(Registration.turn), 0)).where(
            Registration.session_id == session_id
        )
    ).one()
    return Seating(*row)


def seats_taken(session_ids: Iterable[int]) -> dict[int, int]:
    """Count those registered in each of several sessions; a session with nobody is 0."""
    ids = list(session_ids)
    counted = dict.fromkeys(ids, 0)
    if ids:
        rows = db.session.execute(
            select(Registration.session_id, func.count())
            .where(Registration.session_id.in_(ids), Registration.status == RegistrationStatus.REGISTERED)
            .group_by(Registration.session_id)
        )
        counted.update({session_id: count for session_id, count in rows})
    return counted


def is_full(session: WebinarSession) -> bool:
    """Tell whether who registers now waits: every seat is taken, or others already wait for one."""
    if session.seats is None:
        return False
    seating = seating_of(session.id)
    return seating.registered >= session.seats or seating.waiting > 0


class MemberCount(NamedTuple):
    """How many are registered for one member."""

    key: str
    name: str
    region: str
    registered: int


def count_by_member(session_id: int) -> list[MemberCount]:
    """Count a session's registered people by member, the most first, counted by the database."""
    registered = func.count(Registration.id)
    rows = db.session.execute(
        select(Member.key, Member.name, Member.region, registered)
        .join(Registration, Registration.member_id == Member.id)
        .where(Registration.session_id == session_id, Registration.status == RegistrationStatus.REGISTERED)
        .group_by(Member.id)
        .order_by(registered.desc(), Member.name)
    )
    return [MemberCount(*row) for row in rows]


class StatusCount(NamedTuple):
    """How many registrations of a session have one status."""

    status: RegistrationStatus
    people: int


def count_by_status(session_id: int) -> list[StatusCount]:
    """Count a session's registrations by status."""
    rows = db.session.execute(
        select(Registration.status, func.count())
        .where(Registration.session_id == session_id)
        .group_by(Registration.status)
    )
    return [StatusCount(*row) for row in rows]


def count_by_version(session_id: int) -> dict[str, int]:
    """Count a session's registered people by the language version they will follow."""
    rows = db.session.execute(
        select(LanguageVersion.code, func.count())
        .join(Registration, Registration.language_version_id == LanguageVersion.id)
        .where(Registration.session_id == session_id, Registration.status == RegistrationStatus.REGISTERED)
        .group_by(LanguageVersion.code)
    )
    return {code: count for code, count in rows}


def people_of(session_id: int) -> set[int]:
    """Return the ids of the persons who have any registration in a session, a cancelled one too."""
    return set(db.session.scalars(select(Registration.person_id).where(Registration.session_id == session_id)))


def count_all_by_version(session_id: int) -> dict[str, int]:
    """Count a session's registrations, whatever their status, by the language version they point to."""
    rows = db.session.execute(
        select(LanguageVersion.code, func.count())
        .join(Registration, Registration.language_version_id == LanguageVersion.id)
        .where(Registration.session_id == session_id)
        .group_by(LanguageVersion.code)
    )
    return {code: count for code, count in rows}
