"""Two people editing the same member: the second is told what the first changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import lazy_gettext as _l

from webinar.accounts import audit
from webinar.accounts.models import AuditEntry
from webinar.accounts.queries import edits_since
from webinar.foundation.errors import DomainError
from webinar.members.models import Member


class ChangedMeanwhile(DomainError):
    """Somebody saved while the page lay open: ``entries`` say who and what, and ``revision`` is the one it is now.

    Nothing is stored. Who saves once more, from this revision, has been told and decided.
    """

    def __init__(self, revision: int, entries: Sequence[AuditEntry]) -> None:
        super().__init__(_l("Somebody has changed this while you were writing. Nothing of yours is stored yet."))
        self.revision = revision
        self.entries = entries


def subject_of(key: str) -> str:
    """Return what the audit log calls a member."""
    return f"member {key}"


def check_revision(member: Member, made_from: int) -> None:
    """Refuse what was made from an older revision of a member, whose row is held.

    Raises:
        ChangedMeanwhile: somebody has changed it since.
    """
    if made_from < member.revision:
        raise ChangedMeanwhile(member.revision, edits_since(subject_of(member.key), made_from))


def record_edit(member: Member, changes: Mapping[str, Any]) -> None:
    """Count an edit of a member, whose row is held, and write it down."""
    member.revision += 1
    audit.record_edit(subject_of(member.key), member.revision, changes)
