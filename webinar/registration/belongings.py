"""What belongs to the members of the network here, asked for where members are listed and merged."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, cast

from sqlalchemy import CursorResult, func, select, update

from webinar.catalogue.models import WebinarSession
from webinar.foundation.db import db
from webinar.members.belongings import Registered
from webinar.registration.models import Registration, RegistrationStatus
from webinar.registration.queries import count_to_place


class Registrations:
    """Answers the members' questions (``members.belongings.Belongings``)."""

    def registered(self, member_ids: Iterable[int], now: datetime) -> Mapping[int, Registered]:
        """Count the places of several members; one without any is left out."""
        coming = func.count().filter(WebinarSession.ends_at > now)
        rows = db.session.execute(
            select(Registration.member_id, func.count(), coming)
            .join(Registration.session)
            .where(Registration.member_id.in_(list(member_ids)), Registration.status == RegistrationStatus.REGISTERED)
            .group_by(Registration.member_id)
        )
        return {member_id: Registered(*counts) for member_id, *counts in rows if member_id is not None}

    def count(self, member_id: int) -> int:
        """Count the registrations that point to a member, whatever became of them."""
        return db.session.scalar(select(func.count()).where(Registration.member_id == member_id)) or 0

    def move(self, member_id: int, into_id: int) -> int:
        """Let all registrations of a member point to another, in the caller's transaction; count them."""
        moved = db.session.execute(
            update(Registration).where(Registration.member_id == member_id).values(member_id=into_id)
        )
        return cast(CursorResult[Any], moved).rowcount

    def names_to_place(self) -> int:
        """Count the names that people typed of which nobody has said yet whether they are a member's."""
        return count_to_place()
