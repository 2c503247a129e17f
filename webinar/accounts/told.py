"""What the audit log has about one thing, told in people's words where that thing is looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, NamedTuple

from webinar.accounts import audit
from webinar.accounts.models import AuditEntry
from webinar.foundation.zones import in_zone


class ToldChange(NamedTuple):
    """One value: what it is called, what it was and what it is, empty where there was or is nothing.

    ``language`` is that of the values, where they are texts in one.
    """

    label: str
    before: str
    after: str
    language: str = ""


class ToldEntry(NamedTuple):
    """What somebody did, ``at`` being as the reader's clocks show it; ``who`` is empty for a command on the server."""

    who: str
    at: datetime
    done: str
    changes: list[ToldChange]


def told_entries(
    entries: Iterable[AuditEntry], zone: str, told_change: Callable[[str, Any], ToldChange]
) -> list[ToldEntry]:
    """Return entries, whose accounts are loaded, in the language of the page and for who reads in a zone.

    ``told_change`` tells a change by its name and value in words of the feature that the thing belongs to.
    """
    return [
        ToldEntry(
            who=(entry.account.name or entry.account.email) if entry.account else "",
            at=in_zone(entry.at, zone),
            done=audit.words(entry.action),
            changes=[told_change(name, change) for name, change in entry.changes.items() if change not in ([], None)],
        )
        for entry in entries
    ]
