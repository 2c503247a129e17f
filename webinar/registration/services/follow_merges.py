"""Registrations that were on their way while their member was merged into another."""

from __future__ import annotations

from sqlalchemy import exists, select

from webinar.foundation.db import db, transaction
from webinar.members.belongings import belongings
from webinar.members.models import Member
from webinar.registration.models import Registration


def follow_merges() -> int:
    """Let registrations that point to a merged member point to the other, and return how many did.

    A merge moves all there are; one form may have found the member just before and be stored just after.
    """
    behind = (
        select(Member.id, Member.merged_into_id)
        .where(Member.merged_into_id.is_not(None), exists().where(Registration.member_id == Member.id))
        .order_by(Member.id)
    )
    if not db.session.execute(behind).first():
        return 0
    with transaction():
        pairs = db.session.execute(behind).all()
        return sum(belongings().move(member_id, into_id) for member_id, into_id in pairs if into_id is not None)
