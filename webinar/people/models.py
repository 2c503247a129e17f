"""A person, who counts once; what they agreed to; and whom the network keeps on its lists."""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webinar.foundation import clock
from webinar.foundation.db import Code, Line, Model, Short, code_column
from webinar.members.matching import fold, in_latin
from webinar.members.models import Member

MOST_FOLDED = 600


class Person(Model):
    """One mail address, normalised: everything that happens to somebody points here.

    An erased person keeps the row, without name and address, so that figures survive. Somebody whom a platform's
    report names without an address, and whom one of the staff added, has none either.
    """

    __tablename__ = "person"
    __table_args__ = (
        CheckConstraint("email = lower(email)", name="email_is_lower_case"),
        CheckConstraint("erased_at IS NULL OR email IS NULL", name="the_erased_have_no_address"),
        CheckConstraint("merged_into_id <> id", name="not_merged_into_itself"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str | None] = mapped_column(String(254), unique=True)
    language: Mapped[str | None] = mapped_column(String(8))
    timezone: Mapped[str | None] = mapped_column(Short)
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    erased_at: Mapped[datetime | None]
    erase_after: Mapped[datetime] = mapped_column(index=True)


class Purpose(Code):
    """What somebody agreed to, or was told."""

    NOTICE = "notice"
    NEWSLETTER = "newsletter"


class Consent(Model):
    """What one person agreed to: which text, in which language, when and where, and when they took it back.

    ``text_hash`` is the SHA-256 of the text as it was shown, so that the version can be proved.
    """

    __tablename__ = "consent"
    __table_args__ = (
        # One valid consent a purpose; a newer version of the text makes a new row after the old one is closed.
        Index(
            "uq_consent_one_valid",
            "person_id",
            "purpose",
            unique=True,
            sqlite_where=text("withdrawn_at IS NULL"),
            postgresql_where=text("withdrawn_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    purpose: Mapped[Purpose] = mapped_column(code_column(Purpose))
    text_version: Mapped[str] = mapped_column(Short)
    text_language: Mapped[str] = mapped_column(String(8))
    text_hash: Mapped[str] = mapped_column(String(64))
    source: Mapped[str] = mapped_column(Line)
    given_at: Mapped[datetime] = mapped_column(default=clock.now)
    withdrawn_at: Mapped[datetime | None]
    erase_after: Mapped[datetime] = mapped_column(index=True)

    person: Mapped[Person] = relationship(lazy="raise_on_sql")


class MailKind(Code):
    """What the network writes to its lists; mails about somebody's own place are none of these and always arrive.

    ``invitations`` are those to webinars and what is sent after them to who has not answered; ``reminders`` come
    before and after the webinars that somebody takes part in.
    """

    INVITATIONS = "invitations"
    REMINDERS = "reminders"
    NEWSLETTER = "newsletter"


PROMOTIONAL = (MailKind.INVITATIONS, MailKind.NEWSLETTER)
"""What carries a header to unsubscribe, and stops where somebody calls a mail of ours unwanted."""


class LegalBasis(Code):
    """On what somebody is on the lists (GDPR, Article 6 (1): a, e and f)."""

    CONSENT = "consent"
    PUBLIC_TASK = "public_task"
    LEGITIMATE_INTEREST = "legitimate_interest"


class Contact(Model):
    """A person whom the network keeps on its lists, as the network writes them; a form of the public changes nothing.

    One a person, so that everybody is written to once and in one language, whichever list they came from. Whoever
    works for two members stands for the one whose colleague they are asked as. A whole name that nobody has taken
    apart is the family name. ``source`` says where the address is from, ``obtained_at`` since when it is here.
    ``revision`` counts the edits. ``folded`` is what a search compares, set by ``found_by``: names, organisation and
    address; the list stands in its order. ``folded_role`` is the role so, as ``role_found_by`` writes it.
    """

    __tablename__ = "contact"
    __table_args__ = (
        CheckConstraint("member_id IS NOT NULL OR NOT is_focal_point", name="a_focal_point_is_of_a_member"),
        # The list in its order, and all that its search compares, without reading one row of this table.
        Index("ix_contact_folded_id", "folded", "id"),
        Index("ix_contact_member_focal_point", "member_id", "is_focal_point"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), unique=True)
    given_name: Mapped[str] = mapped_column(Short, default="")
    family_name: Mapped[str] = mapped_column(Short, default="")
    member_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    organisation: Mapped[str] = mapped_column(Line, default="")
    role: Mapped[str] = mapped_column(Line, default="")
    language: Mapped[str | None] = mapped_column(String(8), index=True)
    is_focal_point: Mapped[bool] = mapped_column(default=False)
    wants_invitations: Mapped[bool] = mapped_column(default=True)
    wants_reminders: Mapped[bool] = mapped_column(default=True)
    wants_newsletter: Mapped[bool] = mapped_column(default=False)
    source: Mapped[str] = mapped_column(Line)
    basis: Mapped[LegalBasis] = mapped_column(code_column(LegalBasis))
    obtained_at: Mapped[datetime] = mapped_column(default=clock.now)
    revision: Mapped[int] = mapped_column(default=0)
    folded: Mapped[str] = mapped_column(String(MOST_FOLDED), default="")
    folded_role: Mapped[str] = mapped_column(String(MOST_FOLDED), default="")
    erase_after: Mapped[datetime] = mapped_column(index=True)

    person: Mapped[Person] = relationship(lazy="raise_on_sql")
    member: Mapped[Member | None] = relationship(lazy="raise_on_sql")

    @property
    def full_name(self) -> str:
        """Return the name as it is written, the given name first; empty where nobody knows it."""
        return f"{self.given_name} {self.family_name}".strip()

    @property
    def kinds(self) -> list[MailKind]:
        """Return what the person wants to be written."""
        return [kind for kind in MailKind if getattr(self, f"wants_{kind.value}")]


def found_by(family_name: str, given_name: str, organisation: str, email: str) -> str:
    """Return what a contact is found by and listed in the order of; without a name that is the address.

    Without regard to case and accents, and once more in Latin letters where they are in others.
    """
    folded = fold(f"{family_name} {given_name} {organisation}")
    latin = in_latin(folded)
    words = folded if latin == folded else f"{latin} {folded}"
    return f"{words[: MOST_FOLDED - len(email) - 1].strip()} {email}".strip()


def role_found_by(role: str) -> str:
    """Return what the words of a role are found in, without regard to case and accents, and in Latin letters too."""
    folded = fold(role)
    latin = in_latin(folded)
    return (folded if latin == folded else f"{folded} {latin}")[:MOST_FOLDED]


class SuppressionReason(Code):
    """Why somebody is not written to."""

    UNSUBSCRIBED = "unsubscribed"
    DOES_NOT_WORK = "does_not_work"
    COMPLAINT = "complaint"
    BY_HAND = "by_hand"


class Suppression(Model):
    """That a person is not to be written to: nothing of a kind, or without one nothing of any.

    It is about mail to lists only; mails about somebody's own place arrive all the same, or their join link would be
    lost with the newsletter. Whoever lifts it closes the row, so that it stays known, and ``since`` is when the person
    said so, which may be long before it was brought in.
    """

    __tablename__ = "suppression"
    __table_args__ = (
        CheckConstraint("lifted_at IS NULL OR lifted_at >= since", name="lifted_after_it_began"),
        # Two indexes, because two empty kinds are not the same for a database.
        Index(
            "uq_suppression_one_of_a_kind",
            "person_id",
            "kind",
            unique=True,
            sqlite_where=text("lifted_at IS NULL AND kind IS NOT NULL"),
            postgresql_where=text("lifted_at IS NULL AND kind IS NOT NULL"),
        ),
        Index(
            "uq_suppression_one_of_all",
            "person_id",
            unique=True,
            sqlite_where=text("lifted_at IS NULL AND kind IS NULL"),
            postgresql_where=text("lifted_at IS NULL AND kind IS NULL"),
        ),
        # The list of whom nobody writes to, the latest first.
        Index(
            "ix_suppression_reason_since",
            "reason",
            "since",
            "id",
            sqlite_where=text("lifted_at IS NULL"),
            postgresql_where=text("lifted_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    kind: Mapped[MailKind | None] = mapped_column(code_column(MailKind))
    reason: Mapped[SuppressionReason] = mapped_column(code_column(SuppressionReason))
    source: Mapped[str] = mapped_column(Line)
    since: Mapped[datetime] = mapped_column(default=clock.now)
    lifted_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship(lazy="raise_on_sql")


class UnsubscribeLink(Model):
    """The token with which a person stops one kind of mail, and takes that back; it stands in each mail of the kind.

    Stored and not signed, because mails that were sent stay in the world for years: their link must work whatever
    becomes of SECRET_KEY.
    """

    __tablename__ = "unsubscribe_link"
    __table_args__ = (UniqueConstraint("person_id", "kind"),)

    token: Mapped[str] = mapped_column(String(43), primary_key=True, default=secrets.token_urlsafe)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    kind: Mapped[MailKind] = mapped_column(code_column(MailKind))

    person: Mapped[Person] = relationship(lazy="raise_on_sql")


class ContactFile(Model):
    """A list of contacts that somebody of the staff has brought and is looking over before it is taken.

    It is read again when it is taken, so that nothing depends on what a browser sends back; it goes then, and in any
    case after an hour.
    """

    __tablename__ = "contact_file"

    token: Mapped[str] = mapped_column(String(43), primary_key=True, default=secrets.token_urlsafe)
    account_id: Mapped[int] = mapped_column(ForeignKey("staff_account.id"), index=True)
    file_name: Mapped[str] = mapped_column(Line)
    source: Mapped[str] = mapped_column(Line)
    basis: Mapped[LegalBasis] = mapped_column(code_column(LegalBasis))
    brought_at: Mapped[datetime] = mapped_column(default=clock.now, index=True)
    # The last column: SQLite would walk through all of these bytes to read one that stands behind them.
    content: Mapped[bytes]
