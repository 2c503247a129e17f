"""Reading members: all of their names at once, what a list offers to choose from, who has a mail domain."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TypedDict

from babel import Locale
from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from webinar.foundation.db import db
from webinar.members.matching import MemberNames, Names
from webinar.members.models import Member, MemberAlias, MemberMailDomain

_BETWEEN = "\x1f"  # the separator of units (ASCII); no name has it in it


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
    rows = db.session.execute(
        select(Member.key, Member.name, Member.official_name, func.aggregate_strings(MemberAlias.name, _BETWEEN))
        .outerjoin(Member.aliases)
        .group_by(Member.id)
        .order_by(Member.id)
    )
    return _indexed(tuple(rows))


@lru_cache(maxsize=2)
def _indexed(members: tuple[tuple[str, str, str, str | None], ...]) -> MemberNames:
    """Return the index of these very names: whichever process changed one, the next question has another key."""
    return MemberNames(
        Names(key, name, official_name, tuple((aliases or "").split(_BETWEEN)))
        for key, name, official_name, aliases in members
    )


def members_for_choice(language: str) -> list[Choice]:
    """Return all members as a list to choose from, sorted by name, countries named in a language; two queries."""
    countries = Locale.parse(language, sep="-").territories
    names = member_names()
    where = db.session.execute(select(Member.key, Member.country_code, Member.region))
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
        for member in names.members.values()
        if member.key in lies_in  # else they were taken away between the two queries
    ]


def propose_by_mail_domain(email: str) -> str | None:
    """Return the key of the member whose mail domain an address has, or lies under; None for none or several.

    ``a@planning.tehran.example`` proposes the member of ``tehran.example``, unless ``planning.tehran.example`` is
    another's. ``email`` is as ``people.mail_address.normalise`` returns it. It is a proposal: it proves nothing.
    """
    labels = email.rpartition("@")[2].split(".")
    domains = [".".join(labels[start:]) for start in range(len(labels))]
    found = db.session.execute(
        select(MemberMailDomain.domain, Member.key)
        .join(Member.mail_domains)
        .where(MemberMailDomain.domain.in_(domains))
    ).all()
    longest = max((len(domain) for domain, _ in found), default=0)
    keys = [key for domain, key in found if len(domain) == longest]
    return keys[0] if len(keys) == 1 else None


def all_members() -> Sequence[Member]:
    """Return all members with their aliases and mail domains."""
    return db.session.scalars(
        select(Member).options(selectinload(Member.aliases), selectinload(Member.mail_domains)).order_by(Member.id)
    ).all()
