"""Series, webinars, sessions, language versions, speakers and agenda items."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webinar.foundation import clock
from webinar.foundation.db import Code, Line, Model, Short, WallTime, code_column


class Series(Model):
    """A cycle of webinars on one theme."""

    __tablename__ = "series"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(Short, unique=True)
    position: Mapped[int] = mapped_column(default=0)

    texts: Mapped[list[SeriesText]] = relationship(lazy="raise_on_sql", cascade="all, delete-orphan")


class SeriesText(Model):
    """What a series is called and about, in one language."""

    __tablename__ = "series_text"
    __table_args__ = (CheckConstraint("title <> ''", name="title_is_given"),)

    series_id: Mapped[int] = mapped_column(ForeignKey("series.id", ondelete="CASCADE"), primary_key=True)
    language: Mapped[str] = mapped_column(String(8), primary_key=True)
    title: Mapped[str] = mapped_column(Line)
    summary: Mapped[str] = mapped_column(default="")


class Webinar(Model):
    """One topic. It may be held several times, in other languages and on other dates.

    ``original_language`` is the one its texts were first written in; where a text is missing in an interface
    language, the original is shown and marked as such.
    """

    __tablename__ = "webinar"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(Short, unique=True)
    series_id: Mapped[int] = mapped_column(ForeignKey("series.id"), index=True)
    original_language: Mapped[str] = mapped_column(String(8))
    position: Mapped[int] = mapped_column(default=0)

    series: Mapped[Series] = relationship(lazy="raise_on_sql")
    texts: Mapped[list[WebinarText]] = relationship(lazy="raise_on_sql", cascade="all, delete-orphan")
    agenda: Mapped[list[AgendaItem]] = relationship(
        lazy="raise_on_sql", cascade="all, delete-orphan", order_by="AgendaItem.position"
    )


class WebinarText(Model):
    """Title, summary and description (Markdown) of a webinar in one language."""

    __tablename__ = "webinar_text"
    __table_args__ = (CheckConstraint("title <> ''", name="title_is_given"),)

    webinar_id: Mapped[int] = mapped_column(ForeignKey("webinar.id", ondelete="CASCADE"), primary_key=True)
    language: Mapped[str] = mapped_column(String(8), primary_key=True)
    title: Mapped[str] = mapped_column(Line)
    summary: Mapped[str] = mapped_column(default="")
    description: Mapped[str] = mapped_column(default="")


class AgendaKind(Code):
    """A talk, or a roundtable with its guiding questions."""

    TALK = "talk"
    ROUNDTABLE = "roundtable"


class AgendaItem(Model):
    """One part of a webinar, in order, with how many minutes it takes."""

    __tablename__ = "agenda_item"
    __table_args__ = (CheckConstraint("minutes > 0", name="takes_time"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    webinar_id: Mapped[int] = mapped_column(ForeignKey("webinar.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    kind: Mapped[AgendaKind] = mapped_column(code_column(AgendaKind))
    minutes: Mapped[int | None]

    texts: Mapped[list[AgendaItemText]] = relationship(lazy="raise_on_sql", cascade="all, delete-orphan")


class AgendaItemText(Model):
    """What a part of a webinar is called in one language, and its guiding questions, one a line."""

    __tablename__ = "agenda_item_text"

    agenda_item_id: Mapped[int] = mapped_column(ForeignKey("agenda_item.id", ondelete="CASCADE"), primary_key=True)
    language: Mapped[str] = mapped_column(String(8), primary_key=True)
    title: Mapped[str] = mapped_column(Line)
    questions: Mapped[str] = mapped_column(default="")


class Platform(Code):
    """Where a session is broadcast; ``room`` is a hall that one goes to."""

    ZOOM = "zoom"
    TEAMS = "teams"
    WEBEX = "webex"
    BIGBLUEBUTTON = "bigbluebutton"
    JITSI = "jitsi"
    YOUTUBE = "youtube"
    ROOM = "room"
    OTHER = "other"


class SessionStatus(Code):
    """Whether the public may see a session, and whether it is held."""

    DRAFT = "draft"
    PUBLISHED = "published"
    CANCELLED = "cancelled"


class RegistrationState(Code):
    """Whether one can register for a session now, and if not, why."""

    OPEN = "open"
    NOT_YET = "not_yet"
    CLOSED = "closed"
    CANCELLED = "cancelled"
    OVER = "over"


class WebinarSession(Model):
    """One live broadcast of a webinar.

    Start and end are stored as they were decided, wall time and zone, with the UTC computed from them: when
    the world's zone data changes, the difference is seen. ``uid`` is the session's own in public calendars.
    """

    __tablename__ = "webinar_session"
    __table_args__ = (
        CheckConstraint("ends_at > starts_at", name="ends_after_it_starts"),
        CheckConstraint("seats > 0", name="has_seats_or_no_limit"),
        CheckConstraint("registration_closes > registration_opens", name="registration_closes_after_it_opens"),
        CheckConstraint("sequence >= 0", name="sequence_counts_up"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(Short, unique=True)
    webinar_id: Mapped[int] = mapped_column(ForeignKey("webinar.id"), index=True)
    starts_wall: Mapped[datetime] = mapped_column(WallTime)
    ends_wall: Mapped[datetime] = mapped_column(WallTime)
    timezone: Mapped[str] = mapped_column(Short)
    starts_at: Mapped[datetime] = mapped_column(index=True)
    ends_at: Mapped[datetime]
    platform: Mapped[Platform] = mapped_column(code_column(Platform), default=Platform.OTHER)
    join_url: Mapped[str] = mapped_column(default="")
    seats: Mapped[int | None]
    registration_opens: Mapped[datetime | None]
    registration_closes: Mapped[datetime | None]
    status: Mapped[SessionStatus] = mapped_column(code_column(SessionStatus), default=SessionStatus.DRAFT)
    uid: Mapped[str] = mapped_column(String(36), unique=True, default=lambda: str(uuid.uuid4()))
    sequence: Mapped[int] = mapped_column(default=0)
    changed_at: Mapped[datetime] = mapped_column(default=clock.now)

    webinar: Mapped[Webinar] = relationship(lazy="raise_on_sql")
    language_versions: Mapped[list[LanguageVersion]] = relationship(
        lazy="raise_on_sql", cascade="all, delete-orphan", order_by="LanguageVersion.position"
    )
    speakers: Mapped[list[Speaker]] = relationship(
        lazy="raise_on_sql", cascade="all, delete-orphan", order_by="Speaker.position"
    )

    def registration_state(self, now: datetime) -> RegistrationState:
        """Tell whether one can register at a moment; from the closing moment on one cannot.

        Without an opening, registration is open from publication on; without a closing, until the session ends.
        """
        if self.status is SessionStatus.CANCELLED:
            return RegistrationState.CANCELLED
        if self.ends_at <= now:
            return RegistrationState.OVER
        if self.registration_opens is not None and now < self.registration_opens:
            return RegistrationState.NOT_YET
        if self.registration_closes is not None and self.registration_closes <= now:
            return RegistrationState.CLOSED
        if self.status is SessionStatus.DRAFT:
            return RegistrationState.NOT_YET
        return RegistrationState.OPEN

    def is_public(self) -> bool:
        """Tell whether everybody may see the session; a cancelled one stays visible and says so."""
        return self.status is not SessionStatus.DRAFT

    def doors_open_at(self, minutes: int) -> datetime:
        """Return the moment from which the personal join links lead to the platform."""
        return self.starts_at - timedelta(minutes=minutes)


class VersionKind(Code):
    """Whether a language is the original one or is interpreted into."""

    FLOOR = "floor"
    INTERPRETATION = "interpretation"


class LanguageVersion(Model):
    """One language in which a session can be followed, with its own join URL where the platform needs one."""

    __tablename__ = "language_version"
    __table_args__ = (
        UniqueConstraint("session_id", "code"),
        UniqueConstraint("session_id", "id"),
        Index(
            "uq_language_version_one_floor",
            "session_id",
            unique=True,
            sqlite_where=text("kind = 'floor'"),
            postgresql_where=text("kind = 'floor'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("webinar_session.id", ondelete="CASCADE"))
    code: Mapped[str] = mapped_column(String(8))
    kind: Mapped[VersionKind] = mapped_column(code_column(VersionKind))
    position: Mapped[int] = mapped_column(default=0)
    join_url: Mapped[str] = mapped_column(default="")
    practical_notes: Mapped[str] = mapped_column(default="")


class Speaker(Model):
    """Who speaks in a session, with their role and whom they speak for, as written."""

    __tablename__ = "speaker"
    __table_args__ = (CheckConstraint("name <> ''", name="name_is_given"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("webinar_session.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    name: Mapped[str] = mapped_column(Line)
    role: Mapped[str] = mapped_column(Line, default="")
    affiliation: Mapped[str] = mapped_column(Line, default="")
