"""Reading who gets the newsletter, and what waits to be confirmed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from sqlalchemy import func, select

from webinar.foundation.db import db
from webinar.foundation.spreadsheet import Cell
from webinar.newsletter.models import NewsletterRequest
from webinar.people.models import Person
from webinar.people.newsletter import Reader, newsletter_reader, newsletter_readers
from webinar.people.queries import people_of

COLUMNS = ("email", "language", "since", "asked_themselves", "source")


def find_request(token: str) -> NewsletterRequest | None:
    """Return what was asked for under the token of a link."""
    return db.session.get(NewsletterRequest, token)


def lock_request(token: str) -> NewsletterRequest | None:
    """Return what was asked for, the row held until the transaction ends."""
    return db.session.get(NewsletterRequest, token, populate_existing=True, with_for_update=True)


def person_of(email: str) -> int | None:
    """Return who has an address, as it is stored, or None; of somebody merged into another, that person."""
    return people_of([email]).get(email)


def reader_of_address(email: str) -> Reader | None:
    """Return how the newsletter goes to an address, as it is stored, or None where it does not."""
    person_id = person_of(email)
    return None if person_id is None else newsletter_reader(person_id)


class ReadersOfALanguage(NamedTuple):
    """How many get the newsletter in a language, None where nobody knows which: by asking, and as contacts."""

    language: str | None
    asked: int
    listed: int


def readers_by_language() -> Sequence[ReadersOfALanguage]:
    """Count who gets the newsletter, the language with the most first; one statement."""
    readers = newsletter_readers().subquery()
    asked = func.count().filter(readers.c.asked)
    listed = func.count().filter(~readers.c.asked)
    rows = db.session.execute(
        select(readers.c.language, asked, listed)
        .group_by(readers.c.language)
        .order_by(func.count().desc(), readers.c.language)
    )
    return [ReadersOfALanguage(*row) for row in rows]


def exported() -> Iterator[list[Cell]]:
    """Yield a line of ``COLUMNS`` for everybody who gets the newsletter, read a thousand at a time."""
    readers = newsletter_readers().subquery()
    rows = db.session.execute(
        select(Person.email, readers.c.language, readers.c.since, readers.c.asked, readers.c.source)
        .join(Person, Person.id == readers.c.person_id)
        .order_by(Person.email)
        .execution_options(yield_per=1000)
    )
    for email, language, since, asked, source in rows:
        yield [email, language or "", since, "yes" if asked else "no", source]
