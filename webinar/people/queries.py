"""Reading who is who."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, SQLColumnExpression, Subquery, exists, func, or_, select
from sqlalchemy.orm import aliased, joinedload

from webinar.foundation.db import db
from webinar.people.models import Contact, ContactFile, MailKind, Person, Suppression, UnsubscribeLink


def merged_people(name: str = "merged_people") -> Subquery:
    """Return a table of everybody merged into somebody, ``person_id``, and whom they count as now, ``counts_as_id``.

    Whoever is not in it counts as themselves. Somebody merged twice over counts as the last. A statement that takes
    two of these tables needs another ``name`` for each.
    """
    # Greater than, because SQLite looks no "is not null" up in an index.
    followed = (
        select(Person.id.label("person_id"), Person.merged_into_id.label("into_id"))
        .where(Person.merged_into_id > 0)
        .cte(f"{name}_followed", recursive=True)
    )
    further = aliased(Person)
    followed = followed.union(
        select(followed.c.person_id, further.merged_into_id)
        .join(further, further.id == followed.c.into_id)
        .where(further.merged_into_id > 0)
    )
    last = aliased(Person)
    return (
        select(followed.c.person_id, followed.c.into_id.label("counts_as_id"))
        .join(last, last.id == followed.c.into_id)
        .where(last.merged_into_id.is_(None))
        .subquery(name)
    )


def people_of(addresses: Iterable[str]) -> dict[str, int]:
    """Return who has which of some addresses, as they are stored; of somebody merged into another, that person."""
    merged = merged_people()
    rows = db.session.execute(
        select(Person.email, func.coalesce(merged.c.counts_as_id, Person.id))
        .outerjoin(merged, merged.c.person_id == Person.id)
        .where(Person.email.in_(list(addresses)))
    )
    return {email: person_id for email, person_id in rows if email is not None}


def is_suppressed(person_id: SQLColumnExpression[int], kind: MailKind) -> ColumnElement[bool]:
    """Return the condition that somebody is not to be written mail of a kind: of this one, or none at all.

    ``person_id`` is a column of the statement that it is put into. It looks people up in an index, each by itself, so
    that it costs the same in whatever statement it stands: ``select(Contact).where(~is_suppressed(...))``.
    """
    one = aliased(Suppression)
    return exists().where(
        one.person_id == person_id, one.lifted_at.is_(None), or_(one.kind == kind, one.kind.is_(None))
    )


class Unsubscribing(NamedTuple):
    """Whom a link to unsubscribe is for, as they count now, and which kind of mail it stops."""

    person_id: int
    kind: MailKind
    language: str | None


def who_unsubscribes(token: str) -> Unsubscribing | None:
    """Return whom a link to unsubscribe is for; None where nobody has this token."""
    merged = merged_people()
    now = aliased(Person)
    row = db.session.execute(
        select(now.id, UnsubscribeLink.kind, func.coalesce(Contact.language, now.language))
        .select_from(UnsubscribeLink)
        .outerjoin(merged, merged.c.person_id == UnsubscribeLink.person_id)
        .join(now, now.id == func.coalesce(merged.c.counts_as_id, UnsubscribeLink.person_id))
        .outerjoin(Contact, Contact.person_id == now.id)
        .where(UnsubscribeLink.token == token)
    ).one_or_none()
    return None if row is None else Unsubscribing(*row)


def suppressed_kinds(person_ids: Collection[int]) -> dict[int, set[MailKind | None]]:
    """Return what people are not to be written, None standing for everything; who may be written to is left out."""
    kinds: dict[int, set[MailKind | None]] = {}
    for person_id, kind in db.session.execute(
        select(Suppression.person_id, Suppression.kind).where(
            Suppression.person_id.in_(list(person_ids)), Suppression.lifted_at.is_(None)
        )
    ):
        kinds.setdefault(person_id, set()).add(kind)
    return kinds


def suppressions_of(person_id: int) -> list[Suppression]:
    """Return what a person is and was not to be written, the latest first."""
    return list(
        db.session.scalars(
            select(Suppression)
            .where(Suppression.person_id == person_id)
            .order_by(Suppression.lifted_at.is_not(None), Suppression.since.desc(), Suppression.id.desc())
        )
    )


def standing_against(address: str) -> list[Suppression]:
    """Return what whoever has an address is not to be written now, as mails are addressed, the latest first."""
    return list(
        db.session.scalars(
            select(Suppression)
            .join(Suppression.person)
            .where(Person.email == address.lower(), Suppression.lifted_at.is_(None))
            .order_by(Suppression.since.desc(), Suppression.id.desc())
        )
    )


def find_contact(contact_id: int) -> Contact | None:
    """Return a contact with their person and member; a number too large to be one is none."""
    if contact_id >= 2**31:  # SQLite would fail on it
        return None
    return db.session.scalar(
        select(Contact).where(Contact.id == contact_id).options(joinedload(Contact.person), joinedload(Contact.member))
    )


def lock_contact(contact_id: int) -> Contact | None:
    """Return a contact as ``find_contact`` does, the row held until the transaction ends."""
    if contact_id >= 2**31:
        return None
    return db.session.scalar(
        select(Contact)
        .where(Contact.id == contact_id)
        .options(joinedload(Contact.person), joinedload(Contact.member))
        .with_for_update(of=Contact)
        .execution_options(populate_existing=True)
    )


def contact_of_address(email: str) -> Contact | None:
    """Return the contact that an address, as it is stored, belongs to, with person and member."""
    person_id = people_of([email]).get(email)
    if person_id is None:
        return None
    return db.session.scalar(
        select(Contact)
        .where(Contact.person_id == person_id)
        .options(joinedload(Contact.person), joinedload(Contact.member))
    )


def find_contact_file(token: str, account_id: int, since: datetime) -> ContactFile | None:
    """Return a list that an account has brought after a moment and is looking over; nobody else's."""
    return db.session.scalar(
        select(ContactFile).where(
            ContactFile.token == token, ContactFile.account_id == account_id, ContactFile.brought_at > since
        )
    )
