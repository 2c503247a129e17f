"""One person's place in one session, and what they answered when they registered."""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    Connection,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    SmallInteger,
    String,
    UniqueConstraint,
    event,
    text,
)
from sqlalchemy.orm import Mapped, Mapper, mapped_column, relationship, validates

from webinar.catalogue.models import LanguageVersion, Question, SessionStatus, WebinarSession
from webinar.foundation import clock
from webinar.foundation.db import Code, Line, Model, Short, code_column
from webinar.foundation.lines import one_line
from webinar.members.matching import fold, in_latin
from webinar.members.models import Member
from webinar.people.models import Person, role_found_by


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


class Approval(Code):
    """What became of a registration that an organiser has to look at: it is asked for, given or declined."""

    ASKED = "asked"
    APPROVED = "approved"
    DECLINED = "declined"


class LeftFor(Code):
    """Where a place went that was neither given up nor declined: to a colleague, or with the person to another day."""

    HANDED_OVER = "handed_over"
    MOVED = "moved"


ALIVE = (RegistrationStatus.REGISTERED, RegistrationStatus.WAITING)


# An index entry of PostgreSQL holds some 2,700 bytes, a character up to four.
MOST_FOLDED = 600
MOST_WATCHING_WITH = 500
"""How many more people a room may hold with whom somebody watches."""


