"""One person's copy of one session in their own calendar."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webinar.catalogue.models import WebinarSession
from webinar.foundation.db import Code, Line, Model, code_column
from webinar.people.models import Person


class EntryStatus(Code):
    """Whether the entry should stand in the calendar (RFC 5545, 3.8.1.11)."""

    CONFIRMED = "CONFIRMED"
    CANCELLED = "CANCELLED"


class CalendarAnswer(Code):
    """What the person pressed in their calendar (PARTSTAT, RFC 5545, 3.2.12)."""

    ACCEPTED = "accepted"
    TENTATIVE = "tentative"
    DECLINED = "declined"


class KeptFor(Code):
    """Why a person has to look at what a calendar sent: what it asks for, or why its answer is not believed yet."""

    UNPROVEN = "unproven"
    ANOTHER_SENDER = "another_sender"
    OTHER_TIME = "other_time"
    PASSED_ON = "passed_on"
    ASKS_AGAIN = "asks_again"


class CalendarEntry(Model):
    """One person's copy of one session: its UID for life, how often it changed, what was last announced.

    ``organizer``, ``address`` and ``name`` are as first sent: calendars bind an entry to its ORGANIZER and
    find an answer's ATTENDEE by it. ``dtstamp`` is that of the last announcement and only grows.
    """

    __tablename__ = "calendar_entry"
    __table_args__ = (
        UniqueConstraint("session_id", "person_id"),
        CheckConstraint("sequence >= 0 AND announced_sequence <= sequence", name="sequence_counts_up"),
        # What is still to be told: mostly nothing, so the worker asks without reading the others.
        Index(
            "ix_calendar_entry_behind",
            "session_id",
            "person_id",
            sqlite_where=text("announced_sequence < sequence"),
            postgresql_where=text("announced_sequence < sequence"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("webinar_session.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    uid: Mapped[str] = mapped_column(String(36), unique=True, default=lambda: str(uuid.uuid4()))
    sequence: Mapped[int] = mapped_column(default=0)
    status: Mapped[EntryStatus] = mapped_column(code_column(EntryStatus), default=EntryStatus.CONFIRMED)
    announced_sequence: Mapped[int | None]
    dtstamp: Mapped[datetime | None]
    organizer: Mapped[str] = mapped_column(String(254))
    address: Mapped[str | None] = mapped_column(String(254))
    name: Mapped[str | None] = mapped_column(Line)
    language: Mapped[str] = mapped_column(String(8))
    first_message_id: Mapped[str | None] = mapped_column(Line)
    answer: Mapped[CalendarAnswer | None] = mapped_column(code_column(CalendarAnswer))
    answered_at: Mapped[datetime | None]
    erase_after: Mapped[datetime] = mapped_column(index=True)

    session: Mapped[WebinarSession] = relationship(lazy="raise_on_sql")
    person: Mapped[Person] = relationship(lazy="raise_on_sql")

    @property
    def is_taken_out(self) -> bool:
        """Tell whether the last that was announced is that the entry leaves the calendar."""
        return self.status is EntryStatus.CANCELLED and self.announced_sequence == self.sequence

    def confirm(self) -> None:
        """Let the entry stand in the calendar; one that was taken out comes back under a higher SEQUENCE."""
        if self.status is not EntryStatus.CONFIRMED:
            self.status = EntryStatus.CONFIRMED
            self.sequence += 1
            self.answer = self.answered_at = None

    def cancel(self) -> None:
        """Take the entry out of the calendar, under a higher SEQUENCE (RFC 5546, 2.1.4)."""
        if self.status is not EntryStatus.CANCELLED:
            self.status = EntryStatus.CANCELLED
            self.sequence += 1

    def announce(self, now: datetime) -> None:
        """Record that what is true now is being told, at a DTSTAMP that has grown (RFC 5545, 3.8.7.2).

        It is a whole second, never before the last one; two announcements of one SEQUENCE never share it, because
        calendars order messages by SEQUENCE, then DTSTAMP (RFC 5546, 2.1.5).
        """
        stamp = now.replace(microsecond=0)
        if self.dtstamp is not None:
            told_already = self.announced_sequence == self.sequence
            stamp = max(stamp, self.dtstamp + timedelta(seconds=1) if told_already else self.dtstamp)
        self.dtstamp = stamp
        self.announced_sequence = self.sequence


class KeptReply(Model):
    """What somebody's calendar sent about an entry and only a person can settle; of each kind the last one.

    ``answer`` is what it would be, ``starts_at`` to ``ends_at`` what it proposes. It goes when it is settled.
    """

    __tablename__ = "kept_reply"
    __table_args__ = (UniqueConstraint("entry_id", "why"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("calendar_entry.id"))
    why: Mapped[KeptFor] = mapped_column(code_column(KeptFor))
    sender: Mapped[str] = mapped_column(String(254))
    answer: Mapped[CalendarAnswer | None] = mapped_column(code_column(CalendarAnswer, "kept_answer"))
    sequence: Mapped[int]
    stamped: Mapped[datetime]
    starts_at: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]
    comment: Mapped[str] = mapped_column(default="")
    received_at: Mapped[datetime] = mapped_column(index=True)
    erase_after: Mapped[datetime] = mapped_column(index=True)

    entry: Mapped[CalendarEntry] = relationship(lazy="raise_on_sql")
