"""Saying which member a name is that people typed as their organisation: one decision for all who typed it."""

from __future__ import annotations

import logging
from typing import Any, cast

from flask_babel import lazy_gettext as _l
from sqlalchemy import CursorResult, select, update
from sqlalchemy.exc import IntegrityError

from webinar.accounts import audit
from webinar.foundation import clock
from webinar.foundation.db import db, transaction
from webinar.foundation.errors import DomainError
from webinar.members.matching import fold, typed_key
from webinar.members.models import Member, MemberAlias, TypedName
from webinar.members.queries import lock_member, member_names
from webinar.members.services.edit_member import NameTaken, NoSuchMember, check_aliases
from webinar.members.services.revisions import record_edit
from webinar.registration.models import Affiliation, Registration
from webinar.registration.queries import names_to_place

logger = logging.getLogger(__name__)

__all__ = ["NameTaken", "NoSuchMember"]

TEXTS_AT_A_TIME = 500


class DecidedOtherwise(DomainError):
    """Somebody else has decided about the name, and otherwise."""

    def __init__(self) -> None:
        super().__init__(_l("Somebody has decided about this name already. Take that back first."))


class NotDecided(DomainError):
    """Nothing is decided about the name, or no more."""

    def __init__(self) -> None:
        super().__init__(_l("Nothing is decided about this name any more."))


def place_name(folded: str, member_key: str | None, *, as_alias: bool = False) -> int:
    """Say of a name which member it is, or with None that it is none, and return how many registrations it was in.

    All who typed it, in sessions to come and in past ones, count for the member from then on, and so does whoever
    types it later. What they typed stays, and nobody loses a seat, even where their member has more then than one may
    have. ``as_alias`` makes it one of the member's names too.

    Raises:
        NoSuchMember: there is no member of this key.
        DecidedOtherwise: it was said before to be something else.
        NameTaken: as an alias it would be what another member is called.
    """
    with transaction():
        member = lock_member(member_key) if member_key is not None else None
        if member_key is not None and member is None:
            raise NoSuchMember(member_key)
        texts = names_to_place().get(folded, {})
        _decide(folded, member)
        if member is not None:
            _place(list(texts), member)
            if as_alias and texts:
                _add_alias(member, max(texts, key=lambda text: texts[text]))
        count = sum(texts.values())
        audit.record("placed", f"name {folded}", member=member_key, registrations=count)
    logger.info("a typed name was placed: %s registrations for %s", count, member_key)
    return count


def take_back_decision(folded: str) -> int:
    """Forget what was decided about a name, and return how many registrations count again as they were typed.

    A name that the member was given stays with it.

    Raises:
        NotDecided: nothing is decided about it.
    """
    with transaction():
        name = db.session.scalar(select(TypedName).where(TypedName.folded == folded).with_for_update())
        if name is None:
            raise NotDecided
        count = 0
        if name.member_id is not None:
            placed = Registration.member_id == name.member_id, Registration.typed_affiliation.is_not(None)
            texts = db.session.scalars(select(Registration.organisation).where(*placed).distinct())
            of_this_name = [text for text in texts if typed_key(text) == folded]
            for start in range(0, len(of_this_name), TEXTS_AT_A_TIME):
                some = Registration.organisation.in_(of_this_name[start : start + TEXTS_AT_A_TIME])
                count += _changed(
                    update(Registration)
                    .where(*placed, some)
                    .values(member_id=None, affiliation=Registration.typed_affiliation, typed_affiliation=None)
                )
        db.session.delete(name)
        audit.record("took the decision back", f"name {folded}", registrations=count)
    logger.info("a typed name is to be placed again: %s registrations", count)
    return count


def _decide(folded: str, member: Member | None) -> None:
    known = db.session.get(TypedName, folded)
    if known is not None:
        if known.member_id != (member.id if member else None):
            raise DecidedOtherwise
        return
    db.session.add(TypedName(folded=folded, member_id=member.id if member else None, decided_at=clock.now()))
    try:
        db.session.flush()
    except IntegrityError:  # somebody else at the same moment
        raise DecidedOtherwise from None


def _place(texts: list[str], member: Member) -> None:
    for start in range(0, len(texts), TEXTS_AT_A_TIME):
        some = Registration.organisation.in_(texts[start : start + TEXTS_AT_A_TIME])
        _changed(
            update(Registration)
            .where(some, Registration.member_id.is_(None))
            .values(member_id=member.id, typed_affiliation=Registration.affiliation, affiliation=Affiliation.MEMBER)
        )


def _changed(statement: Any) -> int:
    # Rows that the page has read keep what they were: they belong to other people's registrations.
    statement = statement.execution_options(synchronize_session=False)
    return cast(CursorResult[Any], db.session.execute(statement)).rowcount


def _add_alias(member: Member, text: str) -> None:
    known = {fold(name) for name in (member.name, member.official_name, *(alias.name for alias in member.aliases))}
    if fold(text) in known:
        return
    check_aliases([text], member_names(), but=member.key)
    member.aliases.append(MemberAlias(name=text))
    record_edit(member, {"aliases": [text]})
