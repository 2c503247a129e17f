"""Who is meant by a mail address, and what they agreed to."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from datetime import datetime
from functools import cache

from sqlalchemy import Executable, Select, bindparam, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from webinar.foundation.db import Model, db
from webinar.people.mail_address import normalise
from webinar.people.models import Consent, Person, Purpose


def person_with_address(email: str, *, language: str, timezone: str | None, keep_until: datetime) -> Person:
    """Return the person of a mail address, a new one if nobody has it, and lock their row to the end.

    To be called in the caller's transaction; the row is there at once. Whoever is new gets the language and zone,
    whoever is known is kept until ``keep_until`` if that is later than before. For somebody who was merged into another
    person, that person is returned.

    Raises:
        NoMailAddress: nobody can have this address.
    """
    values = {"address": normalise(email), "spoken": language, "zone": timezone, "keep_until": keep_until}
    person: Person = db.session.scalars(_found_or_made(_dialect()), values).one()
    while person.merged_into_id is not None:
        # As the statement above holds a row: whoever only stores something that points to the person does not wait.
        held = {"key_share": True}
        person = db.session.get_one(Person, person.merged_into_id, populate_existing=True, with_for_update=held)
        person.erase_after = max(person.erase_after, keep_until)
    return person


@cache  # as below: building it takes longer than running it
def _found_or_made(dialect: str) -> Executable:
    # One statement finds or makes the row and locks it: of several forms sent at once by a new person, one makes
    # it and the others wait, and nobody can erase it between a look and a write.
    insert = _insert(Person, dialect).values(
        email=bindparam("address"),
        language=bindparam("spoken"),
        timezone=bindparam("zone"),
        erase_after=bindparam("keep_until"),
    )
    later = func.max if dialect == "sqlite" else func.greatest
    upsert = insert.on_conflict_do_update(
        index_elements=[Person.email], set_={"erase_after": later(Person.erase_after, insert.excluded.erase_after)}
    )
    return select(Person).from_statement(upsert.returning(Person)).execution_options(populate_existing=True)


def find_person(email: str) -> Person | None:
    """Return who has a mail address, as it is stored; of somebody who was merged into another person, that person."""
    person = db.session.scalar(select(Person).where(Person.email == email))
    while person is not None and person.merged_into_id is not None:
        person = db.session.get(Person, person.merged_into_id)
    return person


def give_consent(
    person: Person,
    purpose: Purpose,
    *,
    text_version: str,
    text_language: str,
    text: str,
    source: str,
    now: datetime,
) -> Consent:
    """Record that a person agreed to a text, as it was shown to them, in the caller's transaction.

    Agreeing again to the same words changes nothing; agreeing to others closes the consent before and makes a new
    one. It is kept as long as the person. ``source`` says where it was given (``session next-en``).
    """
    text_hash = hashlib.sha256(text.encode()).hexdigest()
    agreed = {
        "person": person.id,
        "purpose_": purpose,
        "version": text_version,
        "language": text_language,
        "hash": text_hash,
        "where": source,
        "at": now,
        "keep_until": person.erase_after,
    }
    give = _unless_given(_dialect())
    given: Consent | None = db.session.scalar(give, agreed)
    if given is not None:
        return given
    valid = db.session.scalars(_valid(person, purpose)).one()
    if (valid.text_hash, valid.text_version, valid.text_language) == (text_hash, text_version, text_language):
        valid.erase_after = max(valid.erase_after, person.erase_after)
        return valid
    valid.withdrawn_at = now
    db.session.flush()
    return db.session.scalar(give, agreed) or db.session.scalars(_valid(person, purpose)).one()


@cache
def _unless_given(dialect: str) -> Executable:
    # Somebody who sends two forms at once agrees once.
    give = (
        _insert(Consent, dialect)
        .values(
            person_id=bindparam("person"),
            purpose=bindparam("purpose_"),
            text_version=bindparam("version"),
            text_language=bindparam("language"),
            text_hash=bindparam("hash"),
            source=bindparam("where"),
            given_at=bindparam("at"),
            erase_after=bindparam("keep_until"),
        )
        .on_conflict_do_nothing(
            index_elements=[Consent.person_id, Consent.purpose], index_where=Consent.withdrawn_at.is_(None)
        )
    )
    return select(Consent).from_statement(give.returning(Consent))


def has_agreed(person_id: int, purpose: Purpose) -> bool:
    """Tell whether a person has agreed to something and not taken it back."""
    return bool(
        db.session.scalar(
            select(Consent.id).where(
                Consent.person_id == person_id, Consent.purpose == purpose, Consent.withdrawn_at.is_(None)
            )
        )
    )


def take_consents_along(person: Person, to: Person, sources: Collection[str], *, now: datetime) -> None:
    """Let what was agreed to in some places (``session next-en``) count for another person too.

    For somebody whose address was written wrongly: the right one gets what they agreed to and were told, and the
    wrong one, which may be a stranger's, is sent no newsletter for it. In the caller's transaction.
    """
    consents = db.session.scalars(
        select(Consent)
        .where(Consent.person_id == person.id, Consent.source.in_(sources), Consent.withdrawn_at.is_(None))
        .order_by(Consent.id)
    ).all()
    for consent in consents:
        db.session.scalar(
            _unless_given(_dialect()),
            {
                "person": to.id,
                "purpose_": consent.purpose,
                "version": consent.text_version,
                "language": consent.text_language,
                "hash": consent.text_hash,
                "where": consent.source,
                "at": consent.given_at,
                "keep_until": to.erase_after,
            },
        )
        if consent.purpose is Purpose.NEWSLETTER:
            consent.withdrawn_at = now


def withdraw_consent(person: Person, purpose: Purpose, *, now: datetime) -> bool:
    """Record that a person takes back what they agreed to, and tell whether there was anything to take back."""
    withdrawn = db.session.scalars(
        update(Consent)
        .where(Consent.person_id == person.id, Consent.purpose == purpose, Consent.withdrawn_at.is_(None))
        .values(withdrawn_at=now)
        .returning(Consent.id)
    ).all()
    return bool(withdrawn)


def _valid(person: Person, purpose: Purpose) -> Select[Consent]:
    return select(Consent).where(
        Consent.person_id == person.id, Consent.purpose == purpose, Consent.withdrawn_at.is_(None)
    )


def _dialect() -> str:
    return db.session.get_bind().dialect.name


def _insert(table: type[Model], dialect: str) -> sqlite.Insert | postgresql.Insert:
    return sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)
