"""The form on which somebody chooses what an export has, and what its columns are called in people's words."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, RadioField, SelectMultipleField
from wtforms.fields.choices import SelectChoice
from wtforms.widgets import CheckboxInput, ListWidget

from webinar.attendance.chosen_columns import Choice, all_columns, may_be_passed_on
from webinar.attendance.export import ExportFormat

COLUMN_NAMES = {
    "series": _l("Series"),
    "webinar": _l("Webinar"),
    "session": _l("Session"),
    "session_start_utc": _l("Start (UTC)"),
    "language": _l("Language they hear"),
    "given_name": _l("Given name"),
    "family_name": _l("Family name"),
    "email": _l("Mail address"),
    "affiliation": _l("Who they come for"),
    "member": _l("Member"),
    "country": _l("Country"),
    "region": _l("Region"),
    "organisation": _l("Organisation"),
    "role": _l("Role"),
    "status": _l("Status"),
    "registered_at_utc": _l("Registered (UTC)"),
    "calendar_answer": _l("Answer from the calendar"),
    "attended": _l("Came"),
    "first_join_utc": _l("First join (UTC)"),
    "last_leave_utc": _l("Last leave (UTC)"),
    "minutes": _l("Minutes"),
    "sources": _l("How it is known"),
    "mail_language": _l("Language of their mails"),
    "watching_with": _l("People watching with them"),
    "timezone": _l("Time zone of the session"),
    "session_start_local": _l("Start, by the clocks of the session"),
    "registered_at_local": _l("Registered, by these clocks"),
    "first_join_local": _l("First join, by these clocks"),
    "last_leave_local": _l("Last leave, by these clocks"),
}
"""What the fixed columns are called on a page; in the files they have their own names in every language."""


class ExportForm(FlaskForm):  # type: ignore[misc]
    """Which file, and which columns it has."""

    format = RadioField(
        _l("Kind of file"),
        choices=[
            SelectChoice(ExportFormat.XLSX.value, _l("XLSX, for spreadsheet programs")),
            SelectChoice(ExportFormat.CSV.value, _l("CSV, one table")),
            SelectChoice(ExportFormat.JSON.value, _l("JSON, for other programs")),
        ],
        default=ExportFormat.XLSX.value,
        validate_choice=True,
    )
    without_personal_data = BooleanField(_l("Without personal data, to pass on"))
    columns = SelectMultipleField(_l("Columns"), widget=ListWidget(), option_widget=CheckboxInput())

    def __init__(self, asked: Sequence[str]) -> None:
        """Make the form with a box for each column; all are ticked where nothing was sent."""
        every = all_columns(asked)
        super().__init__(data={"columns": list(every)})
        self.columns.choices = [SelectChoice(name, COLUMN_NAMES.get(name, name)) for name in every]
        self.asked = asked

    def chosen_format(self) -> ExportFormat:
        """Return which kind of file is wanted."""
        return ExportFormat(self.format.data)

    def choice(self) -> Choice:
        """Return what is wanted; what may not be passed on is left out of what is to be."""
        columns, without = self.columns.data, self.without_personal_data.data
        if self.chosen_format() is ExportFormat.XLSX and set(columns) == set(all_columns(self.asked)):
            return Choice(None, without)
        return Choice(may_be_passed_on(columns) if without and columns else columns, without)
