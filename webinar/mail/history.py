"""What was written to somebody about something, read where it is recorded: in the outbox."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import func, select

from webinar.foundation.db import db
from webinar.mail.models import OutboxMail


def last_mails_about(person_id: int, topic: str, kinds: Iterable[str]) -> dict[str, datetime]:
    """Return when each kind of mail about a topic was last decided for a person; kinds never sent are left out."""
    rows = db.session.execute(
        select(OutboxMail.kind, func.max(OutboxMail.created_at))
        .where(OutboxMail.person_id == person_id, OutboxMail.topic == topic, OutboxMail.kind.in_(list(kinds)))
        .group_by(OutboxMail.kind)
    )
    return {kind: latest for kind, latest in rows}
