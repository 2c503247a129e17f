"""Deciding that a mail will be sent: its finished bytes, in the transaction of what it is about."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Select, update

from webinar.foundation import clock
from webinar.foundation.db import db
from webinar.mail.history import of_order_key
from webinar.mail.message import CalendarPart, Mailbox, build_message, in_ascii, new_message_id, sender
from webinar.mail.models import MailState, MailTopic, OutboxMail
from webinar.mail.rendering import Rendered
from webinar.mail.return_address import envelope_of, unsubscribing

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
    several: Mapping[str, str | None] | None = None,
    unsubscribe_url: str | None = None,
) -> OutboxMail:
    """Return one mail to one address with the bytes that will leave; nothing is sent until it is enqueued.

    It comes from the network's address, or from the organizer of the calendar entry that it is about: calendars take
    changes of an entry from nobody else (RFC 6047, 2.2.1).

    Mails of one ``order_key`` leave in the order in which they were stored. ``references`` is the Message-ID of an
    earlier mail that this one belongs to. ``message_id`` is made up unless the caller needed it beforehand.
    ``keep_until`` is when the row is to be erased, as what it is about. ``several`` are the topics of a mail about
    more than one, each with the order key of the entry that it carries for it, or None.

    ``unsubscribe_url`` is for promotional mail and no other: the person's link that stops mail of this kind, as
    ``people.services.unsubscribe`` makes it. With it the mail says so in the headers that mail programs make a button
    of, and that it is one of many.

    Raises:
        UndeliverableAddress: ordinary mail servers cannot be given this address.
        UnsafeHeader: the subject or the name holds a control character.
    """
    now = clock.now()
    from_ = sender()
    if calendar is not None and calendar.organizer:
        from_ = from_._replace(address=calendar.organizer)
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
        unsubscribing=None if unsubscribe_url is None else unsubscribing(unsubscribe_url),
    )
    bounce_token, envelope = envelope_of(from_)
    return OutboxMail(
        kind=kind,
        person_id=person_id,
        topic=topic,
        to_address=in_ascii(to),
        sender=envelope,
        bounce_token=bounce_token,
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
        topics=[MailTopic(topic=one, order_key=key) for one, key in (several or {}).items()],
    )


def unwritable(
    kind: str,
    why: str,
    *,
    to: str,
    subject: str,
    person_id: int,
    topic: str,
    language: str,
    keep_until: datetime,
) -> OutboxMail:
    """Return a mail that should be written and cannot be, for the log, as given up for the reason ``why``.

    ``subject`` is what it would be about.
    """
    from_ = sender()
    return OutboxMail(
        kind=kind,
        person_id=person_id,
        topic=topic,
        to_address=to,
        sender=from_.address,
        subject=subject[:LONGEST_SUBJECT_IN_LOG],
        language=language,
        message_id=new_message_id(from_.domain),
        state=MailState.GIVEN_UP,
        server_said=why,
        erase_after=keep_until,
    )


def withdraw(mail_ids: Select[Any], why: str) -> None:
    """Take back those mails that have not left, in the caller's transaction; what is on its way stays so."""
    db.session.execute(
        update(OutboxMail)
        .where(OutboxMail.id.in_(mail_ids), OutboxMail.state == MailState.QUEUED)
        .values(state=MailState.WITHDRAWN, server_said=why)
        .execution_options(synchronize_session=False)
    )


def enqueue(mail: OutboxMail) -> OutboxMail:
    """Store a mail that was written in the caller's transaction: with it, it is decided that the mail will be sent.

    What was written before about the calendar entry of an urgent mail, and has not left, is urgent from now on: mails
    about one entry leave in their order.
    """
    enqueue_all([mail])
    return mail


def enqueue_all(mails: Collection[OutboxMail]) -> None:
    """Store several mails as by ``enqueue``."""
    urgent = [mail for mail in mails if mail.urgent]
    carried = [key for mail in urgent for key in (mail.order_key, *(topic.order_key for topic in mail.topics))]
    if order_keys := {key for key in carried if key is not None}:
        _hurry(order_keys)
    db.session.add_all(mails)


def _hurry(order_keys: Collection[str]) -> None:
    """Let what still waits of some order keys leave at once: an urgent mail follows it."""
    db.session.execute(
        update(OutboxMail)
        .where(OutboxMail.id.in_(of_order_key(*order_keys)), OutboxMail.state == MailState.QUEUED)
        .values(urgent=True, next_attempt_at=clock.now())
        .execution_options(synchronize_session=False)
    )
