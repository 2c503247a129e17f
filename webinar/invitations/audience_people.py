"""The people whom an audience finds: how many they are now, by language, and who, a page at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from webinar.foundation.db import db
from webinar.invitations.audience import Condition
from webinar.invitations.listing import PEOPLE_A_PAGE, Listed, PeoplePage
from webinar.invitations.models import Mailing, MailingKind
from webinar.invitations.queries import known_as, people
from webinar.people.models import Contact, Person


def find_mailing_alone(mailing_id: int) -> Mailing | None:
    """Return a mailing with which sessions it shows, and nothing of these; one statement."""
    if mailing_id >= 2**31:  # SQLite would fail on it
        return None
    statement = select(Mailing).where(Mailing.id == mailing_id).options(joinedload(Mailing.sessions))
    return db.session.scalars(statement).unique().one_or_none()


class InLanguage(NamedTuple):
    """How many people of an audience read a language; None where nobody knows which."""

    language: str | None
    people: int


def by_language(mailing: Mailing, conditions: Sequence[Condition]) -> list[InLanguage]:
    """Count whom a mailing, with its sessions, would be for under some conditions, most first; one statement."""
    those = people(mailing.kind, _session_ids(mailing), conditions).subquery("those")
    rows = db.session.execute(
        select(those.c.language, func.count())
        .group_by(those.c.language)
        .order_by(func.count().desc(), those.c.language)
    )
    return [InLanguage(language, count) for language, count in rows]


def audience_page(mailing: Mailing, conditions: Sequence[Condition], total: int, page: int) -> PeoplePage:
    """Return a page of the audience, contacts in the order of their list; ``total`` is how many there are in all.

    Two or three statements. A page beyond the last is the last.
    """
    pages = max(1, -(-total // PEOPLE_A_PAGE))
    page = min(max(page, 1), pages)
    # Contacts stand in an index in this order, and everybody in one of their addresses.
    to_lists = not mailing.kind.is_about_places and mailing.kind is not MailingKind.NEWSLETTER
    order = (Contact.folded, Contact.id) if to_lists else (Person.email, Person.id)
    rows = db.session.execute(
        people(mailing.kind, _session_ids(mailing), conditions)
        .order_by(*order)
        .limit(PEOPLE_A_PAGE)
        .offset((page - 1) * PEOPLE_A_PAGE)
    ).all()
    known = known_as(mailing, [row.person_id for row in rows])
    listed = [Listed(one, email, read or "", zone, known.get(one)) for one, email, read, zone in rows]
    return PeoplePage(listed, page, pages, total)


def _session_ids(mailing: Mailing) -> list[int]:
    return [shown.session_id for shown in mailing.sessions]
