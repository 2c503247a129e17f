"""A person, who counts once, and what they agreed to."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webinar.foundation import clock
from webinar.foundation.db import Code, Line, Model, Short, code_column


class Person(Model):
    """One mail address, normalised: everything that happens to somebody points here.

    An erased person keeps the row, without name and address, so that figures survive.
    """

    __tablename__ = "person"
    __table_args__ = (
        CheckConstraint("email = lower(email)", name="email_is_lower_case"),
        CheckConstraint("(email IS NULL) = (erased_at IS NOT NULL)", name="only_the_erased_have_no_address"),
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
