"""One person's place in one session."""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webinar.catalogue.models import LanguageVersion, WebinarSession
from webinar.foundation import clock
from webinar.foundation.db import Code, Line, Model, Short, code_column
from webinar.foundation.lines import one_line
from webinar.members.models import Member
from webinar.people.models import Person


class Affiliation(Code):
    """On whose behalf somebody comes."""

    MEMBER = "member"
    PARTNER = "partner"
    OTHER = "other"


class RegistrationStatus(Code):
    """What somebody has: a place, a turn on the waiting list, neither any more, or came without either."""

    REGISTERED = "registered"
    WAITING = "waiting"
    CANCELLED = "cancelled"
    UNREGISTERED = "unregistered"


ALIVE = (RegistrationStatus.REGISTERED, RegistrationStatus.WAITING)


class Registration(Model):
    """One person's place in one session, in one language version, on behalf of a member or of nobody.

    Names and organisation are what the person typed that day; who they are is ``person``. ``language`` is the
    one they are written to. ``turn`` says who came first, first in the session being 1; it is given under the
    session's lock, so it decides the waiting list whatever the clocks of several servers say.
    """

    __tablename__ = "registration"
    __table_args__ = (
        UniqueConstraint("session_id", "person_id"),
        UniqueConstraint("session_id", "turn"),
        # With the session's id beside it: nobody can be registered in a language version of another session.
        ForeignKeyConstraint(
            ["session_id", "language_version_id"], ["language_version.session_id", "language_version.id"]
        ),
        CheckConstraint("(affiliation = 'member') = (member_id IS NOT NULL)", name="a_member_is_named_by_members"),
        CheckConstraint("token <> join_token", name="joining_is_not_managing"),
        CheckConstraint("(status = 'cancelled') = (cancelled_at IS NOT NULL)", name="cancelled_has_its_time"),
        Index("ix_registration_session_status_turn", "session_id", "status", "turn"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("webinar_session.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    language_version_id: Mapped[int] = mapped_column(index=True)
    member_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"), index=True)
    affiliation: Mapped[Affiliation] = mapped_column(code_column(Affiliation))
    given_name: Mapped[str] = mapped_column(Short)
    family_name: Mapped[str] = mapped_column(Short)
    organisation: Mapped[str] = mapped_column(Line, default="")
    role: Mapped[str] = mapped_column(Line, default="")
    language: Mapped[str] = mapped_column(String(8))
    timezone: Mapped[str] = mapped_column(Short)
    status: Mapped[RegistrationStatus] = mapped_column(code_column(RegistrationStatus))
    turn: Mapped[int]
    token: Mapped[str] = mapped_column(String(43), unique=True, default=secrets.token_urlsafe)
    join_token: Mapped[str] = mapped_column(String(43), unique=True, default=secrets.token_urlsafe)
    registered_at: Mapped[datetime] = mapped_column(default=clock.now)
    cancelled_at: Mapped[datetime | None]
    erase_after: Mapped[datetime] = mapped_column(index=True)

    session: Mapped[WebinarSession] = relationship(lazy="raise_on_sql")
    person: Mapped[Person] = relationship(lazy="raise_on_sql")
    member: Mapped[Member | None] = relationship(lazy="raise_on_sql")
    language_version: Mapped[LanguageVersion] = relationship(lazy="raise_on_sql", overlaps="session")

    @property
    def is_alive(self) -> bool:
        """Tell whether the person has a place or waits for one."""
        return self.status in ALIVE

    @property
    def full_name(self) -> str:
        """Return given and family name as typed, in that order, on one line."""
        return one_line(f"{self.given_name} {self.family_name}")
