"""What was changed in a member, as the audit log has it, told in people's words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask_babel import lazy_gettext as _l

from webinar.accounts.models import AuditEntry
from webinar.accounts.told import ToldChange, ToldEntry, told_entries
from webinar.foundation import formats

_LABELS = {
    "aliases": _l("New names"),
    "country_code": _l("Country"),
    "domains": _l("Mail domains"),
    "into": _l("Into which member"),
    "latitude": _l("Latitude"),
    "longitude": _l("Longitude"),
    "mail_domains": _l("New mail domains"),
    "merged": _l("Merged member"),
    "name": _l("Name"),
    "official_name": _l("Official name"),
    "other_names": _l("Other names"),
    "region": _l("Region"),
    "registrations": _l("Registrations"),
    "timezone": _l("Time zone"),
}
# What was added to what was there; everything else that is a list holds what was and what is now.
_ADDED = {"aliases", "mail_domains"}


def told(entries: Iterable[AuditEntry], zone: str) -> list[ToldEntry]:
    """Return entries, whose accounts are loaded, in the language of the page and for who reads in a zone."""
    return told_entries(entries, zone, _told_change)


def _told_change(name: str, change: Any) -> ToldChange:
    label = str(_LABELS.get(name, name))
    before, after = change if isinstance(change, list) and name not in _ADDED else (None, change)
    return ToldChange(label, _words(before), _words(after))


def _words(value: Any) -> str:
    if isinstance(value, list):
        return formats.in_a_row(str(part) for part in value)
    return "" if value is None else str(value)
