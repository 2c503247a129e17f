"""How one session stands: for which members people come, where these lie, and when people registered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, func, select

from webinar.calendars.models import CalendarAnswer, CalendarEntry
from webinar.foundation.db import db
from webinar.foundation.languages import in_alphabet
from webinar.foundation.zones import clocks_of, in_zone
from webinar.members.models import Member
from webinar.members.queries import LIVING
from webinar.registration.models import Registration, RegistrationStatus
from webinar.registration.queries import IN_LINE, IS_ASKED

MOST_BARS = 45
SPANS = (1, 7, 28)
"""Over how many days one bar of a chart may reach; the first that makes few enough bars is taken."""


class Standing(NamedTuple):
    """How many people and members are registered in a session, what they said in the calendar, and the others.

    ``in_rooms`` are who watches together with those who are registered, as these said; they are counted nowhere else.
    """

    registered: int
    members: int
    said_yes: int
    members_said_yes: int
    said_maybe: int
    said_no: int
    waiting: int
    asked: int
    cancelled: int
    in_rooms: int


def standing_of(session_id: int) -> Standing:
    """Count the people of a session by how far they are; one query."""
    registered = Registration.status == RegistrationStatus.REGISTERED

    def said(answer: CalendarAnswer) -> ColumnElement[bool]:
        return and_(registered, CalendarEntry.answer == answer)

    said_yes = said(CalendarAnswer.ACCEPTED)

    def members(which: ColumnElement[bool]) -> ColumnElement[int]:
        return func.count(func.distinct(Registration.member_id)).filter(which)

    row = db.session.execute(
        select(
            func.count().filter(registered),
            members(registered),
            func.count().filter(said_yes),
            members(said_yes),
            func.count().filter(said(CalendarAnswer.TENTATIVE)),
            func.count().filter(said(CalendarAnswer.DECLINED)),
            func.count().filter(IN_LINE),
            func.count().filter(IS_ASKED),
            func.count().filter(Registration.status == RegistrationStatus.CANCELLED),
            func.coalesce(func.sum(Registration.watching_with).filter(registered), 0),
        )
        .select_from(Registration)
        .outerjoin(
            CalendarEntry,
            and_(
                CalendarEntry.session_id == Registration.session_id,
                CalendarEntry.person_id == Registration.person_id,
            ),
        )
        .where(Registration.session_id == session_id)
    ).one()
    return Standing._make(row)


class MemberStanding(NamedTuple):
    """One member of the network, where it lies, if that is known, and how many are registered for it."""

    key: str
    name: str
    region: str
    latitude: float | None
    longitude: float | None
    registered: int


def members_in(session_id: int) -> list[MemberStanding]:
    """Return all members with how many are registered for each in a session, by region and name; one query."""
    # Counted apart: joined row by row, SQLite would walk through the registrations of all sessions.
    people = (
        select(Registration.member_id, func.count().label("registered"))
        .where(
            Registration.session_id == session_id,
            Registration.status == RegistrationStatus.REGISTERED,
            Registration.member_id.is_not(None),
        )
        .group_by(Registration.member_id)
        .subquery()
    )
    registered = func.coalesce(people.c.registered, 0)
    rows = db.session.execute(
        select(Member.key, Member.name, Member.region, Member.latitude, Member.longitude, registered)
        .outerjoin(people, people.c.member_id == Member.id)
        .where(LIVING)
    )
    return sorted(
        (MemberStanding(*row) for row in rows), key=lambda one: (in_alphabet(one.region), in_alphabet(one.name))
    )


def registered_at(session_id: int) -> Sequence[datetime]:
    """Return the moments at which those registered in a session registered; one query."""
    return db.session.scalars(
        select(Registration.registered_at).where(
            Registration.session_id == session_id, Registration.status == RegistrationStatus.REGISTERED
        )
    ).all()


class Span(NamedTuple):
    """Some days on end, noon of the first of them, and how many registered on them."""

    first: datetime
    people: int


class ByDay(NamedTuple):
    """When people registered, in spans of so many days each."""

    days: int
    spans: list[Span]


def by_day(moments: Sequence[datetime], zone: str, now: datetime) -> ByDay:
    """Count moments by the day that it was in a zone, from the first to today, days with nobody too.

    Where that would be many days, a span is a week or four weeks; what is older than all that fits into the first.
    """
    if not moments:
        return ByDay(1, [])
    counted = Counter(in_zone(moment, zone).date() for moment in moments)
    first = min(counted)
    last = max(*counted, in_zone(now, zone).date())
    all_days = (last - first).days + 1
    days = next((span for span in SPANS if all_days <= span * MOST_BARS), SPANS[-1])
    bars = min(MOST_BARS, -(-all_days // days))
    begin = last - timedelta(days=bars * days - 1) if days > 1 else first
    people = [0] * bars
    for day, count in counted.items():
        people[max(0, (day - begin).days // days)] += count
    noon = datetime.combine(begin, time(12), tzinfo=clocks_of(zone))
    return ByDay(days, [Span(noon + timedelta(days=number * days), count) for number, count in enumerate(people)])
