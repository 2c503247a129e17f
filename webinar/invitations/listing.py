"""Who is on a mailing's list, person by person: who gets it, and who is left out for which reason.

Of a draft it is the list as it would be now, of a confirmed mailing the one that stands.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import ColumnElement, String, func, type_coerce
from sqlalchemy import select as select_from

from webinar.foundation.db import db
from webinar.invitations.models import LeftOut, Mailing
from webinar.invitations.queries import Planned, audience_of, known_as
from webinar.people.models import Contact
from webinar.registration.models import Registration

PEOPLE_A_PAGE = 50


class Listed(NamedTuple):
    """One person of the list, and as whom the network knows them, if it does; ``email`` is None of who was erased."""

    person_id: int
    email: str | None
    language: str
    timezone: str
    known: Contact | Registration | None


class PeoplePage(NamedTuple):
    """Some people of the list, by address; pages count from 1."""

    people: Sequence[Listed]
    page: int
    pages: int
    total: int


def people_page(
    mailing: Mailing, planned: Collection[Planned], why: LeftOut | None, language: str, page: int
) -> PeoplePage:
    """Return a page of who is left out for a reason, or, for None, of who gets the mailing; two or three statements.

    ``planned`` is what ``counted`` says of it; ``language`` narrows it to who gets that text, if it is not empty. A
    page beyond the last is the last.
    """
    total = sum(one.people for one in planned if one.left_out is why and language in ("", one.language))
    pages = max(1, -(-total // PEOPLE_A_PAGE))
    page = min(max(page, 1), pages)
    those = audience_of(mailing).subquery("those")
    left_out: ColumnElement[str | None] = type_coerce(those.c.left_out, String)
    which = [left_out.is_(None) if why is None else left_out == why.value]
    if language:
        which.append(those.c.language == language)
    rows = db.session.execute(
        select_from(those.c.person_id, those.c.email, those.c.language, those.c.timezone)
        .where(*which)
        .order_by(those.c.email, those.c.person_id)
        .limit(PEOPLE_A_PAGE)
        .offset((page - 1) * PEOPLE_A_PAGE)
    ).all()
    known: Mapping[int, Contact | Registration] = known_as(mailing, [row.person_id for row in rows])
    people = [Listed(person_id, email, read, zone, known.get(person_id)) for person_id, email, read, zone in rows]
    return PeoplePage(people, page, pages, total)


def zones_of_readers(mailing: Mailing) -> dict[str, int]:
    """Count who gets a mailing by the zones they live in."""
    those = audience_of(mailing).subquery("those")
    rows = db.session.execute(
        select_from(those.c.timezone, func.count()).where(those.c.left_out.is_(None)).group_by(those.c.timezone)
    )
    return {zone: count for zone, count in rows}
