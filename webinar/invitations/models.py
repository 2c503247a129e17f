"""A mailing: one message in several languages to one audience; whom it goes to, and who was invited by it."""

from __future__ import annotations

import secrets
from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webinar.accounts.models import StaffAccount
from webinar.catalogue.models import WebinarSession
from webinar.foundation import clock
from webinar.foundation.db import Code, Line, Model, Short, code_column
from webinar.mail.models import OutboxMail
from webinar.members.models import Member
from webinar.people.models import Contact, MailKind, Person


class MailingKind(Code):
    """What a mailing is for; that decides who can get it, and what they may have said against it.

    ``invitation`` and ``reminder`` ask the network's contacts to come, the latter those who were invited and have not
    answered. ``information`` goes to who has a place, ``thanks`` to who came and ``missed`` to who had a place and did
    not come. ``newsletter`` goes to who reads it.
    """

    INVITATION = "invitation"
    REMINDER = "reminder"
    INFORMATION = "information"
    THANKS = "thanks"
    MISSED = "missed"
    NEWSLETTER = "newsletter"

    @property
    def mail_kind(self) -> MailKind | None:
        """What somebody may have said they do not want of it; None of what is about their own place."""
        return _MAIL_KINDS[self]

    @property
    def is_asking(self) -> bool:
        """Whether it asks people to come, so that each of them is invited by it."""
        return self in {MailingKind.INVITATION, MailingKind.REMINDER}

    @property
    def is_about_places(self) -> bool:
        """Whether it goes to who registered, and not to the network's lists."""
        return self in {MailingKind.INFORMATION, MailingKind.THANKS, MailingKind.MISSED}


_MAIL_KINDS = {
    MailingKind.INVITATION: MailKind.INVITATIONS,
    MailingKind.REMINDER: MailKind.INVITATIONS,
    MailingKind.INFORMATION: None,
    MailingKind.THANKS: MailKind.REMINDERS,
    MailingKind.MISSED: MailKind.REMINDERS,
    MailingKind.NEWSLETTER: MailKind.NEWSLETTER,
}


class MailingState(Code):
    """How far a mailing is: its mails are written while it is ``confirmed``; a ``stopped`` one never goes on."""

    DRAFT = "draft"
    CONFIRMED = "confirmed"
    PAUSED = "paused"
    STOPPED = "stopped"


class LeftOut(Code):
    """Why somebody of a mailing's audience does not get it."""

    ALREADY_REGISTERED = "already_registered"
    CANCELLED = "cancelled"
    DECLINED = "declined"
    INVITED_BEFORE = "invited_before"
    UNSUBSCRIBED = "unsubscribed"
    DOES_NOT_WORK = "does_not_work"
    NOT_WANTED = "not_wanted"
    DOUBLE = "double"
    NO_LANGUAGE = "no_language"
    ON_TRIAL = "on_trial"
    WITHDRAWN = "withdrawn"
    GONE = "gone"


