"""Two people editing the same member: the second is told what the first changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from webinar.accounts import audit
from webinar.accounts.revisions import refuse_older
from webinar.members.models import Member


def subject_of(key: str) -> str:
    """Return what the audit log calls a member."""
    return f"member {key}"


def check_revision(member: Member, made_from: int) -> None:
    """Refuse what was made from an older revision of a member, whose row is held.

    Raises:
        ChangedMeanwhile: somebody has changed it since.
    """
    refuse_older(subject_of(member.key), member.revision, made_from)


def record_edit(member: Member, changes: Mapping[str, Any]) -> None:
    """Count an edit of a member, whose row is held, and write it down."""
    member.revision += 1
    audit.record_edit(subject_of(member.key), member.revision, changes)
