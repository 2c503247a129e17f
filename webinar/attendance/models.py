"""When one person was there, how we know, and the one answer that is made of it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webinar.catalogue.models import WebinarSession
from webinar.foundation.db import Code, Model, Short, code_column
from webinar.people.models import Person


class AttendanceSource(Code):
    """Where the knowledge comes from."""

    JOIN_LINK = "join_link"
    REPORT = "report"
    BY_HAND = "by_hand"


class AttendanceRecord(Model):
    """One stretch of time in which one person was there, as one source tells it.

    A person may have several from platforms' reports (they left and came back); these do not overlap. The join link
    knows only the first arrival: one record a person and session, without an end. What one of the staff says by hand
    is one record too; only it may say that somebody ``was_there`` not, whatever the others tell.
    """

    __tablename__ = "attendance_record"
    __table_args__ = (
        CheckConstraint("left_at >= joined_at", name="leaves_after_joining"),
        CheckConstraint("was_there OR source = 'by_hand'", name="only_people_say_that_somebody_was_not_there"),
        Index("ix_attendance_record_session_person", "session_id", "person_id"),
        *(
            Index(
                f"uq_attendance_record_one_{source}",
                "session_id",
                "person_id",
                unique=True,
                sqlite_where=text(f"source = '{source}'"),
                postgresql_where=text(f"source = '{source}'"),
            )
            for source in ("join_link", "by_hand")
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("webinar_session.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    source: Mapped[AttendanceSource] = mapped_column(code_column(AttendanceSource))
    joined_at: Mapped[datetime]
    left_at: Mapped[datetime | None]
    was_there: Mapped[bool] = mapped_column(default=True)
    erase_after: Mapped[datetime] = mapped_column(index=True)

    session: Mapped[WebinarSession] = relationship(lazy="raise_on_sql")
    person: Mapped[Person] = relationship(lazy="raise_on_sql")


class Attendance(Model):
    """The one answer to whether a person came to a session: what all records about them come to.

    Made of the records by ``services.settle``, in the transaction that changes them, and by nothing else; everything
    that asks who came reads it here. Nobody has one about whom no source says anything: they did not come.
    ``first_join_at`` and ``last_leave_at`` are as they were told, ``seconds`` is the time within the session.
    ``sources`` are joined by ``;``, in the order of ``AttendanceSource``. ``is_disputed`` where one of them tells of
    the person what another that would know it does not.
    """

    __tablename__ = "attendance"
    __table_args__ = (
        CheckConstraint("NOT came OR first_join_at IS NOT NULL", name="who_came_joined_at_some_time"),
        CheckConstraint("seconds >= 0", name="nobody_was_there_for_less_than_nothing"),
        Index("ix_attendance_person_came", "person_id", "came"),
    )

    session_id: Mapped[int] = mapped_column(ForeignKey("webinar_session.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    came: Mapped[bool]
    first_join_at: Mapped[datetime | None]
    last_leave_at: Mapped[datetime | None]
    seconds: Mapped[int]
    sources: Mapped[str] = mapped_column(Short)
    is_disputed: Mapped[bool]
    erase_after: Mapped[datetime] = mapped_column(index=True)
