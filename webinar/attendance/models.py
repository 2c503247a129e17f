"""When one person was there, and how we know."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webinar.catalogue.models import WebinarSession
from webinar.foundation.db import Code, Model, code_column
from webinar.people.models import Person


class AttendanceSource(Code):
    """Where the knowledge comes from."""

    JOIN_LINK = "join_link"
    REPORT = "report"
    BY_HAND = "by_hand"


class AttendanceRecord(Model):
    """One stretch of time in which one person was there, as one source tells it.

    A person may have several from a platform's report (they left and came back). The join link knows only the
    first arrival: one record a person and session, without an end.
    """

    __tablename__ = "attendance_record"
    __table_args__ = (
        CheckConstraint("left_at >= joined_at", name="leaves_after_joining"),
        Index("ix_attendance_record_session_person", "session_id", "person_id"),
        Index(
            "uq_attendance_record_one_join_link",
            "session_id",
            "person_id",
            unique=True,
            sqlite_where=text("source = 'join_link'"),
            postgresql_where=text("source = 'join_link'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("webinar_session.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    source: Mapped[AttendanceSource] = mapped_column(code_column(AttendanceSource))
    joined_at: Mapped[datetime]
    left_at: Mapped[datetime | None]
    erase_after: Mapped[datetime] = mapped_column(index=True)

    session: Mapped[WebinarSession] = relationship(lazy="raise_on_sql")
    person: Mapped[Person] = relationship(lazy="raise_on_sql")
