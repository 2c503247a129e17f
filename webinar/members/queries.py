"""Reading members: all of their names at once, what a list offers to choose from, who has a mail domain."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple, TypedDict

from babel import Locale
from sqlalchemy import ScalarSelect, Select, func, select
from sqlalchemy.orm import aliased, selectinload

from webinar.foundation.alphabet import place
from webinar.foundation.db import db
from webinar.foundation.languages import in_alphabet
from webinar.members.matching import MemberNames, Names, typed_key
from webinar.members.models import Member, MemberAlias, MemberMailDomain, TypedName

LIVING = Member.merged_into_id.is_(None)
"""Who was merged into another is a member no more."""

MEMBERS_A_PAGE = 50

_BETWEEN = "\x1f"  # the separator of units (ASCII); no name has it in it


class MemberLine(NamedTuple):
    """One member in the list of the staff."""

    id: int
    key: str
    name: str
    official_name: str
    country: str
    region: str


class MemberList(NamedTuple):
    """One page of the members; pages count from 1."""

    lines: Sequence[MemberLine]
    page: int
    pages: int
    total: int
    first: int


class Choice(TypedDict):
    """One member in a list to choose from: the country by its name, and everything that finds it when typed."""

    key: str
    name: str
    official_name: str
    country: str
    region: str
    names: list[str]


def member_names() -> MemberNames:
    """Return all names of all members as they are now, to find one by what a person typed; one query."""
    return _indexed(tuple(db.session.execute(_NAMES)))


_former = aliased(Member)
_NAMES = (
    select(
        Member.key,
        Member.name,
        Member.official_name,
        func.aggregate_strings(MemberAlias.name, _BETWEEN),
        select(func.aggregate_strings(_former.key, _BETWEEN))
        .where(_former.merged_into_id == Member.id)
        .scalar_subquery(),
    )
    .outerjoin(Member.aliases)
    .where(LIVING)
    .group_by(Member.id)
    .order_by(Member.id)
)


@lru_cache(maxsize=2)
def _indexed(members: tuple[tuple[str, str, str, str | None, str | None], ...]) -> MemberNames:
    """Return the index of these very names: whichever process changed one, the next question has another key."""
    return MemberNames(
        Names(key, name, official_name, _parts(aliases), _parts(former_keys))
        for key, name, official_name, aliases, former_keys in members
    )


def _parts(joined: str | None) -> tuple[str, ...]:
    return tuple(joined.split(_BETWEEN)) if joined else ()


def members_for_choice(language: str) -> list[Choice]:
    """Return all members as a list to choose from, sorted by name, countries named in a language; two queries."""
    countries = Locale.parse(language, sep="-").territories
    names = member_names()
    where = db.session.execute(select(Member.key, Member.country_code, Member.region).where(LIVING))
    lies_in = {key: (countries.get(code, code), region) for key, code, region in where}
    return [
        Choice(
            key=member.key,
            name=member.name,
            official_name=member.official_name,
            country=lies_in[member.key][0],
            region=lies_in[member.key][1],
            names=member.all(),
        )
        for member in sorted(names.members.values(), key=lambda member: place(member.name, language))
        if member.key in lies_in  # else they were taken away between the two queries
    ]


def listed(search: str, region: str, page: int, language: str) -> MemberList:
    """Return a page of the members by their names, countries named in a language; a page beyond the last is the last.

    ``search`` is looked for in all of their names, in any script.
    """
    statement = select(Member.id, Member.key, Member.name, Member.official_name, Member.country_code, Member.region)
    statement = statement.where(LIVING)
    if region:
        statement = statement.where(Member.region == region)
    found: Iterable[Any] = db.session.execute(statement)
    if search:
        keys = member_names().called(search)
        found = [row for row in found if row.key in keys]
    ordered = sorted(found, key=lambda row: (in_alphabet(row.name), row.key))
    pages = max(1, -(-len(ordered) // MEMBERS_A_PAGE))
    page = min(max(page, 1), pages)
    start = (page - 1) * MEMBERS_A_PAGE
    countries = Locale.parse(language, sep="-").territories
    lines = [
        MemberLine(id_, key, name, official_name, countries.get(code, code), lies_in)
        for id_, key, name, official_name, code, lies_in in ordered[start : start + MEMBERS_A_PAGE]
    ]
    return MemberList(lines, page, pages, len(ordered), start + 1)


def propose_by_mail_domain(email: str) -> str | None:
    """Return the key of the one member who has the mail domain of an address; None for none or several.

    It is a proposal: it proves nothing.
    """
    keys = members_by_mail_domain(email)
    return keys[0] if len(keys) == 1 else None


def members_by_mail_domain(email: str) -> list[str]:
    """Return the keys of the members who have the mail domain of an address, or the nearest one that it lies under.

    ``a@planning.tehran.example`` is of the member of ``tehran.example``, unless ``planning.tehran.example`` is
    another's. ``email`` is as ``people.mail_address.normalise`` returns it.
    """
    domain = email.rpartition("@")[2]
    return members_by_domain([domain])[domain]


def members_by_domain(domains: Iterable[str]) -> dict[str, list[str]]:
    """Return of each mail domain the keys of the members who have it, or the nearest one that it lies under."""
    over = {domain: _with_those_above(domain) for domain in domains}
    found = db.session.execute(
        select(MemberMailDomain.domain, Member.key)
        .join(Member.mail_domains)
        .where(MemberMailDomain.domain.in_({one for above in over.values() for one in above}))
    ).all()
    keys: dict[str, list[str]] = {}
    for domain, key in found:
        keys.setdefault(domain, []).append(key)
    return {domain: next((keys[one] for one in above if one in keys), []) for domain, above in over.items()}


def _with_those_above(domain: str) -> list[str]:
    labels = domain.split(".")
    return [".".join(labels[start:]) for start in range(len(labels))]


def all_members() -> Sequence[Member]:
    """Return all members with their aliases and mail domains."""
    return db.session.scalars(_whole().where(LIVING).order_by(Member.id)).all()


def merged_members() -> Sequence[Member]:
    """Return those that were merged into another: no members any more, but their keys are still known."""
    return db.session.scalars(select(Member).where(~LIVING).order_by(Member.id)).all()


def find_member(key: str) -> Member | None:
    """Return the member of a key with its aliases and mail domains; by the key of one that was merged, the other."""
    return db.session.scalar(_whole().where(Member.id == _meant(key)))


def lock_member(key: str) -> Member | None:
    """Return the member of this very key as ``find_member`` does, its row held until the transaction ends."""
    return db.session.scalar(
        _whole().where(Member.key == key, LIVING).with_for_update(of=Member).execution_options(populate_existing=True)
    )


def lock_two(key: str, other_key: str) -> dict[str, Member]:
    """Return two members by their keys, also merged ones, both rows held until the transaction ends."""
    # Always in the same order: two who merge the same two the other way round do not wait for each other for ever.
    members = db.session.scalars(
        _whole()
        .where(Member.key.in_([key, other_key]))
        .order_by(Member.id)
        .with_for_update(of=Member)
        .execution_options(populate_existing=True)
    )
    return {member.key: member for member in members}


def member_of_key(key: str | None) -> Member | None:
    """Return the member of a key, alone; by the key of one that was merged, the other."""
    return db.session.scalar(select(Member).where(Member.id == _meant(key)))


def member_of_name(typed: str) -> Member | None:
    """Return the member, alone, that a name typed as somebody's organisation was decided to be."""
    return db.session.scalar(
        select(Member).join(TypedName, TypedName.member_id == Member.id).where(TypedName.folded == typed_key(typed))
    )


