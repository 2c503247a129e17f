"""Making one member of two that were the same, for good."""

from __future__ import annotations

import logging
from typing import NamedTuple

from flask_babel import lazy_gettext as _l
from sqlalchemy import update

from webinar.accounts import audit
from webinar.foundation.db import db, transaction
from webinar.foundation.errors import DomainError
from webinar.members.belongings import belongings
from webinar.members.focal_points import focal_points
from webinar.members.matching import fold
from webinar.members.models import Member, MemberAlias, MemberMailDomain, TypedName
from webinar.members.queries import lock_two
from webinar.members.services.checks import once
from webinar.members.services.edit_member import NoSuchMember
from webinar.members.services.revisions import record_edit, subject_of

logger = logging.getLogger(__name__)


class IntoItself(DomainError):
    """A member cannot be merged into itself."""

    def __init__(self) -> None:
        super().__init__(_l("This is the member itself. Choose the other one."))


class AlreadyMerged(DomainError):
    """One of the two was merged before, by somebody else perhaps."""

    def __init__(self, name: str) -> None:
        super().__init__(_l("“%(name)s” has been merged already. Look at the list of members.", name=name))


class MergePlan(NamedTuple):
    """What a merge takes along: names and mail domains that the other has not yet, and registrations."""

    names: list[str]
    mail_domains: list[str]
    registrations: int


def plan_merge(member: Member, into: Member) -> MergePlan:
    """Return what becomes of a member that is merged into another; both with names and mail domains loaded."""
    known = {fold(name) for name in (into.name, into.official_name, *(alias.name for alias in into.aliases))}
    names = once([member.name, member.official_name, *(alias.name for alias in member.aliases)])
    domains = {row.domain for row in into.mail_domains}
    return MergePlan(
        names=[name for name in names if fold(name) not in known],
        mail_domains=[row.domain for row in member.mail_domains if row.domain not in domains],
        registrations=belongings().count(member.id),
    )


def merge_members(key: str, into_key: str) -> int:
    """Merge a member into another, and return how many registrations came along.

    The merged one keeps its row and key, so that a list with the old key finds the other; everything that pointed
    to it points to the other, which keeps its own name, country, region, zone and place.

    Raises:
        NoSuchMember: there is none of one of the keys.
        IntoItself: they are the same.
        AlreadyMerged: one of them was merged before.
    """
    if key == into_key:
        raise IntoItself
    with transaction():
        two = lock_two(key, into_key)
        for wanted in (key, into_key):
            if wanted not in two:
                raise NoSuchMember(wanted)
            if two[wanted].merged_into_id is not None:
                raise AlreadyMerged(two[wanted].name)
        member, into = two[key], two[into_key]
        plan = plan_merge(member, into)
        moved = belongings().move(member.id, into.id)
        focal_points().move(member.id, into.id)
        member.aliases.clear()
        member.mail_domains.clear()
        into.aliases.extend(MemberAlias(name=name) for name in plan.names)
        into.mail_domains.extend(MemberMailDomain(domain=domain) for domain in plan.mail_domains)
        db.session.execute(update(TypedName).where(TypedName.member_id == member.id).values(member_id=into.id))
        db.session.execute(update(Member).where(Member.merged_into_id == member.id).values(merged_into_id=into.id))
        member.merged_into_id = into.id
        audit.record("merged", subject_of(member.key), into=into.key, registrations=moved)
        taken = {"aliases": plan.names, "mail_domains": plan.mail_domains, "registrations": moved}
        record_edit(into, {"merged": member.key, **taken})
    logger.info("member %s merged into %s: %s registrations", key, into_key, moved)
    return moved