class Mailing(Model):
    """One message, written in several languages, to one audience.

    ``conditions`` narrow the audience (see ``audience``); all of them hold together. ``others_language`` is what is
    read by people in whose language there is no text; where ``leaves_others_out``, they get nothing; as long as
    neither is said, nothing can be confirmed that has such people. ``with_entry`` lets an invitation carry its calendar
    entry; where ``yes_registers``, a proven "Yes" pressed in that entry registers at once.

    Confirming makes the list of ``MailingRecipient``, which is not made again. It goes out at ``starts_at``, which was
    chosen by the clocks of ``starts_zone``, or, where ``local_day`` is set, on that day at nine o'clock in each
    person's own zone; without either at once.
    """

    __tablename__ = "mailing"
    __table_args__ = (
        CheckConstraint("(state = 'draft') = (confirmed_at IS NULL)", name="confirmed_has_its_time"),
        CheckConstraint("starts_at IS NULL OR local_day IS NULL", name="one_moment_or_a_day"),
        CheckConstraint("starts_at IS NOT NULL OR starts_zone IS NULL", name="a_zone_of_a_moment"),
        CheckConstraint("others_language IS NULL OR NOT leaves_others_out", name="others_get_it_or_not"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[MailingKind] = mapped_column(code_column(MailingKind))
    name: Mapped[str] = mapped_column(Line)
    state: Mapped[MailingState] = mapped_column(code_column(MailingState), default=MailingState.DRAFT, index=True)
    conditions: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    others_language: Mapped[str | None] = mapped_column(String(8))
    leaves_others_out: Mapped[bool] = mapped_column(default=False)
    with_entry: Mapped[bool] = mapped_column(default=True)
    yes_registers: Mapped[bool] = mapped_column(default=False)
    starts_at: Mapped[datetime | None]
    starts_zone: Mapped[str | None] = mapped_column(Short)
    local_day: Mapped[date | None]
    revision: Mapped[int] = mapped_column(default=0)
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_account.id"))
    made_at: Mapped[datetime] = mapped_column(default=clock.now, index=True)
    confirmed_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_account.id"))
    confirmed_at: Mapped[datetime | None]

    texts: Mapped[list[MailingText]] = relationship(
        lazy="raise_on_sql", cascade="all, delete-orphan", order_by="MailingText.language"
    )
    sessions: Mapped[list[MailingSession]] = relationship(
        lazy="raise_on_sql", cascade="all, delete-orphan", order_by="MailingSession.position"
    )
    made_by: Mapped[StaffAccount | None] = relationship(lazy="raise_on_sql", foreign_keys=[made_by_id])
    confirmed_by: Mapped[StaffAccount | None] = relationship(lazy="raise_on_sql", foreign_keys=[confirmed_by_id])

    @property
    def is_draft(self) -> bool:
        """Whether it can still be changed: nobody has confirmed it."""
        return self.state is MailingState.DRAFT

    @property
    def is_or_was_on_its_way(self) -> bool:
        """Whether somebody has confirmed it and nobody stopped it."""
        return self.state in {MailingState.CONFIRMED, MailingState.PAUSED}

    def text_in(self, language: str) -> MailingText | None:
        """Return what it says in a language, or None."""
        return next((text for text in self.texts if text.language == language), None)


class MailingText(Model):
    """What a mailing says in one language: subject, and text in Markdown with personal details (see ``details``)."""

    __tablename__ = "mailing_text"

    mailing_id: Mapped[int] = mapped_column(ForeignKey("mailing.id", ondelete="CASCADE"), primary_key=True)
    language: Mapped[str] = mapped_column(String(8), primary_key=True)
    subject: Mapped[str] = mapped_column(Line, default="")
    body: Mapped[str] = mapped_column(default="")


class MailingSession(Model):
    """A session that a mailing shows as a date with its button, in the order of ``position``."""

    __tablename__ = "mailing_session"

    mailing_id: Mapped[int] = mapped_column(ForeignKey("mailing.id", ondelete="CASCADE"), primary_key=True)
    session_id: Mapped[int] = mapped_column(
        ForeignKey("webinar_session.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    position: Mapped[int] = mapped_column(default=0)

    session: Mapped[WebinarSession] = relationship(lazy="raise_on_sql")


class MailingRecipient(Model):
    """Somebody of the audience as it was when the mailing was confirmed: each person of a mailing once.

    ``left_out`` says why they get nothing; it is also set where that is found only when the mail is to be written.
    As long as it and ``mail_id`` are empty, the mail is still to be written, not before ``not_before``, and not before
    it ``is_ready``: what the mail refers to, invitation and calendar entry, is stored; who was left out when the list
    was made never is. ``language`` is that of the text they get. ``domain`` is that of their address, because some
    servers take only so many mails a minute.
    """

    __tablename__ = "mailing_recipient"
    __table_args__ = (
        CheckConstraint("left_out IS NULL OR mail_id IS NULL", name="who_is_left_out_gets_no_mail"),
        Index(
            "ix_mailing_recipient_to_write",
            "mailing_id",
            "is_ready",
            "not_before",
            "person_id",
            sqlite_where=text("mail_id IS NULL AND left_out IS NULL"),
            postgresql_where=text("mail_id IS NULL AND left_out IS NULL"),
        ),
    )

    mailing_id: Mapped[int] = mapped_column(ForeignKey("mailing.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, index=True)
    language: Mapped[str] = mapped_column(String(8))
    timezone: Mapped[str] = mapped_column(Short)
    domain: Mapped[str] = mapped_column(String(254))
    not_before: Mapped[datetime]
    is_ready: Mapped[bool] = mapped_column(default=False)
    left_out: Mapped[LeftOut | None] = mapped_column(code_column(LeftOut))
    mail_id: Mapped[int | None] = mapped_column(ForeignKey("outbox_mail.id"), unique=True)

    mailing: Mapped[Mailing] = relationship(lazy="raise_on_sql")
    person: Mapped[Person] = relationship(lazy="raise_on_sql")
    mail: Mapped[OutboxMail | None] = relationship(lazy="raise_on_sql")


class Invitation(Model):
    """One person asked to one session: at most once, however many mails ask.

    Whether they registered, what they answered in their calendar and whether the mail arrived is read where it is
    recorded; here is only what is nowhere else: that they said they cannot come, or that the organisers took it back.
    ``token`` fills the registration form in; it opens no place. ``yes_registers`` is as in the mailing that asked last.
    """

    __tablename__ = "invitation"
    __table_args__ = (UniqueConstraint("session_id", "person_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("webinar_session.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    mailing_id: Mapped[int | None] = mapped_column(ForeignKey("mailing.id", ondelete="SET NULL"), index=True)
    token: Mapped[str] = mapped_column(String(43), unique=True, default=secrets.token_urlsafe)
    invited_at: Mapped[datetime] = mapped_column(default=clock.now)
    yes_registers: Mapped[bool] = mapped_column(default=False)
    declined_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    erase_after: Mapped[datetime] = mapped_column(index=True)

    session: Mapped[WebinarSession] = relationship(lazy="raise_on_sql")
    person: Mapped[Person] = relationship(lazy="raise_on_sql")
    mailing: Mapped[Mailing | None] = relationship(lazy="raise_on_sql")

    @property
    def stands(self) -> bool:
        """Whether the person is still asked: they have not said no here, and nobody took it back."""
        return self.declined_at is None and self.withdrawn_at is None


class Audience(Model):
    """Conditions that were saved by name, to be taken up by a mailing; what a mailing took up is its own then."""

    __tablename__ = "audience"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Line, unique=True)
    conditions: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    made_at: Mapped[datetime] = mapped_column(default=clock.now)


class PeopleList(Model):
    """People whose addresses somebody brought in a file, to be a condition of audiences: "is on this list"."""

    __tablename__ = "people_list"
    # Conditions name it by its number: that of one that is gone is not given again.
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Line, unique=True)
    made_at: Mapped[datetime] = mapped_column(default=clock.now)


class ListedPerson(Model):
    """That somebody is on a list that was brought."""

    __tablename__ = "listed_person"

    list_id: Mapped[int] = mapped_column(ForeignKey("people_list.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, index=True)


class CityAnswer(Code):
    """What a member has said to the organisers outside of the program."""

    COMES = "comes"
    WILL_NOMINATE = "will_nominate"
    DOES_NOT_COME = "does_not_come"


class CityFollowUp(Model):
    """How the organisers follow up a member that nobody has registered for in a webinar: who does, and the answer.

    Of a webinar and not of a session: who comes on another day comes.
    """

    __tablename__ = "city_follow_up"

    webinar_id: Mapped[int] = mapped_column(ForeignKey("webinar.id", ondelete="CASCADE"), primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), primary_key=True, index=True)
    responsible_id: Mapped[int | None] = mapped_column(ForeignKey("staff_account.id"), index=True)
    answer: Mapped[CityAnswer | None] = mapped_column(code_column(CityAnswer))
    revision: Mapped[int] = mapped_column(default=0)

    member: Mapped[Member] = relationship(lazy="raise_on_sql")
    responsible: Mapped[StaffAccount | None] = relationship(lazy="raise_on_sql")


class CityNote(Model):
    """What an organiser wrote down about a member and a webinar ("called on Tuesday, will nominate")."""

    __tablename__ = "city_note"
    __table_args__ = (
        CheckConstraint("text <> ''", name="text_is_given"),
        Index("ix_city_note_webinar_member", "webinar_id", "member_id", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    webinar_id: Mapped[int] = mapped_column(ForeignKey("webinar.id", ondelete="CASCADE"))
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), index=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("staff_account.id"), index=True)
    at: Mapped[datetime] = mapped_column(default=clock.now)
    text: Mapped[str]

    account: Mapped[StaffAccount | None] = relationship(lazy="raise_on_sql")


class FocalPointLink(Model):
    """The personal link of a member's focal point to the page on which they look after their city's places.

    It leads to the member that the contact is a focal point of when it is opened, and nowhere once they are none. The
    staff take it away by deleting the row; another one gets another token.
    """

    __tablename__ = "focal_point_link"

    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"), primary_key=True)
    token: Mapped[str] = mapped_column(String(43), unique=True, default=secrets.token_urlsafe)
    made_at: Mapped[datetime] = mapped_column(default=clock.now)

    contact: Mapped[Contact] = relationship(lazy="raise_on_sql")
