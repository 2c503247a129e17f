"""Who may sign in to the staff area, and who did what there."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webinar.foundation import clock
from webinar.foundation.db import Code, Line, Model, Short, code_column


class Role(Code):
    """What somebody of the staff may do; each role may do what the ones after it may."""

    ADMIN = "admin"
    ORGANISER = "organiser"
    VIEWER = "viewer"


class StaffAccount(Model):
    """Somebody of the secretariat who may sign in.

    ``session_key`` stands in the session cookie; a new password makes a new key, and so ends every session.
    """

    __tablename__ = "staff_account"
    __table_args__ = (CheckConstraint("email = lower(email)", name="email_is_lower_case"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(Line, default="")
    role: Mapped[Role] = mapped_column(code_column(Role))
    language: Mapped[str] = mapped_column(String(8), default="en")
    password_hash: Mapped[str | None] = mapped_column(String(200))
    session_key: Mapped[str] = mapped_column(String(43), unique=True, default=secrets.token_urlsafe)
    is_active: Mapped[bool] = mapped_column(default=True)
    last_sign_in_at: Mapped[datetime | None]

    # Flask-Login asks for these three.
    is_authenticated = True
    is_anonymous = False

    def get_id(self) -> str:
        """Return what stands for the account in its session cookie."""
        return self.session_key

    def may(self, role: Role) -> bool:
        """Tell whether this account has the rights of a role."""
        order = list(Role)
        return self.is_active and order.index(self.role) <= order.index(role)


class SignInLink(Model):
    """A link that signs somebody in once; only the hash of its token is kept."""

    __tablename__ = "sign_in_link"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("staff_account.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]

    account: Mapped[StaffAccount] = relationship(lazy="raise_on_sql")


class AuditEntry(Model):
    """One change by the staff: who, when, what was done to which thing, and what became of its values.

    ``account_id`` is empty when it was done by a command on the server. ``subject`` names the thing as the
    addresses do (``session next-en``), so that it can still be read after the thing is gone. ``revision`` is the one
    that an edit made of a thing whose edits are counted.
    """

    __tablename__ = "audit_entry"
    __table_args__ = (Index("ix_audit_entry_subject_at", "subject", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(default=clock.now, index=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("staff_account.id"), index=True)
    action: Mapped[str] = mapped_column(Short)
    subject: Mapped[str] = mapped_column(Line)
    revision: Mapped[int | None]
    changes: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)

    account: Mapped[StaffAccount | None] = relationship(lazy="raise_on_sql")
