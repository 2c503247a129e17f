"""The form that says when a mailing goes out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import RadioField, SelectField
from wtforms.fields.choices import SelectChoice

from webinar.catalogue.forms.fields import Day, EditForm, LocalTime
from webinar.foundation.zones import in_zone, is_zone
from webinar.invitations.models import Mailing
from webinar.invitations.services.schedule import Schedule

AT_ONCE, AT_A_TIME, AT_NINE = "now", "at", "day"


class ScheduleForm(EditForm):
    """When a mailing goes out; what belongs to another way than the chosen one is not looked at."""

    when = RadioField(_l("When"), validate_choice=False)
    at = LocalTime(_l("Day and hour"))
    zone = SelectField(_l("By the clocks of"), validate_choice=False)
    day = Day(_l("Day"))

    def validate(self, extra_validators: Any = None) -> bool:
        """Want what belongs to the chosen way."""
        super().validate(extra_validators)
        chosen = self.when.data
        if chosen != AT_A_TIME:
            self.at.errors = []
        elif not self.at.errors and self.at.data is None:
            self.at.errors = [_("Write the day and the hour at which it goes.")]
        if chosen == AT_A_TIME and not is_zone(self.zone.data or ""):
            self.zone.errors = [_("Choose a city of the list.")]
        if chosen != AT_NINE:
            self.day.errors = []
        elif not self.day.errors and self.day.data is None:
            self.day.errors = [_("Write the day on which it goes.")]
        if chosen not in (AT_ONCE, AT_A_TIME, AT_NINE):
            self.when.errors = [_("Choose when it goes.")]
        return not self.errors

    def schedule(self) -> Schedule:
        """Return the validated input as the service wants it."""
        match self.when.data:
            case "at":
                return Schedule(at=self.at.data, zone=self.zone.data)
            case "day":
                return Schedule(day=self.day.data)
        return Schedule()


def schedule_form(
    mailing: Mailing, zone: str, zones: Sequence[tuple[str, Sequence[tuple[str, str]]]], **sent: Any
) -> ScheduleForm:
    """Return the form with what is stored; ``zone`` is proposed where none was chosen yet, ``zones`` are on offer."""
    chosen = mailing.starts_zone or zone
    form = ScheduleForm(
        **sent,
        data={
            "revision": mailing.revision,
            "when": AT_A_TIME if mailing.starts_at else AT_NINE if mailing.local_day else AT_ONCE,
            "at": in_zone(mailing.starts_at, chosen).replace(tzinfo=None) if mailing.starts_at else None,
            "zone": chosen,
            "day": mailing.local_day,
        },
    )
    form.when.choices = [
        SelectChoice(AT_ONCE, _("At once, when it is confirmed")),
        SelectChoice(AT_A_TIME, _("At a moment, the same for everybody")),
        SelectChoice(AT_NINE, _("At nine in the morning in each person’s own city")),
    ]
    form.zone.choices = [SelectChoice(name, city, optgroup=part) for part, cities in zones for name, city in cities]
    return form
