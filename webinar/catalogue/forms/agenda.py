"""The rows of an agenda: talks and roundtables, with their titles and guiding questions in each language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Field, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice

from webinar.catalogue.forms.fields import (
    MOST_OF_A_LINE,
    MOST_OF_A_SUMMARY,
    EditForm,
    WholeNumber,
    as_line,
    as_text,
    at_most,
)
from webinar.catalogue.models import AgendaKind
from webinar.catalogue.services.catalogue_file import AgendaEntry
from webinar.foundation.lines import one_line

KIND_NAMES = {AgendaKind.TALK: _l("Talk"), AgendaKind.ROUNDTABLE: _l("Roundtable")}


def agenda_row(number: int, codes: Sequence[str]) -> dict[str, Any]:
    """Return the fields of one part, by name."""
    row = f"agenda_{number}_"
    kinds = [SelectChoice(kind.value, name) for kind, name in KIND_NAMES.items()]
    fields: dict[str, Any] = {
        f"{row}kind": SelectField(
            _("Kind"), choices=kinds, default=AgendaKind.TALK.value, invalid_choice_message=_("Choose one of these.")
        ),
        f"{row}minutes": WholeNumber(_("Minutes")),
    }
    for code in codes:
        fields[f"{row}title_{code}"] = StringField(_("Title"), [at_most(MOST_OF_A_LINE)], filters=[as_line])
        fields[f"{row}questions_{code}"] = TextAreaField(
            _("Guiding questions"), [at_most(MOST_OF_A_SUMMARY)], filters=[as_text]
        )
    return fields


def agenda_as_data(agenda: Sequence[AgendaEntry]) -> dict[str, Any]:
    """Return what the rows are filled with."""
    data: dict[str, Any] = {}
    for number, entry in enumerate(agenda):
        data |= {f"agenda_{number}_kind": entry.kind.value, f"agenda_{number}_minutes": entry.minutes}
        data |= {f"agenda_{number}_title_{code}": title for code, title in entry.title.items()}
        data |= {f"agenda_{number}_questions_{code}": "\n".join(lines) for code, lines in entry.questions.items()}
    return data


def agenda_has_titles(form: EditForm, original: str) -> bool:
    """Want a title for each part that anything stands in, and tell whether that is so."""
    is_valid = True
    for number, row in enumerate(form.rows("agenda"), 1):
        if form.filled(row, "kind") and not any(row[f"title_{code}"].data for code in form.codes):
            field = original if original in form.codes else form.codes[0]
            row[f"title_{field}"].errors = [_("Write what part %(number)s of the agenda is called.", number=number)]
            is_valid = False
    return is_valid


def agenda_entry(row: Mapping[str, Field], codes: Sequence[str]) -> AgendaEntry:
    """Return a part as the service wants it."""
    questions = {code: _lines(row[f"questions_{code}"].data) for code in codes}
    return AgendaEntry(
        kind=AgendaKind(row["kind"].data),
        minutes=row["minutes"].data,
        title={code: row[f"title_{code}"].data for code in codes if row[f"title_{code}"].data},
        questions={code: lines for code, lines in questions.items() if lines and row[f"title_{code}"].data},
    )


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line for line in (one_line(line) for line in text.split("\n")) if line)
