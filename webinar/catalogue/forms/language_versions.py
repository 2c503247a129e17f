"""The rows of the languages in which a session can be followed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Field, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice

from webinar.catalogue.forms.fields import MOST_OF_A_SUMMARY, EditForm, as_text, link
from webinar.catalogue.models import LanguageVersion, VersionKind
from webinar.catalogue.services.catalogue_file import MOST_OF_AN_ADDRESS, VersionEntry
from webinar.catalogue.texts import own_text
from webinar.foundation import languages
from webinar.foundation.fields import AtMost, as_line

VERSION_NAMES = {VersionKind.FLOOR: _l("Original language"), VersionKind.INTERPRETATION: _l("Interpreted")}


def language_choices(known: Iterable[str]) -> list[SelectChoice]:
    """Return the languages to choose from: those of the site and the known ones first, then all others."""
    offered = sorted({*languages.offered(), *known}, key=lambda code: languages.in_alphabet(languages.in_words(code)))
    return [
        SelectChoice("", _("No language")),
        *(SelectChoice(code, languages.in_words(code), optgroup=_("Languages of this site")) for code in offered),
        *(
            SelectChoice(code, languages.in_words(code), optgroup=_("Other languages"))
            for code in languages.all_known()
            if code not in offered
        ),
    ]


def language_row(number: int, choices: list[SelectChoice]) -> dict[str, Any]:
    """Return the fields of one language, by name."""
    row = f"language_{number}_"
    kinds = [SelectChoice(kind.value, name) for kind, name in VERSION_NAMES.items()]
    return {
        f"{row}code": SelectField(
            _("Language"),
            choices=choices,
            invalid_choice_message=_("Choose a language of the list."),
        ),
        f"{row}kind": SelectField(
            _("Heard as"),
            choices=kinds,
            default=(VersionKind.INTERPRETATION if number else VersionKind.FLOOR).value,
            invalid_choice_message=_("Choose one of these."),
        ),
        f"{row}join_url": StringField(
            _("Join address of its own"), [AtMost(MOST_OF_AN_ADDRESS), link], filters=[as_line]
        ),
        f"{row}practical_notes": TextAreaField(_("Practical notes"), [AtMost(MOST_OF_A_SUMMARY)], filters=[as_text]),
    }


def languages_as_data(versions: Sequence[LanguageVersion], original: str) -> dict[str, Any]:
    """Return what the rows are filled with: of the practical notes those in the webinar's original language."""
    data: dict[str, Any] = {}
    for number, version in enumerate(versions):
        data |= {
            f"language_{number}_code": version.code,
            f"language_{number}_kind": version.kind.value,
            f"language_{number}_join_url": version.join_url,
        }
        if text := own_text(version.texts, original):
            data[f"language_{number}_practical_notes"] = text.practical_notes
    return data


def check_languages(form: EditForm) -> None:
    """Want each language once, and one of them as the original."""
    chosen: set[str] = set()
    floors = 0
    for number, row in enumerate(form.rows("language"), 1):
        code = row["code"].data
        if not code:
            if row["join_url"].data or row["practical_notes"].data:
                row["code"].errors = [_("Choose the language of row %(number)s.", number=number)]
            continue
        if code in chosen:
            row["code"].errors = [_("This language stands here twice.")]
        chosen.add(code)
        floors += row["kind"].data == VersionKind.FLOOR
        if floors > 1 and row["kind"].data == VersionKind.FLOOR:
            row["kind"].errors = [_("Only one language can be the original one.")]
    first = form.rows("language")[0]
    if not chosen and not first["code"].errors:
        first["code"].errors = [_("Choose the language in which the session is held.")]
    elif chosen and not floors:
        first["kind"].errors = [_("One of the languages must be the original one.")]


def version_entry(row: Mapping[str, Field], original: str) -> VersionEntry:
    """Return a language as the service wants it."""
    return VersionEntry(
        code=row["code"].data,
        kind=VersionKind(row["kind"].data),
        join_url=row["join_url"].data,
        practical_notes={original: row["practical_notes"].data},
    )
