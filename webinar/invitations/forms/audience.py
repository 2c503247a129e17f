"""The organisers' forms for audiences: a condition, a name, and a list of people from a file."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

from flask import current_app
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import RadioField, SelectMultipleField, StringField
from wtforms.widgets import CheckboxInput, ListWidget

from webinar.catalogue.forms.fields import EditForm
from webinar.foundation import formats
from webinar.foundation.fields import AtMost, as_line
from webinar.invitations.audience import MOST_VALUES, About, Condition

HOLDS, HOLDS_NOT = "yes", "no"


class Values(SelectMultipleField):  # type: ignore[misc]
    """Values of a condition to tick; whether they are there is looked at when it is stored."""

    def __init__(self, label: str, **more: Any) -> None:
        super().__init__(label, validate_choice=False, widget=ListWidget(), option_widget=CheckboxInput(), **more)

    @property
    def ticked(self) -> Collection[str]:
        """What is ticked, each once, and not much more than a condition takes."""
        return list(dict.fromkeys(as_line(value) for value in self.data or ()))[: MOST_VALUES + 1]


class ConditionForm(EditForm):
    """Whether a condition is to hold, and its values; what it is about is said beside it."""

    holds = RadioField(_l("How it holds"), default=HOLDS, validate_choice=False)
    values = Values(_l("Which"))
    words = StringField(_l("Words, with commas between them"), [AtMost(300)], filters=[as_line])

    def condition(self, about: str) -> Condition:
        """Return what was chosen, still to be checked by the use case."""
        values = self.values.ticked
        if about == About.ROLE:
            values = [word for part in re.split("[,،]", self.words.data or "") if (word := as_line(part))]
        return Condition(about, tuple(values), self.holds.data != HOLDS_NOT)


class NameForm(FlaskForm):  # type: ignore[misc]
    """A name by which something is found again."""

    name = StringField(_l("Name"), [AtMost(300)], filters=[as_line])


class AddressesForm(NameForm):
    """A file of addresses, and how the list is called that it makes."""

    file = FileField(_l("File of addresses"), render_kw={"accept": ".csv,.xlsx,.tsv,.txt"})
    content = b""

    def validate(self, extra_validators: Any = None) -> bool:
        """Want a file, of a size that is read at once."""
        is_valid: bool = super().validate(extra_validators)
        most = current_app.config["MAX_FILE_BYTES"]
        if not self.file.data:
            self.file.errors = [_("Choose a file.")]
            return False
        self.content = self.file.data.stream.read(most + 1)
        if len(self.content) > most:
            self.file.errors = [_("The file is larger than %(most)s. Split it.", most=formats.file_size(most))]
        return is_valid and not self.file.errors
