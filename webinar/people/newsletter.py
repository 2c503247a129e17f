"""Who gets the newsletter: whoever asked for it themselves, and the contacts whom the lists are sure of."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Select, and_, exists, func, literal, select, union_all

from webinar.foundation.db import db
from webinar.people.models import Consent, Contact, MailKind, Person, Purpose
from webinar.people.queries import is_suppressed

_CAN_READ = and_(Person.email.is_not(None), Person.merged_into_id.is_(None))


class Reader(NamedTuple):
    """Somebody who gets the newsletter, in which language, since when and from where; None where nobody knows it.

    ``asked`` says that they asked for it themselves; else they are a contact who is down for it.
    """

    person_id: int
    language: str | None
    since: datetime
    source: str
    asked: bool


def newsletter_readers(person_id: int | None = None) -> Select[tuple[int, str | None, datetime, str, bool]]:
    """Return a statement of everybody who gets the newsletter, one row a person, with the columns of ``Reader``.

    Consent is what counts for who asked themselves, in the language in which they gave it; what the lists say counts
    for contacts, in theirs. Whoever is not to be written this, or anything, is left out, and so are the erased.
    ``person_id`` leaves everybody else out.
    """
    given = and_(Consent.purpose == Purpose.NEWSLETTER, Consent.withdrawn_at.is_(None))
    # Each half leaves out by itself: SQLite would put both together first.
    asked = (
        select(
            Consent.person_id.label("person_id"),
            Consent.text_language.label("language"),
            Consent.given_at.label("since"),
            Consent.source.label("source"),
            literal(True).label("asked"),
        )
        .join(Consent.person)
        .where(given, _CAN_READ, ~is_suppressed(Consent.person_id, MailKind.NEWSLETTER))
    )
    listed = (
        select(
            Contact.person_id,
            func.coalesce(Contact.language, Person.language),
            Contact.obtained_at,
            Contact.source,
            literal(False),
        )
        .join(Contact.person)
        .where(
            Contact.wants_newsletter.is_(True),
            _CAN_READ,
            ~exists().where(Consent.person_id == Contact.person_id, given),
            ~is_suppressed(Contact.person_id, MailKind.NEWSLETTER),
        )
    )
    if person_id is not None:
        asked = asked.where(Consent.person_id == person_id)
        listed = listed.where(Contact.person_id == person_id)
    either = union_all(asked, listed).subquery("newsletter_readers")
    return select(either.c.person_id, either.c.language, either.c.since, either.c.source, either.c.asked)


def has_ended_newsletter(person_id: int) -> bool:
    """Tell whether something stands against sending somebody the newsletter, whatever they agree to."""
    return bool(db.session.scalar(select(is_suppressed(literal(person_id), MailKind.NEWSLETTER))))


def newsletter_reader(person_id: int) -> Reader | None:
    """Return how a person gets the newsletter, or None where they do not."""
    row = db.session.execute(newsletter_readers(person_id)).one_or_none()
    return None if row is None else Reader._make(row)
