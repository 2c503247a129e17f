"""Series, webinars, sessions, language versions, speakers, agenda, materials, co-hosts and questions.

And of a session its further ways to follow it and its notice.
"""

from __future__ import annotations

import hmac
import secrets
import uuid
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Connection,
    ForeignKey,
    Index,
    SmallInteger,
    String,
    UniqueConstraint,
    event,
    inspect,
    text,
)
from sqlalchemy.orm import Mapped, Mapper, mapped_column, relationship

from webinar.files.models import StoredFile
from webinar.foundation import clock
from webinar.foundation.addresses import is_web_address
from webinar.foundation.db import Code, Line, Model, Short, WallTime, code_column
from webinar.foundation.when import When


class TextInLanguage:
    """What the texts of a thing in one language have in common; with whose texts they are is the rest of their key.

    The source of all translations is the text in the webinar's original language. ``is_outdated`` says of a
    translation that its source has changed since it was last written or found to fit still.
    """

    language: Mapped[str] = mapped_column(String(8), primary_key=True)
    is_outdated: Mapped[bool] = mapped_column(default=False)


class Series(Model):
    """A cycle of webinars on one theme.

    ``revision`` counts its edits, here as in webinars and sessions: who saves what somebody else has changed since
    is told.
    """

    __tablename__ = "series"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(Short, unique=True)
    position: Mapped[int] = mapped_column(default=0)
    revision: Mapped[int] = mapped_column(default=0)

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
    picture_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"), index=True)
    revision: Mapped[int] = mapped_column(default=0)

    series: Mapped[Series] = relationship(lazy="raise_on_sql")
    texts: Mapped[list[WebinarText]] = relationship(lazy="raise_on_sql", cascade="all, delete-orphan")
    agenda: Mapped[list[AgendaItem]] = relationship(
        lazy="raise_on_sql", cascade="all, delete-orphan", order_by="AgendaItem.position"
    )
    picture: Mapped[StoredFile | None] = relationship(lazy="raise_on_sql")
    materials: Mapped[list[Material]] = relationship(
        lazy="raise_on_sql", cascade="all, delete-orphan", order_by="Material.position"
    )
    co_hosts: Mapped[list[CoHost]] = relationship(
        lazy="raise_on_sql", cascade="all, delete-orphan", order_by="CoHost.position"
    )
    questions: Mapped[list[Question]] = relationship(
        lazy="raise_on_sql", cascade="all, delete-orphan", order_by="Question.position"
    )


class WebinarText(TextInLanguage, Model):
    """Title, summary and description (Markdown) of a webinar in one language.

    ``changed_at`` is when what calendars tell of it, title or summary, was last written.
    """

    __tablename__ = "webinar_text"
    __table_args__ = (CheckConstraint("title <> ''", name="title_is_given"),)

    webinar_id: Mapped[int] = mapped_column(ForeignKey("webinar.id", ondelete="CASCADE"), primary_key=True)
    title: Mapped[str] = mapped_column(Line)
    summary: Mapped[str] = mapped_column(default="")
    description: Mapped[str] = mapped_column(default="")
    changed_at: Mapped[datetime] = mapped_column(default=clock.now)


@event.listens_for(WebinarText, "before_update")
def _date_change(_mapper: Mapper[WebinarText], _connection: Connection, written: WebinarText) -> None:
    columns = inspect(written).attrs
    if any(columns[name].history.has_changes() for name in ("title", "summary")):
        written.changed_at = clock.now()


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


class AgendaItemText(TextInLanguage, Model):
    """What a part of a webinar is called in one language, and its guiding questions, one a line."""

    __tablename__ = "agenda_item_text"

    agenda_item_id: Mapped[int] = mapped_column(ForeignKey("agenda_item.id", ondelete="CASCADE"), primary_key=True)
    title: Mapped[str] = mapped_column(Line)
    questions: Mapped[str] = mapped_column(default="")


