"""What form fields of several features share: how a line is read, how long a text may be, languages to choose from."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask_babel import gettext as _
from wtforms import Field
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length, ValidationError

from webinar.foundation import languages
from webinar.foundation.lines import one_line


def as_line(written: str | None) -> str:
    """Return what was written as one line, without spaces around it; nothing is an empty line."""
    return one_line(written or "")


class AtMost(Length):  # type: ignore[misc]
    """Refuses what is longer than so many characters, and tells browsers so."""

    def __init__(self, count: int) -> None:
        super().__init__(max=count)

    def __call__(self, form: Any, field: Field) -> None:
        """Refuse it; WTForms itself would write the number the same in every language."""
        if len(field.data or "") > self.max:
            raise ValidationError(_("Write at most %(max)s characters.", max=self.max))


def in_themselves(codes: Iterable[str]) -> list[SelectChoice]:
    """Return languages as choices, each named in itself and marked so, for a reader who knows no other."""
    return [SelectChoice(code, languages.name_of(code), render_kw={"lang": code}) for code in codes]
