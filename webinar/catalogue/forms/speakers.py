"""The rows of those who speak in a session."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Field, SelectField, StringField
from wtforms.fields.choices import SelectChoice

from webinar.catalogue.forms.fields import MOST_OF_A_LINE, EditForm
from webinar.catalogue.models import Speaker, SpeakerPart
from webinar.catalogue.services.catalogue_file import SpeakerEntry
from webinar.catalogue.texts import own_text
from webinar.foundation.fields import AtMost, as_line

PART_NAMES = {
    SpeakerPart.SPEAKER: _l("Speaker"),
    SpeakerPart.MODERATOR: _l("Moderator"),
    SpeakerPart.PANELLIST: _l("Panellist"),
}


def speaker_row(number: int) -> dict[str, Any]:
    """Return the fields of one speaker, by name."""
    row = f"speaker_{number}_"
    return {
        f"{row}name": StringField(_("Name"), [AtMost(MOST_OF_A_LINE)], filters=[as_line]),
        f"{row}role": StringField(_("Role"), [AtMost(MOST_OF_A_LINE)], filters=[as_line]),
        f"{row}affiliation": StringField(_("Speaks for"), [AtMost(MOST_OF_A_LINE)], filters=[as_line]),
        f"{row}part": SelectField(
            _("Part"),
            choices=[SelectChoice(part.value, name) for part, name in PART_NAMES.items()],
            default=SpeakerPart.SPEAKER.value,
            invalid_choice_message=_("Choose one of these."),
        ),
        f"{row}is_asked": BooleanField(_("Not confirmed yet: the public does not see the name")),
    }


def speakers_as_data(speakers: Sequence[Speaker], original: str) -> dict[str, Any]:
    """Return what the rows are filled with: what is written about them in the webinar's original language."""
    data: dict[str, Any] = {}
    for number, speaker in enumerate(speakers):
        data |= {
            f"speaker_{number}_name": speaker.name,
            f"speaker_{number}_part": speaker.part.value,
            f"speaker_{number}_is_asked": not speaker.is_confirmed,
        }
        if text := own_text(speaker.texts, original):
            data |= {f"speaker_{number}_role": text.role, f"speaker_{number}_affiliation": text.affiliation}
    return data


def check_speakers(form: EditForm) -> None:
    """Want a name for each speaker whom anything was written about."""
    for number, row in enumerate(form.rows("speaker"), 1):
        if form.filled(row, "part", "is_asked") and not row["name"].data:
            row["name"].errors = [_("Write the name of speaker %(number)s.", number=number)]


def speaker_entry(row: Mapping[str, Field], original: str) -> SpeakerEntry:
    """Return a speaker as the service wants it."""
    return SpeakerEntry(
        row["name"].data,
        {original: row["role"].data},
        {original: row["affiliation"].data},
        SpeakerPart(row["part"].data),
        not row["is_asked"].data,
    )
