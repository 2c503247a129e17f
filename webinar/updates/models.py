"""What organisers decided about a session, and who is to be told of it."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webinar.catalogue.models import WebinarSession
from webinar.foundation import clock
from webinar.foundation.db import Code, Line, Model, code_column
from webinar.mail.models import OutboxMail
from webinar.people.models import Person


class Times(NamedTuple):
    """When a session is held, in UTC."""

    starts_at: datetime
    ends_at: datetime


def times_of(session: WebinarSession) -> Times:
    """Return when a session is held as it stands now."""
    return Times(session.starts_at, session.ends_at)


class UpdateKind(Code):
    """What happened to a session: it has other times, is not held, or something else about it is told anew."""

    MOVED = "moved"
    CANCELLED = "cancelled"
    CHANGED = "changed"


class SessionUpdate(Model):
    """One decision of the organisers about a session that everybody who comes is told of.

    ``last_turn`` is the last one that had been given in the session by then: a later one belongs to somebody who
    registered since and knows, whatever the clocks of several servers say.
    """

    __tablename__ = "session_update"

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("webinar_session.id", ondelete="CASCADE"), index=True)
    kind: Mapped[UpdateKind] = mapped_column(code_column(UpdateKind))
    made_at: Mapped[datetime] = mapped_column(default=clock.now)
    last_turn: Mapped[int]

    session: Mapped[WebinarSession] = relationship(lazy="raise_on_sql")
    words: Mapped[list[SessionUpdateWord]] = relationship(lazy="raise_on_sql", cascade="all, delete-orphan")

    def word_in(self, language: str) -> str:
        """Return what the organisers add in a language, or nothing."""
        return next((word.text for word in self.words if word.language == language), "")


class SessionUpdateWord(Model):
    """What the organisers add to an update in one language, in their own words."""

    __tablename__ = "session_update_word"
    __table_args__ = (CheckConstraint("text <> ''", name="text_is_given"),)

    update_id: Mapped[int] = mapped_column(ForeignKey("session_update.id", ondelete="CASCADE"), primary_key=True)
    language: Mapped[str] = mapped_column(String(8), primary_key=True)
    text: Mapped[str] = mapped_column(Line)


class UpdateRecipient(Model):
    """Somebody who is to be told of the latest update of a session: one row a person and session.

    As long as ``mail_id`` is empty the mail is still to be written; that is done shortly before it leaves, from what
    is true then. A later update takes the row over. ``knew_starts_at`` and ``knew_ends_at`` are the times that the
    person was told last: while a mail has not left, a later move does not change them.
    """

    __tablename__ = "update_recipient"
    __table_args__ = (
        Index(
            "ix_update_recipient_to_write",
            "session_id",
            "person_id",
            sqlite_where=text("mail_id IS NULL"),
            postgresql_where=text("mail_id IS NULL"),
        ),
    )

    session_id: Mapped[int] = mapped_column(ForeignKey("webinar_session.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, index=True)
    update_id: Mapped[int] = mapped_column(ForeignKey("session_update.id"), index=True)
    knew_starts_at: Mapped[datetime]
    knew_ends_at: Mapped[datetime]
    mail_id: Mapped[int | None] = mapped_column(ForeignKey("outbox_mail.id"), unique=True)

    @property
    def knew(self) -> Times:
        """The times that the person was told last."""
        return Times(self.knew_starts_at, self.knew_ends_at)

    person: Mapped[Person] = relationship(lazy="raise_on_sql")
    update: Mapped[SessionUpdate] = relationship(lazy="raise_on_sql")
    mail: Mapped[OutboxMail | None] = relationship(lazy="raise_on_sql")
