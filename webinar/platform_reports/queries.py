"""Reading what a report is compared with, and the reports that were taken over before."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import TypeVar

from sqlalchemy import func, select

from webinar.accounts.models import StaffAccount
from webinar.catalogue.models import Speaker
from webinar.foundation.db import db
from webinar.members.matching import fold
from webinar.members.models import Member
from webinar.people.models import Contact, Person
from webinar.people.queries import merged_people, people_of
from webinar.platform_reports.matching import Known, Named, Registered
from webinar.platform_reports.models import (
    COUNTING,
    DECIDED,
    BroughtReport,
    KnownIdentity,
    KnownLayout,
    PlatformReport,
    ReportedLogin,
    ReportedPerson,
    Standing,
)
from webinar.registration.models import Registration

AT_A_TIME = 500

Item = TypeVar("Item")


def registered_in(session_id: int) -> list[Registered]:
    """Return all registrations of a session, whatever became of them, as names and addresses are compared; one query.

    Not as rows of the mapper: of ten thousand these would take a second.
    """
    merged = merged_people()
    rows = db.session.execute(
        select(
            Registration.id,
            Registration.person_id,
            func.coalesce(merged.c.counts_as_id, Registration.person_id),
            Person.email,
            Registration.given_name,
            Registration.family_name,
            Member.key,
            Member.name,
            Registration.organisation,
        )
        .join(Person, Person.id == Registration.person_id)
        .outerjoin(Member, Member.id == Registration.member_id)
        .outerjoin(merged, merged.c.person_id == Registration.person_id)
        .where(Registration.session_id == session_id)
        .order_by(Registration.id)
    )
    return [Registered._make(row) for row in rows]


def known_of(people: Sequence[Named], session_id: int, registered: Collection[str | None]) -> Known:
    """Return what else is known of the people in a report: of addresses nobody is ``registered`` with, and names.

    A fixed number of statements for every five hundred.
    """
    strange = sorted({one.email for one in people if one.email is not None and one.email not in registered})
    addresses: dict[str, int] = {}
    names_at: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for some in in_lots(strange):
        addresses |= people_of(some)
        for table in (Contact, Registration):
            rows = db.session.execute(
                select(Person.email, table.given_name, table.family_name)
                .join(Person, Person.id == table.person_id)
                .where(Person.email.in_(some))
                .distinct()
            )
            for email, given_name, family_name in rows:
                names_at[email or ""][f"{given_name} {family_name}".strip()] = None
    remembered: dict[str, int | None] = {}
    merged = merged_people()
    for some in in_lots(sorted({one.known_by for one in people})):
        decisions = db.session.execute(
            select(KnownIdentity.known_by, func.coalesce(merged.c.counts_as_id, KnownIdentity.person_id))
            .outerjoin(merged, merged.c.person_id == KnownIdentity.person_id)
            .where(KnownIdentity.known_by.in_(some))
        )
        remembered |= {known_by: person_id for known_by, person_id in decisions}
    return Known(
        addresses,
        names_at,
        remembered,
        set(db.session.scalars(select(StaffAccount.email))),
        {fold(name) for name in db.session.scalars(select(Speaker.name).where(Speaker.session_id == session_id))},
    )


def in_lots(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    """Yield items five hundred at a time: a statement takes only so many values."""
    for start in range(0, len(items), AT_A_TIME):
        yield items[start : start + AT_A_TIME]


def active_reports(session_id: int) -> Sequence[PlatformReport]:
    """Return the reports that say who was in a session, the first one first."""
    return db.session.scalars(
        select(PlatformReport)
        .where(
            PlatformReport.session_id == session_id,
            PlatformReport.undone_at.is_(None),
            PlatformReport.replaced_by_id.is_(None),
        )
        .order_by(PlatformReport.id)
    ).all()


def span_of(report_id: int) -> tuple[datetime, datetime] | None:
    """Return when the first in a report joined and the last one left, or None where nobody did."""
    first, last = db.session.execute(
        select(func.min(ReportedLogin.joined_at), func.max(ReportedLogin.left_at)).where(
            ReportedLogin.report_id == report_id
        )
    ).one()
    return None if first is None or last is None else (first, last)


def known_by_in(report_id: int) -> set[str]:
    """Return what the people of a report are known by."""
    return set(db.session.scalars(select(ReportedPerson.known_by).where(ReportedPerson.report_id == report_id)))


def decided_in(report_id: int) -> dict[str, ReportedPerson]:
    """Return the people of a report about whom somebody has decided, by what they are known by."""
    people = db.session.scalars(
        select(ReportedPerson)
        .where(ReportedPerson.report_id == report_id, ReportedPerson.standing.in_(DECIDED))
        .order_by(ReportedPerson.number)
    )
    return {one.known_by: one for one in people}


def added_in(report_id: int) -> set[int]:
    """Return the ids of the registrations of those who were added by a report as come without registering."""
    return {
        registration_id
        for registration_id in db.session.scalars(
            select(ReportedPerson.registration_id).where(
                ReportedPerson.report_id == report_id, ReportedPerson.standing == Standing.ADDED
            )
        )
        if registration_id is not None
    }


def counted_in(
    session_id: int, person_ids: Collection[int] | None = None
) -> dict[int, list[tuple[datetime, datetime]]]:
    """Return the log-ins that count in the active reports of a session, by the person who is registered; one query.

    Those of some people, or of everybody.
    """
    statement = (
        select(Registration.person_id, ReportedLogin.joined_at, ReportedLogin.left_at)
        .select_from(ReportedLogin)
        .join(
            ReportedPerson,
            (ReportedPerson.report_id == ReportedLogin.report_id) & (ReportedPerson.number == ReportedLogin.number),
        )
        .join(PlatformReport, PlatformReport.id == ReportedPerson.report_id)
        .join(Registration, Registration.id == ReportedPerson.registration_id)
        .where(
            PlatformReport.session_id == session_id,
            PlatformReport.undone_at.is_(None),
            PlatformReport.replaced_by_id.is_(None),
            ReportedPerson.standing.in_(COUNTING),
        )
    )
    statements = (
        [statement]
        if person_ids is None
        else [statement.where(Registration.person_id.in_(some)) for some in in_lots(list(person_ids))]
    )
    stretches: defaultdict[int, list[tuple[datetime, datetime]]] = defaultdict(list)
    for some_of_them in statements:
        for person_id, joined_at, left_at in db.session.execute(some_of_them):
            stretches[person_id].append((joined_at, left_at))
    return stretches


def find_layout(headings: str) -> KnownLayout | None:
    """Return how a table with these headings, by their digest, is to be read, if somebody has said it."""
    return db.session.get(KnownLayout, headings, populate_existing=True)


def find_brought(token: str, account_id: int, since: datetime) -> BroughtReport | None:
    """Return a file that an account has brought after a moment and is looking over; nobody else's."""
    return db.session.scalar(
        select(BroughtReport).where(
            BroughtReport.token == token, BroughtReport.account_id == account_id, BroughtReport.brought_at > since
        )
    )
