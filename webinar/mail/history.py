"""What was written to somebody about something, read where it is recorded: in the outbox."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import func, select

from webinar.foundation.db import db
from webinar.mail.models import UNFINISHED, MailState, OutboxMail


def was_invited(order_key: str) -> bool:
    """Tell whether a calendar invitation of an order key has left, or still may: else nobody knows of the entry."""
    invited = (
        select(OutboxMail.id)
        .where(
            OutboxMail.order_key == order_key,
            OutboxMail.calendar_method == "REQUEST",
            OutboxMail.state.in_((*UNFINISHED, MailState.SENT)),
        )
        .limit(1)
    )
    return db.session.scalar(invited) is not None


def last_mails_about(person_id: int, topic: str, kinds: Iterable[str]) -> dict[str, datetime]:
    """Return when each kind of mail about a topic was last decided for a person; kinds never sent are left out."""
    rows = db.session.execute(
        select(OutboxMail.kind, func.max(OutboxMail.created_at))
        .where(OutboxMail.person_id == person_id, OutboxMail.topic == topic, OutboxMail.kind.in_(list(kinds)))
        .group_by(OutboxMail.kind)
    )
    return {kind: latest for kind, latest in rows}