class Material(Model):
    """Something to read or to see that belongs to a webinar: a file, or a link to one elsewhere.

    ``language`` is that of the material; it is empty where it does not matter.
    """

    __tablename__ = "material"
    __table_args__ = (CheckConstraint("(url <> '') = (file_id IS NULL)", name="is_a_file_or_a_link"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    webinar_id: Mapped[int] = mapped_column(ForeignKey("webinar.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    language: Mapped[str] = mapped_column(String(8), default="")
    url: Mapped[str] = mapped_column(default="")
    file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"), index=True)

    texts: Mapped[list[MaterialText]] = relationship(lazy="raise_on_sql", cascade="all, delete-orphan")
    file: Mapped[StoredFile | None] = relationship(lazy="raise_on_sql")


class MaterialText(TextInLanguage, Model):
    """What a material is called in one language."""

    __tablename__ = "material_text"
    __table_args__ = (CheckConstraint("title <> ''", name="title_is_given"),)

    material_id: Mapped[int] = mapped_column(ForeignKey("material.id", ondelete="CASCADE"), primary_key=True)
    title: Mapped[str] = mapped_column(Line)


class CoHost(Model):
    """An organisation that holds a webinar together with the network, with its address and logo."""

    __tablename__ = "co_host"
    __table_args__ = (CheckConstraint("name <> ''", name="name_is_given"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    webinar_id: Mapped[int] = mapped_column(ForeignKey("webinar.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    name: Mapped[str] = mapped_column(Line)
    url: Mapped[str] = mapped_column(default="")
    logo_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"), index=True)

    logo: Mapped[StoredFile | None] = relationship(lazy="raise_on_sql")


class QuestionKind(Code):
    """How a question is answered: in words, by one choice, by any number of them, or by yes or no."""

    TEXT = "text"
    CHOICE = "choice"
    SEVERAL = "several"
    YES_NO = "yes_no"


# A form may be filled in long after it was shown: the number of a question, or choice, that is gone is not given again.
_NEVER_AGAIN = {"sqlite_autoincrement": True}


class Moment(Code):
    """When a question is asked: when somebody registers, or once the session has begun, as feedback on it."""

    REGISTERING = "registering"
    AFTERWARDS = "afterwards"


class ReadyMade(Code):
    """A question that the house brings along, in all of its languages."""

    ACCESSIBILITY = "accessibility"
    GENDER = "gender"
    USEFULNESS = "usefulness"
    BETTER = "better"


class Question(Model):
    """What an organiser asks everybody in a webinar, when, why, and until when answers are kept.

    One that was taken away while answers exist stays, ``retired_at`` says since when: it is shown as former and
    asked no more. Nobody has to say their gender, so that question is never needed.
    """

    __tablename__ = "question"
    __table_args__ = (
        CheckConstraint("ready_made <> 'gender' OR NOT is_needed", name="gender_is_never_needed"),
        _NEVER_AGAIN,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    webinar_id: Mapped[int] = mapped_column(ForeignKey("webinar.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    kind: Mapped[QuestionKind] = mapped_column(code_column(QuestionKind))
    moment: Mapped[Moment] = mapped_column(code_column(Moment), default=Moment.REGISTERING)
    is_needed: Mapped[bool] = mapped_column(default=False)
    keep_until: Mapped[date]
    ready_made: Mapped[ReadyMade | None] = mapped_column(code_column(ReadyMade))
    retired_at: Mapped[datetime | None]

    texts: Mapped[list[QuestionText]] = relationship(lazy="raise_on_sql", cascade="all, delete-orphan")
    choices: Mapped[list[QuestionChoice]] = relationship(
        lazy="raise_on_sql", cascade="all, delete-orphan", order_by="QuestionChoice.position"
    )

    def is_open(self, now: datetime) -> bool:
        """Tell whether it can be answered: not when it is former, nor when answers could not be kept a day."""
        return self.retired_at is None and self.keep_until >= now.date()

    def is_asked(self, now: datetime, moment: Moment = Moment.REGISTERING) -> bool:
        """Tell whether it is asked now of who registers, or of who says afterwards how it was."""
        return self.moment is moment and self.is_open(now)

    def asked_choices(self) -> list[QuestionChoice]:
        """Return the choices that are offered, without the former ones."""
        return [choice for choice in self.choices if choice.retired_at is None]


class QuestionText(TextInLanguage, Model):
    """A question in one language, and what its answers are for, as it is said to who answers."""

    __tablename__ = "question_text"
    __table_args__ = (
        CheckConstraint("title <> ''", name="title_is_given"),
        CheckConstraint("purpose <> ''", name="purpose_is_given"),
    )

    question_id: Mapped[int] = mapped_column(ForeignKey("question.id", ondelete="CASCADE"), primary_key=True)
    title: Mapped[str] = mapped_column(Line)
    purpose: Mapped[str] = mapped_column(Line)


class QuestionChoice(Model):
    """One of the answers that a question offers; a former one stays while somebody has chosen it.

    Beside one that ``takes_words``, people write what they mean: “something else”, “in my own words”.
    """

    __tablename__ = "question_choice"
    __table_args__ = (UniqueConstraint("question_id", "id"), _NEVER_AGAIN)

    id: Mapped[int] = mapped_column(primary_key=True)
    question_id: Mapped[int] = mapped_column(ForeignKey("question.id", ondelete="CASCADE"))
    position: Mapped[int]
    takes_words: Mapped[bool] = mapped_column(default=False)
    retired_at: Mapped[datetime | None]

    texts: Mapped[list[QuestionChoiceText]] = relationship(lazy="raise_on_sql", cascade="all, delete-orphan")


class QuestionChoiceText(TextInLanguage, Model):
    """What a choice is called in one language."""

    __tablename__ = "question_choice_text"
    __table_args__ = (CheckConstraint("title <> ''", name="title_is_given"),)

    choice_id: Mapped[int] = mapped_column(ForeignKey("question_choice.id", ondelete="CASCADE"), primary_key=True)
    title: Mapped[str] = mapped_column(Line)


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


class Access(Code):
    """Who may register: everyone, whoever has the link, or members and invited people and whom an organiser approves.

    A session for those with the link stands in no list and no feed.
    """

    EVERYONE = "everyone"
    WITH_LINK = "with_link"
    MEMBERS = "members"


class RegistrationState(Code):
    """Whether one can register for a session now, and if not, why."""

    OPEN = "open"
    NOT_YET = "not_yet"
    CLOSED = "closed"
    CANCELLED = "cancelled"
    OVER = "over"


MOST_THRESHOLD = 24 * 60
"""How many minutes somebody may at most have to be there to have come."""


class WebinarSession(Model):
    """One live broadcast of a webinar.

    Start and end are stored as they were decided, wall time and zone, with the UTC computed from them: when
    the world's zone data changes, the difference is seen. ``uid`` is the session's own in public calendars.
    A provisional date is one that may still change: it is planned with, not published. ``most_per_member`` people
    of one member get a seat, the next ones wait. Through an open door who comes late registers and goes straight in.
    ``reminders`` says when people are reminded of it, as the setting REMINDERS does, which counts where it is empty.
    Whoever was there for at least ``attendance_threshold`` minutes came.
    """

    __tablename__ = "webinar_session"
    __table_args__ = (
        CheckConstraint("ends_at > starts_at", name="ends_after_it_starts"),
        CheckConstraint("seats > 0", name="has_seats_or_no_limit"),
        CheckConstraint("registration_closes > registration_opens", name="registration_closes_after_it_opens"),
        CheckConstraint("sequence >= 0", name="sequence_counts_up"),
        CheckConstraint(f"attendance_threshold BETWEEN 0 AND {MOST_THRESHOLD}", name="the_threshold_is_within_a_day"),
        CheckConstraint("most_per_member > 0", name="members_may_come_or_have_no_limit"),
        CheckConstraint("NOT (is_provisional AND status = 'published')", name="what_is_published_has_its_date"),
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
    most_per_member: Mapped[int | None]
    access: Mapped[Access] = mapped_column(code_column(Access), default=Access.EVERYONE)
    access_token: Mapped[str] = mapped_column(String(43), unique=True, default=secrets.token_urlsafe)
    has_open_door: Mapped[bool] = mapped_column(default=False)
    reminders: Mapped[str | None] = mapped_column(Short)
    attendance_threshold: Mapped[int] = mapped_column(SmallInteger, default=0)
    registration_opens: Mapped[datetime | None]
    registration_closes: Mapped[datetime | None]
    status: Mapped[SessionStatus] = mapped_column(code_column(SessionStatus), default=SessionStatus.DRAFT)
    is_provisional: Mapped[bool] = mapped_column(default=False)
    uid: Mapped[str] = mapped_column(String(36), unique=True, default=lambda: str(uuid.uuid4()))
    sequence: Mapped[int] = mapped_column(default=0)
    changed_at: Mapped[datetime] = mapped_column(default=clock.now)
    revision: Mapped[int] = mapped_column(default=0)

    webinar: Mapped[Webinar] = relationship(lazy="raise_on_sql")
    language_versions: Mapped[list[LanguageVersion]] = relationship(
        lazy="raise_on_sql", cascade="all, delete-orphan", order_by="LanguageVersion.position"
    )
    speakers: Mapped[list[Speaker]] = relationship(
        lazy="raise_on_sql", cascade="all, delete-orphan", order_by="Speaker.position"
    )
    ways_to_follow: Mapped[list[WayToFollow]] = relationship(
        lazy="raise_on_sql", cascade="all, delete-orphan", order_by="WayToFollow.position"
    )
    notice: Mapped[list[NoticeText]] = relationship(
        lazy="raise_on_sql", cascade="all, delete-orphan", order_by="NoticeText.language"
    )

    @property
    def times_there(self) -> When:
        """When it is, by the clocks where it is held: for pages and messages that ask nobody for a zone."""
        return When(self.starts_at, self.ends_at, self.timezone, self.timezone, is_guess=True)

    @property
    def speakers_to_show(self) -> list[Speaker]:
        """Those who speak, as the public sees them: who is not confirmed is not named."""
        return [speaker for speaker in self.speakers if speaker.is_confirmed]

    def registration_state(self, now: datetime, *, as_published: bool = False) -> RegistrationState:
        """Tell whether one can register at a moment; from the closing moment on one cannot.

        Without an opening, registration is open from publication on; without a closing, until the session ends.
        ``as_published`` tells of a draft how it will be.
        """
        if self.status is SessionStatus.CANCELLED:
            return RegistrationState.CANCELLED
        if self.ends_at <= now:
            return RegistrationState.OVER
        if self.registration_opens is not None and now < self.registration_opens:
            return RegistrationState.NOT_YET
        if self.registration_closes is not None and self.registration_closes <= now:
            return RegistrationState.CLOSED
        if self.status is SessionStatus.DRAFT and not as_published:
            return RegistrationState.NOT_YET
        return RegistrationState.OPEN

    def is_public(self) -> bool:
        """Tell whether everybody may see the session; a cancelled one stays visible and says so."""
        return self.status is not SessionStatus.DRAFT

    def languages_without_title(self) -> list[str]:
        """Return the languages in which it can be followed, but in which its webinar has no title.

        Nobody should find a session in their language under a title that they cannot read.
        """
        titled = {text.language for text in self.webinar.texts}
        return [version.code for version in self.language_versions if version.code not in titled]

    def lets_in(self, access: str) -> bool:
        """Tell whether a page of the session is shown to whoever asks with this in ``?access=``.

        It matters only where one needs the link, and is compared in a time that does not tell how much of it is right.
        """
        return self.access is not Access.WITH_LINK or hmac.compare_digest(self.access_token.encode(), access.encode())

    def way_in(self) -> dict[str, Any]:
        """Return what else stands in the address of its pages where one needs the link: for who came with it."""
        return {"access": self.access_token} if self.access is Access.WITH_LINK else {}

    def room_in(self, version: LanguageVersion | None) -> str | None:
        """Return the address of the room in one of its languages, else of the whole session; None while there is none.

        Only if it is an address of the web: anything else counts as not given.
        """
        address = (version.join_url if version is not None else "") or self.join_url
        return address if is_web_address(address) else None

    def notice_at(self, now: datetime) -> list[NoticeText]:
        """Return the notice that stands on its pages at a moment, in each of its languages; else nothing.

        It goes by itself when the session is over, and stands on none that is not held.
        """
        is_held = self.status is SessionStatus.PUBLISHED and now < self.ends_at
        return self.notice if is_held else []

    def is_soon(self, now: datetime) -> bool:
        """Tell whether it starts within a day and is not over: what is said of it cannot wait."""
        return is_soon(self.starts_at, self.ends_at, now)

    def doors_open_at(self, minutes: int) -> datetime:
        """Return the moment from which the personal join links lead to the platform."""
        return self.starts_at - timedelta(minutes=minutes)


def is_soon(starts_at: datetime, ends_at: datetime, now: datetime) -> bool:
    """Tell whether something starts within a day and is not over."""
    return starts_at - timedelta(days=1) <= now < ends_at


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

    texts: Mapped[list[LanguageVersionText]] = relationship(lazy="raise_on_sql", cascade="all, delete-orphan")


class LanguageVersionText(TextInLanguage, Model):
    """How one gets to hear a language version, in one language: which channel to choose, whom to call."""

    __tablename__ = "language_version_text"
    __table_args__ = (CheckConstraint("practical_notes <> ''", name="practical_notes_are_given"),)

    language_version_id: Mapped[int] = mapped_column(
        ForeignKey("language_version.id", ondelete="CASCADE"), primary_key=True
    )
    practical_notes: Mapped[str]


class SpeakerPart(Code):
    """What somebody does in a session."""

    SPEAKER = "speaker"
    MODERATOR = "moderator"
    PANELLIST = "panellist"


class Speaker(Model):
    """Who speaks in a session, with their photo; what they are and whom they speak for is in ``texts``.

    Who is not confirmed is not shown to the public. ``join_token`` opens the doors earlier than an attendee's.
    """

    __tablename__ = "speaker"
    __table_args__ = (CheckConstraint("name <> ''", name="name_is_given"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("webinar_session.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    part: Mapped[SpeakerPart] = mapped_column(code_column(SpeakerPart), default=SpeakerPart.SPEAKER)
    name: Mapped[str] = mapped_column(Line)
    is_confirmed: Mapped[bool] = mapped_column(default=True)
    photo_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"), index=True)
    join_token: Mapped[str] = mapped_column(String(43), unique=True, default=secrets.token_urlsafe)

    photo: Mapped[StoredFile | None] = relationship(lazy="raise_on_sql")
    texts: Mapped[list[SpeakerText]] = relationship(lazy="raise_on_sql", cascade="all, delete-orphan")


class SpeakerText(TextInLanguage, Model):
    """Somebody's role and whom they speak for, in one language."""

    __tablename__ = "speaker_text"
    __table_args__ = (CheckConstraint("role <> '' OR affiliation <> ''", name="something_is_given"),)

    speaker_id: Mapped[int] = mapped_column(ForeignKey("speaker.id", ondelete="CASCADE"), primary_key=True)
    role: Mapped[str] = mapped_column(Line, default="")
    affiliation: Mapped[str] = mapped_column(Line, default="")


class WayKind(Code):
    """How one follows a session outside its room: live by a stream or by telephone, or later as a recording."""

    STREAM = "stream"
    TELEPHONE = "telephone"
    RECORDING = "recording"


class WayToFollow(Model):
    """A further way to follow a session, for who cannot come into its room; only who is registered sees it.

    ``address`` is that of a page, or a telephone number as it is dialled from abroad. ``countries`` are the codes
    (ISO 3166 alpha-2) of those that need it, by alphabet and with a space between; none: it is for everybody.
    """

    __tablename__ = "way_to_follow"
    __table_args__ = (
        UniqueConstraint("session_id", "kind", "address"),
        CheckConstraint(
            "(kind = 'telephone' AND substr(address, 1, 1) = '+')"
            " OR (kind <> 'telephone' AND substr(address, 1, 8) = 'https://')",
            name="address_fits_the_kind",
        ),
        CheckConstraint(
            "countries = '' OR (length(countries) % 3 = 2 AND countries = upper(countries))",
            name="countries_are_codes",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("webinar_session.id", ondelete="CASCADE"))
    position: Mapped[int]
    kind: Mapped[WayKind] = mapped_column(code_column(WayKind))
    address: Mapped[str]
    access_code: Mapped[str] = mapped_column(Line, default="")
    countries: Mapped[str] = mapped_column(default="")

    @property
    def country_codes(self) -> tuple[str, ...]:
        """The codes of the countries that need it; none: it is for everybody."""
        return tuple(self.countries.split())

    def is_for(self, country: str | None) -> bool:
        """Tell whether it is meant for who lives in a country (its code), or for everybody."""
        return not self.countries or country in self.country_codes


class NoticeText(Model):
    """A line that stands at once on the pages of a session ("we start ten minutes late"), in one language.

    A notice is the lines that a session has: it is put up in all its languages together, ``put_up_at``.
    """

    __tablename__ = "notice_text"
    __table_args__ = (CheckConstraint("line <> ''", name="line_is_given"),)

    session_id: Mapped[int] = mapped_column(ForeignKey("webinar_session.id", ondelete="CASCADE"), primary_key=True)
    language: Mapped[str] = mapped_column(String(8), primary_key=True)
    line: Mapped[str] = mapped_column(Line)
    put_up_at: Mapped[datetime]
