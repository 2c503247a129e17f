"""Accounts and audit entries, as the pages show them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import func, select, true
from sqlalchemy.orm import joinedload

from webinar.accounts.models import AuditEntry, StaffAccount
from webinar.foundation.db import db

ENTRIES_A_PAGE = 50


def find_by_session_key(session_key: str) -> StaffAccount | None:
    """Return the active account that a session cookie belongs to."""
    return db.session.scalar(
        select(StaffAccount).where(StaffAccount.session_key == session_key, StaffAccount.is_active)
    )


def find_by_email(email: str) -> StaffAccount | None:
    """Return the account of a mail address, active or not; how it is written does not matter."""
    return db.session.scalar(select(StaffAccount).where(StaffAccount.email == normalised(email)))


def find_account(account_id: int) -> StaffAccount | None:
    """Return an account, active or not; a number too large to be one is none."""
    if account_id >= 2**31:  # SQLite would fail on it
        return None
    return db.session.scalar(select(StaffAccount).where(StaffAccount.id == account_id))


def all_accounts() -> Sequence[StaffAccount]:
    """Return all accounts: the active ones first, each by address."""
    return db.session.scalars(select(StaffAccount).order_by(StaffAccount.is_active.desc(), StaffAccount.email)).all()


class AuditPage(NamedTuple):
    """Some entries of the audit log, newest first, and how many there are in all."""

    entries: Sequence[AuditEntry]
    number: int
    pages: int
    total: int


def audit_page(number: int, subject: str = "") -> AuditPage:
    """Return a page of the audit log with the accounts loaded, newest first; a number beyond the end is the last.

    With a ``subject``, only what was done to one thing.
    """
    which = AuditEntry.subject == subject if subject else true()
    total = db.session.scalar(select(func.count(AuditEntry.id)).where(which)) or 0
    pages = max(1, -(-total // ENTRIES_A_PAGE))
    number = min(max(1, number), pages)
    entries = db.session.scalars(
        select(AuditEntry)
        .where(which)
        .options(joinedload(AuditEntry.account))
        .order_by(AuditEntry.at.desc(), AuditEntry.id.desc())
        .offset((number - 1) * ENTRIES_A_PAGE)
        .limit(ENTRIES_A_PAGE)
    ).all()
    return AuditPage(entries, number, pages, total)


def edits_since(subject: str, revision: int) -> Sequence[AuditEntry]:
    """Return what was done to a thing after a revision of it, with the accounts loaded, oldest first."""
    return db.session.scalars(
        select(AuditEntry)
        .where(AuditEntry.subject == subject, AuditEntry.revision > revision)
        .options(joinedload(AuditEntry.account))
        .order_by(AuditEntry.revision)
    ).all()


def renamed(kind: str, name: str) -> str:
    """Return the present name of a thing that was called something else before; empty where there was none."""
    subject = db.session.scalar(
        select(AuditEntry.subject)
        .where(
            AuditEntry.action == "changed",
            AuditEntry.subject.startswith(f"{kind} "),
            AuditEntry.changes[("slug", 0)].as_string() == name,
        )
        .order_by(AuditEntry.id.desc())
        .limit(1)
    )
    return (subject or "").partition(" ")[2]


def normalised(email: str) -> str:
    """Return an address as accounts keep it."""
    return email.strip().lower()
