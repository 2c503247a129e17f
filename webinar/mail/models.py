"""The outbox: one mail to one address, from the moment it is decided until the server took it or refused it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webinar.foundation import clock
from webinar.foundation.db import Code, Line, Model, Short, code_column
from webinar.people.models import Person


class MailState(Code):
    """Where a mail is on its way.

    ``queued`` waits for its turn (again, after a temporary refusal); ``sending`` is claimed by a sender until
    ``claimed_until``; ``sent`` was taken by the server; ``refused`` was refused for good; ``given_up`` was
    refused for the time being for too long; ``withdrawn`` no longer made sense before it left.
    """

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    REFUSED = "refused"
    GIVEN_UP = "given_up"
    WITHDRAWN = "withdrawn"


UNFINISHED = (MailState.QUEUED, MailState.SENDING)


class Undelivered(Code):
    """Why a mail did not arrive, as far as the answer of a server tells (RFC 3463).

    ``no_mailbox``: nobody is there; ``for_now``: there was no room, or something else that may pass; ``other``: the
    mail itself was not wanted, or the answer says nothing about the address.
    """

    NO_MAILBOX = "no_mailbox"
    FOR_NOW = "for_now"
    OTHER = "other"


INVITING = ("REQUEST", "PUBLISH")
"""By which METHODs somebody comes to have an entry in their calendar."""


class OutboxMail(Model):
    """One mail to one address, as the bytes that will leave.

    A retry sends the same bytes, so the same Message-ID. Mails of one ``order_key`` (a calendar UID) leave in
    order: only the oldest unfinished one of a key may be claimed. ``calendar_method`` is the METHOD of its calendar
    part, if it has one. ``topic`` says what it is about, as the addresses do (``session next-en``); of a mail about
    several things ``topics`` says each, with its order key. The bytes are deleted some time after sending; what
    happened stays.

    ``sender`` is the envelope's, to which reports come back. Where MAIL_BOUNCES is set it holds ``bounce_token``, by
    which the mail is found. ``undelivered`` and ``undelivered_at`` say why and when it turned out not to arrive.
    """

    __tablename__ = "outbox_mail"
    __table_args__ = (
        CheckConstraint("(state = 'sending') = (claimed_until IS NOT NULL)", name="sending_is_claimed"),
        CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name="sent_has_its_time"),
        CheckConstraint("(undelivered IS NULL) = (undelivered_at IS NULL)", name="undelivered_has_its_time"),
        CheckConstraint("message IS NOT NULL OR state NOT IN ('queued', 'sending')", name="unfinished_has_its_bytes"),
        # In the order in which mails are claimed, urgent ones first, so that a long queue is never sorted.
        Index(
            "ix_outbox_mail_due",
            "urgent",
            "next_attempt_at",
            "id",
            sqlite_where=text("state IN ('queued', 'sending')"),
            postgresql_where=text("state IN ('queued', 'sending')"),
        ),
        Index("ix_outbox_mail_order_key_id", "order_key", "id"),
        Index("ix_outbox_mail_person_topic", "person_id", "topic", "created_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(Short, index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    topic: Mapped[str] = mapped_column(Line, default="", index=True)
    to_address: Mapped[str | None] = mapped_column(String(254), index=True)
    sender: Mapped[str] = mapped_column(Line)
    bounce_token: Mapped[str | None] = mapped_column(String(32), unique=True)
    subject: Mapped[str] = mapped_column(Line)
    language: Mapped[str] = mapped_column(String(8))
    message_id: Mapped[str] = mapped_column(Line, unique=True)
    order_key: Mapped[str | None] = mapped_column(Short)
    calendar_method: Mapped[str | None] = mapped_column(String(16))
    urgent: Mapped[bool] = mapped_column(default=False)
    state: Mapped[MailState] = mapped_column(code_column(MailState), default=MailState.QUEUED, index=True)
    attempts: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[datetime] = mapped_column(default=clock.now)
    claimed_until: Mapped[datetime | None]
    claimed_by: Mapped[str | None] = mapped_column(Short)
    server_said: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime] = mapped_column(default=clock.now, index=True)
    sent_at: Mapped[datetime | None]
    undelivered: Mapped[Undelivered | None] = mapped_column(code_column(Undelivered))
    undelivered_at: Mapped[datetime | None]
    erase_after: Mapped[datetime] = mapped_column(index=True)
    # The last column: SQLite would walk through all of these bytes to read one that stands behind them.
    message: Mapped[bytes | None]

    person: Mapped[Person | None] = relationship(lazy="raise_on_sql")
    topics: Mapped[list[MailTopic]] = relationship(lazy="raise_on_sql")


class MailTopic(Model):
    """One of the several things that a mail is about, and the order key of the calendar entry it carries for that."""

    __tablename__ = "mail_topic"

    mail_id: Mapped[int] = mapped_column(ForeignKey("outbox_mail.id", ondelete="CASCADE"), primary_key=True)
    topic: Mapped[str] = mapped_column(Line, primary_key=True, index=True)
    order_key: Mapped[str | None] = mapped_column(Short, index=True)


class MailboxPosition(Model):
    """How far the mailbox of a name has been read; whoever reads it holds it until a moment.

    ``last_uid`` counts as long as the server numbers its messages under the same ``uid_validity`` (RFC 3501, 2.3.1.1);
    both may be as large as 32 bits without a sign are.
    """

    __tablename__ = "mailbox_position"

    mailbox: Mapped[str] = mapped_column(primary_key=True)
    uid_validity: Mapped[int] = mapped_column(BigInteger)
    last_uid: Mapped[int] = mapped_column(BigInteger)
    held_until: Mapped[datetime | None]
