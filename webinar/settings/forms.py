"""The form of the settings: each field by the same rule as the environment, refused in the words of the page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, SelectField, SelectMultipleField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.widgets import CheckboxInput, ListWidget

from config import INTERFACE_LANGUAGES, RULES, NotUnderstood
from webinar.files.forms import PictureField
from webinar.files.pictures import LOGO
from webinar.foundation.digits import latin
from webinar.foundation.fields import as_line, in_themselves
from webinar.settings.services import Change

REFUSALS = {
    "NETWORK_NAME": _l("Write a name of at most 100 characters."),
    "BRAND_COLOUR": _l("Write a colour as # and six digits or letters from a to f, like #1d3fbb."),
    "LANGUAGES": _l("Choose at least one language."),
    "DEFAULT_TIMEZONE": _l("Choose a city of the list."),
    "DOORS_OPEN_MINUTES": _l("Write a whole number of minutes, from 0 to 1440."),
    "SPEAKER_DOORS_OPEN_MINUTES": _l("Write a whole number of minutes, from 0 to 1440."),
    "REMINDERS": _l(
        "Write at most five different numbers of minutes, from 5 to 20160, joined by commas, as in 1440,60; or “none”."
    ),
    "KEEP_DAYS": _l("Write a whole number of days, from 1 to 36500."),
    "MAILINGS_A_MINUTE": _l("Write a whole number of mails, from 0 to 100000."),
    "MAILINGS_A_MINUTE_PER_DOMAIN": _l("Write a whole number of mails, from 0 to 100000."),
    "MAIL_DEFAULT_SENDER": _l(
        "Write a mail address like webinars@example.org, with or without a name: Metropolis <webinars@example.org>."
    ),
}


def _number(written: str | None) -> str:
    return latin(as_line(written))


class SettingsForm(FlaskForm):  # type: ignore[misc]
    """The settings that an admin may save, each under its own name; ``before_NAME`` is what it was on the page."""

    NETWORK_NAME = StringField(_l("Name of the network"), filters=[as_line])
    BRAND_COLOUR = StringField(_l("Accent colour"), filters=[as_line])
    LANGUAGES = SelectMultipleField(
        _l("Languages"), option_widget=CheckboxInput(), widget=ListWidget(prefix_label=False), validate_choice=False
    )
    first_language = SelectField(_l("First language"), validate_choice=False)
    take_languages = BooleanField(_l("Take the language away all the same"))
    DEFAULT_TIMEZONE = SelectField(_l("Time zone"), validate_choice=False)
    DOORS_OPEN_MINUTES = StringField(_l("Doors open, in minutes before the start"), filters=[_number])
    SPEAKER_DOORS_OPEN_MINUTES = StringField(
        _l("Doors open for speakers, in minutes before the start"), filters=[_number]
    )
    REMINDERS = StringField(_l("Reminders, in minutes before the start"), filters=[_number])
    KEEP_DAYS = StringField(_l("Personal data are kept, in days after the session"), filters=[_number])
    MAIL_DEFAULT_SENDER = StringField(_l("Mails come from"), filters=[as_line])
    MAILINGS_A_MINUTE = StringField(_l("Mails of mailings, in a minute at most"), filters=[_number])
    MAILINGS_A_MINUTE_PER_DOMAIN = StringField(
        _l("Mails of mailings to one domain, in a minute at most"), filters=[_number]
    )

    fixed: frozenset[str]

    def text_of(self, name: str) -> str:
        """Return what was typed for a setting, as it would stand in the environment."""
        if name != "LANGUAGES":
            return self._fields[name].data or ""
        chosen = self.LANGUAGES.data or []
        first = [code for code in (self.first_language.data,) if code in chosen]
        return ",".join(dict.fromkeys([*first, *chosen]))

    def validate(self, extra_validators: Any = None) -> bool:
        """Let the rule of each setting decide."""
        is_valid: bool = super().validate(extra_validators)
        for name, rule in RULES.items():
            if name in self.fixed:
                continue
            try:
                rule.understand(self.text_of(name))
            except NotUnderstood:
                self._fields[name].errors = [str(REFUSALS[name])]
                is_valid = False
        return is_valid

    def changes(self, before: dict[str, str]) -> dict[str, Change]:
        """Return what each setting was on the page and what it is to be."""
        return {name: Change(before[name], self.text_of(name)) for name in RULES if name not in self.fixed}


class MarkForm(FlaskForm):  # type: ignore[misc]
    """The network's mark, which has to be chosen."""

    mark = PictureField(_l("Mark"), LOGO)

    def validate(self, extra_validators: Any = None) -> bool:
        """Want a picture."""
        is_valid: bool = super().validate(extra_validators)
        if is_valid and self.mark.data is None:
            self.mark.errors = [_("Choose a picture.")]
        return is_valid and not self.errors


def settings_form(
    texts: dict[str, str], fixed: frozenset[str], zones: Sequence[tuple[str, Sequence[tuple[str, str]]]]
) -> SettingsForm:
    """Return the form filled with what the settings are, or with what was sent; ``fixed`` are set elsewhere."""
    codes = texts["LANGUAGES"].split(",")
    form = SettingsForm(data={**texts, "LANGUAGES": codes, "first_language": codes[0]})
    form.fixed = fixed
    form.LANGUAGES.choices = in_themselves(INTERFACE_LANGUAGES)
    form.first_language.choices = list(form.LANGUAGES.choices)
    form.DEFAULT_TIMEZONE.choices = [
        SelectChoice(zone, city, optgroup=part) for part, cities in zones for zone, city in cities
    ]
    return form
