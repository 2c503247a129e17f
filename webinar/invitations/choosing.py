"""What organisers choose from when they write a mailing: sessions of the right time, and people to show it for."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple, cast

from flask import current_app
from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import joinedload, selectinload

from webinar.catalogue.models import SessionStatus, Webinar, WebinarSession, WebinarText
from webinar.catalogue.texts import text_in
from webinar.foundation import clock
from webinar.foundation.db import db
from webinar.foundation.when import When
from webinar.invitations.models import Mailing, MailingKind, MailingRecipient
from webinar.invitations.queries import Reader, as_readers, plan
from webinar.members.models import Member
from webinar.people.mail_address import NoMailAddress, normalise
from webinar.people.models import Person

MOST_SESSIONS = 40


class SessionToChoose(NamedTuple):
    """A session as it stands among others to choose from; its times are those where it is held."""

    session: WebinarSession
    text: WebinarText
    when: When

    @property
    def codes(self) -> list[str]:
        """The languages in which it can be followed."""
        return [version.code for version in self.session.language_versions]


def is_about_past(kind: MailingKind) -> bool:
    """Tell whether mailings of a kind are about sessions that are over."""
    return kind in {MailingKind.THANKS, MailingKind.MISSED}


def sessions_to_choose(
    now: datetime, language: str, *, past: bool, besides: Collection[int] = (), at_most: int = MOST_SESSIONS
) -> list[SessionToChoose]:
    """Return sessions that a mailing can show, the nearest first, and those ``besides``, whatever they are."""
    of_time = (
        (WebinarSession.ends_at <= now) & (WebinarSession.status == SessionStatus.PUBLISHED)
        if past
        else (WebinarSession.ends_at > now) & (WebinarSession.status != SessionStatus.CANCELLED)
    )
    nearest = (
        select(WebinarSession.id)
        .where(of_time)
        .order_by(WebinarSession.starts_at.desc() if past else WebinarSession.starts_at, WebinarSession.id)
        .limit(at_most)
        .subquery()
    )
    sessions = db.session.scalars(
        select(WebinarSession)
        .where(or_(WebinarSession.id.in_(select(nearest.c.id)), WebinarSession.id.in_(besides)))
        .options(
            joinedload(WebinarSession.webinar, innerjoin=True).selectinload(Webinar.texts),
            selectinload(WebinarSession.language_versions),
        )
        .order_by(WebinarSession.starts_at.desc() if past else WebinarSession.starts_at, WebinarSession.id)
    )
    return [
        SessionToChoose(
            session, text_in(session.webinar.texts, language, session.webinar.original_language), _when(session)
        )
        for session in sessions.unique()
    ]


def _when(session: WebinarSession) -> When:
    return When(session.starts_at, session.ends_at, session.timezone, session.timezone, is_guess=True)


def coming_of_webinar(slug: str, now: datetime) -> Sequence[int]:
    """Return the sessions of a webinar to which people can still be invited."""
    return db.session.scalars(
        select(WebinarSession.id)
        .join(WebinarSession.webinar)
        .where(Webinar.slug == slug, WebinarSession.starts_at > now, WebinarSession.status != SessionStatus.CANCELLED)
        .order_by(WebinarSession.starts_at)
        .limit(MOST_SESSIONS)
    ).all()


def session_of_key(key: str) -> Sequence[int]:
    """Return the id of the session of a key, if there is one."""
    return db.session.scalars(select(WebinarSession.id).where(WebinarSession.key == key)).all()


def languages_heard(mailing: Mailing, sessions: Sequence[SessionToChoose]) -> list[str]:
    """Return the languages in which the sessions of a mailing can be followed."""
    ids = {shown.session_id for shown in mailing.sessions}
    return list(dict.fromkeys(code for one in sessions if one.session.id in ids for code in one.codes))


# For whom a mail is shown

MOST_PEOPLE = 50


def some_who_get(mailing: Mailing, language: str, at_most: int = MOST_PEOPLE) -> list[Reader]:
    """Return some of the people who would get a mailing in a language, or are to get a confirmed one; three queries."""
    return _readers(mailing, language, _who_get(mailing, language).limit(at_most))


def addresses_of_some(mailing: Mailing, language: str) -> list[str]:
    """Return the addresses of some of the people who would get a mailing in a language."""
    return [row.email for row in db.session.execute(_who_get(mailing, language).limit(MOST_PEOPLE))]


def person_of_address(address: str) -> int | None:
    """Return the person of a mail address as somebody typed it, or None."""
    try:
        known = normalise(address)
    except NoMailAddress:
        return None
    return db.session.scalar(select(Person.id).where(Person.email == known))


def somebody_who_gets(mailing: Mailing, person_id: int, language: str) -> Reader | None:
    """Return one of them as their mail addresses them; None where they would not get it in this language."""
    return next(iter(_readers(mailing, language, _who_get(mailing, language, person_id))), None)


def _readers(mailing: Mailing, language: str, who: Select[Any]) -> list[Reader]:
    those = who.subquery("those")
    rows = db.session.execute(
        select(Person, those.c.timezone).join(those, those.c.person_id == Person.id).order_by(Person.id)
    )
    return as_readers(mailing, [_recipient(mailing, person.id, language, zone, person) for person, zone in rows])


def example_reader(mailing: Mailing, language: str) -> Reader:
    """Return an invented person of a member of the network, for a mailing that nobody would get yet."""
    member = db.session.scalars(select(Member).order_by(Member.name, Member.id).limit(1)).one_or_none()
    zone = member.timezone if member is not None else current_app.config["DEFAULT_TIMEZONE"]
    person = Person(email="ana.marin@example.org", timezone=zone, erase_after=clock.now())
    recipient = _recipient(mailing, 0, language, zone, person)
    return Reader(recipient, "Ana", "Marín", member, "", "")


def _who_get(mailing: Mailing, language: str, person_id: int | None = None) -> Select[Any]:
    if mailing.is_draft:
        planned = plan(mailing).subquery("planned")
        statement = select(planned.c.person_id, planned.c.email, planned.c.timezone).where(
            planned.c.left_out.is_(None), planned.c.language == language
        )
        one: ColumnElement[int] = planned.c.person_id
    else:
        statement = (
            select(MailingRecipient.person_id, Person.email, MailingRecipient.timezone)
            .join(Person, Person.id == MailingRecipient.person_id)
            .where(
                MailingRecipient.mailing_id == mailing.id,
                MailingRecipient.left_out.is_(None),
                MailingRecipient.language == language,
                Person.email.is_not(None),
            )
        )
        one = cast(ColumnElement[int], MailingRecipient.person_id)
    return statement.order_by(one) if person_id is None else statement.where(one == person_id)


def _recipient(mailing: Mailing, person_id: int, language: str, zone: str, person: Person) -> MailingRecipient:
    """Return somebody as if they stood on the list; it is known to nobody else."""
    return MailingRecipient(mailing_id=mailing.id, person_id=person_id, language=language, timezone=zone, person=person)
