"""The focal points of the members, asked for where a member is looked at and merged."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from sqlalchemy import CursorResult, select, update
from sqlalchemy.orm import joinedload

from webinar.foundation.db import db
from webinar.members.focal_points import FocalPoint
from webinar.people.models import Contact
from webinar.people.queries import suppressed_kinds


class ContactsOfMembers:
    """Answers the members' questions (``members.focal_points.FocalPoints``)."""

    def of_member(self, member_id: int) -> Sequence[FocalPoint]:
        """Return the focal points of a member, by name; two queries."""
        contacts = db.session.scalars(
            select(Contact)
            .where(Contact.member_id == member_id, Contact.is_focal_point.is_(True))
            .options(joinedload(Contact.person))
            .order_by(Contact.folded, Contact.id)
        ).all()
        suppressed = suppressed_kinds([contact.person_id for contact in contacts]) if contacts else {}
        return [
            FocalPoint(
                contact.id,
                contact.full_name,
                contact.person.email or "",
                contact.role,
                contact.person_id not in suppressed,
            )
            for contact in contacts
        ]

    def move(self, member_id: int, into_id: int) -> int:
        """Let all contacts of a member be those of another, in the caller's transaction; count them."""
        moved = db.session.execute(
            update(Contact)
            .where(Contact.member_id == member_id)
            .values(member_id=into_id, revision=Contact.revision + 1)
        )
        return cast(CursorResult[Any], moved).rowcount
