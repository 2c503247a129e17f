"""The reminders of a session that have begun to go, whom each goes to, and who wants none."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webinar.foundation import clock
from webinar.foundation.db import Model
from webinar.mail.models import OutboxMail
from webinar.people.models import Person


class SessionReminder(Model):
    """One reminder of a session that is held at a time, from its moment on.

    The moment itself is stored nowhere: it is so many minutes before a start, so it moves along with it. A session
    that is moved has other reminders, those of the new start. ``ended_at`` is since when none of its mails can leave
    any more, because the session has begun.
    """

    __tablename__ = "session_reminder"
    __table_args__ = (
        Index(
            "ix_session_reminder_to_end",
            "starts_at",
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    session_id: Mapped[int] = mapped_column(ForeignKey("webinar_session.id", ondelete="CASCADE"), primary_key=True)
    starts_at: Mapped[datetime] = mapped_column(primary_key=True)
    minutes_before: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    began_at: Mapped[datetime] = mapped_column(default=clock.now)
    ended_at: Mapped[datetime | None]


class ReminderRecipient(Model):
    """Somebody who is reminded of a session: one row a person and reminder, so that nobody gets one twice.

    As long as ``mail_id`` is empty the mail is still to be written; that is done shortly before it leaves, from what
    is true then. Who has given their place up by then loses the row.
    """

    __tablename__ = "reminder_recipient"
    __table_args__ = (
        ForeignKeyConstraint(
            ["session_id", "starts_at", "minutes_before"],
            ["session_reminder.session_id", "session_reminder.starts_at", "session_reminder.minutes_before"],
            name="fk_reminder_recipient_session_reminder",
            ondelete="CASCADE",
        ),
        Index(
            "ix_reminder_recipient_to_write",
            "starts_at",
            "session_id",
            "minutes_before",
            "person_id",
            sqlite_where=text("mail_id IS NULL"),
            postgresql_where=text("mail_id IS NULL"),
        ),
    )

    session_id: Mapped[int] = mapped_column(primary_key=True)
    starts_at: Mapped[datetime] = mapped_column(primary_key=True)
    minutes_before: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, index=True)
    mail_id: Mapped[int | None] = mapped_column(ForeignKey("outbox_mail.id"), unique=True)

    person: Mapped[Person] = relationship(lazy="raise_on_sql")
    mail: Mapped[OutboxMail | None] = relationship(lazy="raise_on_sql")


class ReminderStop(Model):
    """That somebody wants no reminders of the session that they have this place in."""

    __tablename__ = "reminder_stop"

    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id", ondelete="CASCADE"), primary_key=True)
    stopped_at: Mapped[datetime] = mapped_column(default=clock.now)
