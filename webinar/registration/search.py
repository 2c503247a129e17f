"""Finding people by part of their name, organisation, address or member, in any script.

What is compared was folded when it was stored, and the words of the search are folded alike: without regard to case and
accents, in Latin letters. All words must be found, in any order: among the names and the member, or in the address.
Among 100,000 registrations that takes one walk through the names and one through the addresses, less than 0.1 seconds.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, and_, case, false, or_, select
from sqlalchemy.orm import contains_eager, joinedload

from webinar.catalogue.models import Webinar, WebinarSession
from webinar.foundation.db import db
from webinar.members.matching import MemberNames, words_of
from webinar.members.models import Member
from webinar.people.models import Person
from webinar.registration.models import Registration

FEWEST_LETTERS = 2
MOST_HITS = 50
# So many hits are put into order; where there are more, only those of the next sessions are sure to be among them.
MOST_IN_ORDER = 1000
NEXT_SESSIONS = 50


def is_enough(search: str) -> bool:
    """Tell whether a search says enough to look through everybody: two letters, or one sign that writes a syllable."""
    return sum(map(len, words_of(search))) >= FEWEST_LETTERS


def found_by(search: str, members: MemberNames) -> ColumnElement[bool]:
    """Return the condition under which a registration is meant by a search."""
    words = words_of(search)
    if not words:
        return false()
    by_name = and_(*(_is_called(word, members) for word in words))
    whole_name = members.called(search)
    return or_(by_name, _has_address_with(words), *([_comes_for(whole_name)] if whole_name else []))


def _is_called(word: str, members: MemberNames) -> ColumnElement[bool]:
    in_names = Registration.folded.contains(word, autoescape=True)
    keys = members.called(word)
    return or_(in_names, _comes_for(keys)) if keys else in_names


def _comes_for(keys: Iterable[str]) -> ColumnElement[bool]:
    return Registration.member_id.in_(select(Member.id).where(Member.key.in_(keys)))


def _has_address_with(words: Iterable[str]) -> ColumnElement[bool]:
    # Not joined: the addresses are walked through once, and what they say is kept for all registrations.
    matches = and_(*(Person.email.contains(word, autoescape=True) for word in words))
    return Registration.person_id.in_(select(Person.id).where(matches))


class Hits(NamedTuple):
    """Who was found, and whether there are more than are shown."""

    places: Sequence[Registration]
    are_more: bool


def find_people(search: str, members: MemberNames, now: datetime) -> Hits:
    """Return the registrations that a search means in all sessions: the coming sessions first, the soonest on top.

    Each comes with its session's title, its person and member. Those given up are among them: somebody on the
    telephone may not know that they are. Nobody is found by a search that does not say enough.
    """
    if not is_enough(search):
        return Hits([], False)
    meant = select(Registration.id).where(found_by(search, members))
    ids = set(db.session.scalars(meant.limit(MOST_IN_ORDER + 1)))
    if len(ids) > MOST_IN_ORDER:
        soon = meant.where(Registration.session_id.in_(_next_sessions(now))).limit(MOST_IN_ORDER)
        ids.update(db.session.scalars(soon))
    places = db.session.scalars(_in_order(ids, now)).all()
    return Hits(places[:MOST_HITS], len(places) > MOST_HITS)


def _next_sessions(now: datetime) -> Sequence[int]:
    return db.session.scalars(
        select(WebinarSession.id)
        .where(WebinarSession.ends_at > now)
        .order_by(WebinarSession.starts_at)
        .limit(NEXT_SESSIONS)
    ).all()


def _in_order(ids: Iterable[int], now: datetime) -> Select[Registration]:
    is_over = WebinarSession.ends_at <= now
    return (
        select(Registration)
        .join(Registration.session)
        .options(
            contains_eager(Registration.session).joinedload(WebinarSession.webinar).selectinload(Webinar.texts),
            joinedload(Registration.person),
            joinedload(Registration.member),
        )
        .where(Registration.id.in_(ids))
        .order_by(
            is_over,
            case((is_over, None), else_=WebinarSession.starts_at),
            WebinarSession.starts_at.desc(),
            Registration.family_name,
            Registration.id,
        )
        .limit(MOST_HITS + 1)
    )
