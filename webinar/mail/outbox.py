"""Deciding that a mail will be sent: its finished bytes, in the transaction of what it is about."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import update

from webinar.foundation import clock
from webinar.foundation.db import db
from webinar.mail.message import CalendarPart, Mailbox, build_message, in_ascii, new_message_id, sender
from webinar.mail.models import MailState, OutboxMail
from webinar.mail.rendering import Rendered

LONGEST_SUBJECT_IN_LOG = 300


def write(
    kind: str,
    rendered: Rendered,
    *,
    to: str,
    to_name: str,
    person_id: int | None,
    topic: str,
    language: str,
    keep_until: datetime,
    order_key: str | None = None,
    calendar: CalendarPart | None = None,
    urgent: bool = False,
    references: str | None = None,
    message_id: str | None = None,
) -> OutboxMail:
    """Return one mail to one address with the bytes that will leave; nothing is sent until it is enqueued.

    Mails of one ``order_key`` leave in the order in which they were stored. ``references`` is the Message-ID of an
    earlier mail that this one belongs to. ``message_id`` is made up unless the caller needed it beforehand.
    ``keep_until`` is when the row is to be erased, as what it is about.

    Raises:
        UndeliverableAddress: ordinary mail servers cannot be given this address.
        UnsafeHeader: the subject or the name holds a control character.
    """
    now = clock.now()
    from_ = sender()
    message_id = message_id or new_message_id(from_.domain)
    content = build_message(
        subject=rendered.subject,
        text=rendered.text,
        html=rendered.html,
        from_=from_,
        to=Mailbox(to_name, to),
        date=now,
        message_id=message_id,
        calendar=calendar,
        references=references,
    )
    return OutboxMail(
        kind=kind,
        person_id=person_id,
        topic=topic,
        to_address=in_ascii(to),
        sender=from_.address,
        subject=rendered.subject[:LONGEST_SUBJECT_IN_LOG],
        language=language,
        message_id=message_id,
        message=content,
        order_key=order_key,
        calendar_method=None if calendar is None else calendar.method,
        urgent=urgent,
        created_at=now,
        next_attempt_at=now,
        erase_after=keep_until,
    )


def hurry(order_key: str) -> None:
    """Let what still waits of an order key leave at once, in the caller's transaction: an urgent mail follows it."""
    db.session.execute(
        update(OutboxMail)
        .where(OutboxMail.order_key == order_key, OutboxMail.state == MailState.QUEUED)
        .values(urgent=True, next_attempt_at=clock.now())
        .execution_options(synchronize_session=False)
    )


def enqueue(mail: OutboxMail) -> OutboxMail:
    """Store a mail that was written in the caller's transaction: with it, it is decided that the mail will be sent."""
    db.session.add(mail)
    return mail
