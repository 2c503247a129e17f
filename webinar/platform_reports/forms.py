"""What the staff's pages of platforms' reports are sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, fields, replace
from typing import Any

from flask import current_app
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import RadioField, SelectField
from wtforms.fields.choices import SelectChoice

from webinar.foundation import formats
from webinar.foundation.fields import as_line, in_themselves
from webinar.platform_reports.report import Columns, DateOrder, Layout
from webinar.platform_reports.services.decide import CameWithout
from webinar.platform_reports.services.plan import HowToRead
from webinar.registration.forms import MailAddressField, WithDetails, affiliation_field, line_field, name_field

MOST_OF_A_FILE_NAME = 300
MOST_OF_A_HEADING = 60


class ReportFileForm(FlaskForm):  # type: ignore[misc]
    """A platform's report, whatever it is called: what it is, is seen in what it says."""

    file = FileField(_l("Attendance report"))
    content = b""

    def __init__(self) -> None:
        super().__init__()
        self.most = current_app.config["MAX_FILE_BYTES"]
        # A script says it before the file is sent, which may take minutes; the server says it again.
        self.file.render_kw = {"data-most-bytes": str(self.most), "data-too-large": self._too_large()}

    @property
    def file_name(self) -> str:
        """What the file is called where it comes from."""
        return as_line(self.file.data.filename)[:MOST_OF_A_FILE_NAME] if self.file.data else ""

    def validate(self, extra_validators: Any = None) -> bool:
        """Want a file, of a size that is read at once."""
        is_valid: bool = super().validate(extra_validators)
        if not self.file.data:
            self.file.errors = [_("Choose a file.")]
            return False
        self.content = self.file.data.stream.read(self.most + 1)
        if len(self.content) > self.most:
            self.file.errors = [self._too_large()]
        return is_valid and not self.file.errors

    def _too_large(self) -> str:
        return str(
            _(
                "This file is larger than %(most)s, which no report of one session is. Choose the right one.",
                most=formats.file_size(self.most),
            )
        )


class ReadingForm(FlaskForm):  # type: ignore[misc]
    """How a report that is looked over is to be read, as far as it does not say so itself.

    ``zones`` are those to choose from, by continent; only what is ``asked`` is a field of the form.
    """

    timezone = SelectField(_l("By which city’s clock the file tells times"), validate_choice=False)
    order = RadioField(
        _l("How the file writes dates"),
        choices=[
            SelectChoice(DateOrder.DAY_FIRST.value, _l("Day, month, year")),
            SelectChoice(DateOrder.MONTH_FIRST.value, _l("Month, day, year")),
        ],
    )
    room = RadioField(
        _l("Another report of this session is here already"),
        choices=[
            SelectChoice("replaces", _l("This one takes its place")),
            SelectChoice("adds", _l("This one is of a further room: both count")),
        ],
    )

    def __init__(
        self,
        asked: Sequence[str],
        zones: Sequence[tuple[str, Sequence[tuple[str, str]]]],
        *,
        zone: str,
        order: DateOrder | None,
        adds: bool,
    ) -> None:
        super().__init__(timezone=zone, order=order, room="adds" if adds else "replaces")
        self.timezone.choices = [
            SelectChoice(name, city, optgroup=part) for part, cities in zones for name, city in cities
        ]
        if not any(choice.value == zone for choice in self.timezone.choices):
            self.timezone.choices.append(SelectChoice(zone, formats.city(zone)))
        for name in ("timezone", "order", "room"):
            if name not in asked:
                del self[name]

    def how(self, before: HowToRead) -> HowToRead:
        """Return how it is to be read from now on."""
        sent: dict[str, Any] = {}
        if "timezone" in self:
            sent["timezone"] = self.timezone.data
        if "order" in self:
            sent["order"] = DateOrder(self.order.data)
        if "room" in self:
            sent["adds"] = self.room.data == "adds"
        return replace(before, **sent)


_COLUMN_LABELS = {
    "name": _l("Whole name"),
    "given_name": _l("Given name"),
    "family_name": _l("Family name"),
    "email": _l("Mail address"),
    "joined": _l("Joined at"),
    "left": _l("Left at"),
    "minutes": _l("Minutes there"),
}


class ColumnsForm(FlaskForm):  # type: ignore[misc]
    """Which column of a table says what; ``columns_form`` makes it for one."""

    @property
    def columns(self) -> Columns:
        """The columns that were named; what is not sent as a number of one is none."""
        named = {name: self[name].data for name in _COLUMN_LABELS}
        return Columns(**{name: int(number) for name, number in named.items() if number})

    def validate(self, extra_validators: Any = None) -> bool:
        """Want enough to tell who was there and how long, and no column twice."""
        is_valid: bool = super().validate(extra_validators)
        if not is_valid:
            return False
        chosen = self.columns.chosen()
        for name in chosen:
            if list(chosen.values()).count(chosen[name]) > 1:
                self[name].errors = [_("This column is chosen twice. A column says one thing.")]
        if not self.columns.are_enough:
            self.form_errors = [
                _(
                    "Say at least where the name or the mail address stands, and when people joined and left or for "
                    "how many minutes they were there."
                )
            ]
        return not self.errors


def columns_form(layout: Layout, chosen: Columns | None = None) -> ColumnsForm:
    """Return the form that asks which column of a table is which, as chosen before or as its headings suggest."""
    before = chosen or layout.proposed
    choices = [
        SelectChoice("", _("None")),
        *(
            SelectChoice(
                str(number), _("%(number)s: %(heading)s", number=number + 1, heading=heading[:MOST_OF_A_HEADING])
            )
            for number, heading in enumerate(layout.header)
        ),
    ]
    made = {
        name: SelectField(
            str(label), choices=choices, invalid_choice_message=_("Choose a column of the table, or none.")
        )
        for name, label in _COLUMN_LABELS.items()
    }
    data = {field.name: str(number) for field in fields(before) if (number := getattr(before, field.name)) is not None}
    metaclass: Any = type(ColumnsForm)
    form: ColumnsForm = metaclass("ColumnsForm", (ColumnsForm,), {**made, "__doc__": ColumnsForm.__doc__})(data=data)
    return form


class OptionalAddressField(MailAddressField):
    """An address that nobody may know: left empty, ``normalised`` is too."""

    def pre_validate(self, form: Any) -> None:
        """Refuse what is written and no address."""
        if self.data:
            super().pre_validate(form)


class CameWithoutForm(WithDetails):
    """Who somebody in a report is that came without registering, as one of the staff knows them."""

    given_name = name_field(_l("Given name"), _l("Write their given name, or the one name that they have."))
    family_name = name_field(_l("Family name"))
    email = OptionalAddressField(_l("Mail address"))
    affiliation = affiliation_field(_l("They came on behalf of"))
    role = line_field(_l("Their role"))
    version = SelectField(_l("Language they heard"))

    def __init__(self, *, versions: Sequence[str], **more: Any) -> None:
        super().__init__(**more)
        self.version.choices = in_themselves(versions)
        if len(versions) < 2:
            del self.version

    @property
    def who(self) -> CameWithout:
        """Who they are, as the service wants it."""
        return CameWithout(
            **asdict(self.details),
            email=self.email.normalised or None,
            version=self.version.data if "version" in self else "",
        )