def members_of_names() -> dict[str, Member]:
    """Return the members that typed names were decided to be, by what a name is remembered by."""
    rows = db.session.execute(select(TypedName.folded, Member).join(Member, Member.id == TypedName.member_id))
    return {folded: member for folded, member in rows}


def all_keys() -> set[str]:
    """Return the keys of all members, and of those that were merged."""
    return set(db.session.scalars(select(Member.key)))


def members_by_key() -> dict[str, Member]:
    """Return all members by their keys, and by the keys of those that were merged into them."""
    members = db.session.scalars(select(Member)).all()
    by_id = {member.id: member for member in members}
    return {member.key: by_id[member.merged_into_id or member.id] for member in members}


def _whole() -> Select[Member]:
    return select(Member).options(selectinload(Member.aliases), selectinload(Member.mail_domains))


def _meant(key: str | None) -> ScalarSelect[int]:
    return select(func.coalesce(Member.merged_into_id, Member.id)).where(Member.key == key).scalar_subquery()


def members_by_region() -> dict[str, int]:
    """Count the network's members in each region, regions by alphabet."""
    rows = db.session.execute(select(Member.region, func.count()).where(LIVING).group_by(Member.region))
    return {region: count for region, count in sorted(rows, key=lambda row: in_alphabet(row[0]))}


def count_members() -> int:
    """Count the members of the network; one that was merged into another is none any more."""
    return db.session.scalar(select(func.count(Member.id)).where(LIVING)) or 0