class Registration(Model):
    """One person's place in one session, in one language version, on behalf of a member or of nobody.

    Names and organisation are what the person typed that day; who they are is ``person``. ``language`` is the
    one they are written to. ``turn`` says who came first, first in the session being 1; it is given under the
    session's lock, so it decides the waiting list whatever the clocks of several servers say.
    ``seated_at`` is since when they have their seat: who waited before got it later than they registered.
    ``left_for`` says of a cancelled place that it went on to somebody or somewhere, so it cannot be taken back.
    ``typed_affiliation`` is what they chose themselves where the staff have decided since which member the name they
    typed is; it is empty where their choice stands.
    ``watching_with`` is how many more watch in the same room, as far as the person said: they are no registrations.
    ``approval`` is empty where none is needed; while it is asked for, the person waits and no seat reaches them.
    ``folded`` is what the staff find somebody by, made of the names whenever they change: without regard to case and
    accents, and once more in Latin letters where they are in others. An address is looked for in ``person``.
    ``folded_role`` is the role so.
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
        CheckConstraint(
            "typed_affiliation IS NULL OR (affiliation = 'member' AND typed_affiliation <> 'member')",
            name="who_was_placed_had_named_no_member",
        ),
        CheckConstraint("token <> join_token", name="joining_is_not_managing"),
        CheckConstraint("(status = 'cancelled') = (cancelled_at IS NOT NULL)", name="cancelled_has_its_time"),
        CheckConstraint("left_for IS NULL OR status = 'cancelled'", name="a_place_that_was_left_is_cancelled"),
        CheckConstraint("approval <> 'asked' OR status IN ('waiting', 'cancelled')", name="who_is_not_approved_waits"),
        CheckConstraint("approval <> 'declined' OR status = 'cancelled'", name="who_is_declined_has_no_place"),
        CheckConstraint(f"watching_with BETWEEN 0 AND {MOST_WATCHING_WITH}", name="a_room_has_so_many_people"),
        Index("ix_registration_session_status_turn", "session_id", "status", "turn"),
        # All that the staff's search compares: it walks through sessions without reading one row of this table.
        Index("ix_registration_found_by", "session_id", "folded", "person_id", "member_id"),
        # Names that may be a member's are counted on the staff's first page.
        Index(
            "ix_registration_organisation_of_no_member",
            "organisation",
            sqlite_where=text("member_id IS NULL AND organisation <> ''"),
            postgresql_where=text("member_id IS NULL AND organisation <> ''"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("webinar_session.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    language_version_id: Mapped[int] = mapped_column(index=True)
    member_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"), index=True)
    affiliation: Mapped[Affiliation] = mapped_column(code_column(Affiliation))
    typed_affiliation: Mapped[Affiliation | None] = mapped_column(code_column(Affiliation, "typed_affiliation"))
    given_name: Mapped[str] = mapped_column(Short)
    family_name: Mapped[str] = mapped_column(Short)
    organisation: Mapped[str] = mapped_column(Line, default="")
    role: Mapped[str] = mapped_column(Line, default="")
    language: Mapped[str] = mapped_column(String(8))
    timezone: Mapped[str] = mapped_column(Short)
    status: Mapped[RegistrationStatus] = mapped_column(code_column(RegistrationStatus))
    approval: Mapped[Approval | None] = mapped_column(code_column(Approval))
    turn: Mapped[int]
    token: Mapped[str] = mapped_column(String(43), unique=True, default=secrets.token_urlsafe)
    join_token: Mapped[str] = mapped_column(String(43), unique=True, default=secrets.token_urlsafe)
    registered_at: Mapped[datetime] = mapped_column(default=clock.now)
    seated_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    left_for: Mapped[LeftFor | None] = mapped_column(code_column(LeftFor))
    watching_with: Mapped[int] = mapped_column(SmallInteger, default=0)
    folded: Mapped[str] = mapped_column(String(MOST_FOLDED), default="")
    folded_role: Mapped[str] = mapped_column(String(MOST_FOLDED), default="")
    erase_after: Mapped[datetime] = mapped_column(index=True)

    session: Mapped[WebinarSession] = relationship(lazy="raise_on_sql")
    person: Mapped[Person] = relationship(lazy="raise_on_sql")
    member: Mapped[Member | None] = relationship(lazy="raise_on_sql")
    language_version: Mapped[LanguageVersion] = relationship(lazy="raise_on_sql", overlaps="session")

    @validates("status")
    def _take(self, _name: str, status: RegistrationStatus) -> RegistrationStatus:
        if status is not RegistrationStatus.CANCELLED:
            if self.left_for is LeftFor.HANDED_OVER:
                # The links of then stay dead: who has the place now may have been given them.
                self.token, self.join_token = secrets.token_urlsafe(), secrets.token_urlsafe()
            self.left_for = None
        if status is RegistrationStatus.REGISTERED and self.status is not RegistrationStatus.REGISTERED:
            self.seated_at = clock.now()
        return status

    @validates("affiliation")
    def _choose(self, _name: str, affiliation: Affiliation) -> Affiliation:
        self.typed_affiliation = None
        return affiliation

    @property
    def is_alive(self) -> bool:
        """Tell whether the person has a place or waits for one."""
        return self.status in ALIVE

    def can_be_taken_back(self, now: datetime) -> bool:
        """Tell whether who gave the place up may have it again: until the start, unless it went on or was declined."""
        return (
            self.status is RegistrationStatus.CANCELLED
            and self.left_for is None
            and self.approval is not Approval.DECLINED
            and self.session.status is SessionStatus.PUBLISHED
            and now < self.session.starts_at
        )

    @property
    def is_asked(self) -> bool:
        """Tell whether the organisers have still to say whether the person may come."""
        return self.status is RegistrationStatus.WAITING and self.approval is Approval.ASKED

    @property
    def full_name(self) -> str:
        """Return given and family name as typed, in that order, on one line."""
        return one_line(f"{self.given_name} {self.family_name}")

    @property
    def country(self) -> str | None:
        """The code of the country of the member that the person comes for; None of who comes for none."""
        return self.member.country_code if self.member is not None else None


@event.listens_for(Registration, "before_insert")
@event.listens_for(Registration, "before_update")
def _fold(_mapper: Mapper[Registration], _connection: Connection, place: Registration) -> None:
    folded = fold(f"{place.given_name} {place.family_name} {place.organisation or ''}")
    latin = in_latin(folded)
    place.folded = (folded if latin == folded else f"{folded} {latin}")[:MOST_FOLDED]
    place.folded_role = role_found_by(place.role or "")


class PersonalFeed(Model):
    """The calendar of all that one person takes, at an address that nobody guesses and the person can let die.

    Its token opens nothing else, and no other link opens it. It goes with the person's row.
    """

    __tablename__ = "personal_feed"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    token: Mapped[str] = mapped_column(String(43), unique=True, default=secrets.token_urlsafe)
    made_at: Mapped[datetime] = mapped_column(default=clock.now)

    person: Mapped[Person] = relationship(lazy="raise_on_sql")


class Answer(Model):
    """What somebody answered to one question: words (``yes`` and ``no`` are two), choices, or words beside a choice."""

    __tablename__ = "answer"

    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id", ondelete="CASCADE"), primary_key=True)
    question_id: Mapped[int] = mapped_column(ForeignKey("question.id"), primary_key=True, index=True)
    text: Mapped[str] = mapped_column(default="")
    erase_after: Mapped[datetime] = mapped_column(index=True)

    question: Mapped[Question] = relationship(lazy="raise_on_sql")
    choices: Mapped[list[AnswerChoice]] = relationship(lazy="raise_on_sql", cascade="all, delete-orphan")


class AnswerChoice(Model):
    """One choice that somebody made, always one of its own question."""

    __tablename__ = "answer_choice"
    __table_args__ = (
        ForeignKeyConstraint(
            ["registration_id", "question_id"],
            ["answer.registration_id", "answer.question_id"],
            ondelete="CASCADE",
        ),
        ForeignKeyConstraint(["question_id", "choice_id"], ["question_choice.question_id", "question_choice.id"]),
    )

    registration_id: Mapped[int] = mapped_column(primary_key=True)
    question_id: Mapped[int] = mapped_column(primary_key=True)
    choice_id: Mapped[int] = mapped_column(primary_key=True, index=True)
