"""Reading registrations: one by its link, many by session, and how many seats are taken."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import contains_eager, joinedload

from webinar.catalogue.models import LanguageVersion, WebinarSession
from webinar.catalogue.queries import with_webinar
from webinar.foundation.db import db
from webinar.members.models import Member
from webinar.registration.models import Registration, RegistrationStatus


def _with_everything() -> Select[tuple[Registration]]:
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
    return _one(Registration.session_id == session_id, Registration.person_id == person_id)


def next_waiting(session_id: int) -> Registration | None:
    """Return who has waited longest for a seat in a session, or None."""
    return db.session.scalar(
        _with_everything()
        .where(Registration.session_id == session_id, Registration.status == RegistrationStatus.WAITING)
        .order_by(Registration.turn)
        .limit(1)
    )


def last_turn(session_id: int) -> int:
    """Return the turn of whoever came last to a session; 0 when nobody has come."""
    return (
        db.session.scalar(select(func.max(Registration.turn)).where(Registration.session_id == session_id)) or 0
    )


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


def waiting_count(session_id: int) -> int:
    """Count who waits for a seat in a session."""
    return (
        db.session.scalar(
            select(func.count()).where(
                Registration.session_id == session_id, Registration.status == RegistrationStatus.WAITING
            )
        )
        or 0
    )


def is_full(session: WebinarSession) -> bool:
    """Tell whether every seat of a session is taken; while somebody waits, a seat just freed is theirs."""
    if session.seats is None:
        return False
    return seats_taken([session.id])[session.id] >= session.seats or waiting_count(session.id) > 0


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
