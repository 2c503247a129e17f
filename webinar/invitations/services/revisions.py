"""Two people editing the same mailing: the second is told what the first changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from webinar.accounts import audit
from webinar.accounts.revisions import refuse_older
from webinar.invitations.models import Mailing


def subject_of(mailing_id: int) -> str:
    """Return what the audit log calls a mailing."""
    return f"mailing {mailing_id}"


def check_revision(mailing: Mailing, made_from: int, *about: str) -> None:
    """Refuse what was made from an older revision of a mailing, whose row is held; ``about`` as in ``refuse_older``.

    Raises:
        ChangedMeanwhile: somebody has changed it since.
    """
    refuse_older(subject_of(mailing.id), mailing.revision, made_from, about)


def record_edit(mailing: Mailing, changes: Mapping[str, Any]) -> None:
    """Count an edit of a mailing, whose row is held, and write it down."""
    mailing.revision += 1
    audit.record_edit(subject_of(mailing.id), mailing.revision, changes)
