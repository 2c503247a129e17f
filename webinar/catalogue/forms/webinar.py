"""The form for a webinar."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice

from webinar.catalogue.forms.agenda import agenda_as_data, agenda_entry, agenda_has_titles, agenda_row
from webinar.catalogue.forms.fields import (
    MOST_OF_A_LINE,
    MOST_OF_A_SUMMARY,
    MOST_OF_A_TEXT,
    EditForm,
    as_line,
    as_text,
    at_most,
    made,
    rows_wanted,
    web_address,
)
from webinar.catalogue.forms.texts import proposed_address, texts_have_titles
from webinar.catalogue.models import Webinar
from webinar.catalogue.services.drafts import WebinarDraft, WebinarTexts
from webinar.catalogue.services.parts import agenda_as_entries
from webinar.foundation import languages
from webinar.foundation.choices import in_themselves


class WebinarForm(EditForm):
    """A webinar: its series, its texts in each language, and the parts of its agenda."""

    slug = StringField(_l("Web address"), [at_most(100), web_address], filters=[as_line])
    series_slug = SelectField(_l("Series"), validate_choice=False)
    original_language = SelectField(
        _l("Original language"), invalid_choice_message=_l("Choose a language of the list.")
    )

    def validate(self, extra_validators: Any = None) -> bool:
        """Want a title in the original language, one wherever there are other texts, and a title for each part."""
        is_valid: bool = super().validate(extra_validators)
        if not texts_have_titles(self, ("summary", "description")):
            return False
        original = self.original_language.data
        if original in self.codes and not self.in_language("title", original).data:
            message = _(
                "Write the title in %(language)s: it is the original language.", language=languages.in_words(original)
            )
            self.refuse(f"title_{original}", message)
            is_valid = False
        return agenda_has_titles(self, original) and is_valid

    def draft(self) -> WebinarDraft:
        """Return the validated input as the service wants it."""
        texts = {
            code: WebinarTexts(
                self.in_language("title", code).data,
                self.in_language("summary", code).data,
                self.in_language("description", code).data,
            )
            for code in self.codes
            if self.in_language("title", code).data
        }
        return WebinarDraft(
            slug=self.slug.data or proposed_address(texts[self.original_language.data].title),
            series_slug=self.series_slug.data or "",
            original_language=self.original_language.data,
            texts=texts,
            agenda=tuple(
                agenda_entry(row, self.codes)
                for row in self.rows("agenda")
                if any(row[f"title_{code}"].data for code in self.codes)
            ),
        )


def webinar_form(
    codes: Sequence[str],
    series: Sequence[tuple[str, str]],
    sent: Mapping[str, str],
    webinar: Webinar | None = None,
    series_slug: str = "",
) -> WebinarForm:
    """Return the form for a webinar, filled with what it is and with what was sent; ``series`` are slug and title."""
    agenda = agenda_as_entries(webinar) if webinar else []
    count = rows_wanted("agenda", sent, len(agenda), 1)
    fields: dict[str, Any] = {}
    for code in codes:
        fields[f"title_{code}"] = StringField(_("Title"), [at_most(MOST_OF_A_LINE)], filters=[as_line])
        fields[f"summary_{code}"] = TextAreaField(_("Summary"), [at_most(MOST_OF_A_SUMMARY)], filters=[as_text])
        fields[f"description_{code}"] = TextAreaField(_("Description"), [at_most(MOST_OF_A_TEXT)], filters=[as_text])
    for number in range(count):
        fields |= agenda_row(number, codes)
    data: dict[str, Any] = {"series_slug": series_slug, "original_language": codes[0]}
    if webinar is not None:
        data |= {
            "slug": webinar.slug,
            "revision": webinar.revision,
            "series_slug": webinar.series.slug,
            "original_language": webinar.original_language,
        }
        for text in webinar.texts:
            data[f"title_{text.language}"] = text.title
            data[f"summary_{text.language}"] = text.summary
            data[f"description_{text.language}"] = text.description
    data |= agenda_as_data(agenda)
    form: WebinarForm = made(WebinarForm, codes, {"agenda": count}, fields)(data=data)
    form.series_slug.choices = [SelectChoice(slug, title) for slug, title in series]
    form.original_language.choices = in_themselves(codes)
    return form
