"""Writing down that contacts were taken out of the house."""

from __future__ import annotations

from collections.abc import Mapping

from webinar.accounts import audit
from webinar.foundation.db import transaction


def note_export(how: str, which: Mapping[str, str]) -> None:
    """Write down that somebody of the staff took the contacts away as a file: which of them, in what format."""
    with transaction():
        audit.record("exported", "contacts", format=how, **which)
