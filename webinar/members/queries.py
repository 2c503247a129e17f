"""Reading members: all of their names at once, what a list offers to choose from, who has a mail domain."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import TypedDict

from babel import Locale
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from webinar.foundation.db import db
from webinar.members.matching import MemberNames, Names, fold
from webinar.members.models import Member, MemberAlias, MemberMailDomain


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
        select(Member.key, Member.name, Member.official_name, MemberAlias.name)
        .outerjoin(Member.aliases)
        .order_by(Member.id, MemberAlias.id)
    )
    return _indexed(
        tuple(
            Names(key, name, official_name, tuple(alias for *_, alias in lines if alias is not None))
            for (key, name, official_name), lines in groupby(rows, itemgetter(0, 1, 2))
        )
    )


@lru_cache(maxsize=2)
def _indexed(members: tuple[Names, ...]) -> MemberNames:
    """Return the index of these very names: whichever process changed one, the next question has another key."""
    return MemberNames(members)


def members_for_choice(language: str) -> list[Choice]:
    """Return all members as a list to choose from, sorted by name, countries named in a language; two queries."""
    countries = Locale.parse(language, sep="-").territories
    members = db.session.scalars(select(Member).options(selectinload(Member.aliases))).all()
    return [
        Choice(
            key=member.key,
            name=member.name,
            official_name=member.official_name,
            country=countries.get(member.country_code, member.country_code),
            region=member.region,
            names=names_of(member).all(),
        )
        for member in sorted(members, key=lambda member: (fold(member.name), member.key))
    ]


def names_of(member: Member) -> Names:
    """Return all that one member is called; its aliases must be loaded."""
    return Names(member.key, member.name, member.official_name, tuple(alias.name for alias in member.aliases))


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
