"""Noting who took attendance data out."""

from __future__ import annotations

from webinar.accounts import audit
from webinar.foundation.db import transaction


def note_export(subject: str, how: str) -> None:
    """Write down, in the staff's log, that attendance with names and addresses was taken out of the house."""
    with transaction():
        audit.record("exported", subject, what="attendance", format=how)
