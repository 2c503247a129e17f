"""A session's registrations as the staff look through them: searched, narrowed, sorted, a page at a time.

Each question is a fixed number of statements, however many people there are: the database narrows, counts and sorts.
Names alone are sorted here, in the alphabet of who reads, because databases differ in theirs: SQLite has that of code
points, PostgreSQL the one of its installation. Beyond MOST_IN_ALPHABET people it would take too long; then they stand
in the database's order, capitals aside.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, and_, func, select
from sqlalchemy.orm import joinedload

from webinar.calendars.models import CalendarAnswer, CalendarEntry
from webinar.catalogue.models import LanguageVersion
from webinar.foundation.db import db
from webinar.foundation.languages import in_alphabet
from webinar.members.matching import MemberNames
from webinar.members.models import Member
from webinar.people.models import Consent
from webinar.registration.models import ALIVE, Affiliation, Registration, RegistrationStatus
from webinar.registration.queries import IN_LINE, IS_ASKED
from webinar.registration.search import found_by

PEOPLE_A_PAGE = 50
MOST_IN_ALPHABET = 5_000

Statement = Select[*tuple[Any, ...]]

COLUMNS: dict[str, tuple[SQLColumnExpression[Any], ...]] = {
    "name": (func.lower(Registration.family_name), func.lower(Registration.given_name)),
    "member": (func.lower(func.coalesce(Member.name, Registration.organisation)),),
    "region": (func.coalesce(Member.region, ""),),
    "language": (LanguageVersion.code,),
    "status": (Registration.status,),
    "registered": (Registration.registered_at,),
}
IN_ALPHABET: dict[str, tuple[SQLColumnExpression[Any], ...]] = {
    "name": (Registration.family_name, Registration.given_name),
    "member": (func.coalesce(Member.name, Registration.organisation),),
    "region": (func.coalesce(Member.region, ""),),
}


@dataclass(frozen=True)
class Wanted:
    """Which registrations somebody wants to see, as it stands in the address; what is empty limits nothing.

    Without a status, those who gave their places up are left out. ``sort`` is one of COLUMNS, with a hyphen before
    it for the other way round.
    """

    search: str = ""
    status: str = ""
    affiliation: str = ""
    language: str = ""
    region: str = ""
    member: str = ""
    answer: str = ""
    sort: str = "-registered"
    page: int = 1

    @property
    def column(self) -> str:
        """The column that is sorted by."""
        named = self.sort.removeprefix("-")
        return named if named in COLUMNS else "registered"

    @property
    def is_descending(self) -> bool:
        """Whether the last comes first."""
        return self.sort.startswith("-")

    def but(self, **other: Any) -> dict[str, Any]:
        """Return what stands in the address of this list with something else in it, on its first page."""
        changed = replace(self, **{"page": 1, **other})
        written = {field.name: getattr(changed, field.name) for field in fields(changed)}
        return {name: value for name, value in written.items() if value != getattr(_ALL, name)}

    @property
    def is_narrowed(self) -> bool:
        """Whether anything is left out on purpose."""
        return any((self.search, self.status, self.affiliation, self.language, self.region, self.member, self.answer))


_ALL = Wanted()
EVERY_STATUS = "all"
TO_APPROVE = "to_approve"
NO_ANSWER = "none"


class Line(NamedTuple):
    """One registration in the list, with the answer from the person's calendar."""

    place: Registration
    answer: CalendarAnswer | None


class Listing(NamedTuple):
    """One page of the list; pages count from 1."""

    lines: Sequence[Line]
    page: int
    pages: int
    total: int
    first: int


