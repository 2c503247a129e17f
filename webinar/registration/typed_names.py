"""Names that people typed as their organisation: which are still to be placed, and what was decided about the others.

A name is one however it was written: without regard to case and accents.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, func, literal_column, select

from webinar.catalogue.models import WebinarSession
from webinar.foundation.db import db
from webinar.members.matching import Ambiguous, Found, MemberNames, Names, Unknown
from webinar.members.models import Member, TypedName
from webinar.members.queries import member_names, members_by_domain
from webinar.people.models import Person
from webinar.registration.models import Registration
from webinar.registration.queries import names_to_place

NAMES_A_PAGE = 10
DECISIONS_A_PAGE = 50
MOST_TOLD = 5
"""So many sessions and mail domains are told of one name; more help nobody to decide."""


class Unplaced(NamedTuple):
    """A name that may be a member's: how it was written, the most often first, by how many people, and where.

    ``sessions`` and ``domains`` are the most frequent ones; ``more_sessions`` counts the others. ``guesses`` are the
    members with a name like it, or with one of the mail domains, the likeliest first.
    """

    folded: str
    written: Sequence[str]
    people: int
    sessions: Sequence[str]
    more_sessions: int
    domains: Sequence[str]
    guesses: Sequence[Names]


class UnplacedPage(NamedTuple):
    """Some of the names to place: members' own names first, then those of the most people; pages count from 1."""

    names: Sequence[Unplaced]
    page: int
    pages: int
    total: int


def unplaced_page(page: int) -> UnplacedPage:
    """Return a page of the names that may be a member's, with all that helps to decide; seven queries."""
    members = member_names()
    waiting = sorted(
        names_to_place().items(),
        key=lambda name: (not members.is_name(name[0]), -sum(name[1].values()), name[0]),
    )
    pages = max(1, -(-len(waiting) // NAMES_A_PAGE))
    page = min(max(page, 1), pages)
    shown = waiting[(page - 1) * NAMES_A_PAGE : page * NAMES_A_PAGE]
    return UnplacedPage(_described(shown, members), page, pages, len(waiting))


def unplaced(folded: str) -> Unplaced | None:
    """Return one name that may be a member's; None where it is placed, or nobody typed it."""
    written = names_to_place().get(folded)
    return _described([(folded, written)], member_names())[0] if written else None


def _described(names: Sequence[tuple[str, dict[str, int]]], members: MemberNames) -> list[Unplaced]:
    folded_of = {text: folded for folded, written in names for text in written}
    people = _counted(folded_of, Registration.organisation, func.count(func.distinct(Registration.person_id)))
    sessions = _tallied(folded_of, WebinarSession.key)
    domains = _tallied(folded_of, _domain_of(Person.email))
    by_domain = members_by_domain({domain for tally in domains.values() for domain in _most(tally)})
    return [
        Unplaced(
            folded=folded,
            written=sorted(written, key=lambda text: (-written[text], text)),
            people=people[folded],
            sessions=_most(sessions[folded]),
            more_sessions=max(0, len(sessions[folded]) - MOST_TOLD),
            domains=_most(domains[folded]),
            guesses=_guesses(
                max(written, key=lambda text: written[text]),
                (key for domain in _most(domains[folded]) for key in by_domain[domain]),
                members,
            ),
        )
        for folded, written in names
    ]


def _most(tally: Counter[str]) -> list[str]:
    return [one for one, _count in tally.most_common(MOST_TOLD)]


def _guesses(text: str, by_domain: Iterable[str], members: MemberNames) -> list[Names]:
    match members.find(text):
        case Found(key):
            keys: tuple[str, ...] = (key,)
        case Ambiguous(keys) | Unknown(keys):
            pass
    return [members.members[key] for key in dict.fromkeys([*keys, *by_domain]) if key in members.members]


def _counted(folded_of: dict[str, str], by: Any, count: Any) -> Counter[str]:
    counted: Counter[str] = Counter()
    for text, number in db.session.execute(
        select(by, count).where(_is_one_of(folded_of)).group_by(Registration.organisation)
    ):
        counted[folded_of[text]] += number
    return counted


def _tallied(folded_of: dict[str, str], what: Any) -> defaultdict[str, Counter[str]]:
    """Count the registrations of each name by something about their session or person."""
    rows = db.session.execute(
        select(Registration.organisation, what, func.count())
        .join(Registration.session)
        .join(Registration.person)
        .where(_is_one_of(folded_of), what.is_not(None))
        .group_by(Registration.organisation, what)
    )
    tallies: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for text, one, number in rows:
        tallies[folded_of[text]][one] += number
    return tallies


def _is_one_of(texts: Iterable[str]) -> ColumnElement[bool]:
    return and_(
        Registration.organisation.in_(list(texts)),
        # In these words the index knows its own.
        Registration.member_id.is_(None),
        Registration.organisation != literal_column("''"),
    )


def _domain_of(address: Any) -> ColumnElement[str]:
    if db.engine.dialect.name == "postgresql":
        return func.split_part(address, "@", 2)
    return func.substr(address, func.instr(address, "@") + 1)


class Decision(NamedTuple):
    """What was decided about a name: the member it is, or none."""

    name: TypedName
    member: Member | None


class DecisionPage(NamedTuple):
    """Some decisions, the latest first; pages count from 1."""

    decisions: Sequence[Decision]
    page: int
    pages: int
    total: int


def decision_page(page: int) -> DecisionPage:
    """Return a page of what was decided about names; two queries."""
    total = db.session.scalar(select(func.count()).select_from(TypedName)) or 0
    pages = max(1, -(-total // DECISIONS_A_PAGE))
    page = min(max(page, 1), pages)
    rows = db.session.execute(
        select(TypedName, Member)
        .outerjoin(Member, Member.id == TypedName.member_id)
        .order_by(TypedName.decided_at.desc(), TypedName.folded)
        .limit(DECISIONS_A_PAGE)
        .offset((page - 1) * DECISIONS_A_PAGE)
    )
    return DecisionPage([Decision(name, member) for name, member in rows], page, pages, total)
