"""What the organisers type on the pages of who came."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import IntegerField
from wtforms.validators import InputRequired, StopValidation

from webinar.attendance.services.by_hand import Stretch
from webinar.catalogue.forms.fields import LocalTime, OrNothing


class Minutes(OrNothing, IntegerField):  # type: ignore[misc]
    """A number of minutes, which must be given; whether it can be is the use case's matter."""

    wanted = _l("Write a whole number of minutes, 0 for any time.")

    def pre_validate(self, form: Any) -> None:
        """Refuse nothing, too."""
        if self.data is None:
            raise StopValidation("" if self.errors else str(self.wanted))


class ThresholdForm(FlaskForm):  # type: ignore[misc]
    """How long somebody must have been there to have come."""

    minutes = Minutes(_l("At least so many minutes"))


class ByHandForm(FlaskForm):  # type: ignore[misc]
    """From when to when somebody was there, by the clocks of the session."""

    joined = LocalTime(_l("Came at"), [InputRequired(_l("Write the day and the hour at which they came."))])
    left = LocalTime(_l("Left at"), [InputRequired(_l("Write the day and the hour at which they left."))])

    def stretch(self) -> Stretch:
        """Return the validated input as the service wants it."""
        return Stretch(self.joined.data, self.left.data)

    def refuse(self, field: str, message: object) -> None:
        """Put the refusal of the use case at the field it is about."""
        self._fields[field].errors = [str(message)]
