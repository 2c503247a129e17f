"""How long what somebody types may be, said in the words and digits of the page."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from wtforms import Field
from wtforms.validators import Length, ValidationError


class AtMost(Length):  # type: ignore[misc]
    """Refuses what is longer than so many characters, and tells browsers so."""

    def __init__(self, count: int) -> None:
        super().__init__(max=count)

    def __call__(self, form: Any, field: Field) -> None:
        """Refuse it; WTForms itself would write the number the same in every language."""
        if len(field.data or "") > self.max:
            raise ValidationError(_("Write at most %(max)s characters.", max=self.max))
