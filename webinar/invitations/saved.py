"""Reading what organisers keep for their mailings: audiences saved by name, and lists of people brought in files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import func, select

from webinar.foundation.db import db
from webinar.invitations.listing import PEOPLE_A_PAGE
from webinar.invitations.models import Audience, ListedPerson, PeopleList
from webinar.members.models import Member
from webinar.people.models import Contact, Person
from webinar.people.queries import merged_people


def saved_audiences() -> Sequence[Audience]:
    """Return all saved audiences by name."""
    return db.session.scalars(select(Audience).order_by(func.lower(Audience.name), Audience.id)).all()


class ListLine(NamedTuple):
    """A list of people, and how many are on it, each once."""

    id: int
    name: str
    people: int


def people_lists() -> list[ListLine]:
    """Return all lists, the latest first; one statement."""
    rows = db.session.execute(
        select(PeopleList.id, PeopleList.name, func.count(ListedPerson.person_id))
        .outerjoin(ListedPerson, ListedPerson.list_id == PeopleList.id)
        .group_by(PeopleList.id)
        .order_by(PeopleList.made_at.desc(), PeopleList.id.desc())
    )
    return [ListLine(*row) for row in rows]


def find_list(list_id: int) -> PeopleList | None:
    """Return a list; a number too large to be one is none."""
    return db.session.get(PeopleList, list_id) if list_id < 2**31 else None


class OnList(NamedTuple):
    """Somebody on a list: the address, None of who was erased, and the contact that they are, if any."""

    person_id: int
    email: str | None
    contact_id: int | None
    name: str
    member: str | None


class ListPage(NamedTuple):
    """Some people of a list, by address; pages count from 1."""

    people: Sequence[OnList]
    page: int
    pages: int
    total: int
    contacts: int


def list_page(list_id: int, page: int) -> ListPage:
    """Return a page of the people on a list, and how many of all are contacts; a page beyond the last is the last.

    Of somebody who was merged into another person, that person's contact.
    """
    merged = merged_people()
    contact_of = func.coalesce(merged.c.counts_as_id, ListedPerson.person_id)
    of_list = ListedPerson.list_id == list_id
    total, contacts = db.session.execute(
        select(func.count(), func.count(Contact.id))
        .select_from(ListedPerson)
        .outerjoin(merged, merged.c.person_id == ListedPerson.person_id)
        .outerjoin(Contact, Contact.person_id == contact_of)
        .where(of_list)
    ).one()
    pages = max(1, -(-total // PEOPLE_A_PAGE))
    page = min(max(page, 1), pages)
    rows = db.session.execute(
        select(
            Person.id,
            Person.email,
            Contact.id,
            func.trim(func.coalesce(Contact.given_name, "") + " " + func.coalesce(Contact.family_name, "")),
            Member.name,
        )
        .join(ListedPerson, ListedPerson.person_id == Person.id)
        .outerjoin(merged, merged.c.person_id == Person.id)
        .outerjoin(Contact, Contact.person_id == contact_of)
        .outerjoin(Member, Member.id == Contact.member_id)
        .where(of_list)
        .order_by(Person.email, Person.id)
        .limit(PEOPLE_A_PAGE)
        .offset((page - 1) * PEOPLE_A_PAGE)
    )
    return ListPage([OnList(*row) for row in rows], page, pages, total, contacts)
