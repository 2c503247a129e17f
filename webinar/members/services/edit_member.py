"""Adding and editing one member."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString
from sqlalchemy.exc import IntegrityError

from webinar.accounts import audit
from webinar.foundation.db import db, transaction
from webinar.foundation.errors import DomainError
from webinar.members.matching import MemberNames, Names, fold
from webinar.members.models import Member, MemberAlias, MemberMailDomain
from webinar.members.queries import all_keys, lock_member, member_names
from webinar.members.services.checks import CannotTake, new_key
from webinar.members.services.revisions import check_revision, record_edit, subject_of

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class MemberDraft:
    """What somebody wrote about a member, each value checked for its shape."""

    name: str
    official_name: str
    country_code: str
    region: str
    timezone: str
    place: tuple[float, float] | None
    aliases: Sequence[str]
    mail_domains: Sequence[str]

    def columns(self) -> dict[str, Any]:
        """Return what stands in the member's own columns."""
        latitude, longitude = self.place or (None, None)
        return {
            "name": self.name,
            "official_name": self.official_name,
            "country_code": self.country_code,
            "region": self.region,
            "timezone": self.timezone,
            "latitude": latitude,
            "longitude": longitude,
        }


class EditRefused(DomainError):
    """What was written about a member cannot be stored; ``field`` says which part of it."""

    def __init__(self, field: str, message: str | LazyString) -> None:
        super().__init__(message)
        self.field = field


class NameTaken(EditRefused):
    """Another member is called so."""

    def __init__(self, field: str, name: str, other: Names) -> None:
        super().__init__(
            field,
            _l(
                "“%(name)s” is what the member “%(member)s” is called. Leave it out here, or take it away there first.",
                name=name,
                member=other.name,
            ),
        )
        self.name = name


class KeyTaken(EditRefused):
    """Another member has this key, or one that was merged had it."""

    def __init__(self, key: str) -> None:
        super().__init__("key", _l("“%(key)s” is the key of another member. Choose another one.", key=key))


class NoSuchMember(DomainError):
    """There is no member of this key."""

    def __init__(self, key: str) -> None:
        super().__init__(_l("There is no member “%(key)s”.", key=key))


def add_member(key: str, draft: MemberDraft) -> str:
    """Add a member, and return its key; without one it is made from the name.

    Raises:
        EditRefused: the key or one of the names is another's, or no key can be made.
    """
    with transaction():
        taken = all_keys()
        if key in taken:
            raise KeyTaken(key)
        names = member_names()
        check_name(draft.name, names)
        check_aliases(draft.aliases, names)
        try:
            member = Member(key=key or new_key(draft.name, draft.country_code, taken), **draft.columns())
        except CannotTake as refusal:
            raise EditRefused("key", refusal.message) from None
        member.aliases = [MemberAlias(name=alias) for alias in draft.aliases]
        member.mail_domains = [MemberMailDomain(domain=domain) for domain in draft.mail_domains]
        db.session.add(member)
        _flush()
        audit.record("added", subject_of(member.key), name=draft.name)
    logger.info("member %s added", member.key)
    return member.key


def edit_member(key: str, draft: MemberDraft, made_from: int) -> bool:
    """Change a member, and tell whether anything changed.

    Raises:
        NoSuchMember: there is none of this key.
        ChangedMeanwhile: somebody has changed it since the revision ``made_from``.
        EditRefused: one of the names is another's.
    """
    with transaction():
        member = lock_member(key)
        if member is None:
            raise NoSuchMember(key)
        check_revision(member, made_from)
        changes: dict[str, Any] = {}
        for column, value in draft.columns().items():
            if (before := getattr(member, column)) != value:
                changes[column] = [before, value]
        aliases = [alias.name for alias in member.aliases]
        if list(draft.aliases) != aliases:
            changes["other_names"] = [", ".join(aliases), ", ".join(draft.aliases)]
        domains = [known.domain for known in member.mail_domains]
        if sorted(draft.mail_domains) != domains:
            changes["domains"] = [", ".join(domains), ", ".join(draft.mail_domains)]
        if not changes:
            return False
        names = member_names()
        if "name" in changes:
            check_name(draft.name, names, but=member.key)
        check_aliases((alias for alias in draft.aliases if alias not in aliases), names, but=member.key)
        for column, value in draft.columns().items():
            setattr(member, column, value)
        _set_lists(member, draft)
        _flush()
        record_edit(member, changes)
    logger.info("member %s edited: %s", member.key, ", ".join(changes))
    return True


def check_name(name: str, names: MemberNames, but: str = "") -> None:
    """Refuse a name for a member that another goes by, in any spelling.

    Raises:
        NameTaken: with whom.
    """
    folded = fold(name)
    for other in names.members.values():
        if other.key != but and folded in map(fold, (other.name, other.official_name, *other.aliases)):
            raise NameTaken("name", name, other)


def check_aliases(aliases: Iterable[str], names: MemberNames, but: str = "") -> None:
    """Refuse further names of a member that are what another is called; they may be further names of another.

    Raises:
        NameTaken: with whom.
    """
    proper = {fold(name): other for other in names.members.values() for name in (other.name, other.official_name)}
    for alias in aliases:
        other = proper.get(fold(alias))
        if other is not None and other.key != but:
            raise NameTaken("aliases", alias, other)


def _set_lists(member: Member, draft: MemberDraft) -> None:
    if list(draft.aliases) != [alias.name for alias in member.aliases]:
        member.aliases.clear()
        db.session.flush()  # the same name may come back in another place
        member.aliases.extend(MemberAlias(name=alias) for alias in draft.aliases)
    known = {row.domain: row for row in member.mail_domains}
    for domain, row in known.items():
        if domain not in draft.mail_domains:
            member.mail_domains.remove(row)
    member.mail_domains.extend(MemberMailDomain(domain=domain) for domain in draft.mail_domains if domain not in known)


def _flush() -> None:
    """Write what is new to the database; two people may have taken the same name or key at the same moment."""
    try:
        db.session.flush()
    except IntegrityError:
        raise EditRefused(
            "name", _l("Somebody has just stored another member with this name or key. Look at the list first.")
        ) from None
