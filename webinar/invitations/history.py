"""What was changed in a mailing, as the audit log has it, told in people's words."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from webinar.accounts.models import AuditEntry
from webinar.accounts.told import ToldChange, ToldEntry, told_entries
from webinar.foundation import languages
from webinar.invitations.audience import Condition
from webinar.invitations.models import CityAnswer, MailingState
from webinar.invitations.sentences import told as told_conditions
from webinar.invitations.words import CITY_ANSWERS, STATES

_LABELS = {
    "body": _l("Text"),
    "conditions": _l("Audience"),
    "local_day": _l("Day at nine o’clock in each one’s city"),
    "name": _l("Name"),
    "others": _l("What people get who read another language"),
    "people": _l("People"),
    "sessions": _l("Sessions"),
    "starts_at": _l("When it is sent"),
    "state": _l("Status"),
    "subject": _l("Subject"),
    "with_entry": _l("With an entry for the calendar"),
    "yes_registers": _l("“Yes” in the calendar registers"),
}


def told(entries: Iterable[AuditEntry], zone: str) -> list[ToldEntry]:
    """Return entries, whose accounts are loaded, in the language of the page and for who reads in a zone."""
    return told_entries(entries, zone, _told_change)


def told_follow_up(entries: Iterable[AuditEntry], zone: str) -> list[ToldEntry]:
    """Return entries about the follow-up of a city as ``told`` does; who follows it up is not named by number."""
    return told_entries(entries, zone, _told_of_city)


def _told_of_city(name: str, change: Any) -> ToldChange:
    if name == "responsible":
        return ToldChange(str(_("Who follows this up")), "", "")
    before, after = (str(CITY_ANSWERS[CityAnswer(code)]) if code else "" for code in change)
    return ToldChange(str(_("What the city has said")), before, after)


def _told_change(name: str, change: Any) -> ToldChange:
    before, after = change if isinstance(change, list) and len(change) == 2 else (None, change)
    what, language = _parts(name)
    label = str(_LABELS.get(what, what))
    if language:
        label = _("%(label)s (%(language)s)", label=label, language=languages.in_words(language))
    return ToldChange(label, _words(what, before), _words(what, after), language)


def _parts(name: str) -> tuple[str, str]:
    found = re.fullmatch(r"(\w+) \(([a-z]+)\)", name)
    if found is None or not languages.is_known(found[2]):
        return name, ""
    return found[1], found[2]


def _words(name: str, value: Any) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    if name == "state":
        return str(STATES[MailingState(value)])
    if name == "conditions":
        return "; ".join(one.sentence for one in told_conditions(Condition.read(stored) for stored in value))
    if name == "others":
        return str(_("Nothing")) if value == "nobody" else languages.name_here(value)
    return str(value)
