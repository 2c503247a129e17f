"""The organisers' forms for an update: the new times of a move, and a sentence in each language that people read."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import Field, StringField
from wtforms.validators import InputRequired, ValidationError

from webinar.catalogue.forms.fields import EditForm, LocalTime, made
from webinar.catalogue.models import WebinarSession
from webinar.foundation import languages
from webinar.foundation.fields import AtMost, as_line
from webinar.foundation.zones import NoSuchTime, in_utc
from webinar.updates.models import UpdateKind
from webinar.updates.services.recipients import MOST_OF_A_WORD
from webinar.updates.services.rehearse import Plan


class UpdateForm(EditForm):
    """What organisers add to an update, in the languages in which people are told of it."""

    kind: UpdateKind

    @property
    def words(self) -> list[Field]:
        """The fields of the sentences, that of most people first."""
        return [self.in_language("word", code) for code in self.codes]

    def plan(self) -> Plan:
        """Return the validated input as the services want it."""
        words = {code: field.data for code, field in zip(self.codes, self.words, strict=True) if field.data}
        return Plan(self.kind, words=words)


class MoveForm(UpdateForm):
    """When a session is held instead, as the clocks show it where it is held."""

    start = LocalTime(_l("Start"), [InputRequired(_l("Write the day and the hour at which it starts."))])
    end = LocalTime(_l("End"), [InputRequired(_l("Write the day and the hour at which it ends."))])
    zone: str

    def validate_start(self, field: Field) -> None:
        """Refuse a time that the clocks there do not show once."""
        self._check_clocks(field)

    def validate_end(self, field: Field) -> None:
        """Refuse a time that the clocks there do not show once."""
        self._check_clocks(field)

    def _check_clocks(self, field: Field) -> None:
        try:
            if field.data is not None:
                in_utc(field.data, self.zone)
        except NoSuchTime as refusal:
            raise ValidationError(str(refusal)) from None

    def plan(self) -> Plan:
        """Return the validated input as the services want it."""
        return Plan(self.kind, self.start.data, self.end.data, super().plan().words)


def update_form(kind: UpdateKind, session: WebinarSession, told_in: Iterable[str]) -> Any:
    """Return the form for an update of a session, with a sentence for each language that people are ``told_in``."""
    codes = tuple(told_in)
    fields: dict[str, Any] = {
        f"word_{code}": StringField(languages.in_words(code), [AtMost(MOST_OF_A_WORD)], filters=[as_line])
        for code in codes
    }
    base = MoveForm if kind is UpdateKind.MOVED else UpdateForm
    form = made(base, codes, {}, {**fields, "kind": kind, "zone": session.timezone})
    return form(data={"revision": session.revision, "start": session.starts_wall, "end": session.ends_wall})
