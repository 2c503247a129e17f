"""What was changed in a contact, as the audit log has it or as an import would do it, told in people's words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from webinar.accounts.models import AuditEntry
from webinar.accounts.told import ToldChange, ToldEntry, told_entries
from webinar.foundation import formats, languages
from webinar.people.models import LegalBasis, MailKind, SuppressionReason
from webinar.people.words import BASIS_NAMES, EVERYTHING, KIND_NAMES, REASON_NAMES

_LABELS = {
    "address": _l("E-mail address"),
    "basis": _l("Legal basis"),
    "do_not_write": _l("Do not write"),
    "family_name": _l("Family name"),
    "given_name": _l("Given name"),
    "into": _l("Into which contact"),
    "is_focal_point": _l("Focal point"),
    "kinds": _l("Kinds of mail"),
    "language": _l("Language"),
    "member": _l("Member"),
    "merged": _l("Merged address"),
    "name": _l("Name"),
    "organisation": _l("Organisation"),
    "role": _l("Role"),
    "source": _l("Where the address is from"),
}


def told(entries: Iterable[AuditEntry], zone: str) -> list[ToldEntry]:
    """Return entries, whose accounts are loaded, in the language of the page and for who reads in a zone."""
    return told_entries(entries, zone, _told_change)


def told_changes(changes: Iterable[tuple[str, Any, Any]]) -> list[ToldChange]:
    """Return what an import would change, in the language of the page."""
    return [_told_change(what, [before, after]) for what, before, after in changes]


def _told_change(name: str, change: Any) -> ToldChange:
    before, after = change if isinstance(change, list) and len(change) == 2 else (None, change)
    return ToldChange(str(_LABELS.get(name, name)), _words(name, before), _words(name, after))


def _words(name: str, value: Any) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    if name == "kinds":
        return formats.in_a_row(str(KIND_NAMES[MailKind(kind)]) for kind in value) or str(_("none"))
    if name == "language":
        return languages.name_here(value)
    if name == "basis":
        return str(BASIS_NAMES[LegalBasis(value)])
    if name == "do_not_write":
        reason, _blank, kind = str(value).partition(" ")
        what = EVERYTHING if kind == "all" else KIND_NAMES[MailKind(kind)]
        return str(_("%(label)s: %(text)s", label=REASON_NAMES[SuppressionReason(reason)], text=what))
    return str(value)
