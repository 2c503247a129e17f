"""Two people editing the same contact: the second is told what the first changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from webinar.accounts import audit
from webinar.accounts.revisions import refuse_older
from webinar.people.models import Contact


def subject_of(contact_id: int) -> str:
    """Return what the audit log calls a contact."""
    return f"contact {contact_id}"


def check_revision(contact: Contact, made_from: int) -> None:
    """Refuse what was made from an older revision of a contact, whose row is held.

    Raises:
        ChangedMeanwhile: somebody has changed it since.
    """
    refuse_older(subject_of(contact.id), contact.revision, made_from)


def record_edit(contact: Contact, changes: Mapping[str, Any]) -> None:
    """Count an edit of a contact, whose row is held, and write it down."""
    contact.revision += 1
    audit.record_edit(subject_of(contact.id), contact.revision, changes)
