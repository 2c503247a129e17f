"""Whom lists leave out, contacts or not, as the organisers see them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func, select

from webinar.foundation.db import db
from webinar.people.models import Contact, MailKind, Person, Suppression, SuppressionReason

LINES_A_PAGE = 50


class NotWritten(NamedTuple):
    """One person who is not written something; without a kind it is everything. Who is no contact has no name."""

    suppression_id: int
    kind: MailKind | None
    source: str
    since: datetime
    email: str | None
    contact_id: int | None
    given_name: str | None
    family_name: str | None

    @property
    def full_name(self) -> str:
        """Return the name as it is written, empty where nobody knows it."""
        return f"{self.given_name or ''} {self.family_name or ''}".strip()

    @property
    def mail_id(self) -> int | None:
        """Return the mail that brought it about, if one did."""
        what, _blank, number = self.source.partition(" ")
        return int(number) if what == "mail" and number.isdigit() else None


class Listing(NamedTuple):
    """One page of those with one reason, the latest first, and how many there are with each; pages count from 1."""

    reason: SuppressionReason
    lines: Sequence[NotWritten]
    page: int
    pages: int
    total: int
    counts: Mapping[SuppressionReason, int]


def not_written(reason: SuppressionReason, address: str = "", page: int = 1) -> Listing:
    """Return one page of whom lists leave out for a reason; ``address`` is any part of one. Two or three statements.

    A page beyond the last is the last one.
    """
    counts = dict.fromkeys(SuppressionReason, 0)
    for one, count in db.session.execute(
        select(Suppression.reason, func.count()).where(Suppression.lifted_at.is_(None)).group_by(Suppression.reason)
    ):
        counts[one] = count
    which = [Suppression.lifted_at.is_(None), Suppression.reason == reason]
    total = counts[reason]
    if address:
        which.append(Person.email.contains(address.lower(), autoescape=True))
        counting = select(func.count()).select_from(Suppression).join(Suppression.person).where(*which)
        total = db.session.scalar(counting) or 0
    pages = max(1, -(-total // LINES_A_PAGE))
    page = min(max(page, 1), pages)
    rows = db.session.execute(
        select(
            Suppression.id,
            Suppression.kind,
            Suppression.source,
            Suppression.since,
            Person.email,
            Contact.id,
            Contact.given_name,
            Contact.family_name,
        )
        .join(Suppression.person)
        .outerjoin(Contact, Contact.person_id == Suppression.person_id)
        .where(*which)
        .order_by(Suppression.since.desc(), Suppression.id.desc())
        .limit(LINES_A_PAGE)
        .offset((page - 1) * LINES_A_PAGE)
    )
    return Listing(reason, [NotWritten(*row) for row in rows], page, pages, total, counts)
