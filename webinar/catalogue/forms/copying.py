"""The form for copying: where the copy is found, and on which day it begins."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString
from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import InputRequired

from webinar.catalogue.forms.fields import Day, web_address
from webinar.foundation.fields import AtMost, as_line


class CopyForm(FlaskForm):  # type: ignore[misc]
    """A new web address, and the day of the first session that is copied."""

    slug = StringField(
        _l("Web address"),
        [InputRequired(_l("Write a web address for the copy.")), AtMost(100), web_address],
        filters=[as_line],
    )
    first_day = Day(_l("Day of the first session"), [InputRequired(_l("Choose the day of the first session."))])

    def refuse(self, field: str, message: object) -> None:
        """Put the refusal of the use case at the field it is about."""
        self[field].errors = [str(message)]


def copy_form(slug: str, first_day: date | None, labels: dict[str, str | LazyString] | None = None) -> CopyForm:
    """Return the form with what is proposed; where no session is copied, ``first_day`` is None and is not asked for."""
    data: dict[str, Any] = {"slug": slug, "first_day": first_day}
    form = CopyForm(data=data)
    if first_day is None:
        del form.first_day
    for name, label in (labels or {}).items():
        if name in form:
            form[name].label.text = label
    return form
