"""The form for a series."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import StringField, TextAreaField

from webinar.catalogue.forms.fields import (
    MOST_OF_A_LINE,
    MOST_OF_A_SUMMARY,
    EditForm,
    as_text,
    made,
    web_address,
)
from webinar.catalogue.forms.texts import proposed_address, texts_have_titles
from webinar.catalogue.models import Series
from webinar.catalogue.services.drafts import SeriesDraft, SeriesTexts
from webinar.foundation.fields import AtMost, as_line


class SeriesForm(EditForm):
    """A series: its web address, and title and summary in each language."""

    slug = StringField(_l("Web address"), [AtMost(100), web_address], filters=[as_line])

    def validate(self, extra_validators: Any = None) -> bool:
        """Want a title in some language, and one wherever there is a summary."""
        is_valid: bool = super().validate(extra_validators)
        return texts_have_titles(self, ("summary",)) and is_valid

    def draft(self) -> SeriesDraft:
        """Return the validated input as the service wants it."""
        texts = {
            code: SeriesTexts(self.in_language("title", code).data, self.in_language("summary", code).data)
            for code in self.codes
            if self.in_language("title", code).data
        }
        return SeriesDraft(self.slug.data or proposed_address(next(iter(texts.values())).title), texts)


def series_form(codes: Sequence[str], series: Series | None = None) -> SeriesForm:
    """Return the form for a series, filled with what it is and with what was sent."""
    fields: dict[str, Any] = {}
    data: dict[str, Any] = {}
    for code in codes:
        fields[f"title_{code}"] = StringField(_("Title"), [AtMost(MOST_OF_A_LINE)], filters=[as_line])
        fields[f"summary_{code}"] = TextAreaField(_("Summary"), [AtMost(MOST_OF_A_SUMMARY)], filters=[as_text])
    if series is not None:
        data |= {"slug": series.slug, "revision": series.revision}
        for text in series.texts:
            data |= {f"title_{text.language}": text.title, f"summary_{text.language}": text.summary}
    form: SeriesForm = made(SeriesForm, codes, {}, fields)(data=data)
    return form
