"""Reading the mail that the program has decided to send, as a strict mail program and a calendar would."""

from __future__ import annotations

import email
import email.policy
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage

import vobject
from sqlalchemy import select

from webinar.foundation.db import db
from webinar.mail.models import OutboxMail


def all_mail() -> list[OutboxMail]:
    """Return everything in the outbox, the oldest first."""
    return list(
        db.session.scalars(select(OutboxMail).order_by(OutboxMail.id).execution_options(populate_existing=True))
    )


def kinds_of_mail_to(address: str) -> list[str]:
    """Return what was written to an address, the oldest first."""
    return [mail.kind for mail in all_mail() if mail.to_address == address]


def mails_to(address: str) -> list[EmailMessage]:
    """Return the mails to an address as a strict parser reads their bytes, the oldest first."""
    return [read(mail) for mail in all_mail() if mail.to_address == address]


def the_only_mail_to(address: str) -> EmailMessage:
    """Return the one mail to an address."""
    (mail,) = mails_to(address)
    return mail


def read(mail: OutboxMail) -> EmailMessage:
    """Return a stored mail as a strict parser reads its bytes."""
    assert mail.message is not None
    message = email.message_from_bytes(mail.message, policy=email.policy.strict.clone(raise_on_defect=True))
    assert isinstance(message, EmailMessage)
    return message


def words_of(message: EmailMessage, kind: str = "plain") -> str:
    """Return the plain text of a mail, or its HTML."""
    body = message.get_body((kind,))
    assert body is not None
    return str(body.get_content())


@dataclass(frozen=True)
class InCalendar:
    """What a calendar that is not ours understands of the calendar part of a mail."""

    method: str
    uid: str
    sequence: int
    stamped: datetime
    status: str
    start: datetime
    end: datetime
    summary: str
    description: str
    url: str
    organizer: str
    attendee: str
    answer: str
    attendee_name: str


def calendar_parts(message: EmailMessage) -> list[bytes]:
    """Return the calendar objects of a mail: the one to act on and the one to keep."""
    return [
        part.get_payload(decode=True)  # type: ignore[misc]
        for part in message.walk()
        if part.get_content_type() in {"text/calendar", "application/ics"}
    ]


def calendar_of(message: EmailMessage) -> InCalendar:
    """Return what a calendar understands of a mail; both copies must be the same bytes."""
    first, second = calendar_parts(message)
    assert first == second
    calendar = vobject.readOne(first.decode())
    event = calendar.vevent
    return InCalendar(
        method=calendar.method.value,
        uid=event.uid.value,
        sequence=int(event.sequence.value),
        stamped=event.dtstamp.value,
        status=event.status.value,
        start=event.dtstart.value,
        end=event.dtend.value,
        summary=event.summary.value,
        description=event.description.value,
        url=event.url.value,
        organizer=event.organizer.value,
        attendee=event.attendee.value,
        answer=event.attendee.partstat_param,
        attendee_name=event.attendee.cn_param,
    )
