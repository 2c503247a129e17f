"""The rows of an agenda: talks and roundtables, with their titles and guiding questions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Field, HiddenField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice

from webinar.catalogue.forms.fields import (
    MOST_OF_A_LINE,
    MOST_OF_A_SUMMARY,
    EditForm,
    WholeNumber,
    as_number,
    as_text,
)
from webinar.catalogue.models import AgendaKind
from webinar.catalogue.services.catalogue_file import AgendaEntry
from webinar.foundation.fields import AtMost, as_line
from webinar.foundation.lines import one_line

KIND_NAMES = {AgendaKind.TALK: _l("Talk"), AgendaKind.ROUNDTABLE: _l("Roundtable")}


def agenda_row(number: int) -> dict[str, Any]:
    """Return the fields of one part, by name."""
    row = f"agenda_{number}_"
    kinds = [SelectChoice(kind.value, name) for kind, name in KIND_NAMES.items()]
    return {
        f"{row}id": HiddenField(),
        f"{row}kind": SelectField(
            _("Kind"), choices=kinds, default=AgendaKind.TALK.value, invalid_choice_message=_("Choose one of these.")
        ),
        f"{row}minutes": WholeNumber(_("Minutes")),
        f"{row}title": StringField(_("Title"), [AtMost(MOST_OF_A_LINE)], filters=[as_line]),
        f"{row}questions": TextAreaField(_("Guiding questions"), [AtMost(MOST_OF_A_SUMMARY)], filters=[as_text]),
    }


def agenda_as_data(agenda: Sequence[AgendaEntry], language: str) -> dict[str, Any]:
    """Return what the rows are filled with, in a language."""
    data: dict[str, Any] = {}
    for number, entry in enumerate(agenda):
        row = f"agenda_{number}_"
        data |= {f"{row}id": str(entry.item_id), f"{row}kind": entry.kind.value, f"{row}minutes": entry.minutes}
        data[f"{row}title"] = entry.title.get(language, "")
        data[f"{row}questions"] = "\n".join(entry.questions.get(language, ()))
    return data


def agenda_has_titles(form: EditForm) -> bool:
    """Want a title for each part that anything stands in, and tell whether that is so."""
    is_valid = True
    for number, row in enumerate(form.rows("agenda"), 1):
        if form.filled(row, "id", "kind") and not row["title"].data:
            row["title"].errors = [_("Write what part %(number)s of the agenda is called.", number=number)]
            is_valid = False
    return is_valid


def agenda_entry(row: Mapping[str, Field], language: str) -> AgendaEntry:
    """Return a part, whose texts are in a language, as the service wants it."""
    return AgendaEntry(
        kind=AgendaKind(row["kind"].data),
        minutes=row["minutes"].data,
        title={language: row["title"].data},
        questions={language: _lines(row["questions"].data)},
        item_id=as_number(row["id"].data) or 0,
    )


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line for line in (one_line(line) for line in text.split("\n")) if line)
