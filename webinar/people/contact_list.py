"""The contacts as the staff look through them: searched, narrowed, a page at a time, or all of them for a file.

Each question is a fixed number of statements, however many contacts there are. The list stands in the order of what is
compared in a search: family names first, without regard to case and accents, and in Latin letters.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, SQLColumnExpression, String, and_, func, or_, select, type_coerce
from sqlalchemy.orm import joinedload

from webinar.foundation.db import db
from webinar.foundation.spreadsheet import Cell
from webinar.members.matching import MemberNames, words_of
from webinar.members.models import Member
from webinar.people.models import Contact, MailKind, Person, Suppression
from webinar.people.queries import suppressed_kinds

CONTACTS_A_PAGE = 50
NO_LANGUAGE = "none"
YES, NO = "yes", "no"

COLUMNS = (
    *("email", "given_name", "family_name", "member", "organisation", "role", "language", "focal_point", "kinds"),
    *("do_not_write", "source", "basis", "since"),
)
"""Of an export. Our own import knows all but ``do_not_write``, which no list can lift or make."""


@dataclass(frozen=True)
class Wanted:
    """Which contacts somebody wants to see, as it stands in the address; what is empty limits nothing.

    ``member`` is a key. ``focal`` is ``yes`` for focal points only; ``writing`` is ``no`` for those who are not to be
    written to, of some kind or of any, ``yes`` for the others.
    """

    search: str = ""
    member: str = ""
    region: str = ""
    language: str = ""
    focal: str = ""
    writing: str = ""
    page: int = 1

    def but(self, **other: Any) -> dict[str, Any]:
        """Return what stands in the address of this list with something else in it, on its first page."""
        changed = replace(self, **{"page": 1, **other})
        written = {field.name: getattr(changed, field.name) for field in fields(changed)}
        return {name: value for name, value in written.items() if value != getattr(_ALL, name)}

    @property
    def is_narrowed(self) -> bool:
        """Whether anything is left out on purpose."""
        return any((self.search, self.member, self.region, self.language, self.focal, self.writing))


_ALL = Wanted()


class ContactLine(NamedTuple):
    """One contact in the list, and what they are not to be written, None standing for everything."""

    contact: Contact
    suppressed: frozenset[MailKind | None]


class Listing(NamedTuple):
    """One page of the list; pages count from 1."""

    lines: Sequence[ContactLine]
    page: int
    pages: int
    total: int
    first: int


def listed(wanted: Wanted, members: MemberNames) -> Listing:
    """Return the page of the contacts that is wanted; a page beyond the last is the last one. Three statements."""
    which = _narrowed(wanted, members)
    total = db.session.scalar(select(func.count(Contact.id)).where(*which)) or 0
    pages = max(1, -(-total // CONTACTS_A_PAGE))
    page = min(max(wanted.page, 1), pages)
    start = (page - 1) * CONTACTS_A_PAGE
    # Found by the index alone: the rows of the pages before are never read.
    shown = select(Contact.id).where(*which).order_by(Contact.folded, Contact.id).limit(CONTACTS_A_PAGE).offset(start)
    contacts = db.session.scalars(
        select(Contact)
        .where(Contact.id.in_(shown.subquery().select()))
        .options(joinedload(Contact.person), joinedload(Contact.member))
        .order_by(Contact.folded, Contact.id)
    ).all()
    suppressed = suppressed_kinds([contact.person_id for contact in contacts])
    lines = [ContactLine(contact, frozenset(suppressed.get(contact.person_id, ()))) for contact in contacts]
    return Listing(lines, page, pages, total, start + 1)


def languages_of_contacts() -> Sequence[str]:
    """Return the codes of the languages that contacts are written to in."""
    return [
        code
        for code in db.session.scalars(
            select(Contact.language).where(Contact.language.is_not(None)).distinct().order_by(Contact.language)
        )
        if code is not None
    ]


def exported(wanted: Wanted, members: MemberNames) -> Iterator[list[Cell]]:
    """Yield a line of ``COLUMNS`` for each contact that is wanted, read from the database a thousand at a time."""
    suppressed = (
        select(
            func.aggregate_strings(
                _code(Suppression.reason) + ": " + func.coalesce(_code(Suppression.kind), "all"), "; "
            )
        )
        .where(Suppression.person_id == Contact.person_id, Suppression.lifted_at.is_(None))
        .scalar_subquery()
    )
    rows = db.session.execute(
        select(Contact, Person.email, Member.name, suppressed)
        .join(Contact.person)
        .outerjoin(Contact.member)
        .where(*_narrowed(wanted, members))
        .order_by(Contact.folded, Contact.id)
        .execution_options(yield_per=1000)
    )
    for contact, email, member, not_written in rows:
        yield [
            *(email, contact.given_name, contact.family_name, member or "", contact.organisation, contact.role),
            *(contact.language or "", YES if contact.is_focal_point else NO),
            ", ".join(contact.kinds) or "none",
            *(not_written or "", contact.source, contact.basis.value, contact.obtained_at),
        ]


def _code(column: SQLColumnExpression[Any]) -> ColumnElement[str]:
    """Return a column of a closed list as the text that it is: with other text joined to it, it is none of the list."""
    return type_coerce(column, String())


def _narrowed(wanted: Wanted, members: MemberNames) -> list[ColumnElement[bool]]:
    which: list[ColumnElement[bool]] = []
    if wanted.search:
        words = words_of(wanted.search)
        whole = members.called(wanted.search)
        by_words = and_(*(_has(word, members) for word in words)) if words else Contact.id < 0
        which.append(or_(by_words, _is_of(whole)) if whole else by_words)
    if wanted.member:
        which.append(_is_of({wanted.member}))
    if wanted.region:
        which.append(Contact.member_id.in_(select(Member.id).where(Member.region == wanted.region)))
    if wanted.language == NO_LANGUAGE:
        which.append(Contact.language.is_(None))
    elif wanted.language:
        which.append(Contact.language == wanted.language)
    if wanted.focal == YES:
        which.append(Contact.is_focal_point.is_(True))
    suppressed = Contact.person_id.in_(select(Suppression.person_id).where(Suppression.lifted_at.is_(None)))
    if wanted.writing == NO:
        which.append(suppressed)
    elif wanted.writing == YES:
        which.append(~suppressed)
    return which


def _has(word: str, members: MemberNames) -> ColumnElement[bool]:
    in_names = Contact.folded.contains(word, autoescape=True)
    keys = members.called(word)
    return or_(in_names, _is_of(keys)) if keys else in_names


def _is_of(keys: set[str]) -> ColumnElement[bool]:
    return Contact.member_id.in_(select(Member.id).where(Member.key.in_(keys)))
