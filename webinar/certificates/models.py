"""How the certificates of a session look, and the certificates themselves."""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webinar.foundation import clock
from webinar.foundation.db import Line, Model, Short
from webinar.mail.models import OutboxMail
from webinar.registration.models import Registration

# Read from paper and typed: no letter that looks like a digit or like another letter, and no vowel, so no words.
LETTERS = "BCDFGHJKMNPQRTVWXY346789"
LENGTH, GROUP = 12, 4


def new_number() -> str:
    """Return a number that nobody guesses: 24 letters on twelve places are 55 bits."""
    return "".join(secrets.choice(LETTERS) for _place in range(LENGTH))


def in_groups(number: str) -> str:
    """Return a number as it is printed: ``KWQM-4TRX-9FPB``."""
    return "-".join(number[start : start + GROUP] for start in range(0, len(number), GROUP))


class SessionCertificates(Model):
    """How the certificates of a session look, and whether people can make theirs; without a row they cannot.

    ``place`` is where they are issued. Each of the three texts may be empty, and stands in every language as it is.
    """

    __tablename__ = "session_certificates"

    session_id: Mapped[int] = mapped_column(ForeignKey("webinar_session.id", ondelete="CASCADE"), primary_key=True)
    is_open: Mapped[bool] = mapped_column(default=False)
    shows_minutes: Mapped[bool] = mapped_column(default=False)
    signer_name: Mapped[str] = mapped_column(Short, default="")
    signer_role: Mapped[str] = mapped_column(Line, default="")
    place: Mapped[str] = mapped_column(Short, default="")


class Certificate(Model):
    """That a certificate was made of somebody's attendance, when, and under which number; it stays the same.

    What is printed on it is read from the registration and from the answer to whether they came: what an organiser
    corrects there is on the next copy, and on the page that checks the number. When they did not come after all, the
    number is not valid any more. It goes with the registration.

    From ``to_mail_since`` on it is to be sent to its person; ``mail_id`` is the mail, once it is written.
    """

    __tablename__ = "certificate"
    __table_args__ = (
        Index(
            "ix_certificate_to_mail",
            "registration_id",
            sqlite_where=text("mail_id IS NULL AND to_mail_since IS NOT NULL"),
            postgresql_where=text("mail_id IS NULL AND to_mail_since IS NOT NULL"),
        ),
    )

    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[str] = mapped_column(String(LENGTH), unique=True, default=new_number)
    issued_at: Mapped[datetime] = mapped_column(default=clock.now)
    to_mail_since: Mapped[datetime | None]
    mail_id: Mapped[int | None] = mapped_column(ForeignKey("outbox_mail.id"), unique=True)

    registration: Mapped[Registration] = relationship(lazy="raise_on_sql")
    mail: Mapped[OutboxMail | None] = relationship(lazy="raise_on_sql")