def listed(session_id: int, wanted: Wanted, members: MemberNames) -> Listing:
    """Return the page of a session's registrations that is wanted; a page beyond the last is the last one."""
    found = _sorted(_narrowed(_joined(select(Registration.id)), session_id, wanted, members), wanted)
    total = db.session.scalar(select(func.count()).select_from(found.order_by(None).subquery())) or 0
    pages = max(1, -(-total // PEOPLE_A_PAGE))
    page = min(max(wanted.page, 1), pages)
    start = (page - 1) * PEOPLE_A_PAGE
    ids = _ids(found, wanted)[start : start + PEOPLE_A_PAGE] if _is_in_alphabet(wanted, total) else None
    which = found.limit(PEOPLE_A_PAGE).offset(start).subquery().select() if ids is None else ids
    rows = db.session.execute(
        _sorted(
            _joined(select(Registration, CalendarEntry.answer))
            .outerjoin(CalendarEntry, _entry_of_place())
            .where(Registration.id.in_(which))
            .options(
                joinedload(Registration.person),
                joinedload(Registration.member),
                joinedload(Registration.language_version),
            ),
            wanted,
        )
    )
    lines = [Line(place, answer) for place, answer in rows]
    if ids is not None:
        lines.sort(key=lambda line: ids.index(line.place.id))
    return Listing(lines, page, pages, total, start + 1)


def _is_in_alphabet(wanted: Wanted, total: int) -> bool:
    return wanted.column in IN_ALPHABET and total <= MOST_IN_ALPHABET


def _ids(found: Statement, wanted: Wanted) -> list[int]:
    """Return whom a statement finds, in the alphabet of who reads; where names are the same, who came first."""
    columns = IN_ALPHABET[wanted.column]
    rows = db.session.execute(found.order_by(None).add_columns(Registration.turn, *columns)).all()
    ordered = sorted(rows, key=lambda row: (*map(in_alphabet, row[2:]), row.turn), reverse=wanted.is_descending)
    return [row.id for row in ordered]


def _entry_of_place() -> ColumnElement[bool]:
    return and_(CalendarEntry.session_id == Registration.session_id, CalendarEntry.person_id == Registration.person_id)


def _joined(statement: Statement) -> Statement:
    return (
        statement.select_from(Registration)
        .outerjoin(Member, Member.id == Registration.member_id)
        .join(LanguageVersion, LanguageVersion.id == Registration.language_version_id)
    )


def _sorted(statement: Statement, wanted: Wanted) -> Statement:
    columns = COLUMNS[wanted.column]
    order = [column.desc() for column in columns] if wanted.is_descending else list(columns)
    return statement.order_by(*order, Registration.turn.desc() if wanted.is_descending else Registration.turn)


def _narrowed(statement: Statement, session_id: int, wanted: Wanted, members: MemberNames) -> Statement:
    which: list[ColumnElement[bool]] = [Registration.session_id == session_id]
    if wanted.status == TO_APPROVE:
        which.append(IS_ASKED)
    elif wanted.status == RegistrationStatus.WAITING:
        which.append(IN_LINE)
    elif wanted.status in set(RegistrationStatus):
        which.append(Registration.status == wanted.status)
    elif wanted.status != EVERY_STATUS:
        which.append(Registration.status.in_([*ALIVE, RegistrationStatus.UNREGISTERED]))
    if wanted.affiliation in set(Affiliation):
        which.append(Registration.affiliation == wanted.affiliation)
    if wanted.language:
        which.append(LanguageVersion.code == wanted.language)
    if wanted.region:
        which.append(Member.region == wanted.region)
    if wanted.member:
        which.append(Member.key == wanted.member)
    if wanted.answer in set(CalendarAnswer):
        which.append(select(CalendarEntry.id).where(_entry_of_place(), CalendarEntry.answer == wanted.answer).exists())
    elif wanted.answer == NO_ANSWER:
        which.append(~select(CalendarEntry.id).where(_entry_of_place(), CalendarEntry.answer.is_not(None)).exists())
    if wanted.search:
        which.append(found_by(wanted.search, members))
    return statement.where(*which)


class Detail(NamedTuple):
    """All that is known about one registration."""

    place: Registration
    entry: CalendarEntry | None
    consents: Sequence[Consent]


def find_detail(session_id: int, turn: int) -> Detail | None:
    """Return the registration that came as which in a session, with everything its page shows, or None."""
    row = db.session.execute(
        select(Registration, CalendarEntry)
        .outerjoin(CalendarEntry, _entry_of_place())
        .where(Registration.session_id == session_id, Registration.turn == turn)
        .options(
            joinedload(Registration.person),
            joinedload(Registration.member),
            joinedload(Registration.language_version),
        )
    ).one_or_none()
    if row is None:
        return None
    place, entry = row
    consents = db.session.scalars(
        select(Consent).where(Consent.person_id == place.person_id).order_by(Consent.given_at, Consent.id)
    ).all()
    return Detail(place, entry, consents)


class Figures(NamedTuple):
    """How many are registered in a session, wait in line, are to be approved and gave their places up.

    ``members`` counts those for whom somebody is registered.
    """

    registered: int = 0
    waiting: int = 0
    asked: int = 0
    cancelled: int = 0
    members: int = 0


def figures_of(session_ids: Iterable[int]) -> dict[int, Figures]:
    """Count the people of several sessions in one statement; sessions without anybody are left out."""

    def people(status: RegistrationStatus) -> ColumnElement[int]:
        return func.count().filter(Registration.status == status)

    members = func.count(func.distinct(Registration.member_id)).filter(
        Registration.status == RegistrationStatus.REGISTERED
    )
    rows = db.session.execute(
        select(
            Registration.session_id,
            people(RegistrationStatus.REGISTERED),
            func.count().filter(IN_LINE),
            func.count().filter(IS_ASKED),
            people(RegistrationStatus.CANCELLED),
            members,
        )
        .where(Registration.session_id.in_(list(session_ids)))
        .group_by(Registration.session_id)
    )
    return {session_id: Figures(*counted) for session_id, *counted in rows}
