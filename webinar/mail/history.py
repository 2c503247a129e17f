"""What was written to somebody about something, read where it is recorded: in the outbox."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import CompoundSelect, func, select, union_all

from webinar.foundation.db import db
from webinar.mail.models import INVITING, UNFINISHED, MailState, MailTopic, OutboxMail


def of_order_key(*order_keys: str) -> CompoundSelect[int]:
    """Return the ids of the mails that carry an order key, or one of several, alone or among others."""
    return union_all(
        select(OutboxMail.id).where(OutboxMail.order_key.in_(order_keys)),
        select(MailTopic.mail_id).where(MailTopic.order_key.in_(order_keys)),
    )


def order_keys_of(mail_id: int) -> list[str]:
    """Return the order keys that a mail carries: none, its own, or those of its topics."""
    keys = union_all(
        select(OutboxMail.order_key).where(OutboxMail.id == mail_id),
        select(MailTopic.order_key).where(MailTopic.mail_id == mail_id),
    )
    return [key for key in db.session.scalars(keys) if key is not None]


def about(topic: str, person_id: int | None = None) -> CompoundSelect[int]:
    """Return the ids of the mails about a topic, alone or among others; those of one person, if one is named."""
    alone = select(OutboxMail.id).where(OutboxMail.topic == topic)
    among = select(MailTopic.mail_id).where(MailTopic.topic == topic)
    if person_id is not None:
        alone = alone.where(OutboxMail.person_id == person_id)
        among = among.join(OutboxMail, OutboxMail.id == MailTopic.mail_id).where(OutboxMail.person_id == person_id)
    return union_all(alone, among)


def was_invited(order_key: str) -> bool:
    """Tell whether a calendar invitation of an order key has left, or still may: else nobody knows of the entry."""
    invited = (
        select(OutboxMail.id)
        .where(
            OutboxMail.id.in_(of_order_key(order_key)),
            OutboxMail.calendar_method.in_(INVITING),
            OutboxMail.state.in_((*UNFINISHED, MailState.SENT)),
        )
        .limit(1)
    )
    return db.session.scalar(invited) is not None


def last_mails_about(person_id: int, topic: str, kinds: Iterable[str]) -> dict[str, datetime]:
    """Return when each kind of mail about a topic was last decided for a person; kinds never sent are left out."""
    rows = db.session.execute(
        select(OutboxMail.kind, func.max(OutboxMail.created_at))
        .where(OutboxMail.id.in_(about(topic, person_id)), OutboxMail.kind.in_(list(kinds)))
        .group_by(OutboxMail.kind)
    )
    return {kind: latest for kind, latest in rows}
