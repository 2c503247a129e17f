"""The organisers' form for the reminders of a session: each is a number and a unit of time before the start."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import NumberRange

from config import MOST_BEFORE, MOST_REMINDERS
from webinar.catalogue.forms.fields import MOST_ROWS, EditForm, WholeNumber, made
from webinar.catalogue.models import WebinarSession
from webinar.reminders.services.choose import ReminderRefused

UNITS = {"days": 24 * 60, "hours": 60, "minutes": 1}
UNIT_NAMES = {
    "days": _l("days before the start"),
    "hours": _l("hours before the start"),
    "minutes": _l("minutes before the start"),
}

_SENT = re.compile(r"reminder_(\d{1,2})_amount")


class RemindersForm(EditForm):
    """Some reminders; an empty one is none."""

    def before(self) -> list[int]:
        """Return the validated input: so many minutes before the start, in the order of the rows."""
        return [minutes for row in self.rows("reminder") if (minutes := _minutes(row)) is not None]

    def refuse_reminder(self, refusal: ReminderRefused) -> None:
        """Put a refusal at the last row of those minutes, or above the form where it is about all."""
        rows = [
            row for row in self.rows("reminder") if refusal.minutes is not None and _minutes(row) == refusal.minutes
        ]
        if rows:
            rows[-1]["amount"].errors = [str(refusal)]
        else:
            self.form_errors.append(str(refusal))


def reminders_form(session: WebinarSession, before: Sequence[int], sent: Mapping[str, str]) -> RemindersForm:
    """Return the form with the reminders that there are and an empty row, or with as many rows as were ``sent``."""
    numbers = [int(found[1]) for name in sent if (found := _SENT.fullmatch(name))]
    count = min(max(numbers) + 1, MOST_ROWS) if numbers else min(len(before) + 1, MOST_REMINDERS)
    fields: dict[str, Any] = {}
    choices = [SelectChoice(unit, name) for unit, name in UNIT_NAMES.items()]
    data: dict[str, Any] = {"revision": session.revision}
    for row in range(count):
        fields[f"reminder_{row}_amount"] = WholeNumber(
            _l("Reminder %(number)s", number=row + 1), [NumberRange(max=MOST_BEFORE, message=_TOO_LONG)]
        )
        fields[f"reminder_{row}_unit"] = SelectField(
            _l("Unit of reminder %(number)s", number=row + 1), choices=choices, default="hours"
        )
        if row < len(before):
            amount, unit = _in_units(before[row])
            data |= {f"reminder_{row}_amount": amount, f"reminder_{row}_unit": unit}
    form: RemindersForm = made(RemindersForm, (), {"reminder": count}, fields)(data=data)
    return form


_TOO_LONG = _l("Write a smaller number.")


def _in_units(minutes: int) -> tuple[int, str]:
    unit = next(name for name, length in UNITS.items() if minutes % length == 0)
    return minutes // UNITS[unit], unit


def _minutes(row: Mapping[str, Any]) -> int | None:
    amount = row["amount"].data
    return None if amount is None else amount * UNITS[row["unit"].data]
