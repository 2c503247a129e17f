"""Who of the staff did what: one entry a change, stored with the change or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import update

from webinar.accounts import acting
from webinar.accounts.models import AuditEntry
from webinar.foundation.db import db


def record(action: str, subject: str, **changes: Any) -> None:
    """Write down a change by the staff, in the caller's transaction.

    ``action`` is a verb in the past, ``subject`` names the thing as addresses do: ``record("moved", "session
    next-en", start=["2027-04-03T16:30", "2027-04-10T16:30"])``. Values must be plain (JSON); what was and what is
    now stand in a list of two. No passwords, no personal links. What a command on the server does has no account.
    """
    _store(action, subject, None, changes)


def record_edit(subject: str, revision: int, changes: Mapping[str, Any]) -> None:
    """Write down a change of a thing whose edits are counted; ``revision`` is the one it made. Else as ``record``."""
    _store("changed", subject, revision, changes)


def _store(action: str, subject: str, revision: int | None, changes: Mapping[str, Any]) -> None:
    account = acting.account()
    db.session.add(
        AuditEntry(
            account_id=None if account is None else account.id,
            action=action,
            subject=subject[:300],
            revision=revision,
            changes=dict(changes),
        )
    )


def follow(subject: str, renamed: str) -> None:
    """Let the entries about a thing be found under its new name, in the caller's transaction.

    What it was called stands in the entry about the change. A thing that takes the old name later begins anew.
    """
    db.session.execute(update(AuditEntry).where(AuditEntry.subject == subject[:300]).values(subject=renamed[:300]))


_WORDS = {
    "added": _l("added"),
    "approved": _l("approved"),
    "brought all calendars up to date": _l("brought all calendars up to date"),
    "cancelled": _l("cancelled"),
    "changed": _l("changed"),
    "closed": _l("closed"),
    "confirmed": _l("confirmed"),
    "copied": _l("copied"),
    "corrected": _l("corrected"),
    "created": _l("created"),
    "declined": _l("declined"),
    "deleted": _l("deleted"),
    "exported": _l("exported"),
    "imported": _l("imported"),
    "linked": _l("linked"),
    "made a new link for": _l("made a new link for"),
    "made a sign-in link for": _l("made a sign-in link for"),
    "merged": _l("merged"),
    "moved": _l("moved"),
    "opened": _l("opened"),
    "placed": _l("placed"),
    "published": _l("published"),
    "put away": _l("put away"),
    "registered": _l("registered"),
    "sent again": _l("sent again"),
    "set aside": _l("set aside"),
    "stopped": _l("stopped"),
    "set the password of": _l("set the password of"),
    "sent a link to": _l("sent a link to"),
    "sent the certificates of": _l("sent the certificates of"),
    "showed the link of": _l("showed the link of"),
    "took an answer": _l("took an answer"),
    "took away the link of": _l("took away the link of"),
    "took back": _l("took back"),
    "took the decision back": _l("took the decision back"),
    "undone": _l("undone"),
    "unpublished": _l("unpublished"),
    "withdrew invitations of": _l("withdrew invitations of"),
}


def words(action: str) -> str:
    """Return what was done in the language of the page; an action without a translation as it was recorded."""
    return str(_WORDS.get(action, action))
