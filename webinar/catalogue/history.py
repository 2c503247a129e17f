"""What was changed in a series, a webinar or a session, as the audit log has it, told in people's words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from webinar.accounts.models import AuditEntry
from webinar.accounts.told import ToldChange, ToldEntry, told_entries
from webinar.catalogue.forms.access import ACCESS_NAMES
from webinar.catalogue.forms.agenda import KIND_NAMES
from webinar.catalogue.forms.language_versions import VERSION_NAMES
from webinar.catalogue.forms.question import MOMENT_NAMES, QUESTION_KIND_NAMES
from webinar.catalogue.forms.session import PLATFORM_NAMES
from webinar.catalogue.forms.speakers import PART_NAMES
from webinar.catalogue.models import (
    Access,
    AgendaKind,
    Moment,
    Platform,
    QuestionKind,
    SessionStatus,
    SpeakerPart,
    VersionKind,
)
from webinar.catalogue.ways_to_follow import WAY_NAMES
from webinar.foundation import countries, formats, languages
from webinar.foundation.zones import in_zone, is_zone

_LABELS = {
    "access": _l("Who may register"),
    "agenda": _l("Agenda"),
    "agenda_questions": _l("Guiding questions"),
    "agenda_title": _l("Agenda"),
    "attendance_threshold": _l("Minutes somebody must have been there to have come"),
    "came": _l("Came, as said by hand"),
    "came_from": _l("Came at"),
    "came_until": _l("Left at"),
    "copied_from": _l("Copied from"),
    "cancelled": _l("Cancelled"),
    "certificates_is_open": _l("Who came can download a certificate"),
    "certificates_place": _l("Place of issue"),
    "certificates_shows_minutes": _l("Print for how many minutes they were there"),
    "certificates_signer_name": _l("Who signs"),
    "certificates_signer_role": _l("Their role"),
    "co_hosts": _l("Co-hosts"),
    "description": _l("Description"),
    "end": _l("End"),
    "format": _l("Format"),
    "has_open_door": _l("Open door for who comes late"),
    "join_url": _l("Join address"),
    "is_provisional": _l("The date may still change"),
    "language": _l("Language"),
    "languages": _l("Languages"),
    "mail_language": _l("Written to in"),
    "most_per_member": _l("Seats for one member, at most"),
    "material_title": _l("Material"),
    "materials": _l("Materials"),
    "notice": _l("Notice"),
    "original_language": _l("Original language"),
    "part_kind": _l("Kind of part"),
    "part_minutes": _l("Minutes of part"),
    "photo": _l("Photo"),
    "picture": _l("Picture"),
    "platform": _l("Platform"),
    "practical_notes": _l("Practical notes"),
    "question": _l("Question"),
    "question_choice": _l("Choice"),
    "question_choices": _l("Choices"),
    "question_is_needed": _l("An answer is needed"),
    "question_keep_until": _l("Answers are kept until"),
    "question_kind": _l("Kind of answer"),
    "question_moment": _l("When it is asked"),
    "question_order": _l("Order of the questions"),
    "question_purpose": _l("Purpose"),
    "question_title": _l("Question"),
    "question_words_beside": _l("People write words beside"),
    "registered": _l("Registered"),
    "reminders": _l("Reminders, before the start"),
    "registration": _l("Registration number"),
    "registration_closes": _l("Registration closes"),
    "registration_opens": _l("Registration opens"),
    "seats": _l("Seats"),
    "series": _l("Series"),
    "session": _l("Session"),
    "slug": _l("Web address"),
    "speaker": _l("Speaker"),
    "speaker_affiliation": _l("Speaks for"),
    "speaker_is_confirmed": _l("Confirmed"),
    "speaker_part": _l("Part"),
    "speaker_role": _l("Role"),
    "speakers": _l("Speakers"),
    "start": _l("Start"),
    "starts_at": _l("Start"),
    "status": _l("State"),
    "summary": _l("Summary"),
    "timezone": _l("Time zone"),
    "title": _l("Title"),
    "unregistered": _l("Came without registering"),
    "waiting": _l("Waiting"),
    "way_access_code": _l("Access code"),
    "way_countries": _l("Countries that need it"),
    "ways_to_follow": _l("Further ways to follow it"),
    "what": _l("What"),
    **{f"way_{kind}": name for kind, name in WAY_NAMES.items()},
}

_WHAT = {
    "attendance": _l("Attendance"),
    "plain text": _l("As plain text"),
    "registrations": _l("Registrations"),
}

_STATUS_NAMES = {
    SessionStatus.DRAFT: _l("Draft"),
    SessionStatus.PUBLISHED: _l("Published"),
    SessionStatus.CANCELLED: _l("Cancelled"),
}

_OF_ONE_OF_SEVERAL = (
    "speaker_affiliation", "speaker_is_confirmed", "speaker_part", "speaker_role", "way_access_code", "way_countries",
)  # fmt: skip


def told(entries: Iterable[AuditEntry], zone: str) -> list[ToldEntry]:
    """Return entries, whose accounts are loaded, in the language of the page and for who reads in a zone."""
    return told_entries(entries, zone, lambda name, change: _told_change(name, change, zone))


def _told_change(name: str, change: Any, zone: str) -> ToldChange:
    fits, _space, fitting = name.partition(" ")
    if fits == "still_fits":  # a translation, with its language, that somebody has looked at
        told = _told_change(fitting, change, zone)
        return told._replace(label=_("%(label)s: %(text)s", label=_("It still fits"), text=told.label))
    what, which, code = _parts(name)
    is_language = languages.is_known(code)
    label: str = str(_LABELS.get(what, what.replace("_", " ")))
    if what in _OF_ONE_OF_SEVERAL:
        label = _("%(label)s: %(text)s", label=which, text=label)
    elif re.fullmatch(r"[\d.]+", which):
        label = f"{label} {which}"  # what is named after itself says its name in the value
    if is_language:
        label = _("%(what)s (%(language)s)", what=label, language=languages.in_words(code))
    before, after = change if isinstance(change, list) and len(change) == 2 else (None, change)
    # These are of a language version, and not written in its language.
    language = code if is_language and what not in ("join_url", "language", "practical_notes") else ""
    return ToldChange(label, _told_value(what, before, zone), _told_value(what, after, zone), language)


def _parts(name: str) -> tuple[str, str, str]:
    """Return what was changed, which of them, and in which language: ``speaker_role Ana (fr)``."""
    what, _space, which = name.partition(" ")
    found = re.fullmatch(r"(?:(.*) )?\(([a-z]+)\)", which)
    return (what, found[1] or "", found[2]) if found else (what, which, "")


def _told_value(what: str, value: Any, zone: str) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return str(_("Yes") if value else _("No"))
    told_by = _VALUES.get(what)
    if isinstance(value, list):
        parts = [str(part) for part in value]
        value = ", ".join(parts) if told_by else formats.in_a_row(parts)
    if told_by is not None and isinstance(value, str):
        return str(told_by(value))
    if isinstance(value, str) and (moment := _moment(value)) is not None:
        # What was decided is wall time there; a moment is told as the reader's clocks show it.
        return formats.short(moment if moment.tzinfo is None else in_zone(moment, zone))
    return formats.number(value) if isinstance(value, int) else str(value)


def _moment(value: str) -> datetime | None:
    if not re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d", value):
        return None
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        return None


def _day(value: str) -> str:
    try:
        return formats.date(datetime.fromisoformat(value))
    except ValueError:
        return value


def _names(value: str) -> str:
    codes = value.split(", ")
    return formats.in_a_row(languages.name_of(code) if languages.is_known(code) else code for code in codes)


def _coded(names: dict[Any, Any], kind: Callable[[str], Any]) -> Callable[[str], LazyString | str]:
    def name(value: str) -> LazyString | str:
        try:
            found: LazyString | str = names[kind(value)]
        except (KeyError, ValueError):  # a word of an earlier release
            return value
        return found

    return name


_KIND = _coded(VERSION_NAMES, VersionKind)
_VALUES: dict[str, Callable[[str], LazyString | str]] = {
    "access": _coded(ACCESS_NAMES, Access),
    "format": str.upper,
    "language": lambda value: _names(value) if languages.is_known(value) else _KIND(value),
    "languages": _names,
    "mail_language": _names,
    "original_language": _names,
    "part_kind": _coded(KIND_NAMES, AgendaKind),
    "platform": _coded(PLATFORM_NAMES, Platform),
    "question_keep_until": _day,
    "question_kind": _coded(QUESTION_KIND_NAMES, QuestionKind),
    "question_moment": _coded(MOMENT_NAMES, Moment),
    "reminders": lambda value: formats.in_a_row(formats.minutes_in_words(int(part)) for part in value.split(", ")),
    "speaker_part": _coded(PART_NAMES, SpeakerPart),
    "status": _coded(_STATUS_NAMES, SessionStatus),
    "timezone": lambda value: formats.city(value) if is_zone(value) else value,
    "way_countries": lambda value: formats.in_a_row(countries.name_here(code) for code in value.split(", ")),
    "what": _coded(_WHAT, str),
}
