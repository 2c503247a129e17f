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
    OriginalForm,
    as_text,
    made,
    rows_wanted,
    web_address,
)
from webinar.catalogue.forms.texts import proposed_address
from webinar.catalogue.models import Webinar
from webinar.catalogue.services.drafts import WebinarDraft, WebinarTexts
from webinar.catalogue.services.parts import agenda_as_entries
from webinar.catalogue.texts import own_text
from webinar.foundation import languages
from webinar.foundation.fields import AtMost, as_line, in_themselves


class WebinarForm(OriginalForm):
    """A webinar: its series, its texts, and the parts of its agenda; a new one says in which language they are."""

    slug = StringField(_l("Web address"), [AtMost(100), web_address], filters=[as_line])
    series_slug = SelectField(_l("Series"), validate_choice=False)
    title = StringField(_l("Title"), [AtMost(MOST_OF_A_LINE)], filters=[as_line])
    summary = TextAreaField(_l("Summary"), [AtMost(MOST_OF_A_SUMMARY)], filters=[as_text])
    description = TextAreaField(_l("Description"), [AtMost(MOST_OF_A_TEXT)], filters=[as_text])

    @property
    def texts_in(self) -> str:
        """The code of the language that the texts of the form are in."""
        if "original_language" not in self._fields:
            return super().texts_in
        chosen = self._fields["original_language"].data
        return chosen if chosen in languages.offered() else languages.current()

    def validate(self, extra_validators: Any = None) -> bool:
        """Want a title, and one for each part of the agenda."""
        is_valid: bool = super().validate(extra_validators)
        if not self.title.data:
            in_words = languages.in_words(self.texts_in)
            self.title.errors = [_("Write the title in %(language)s: it is the original language.", language=in_words)]
        return agenda_has_titles(self) and is_valid and not self.errors

    def draft(self) -> WebinarDraft:
        """Return the validated input as the service wants it."""
        return WebinarDraft(
            slug=self.slug.data or proposed_address(self.title.data),
            series_slug=self.series_slug.data or "",
            texts={self.texts_in: WebinarTexts(self.title.data, self.summary.data, self.description.data)},
            agenda=tuple(agenda_entry(row, self.texts_in) for row in self.rows("agenda") if row["title"].data),
        )


def webinar_form(
    series: Sequence[tuple[str, str]], sent: Mapping[str, str], webinar: Webinar | None = None, series_slug: str = ""
) -> WebinarForm:
    """Return the form for a webinar, filled with what it is and with what was sent; ``series`` are slug and title."""
    agenda = agenda_as_entries(webinar) if webinar else []
    count = rows_wanted("agenda", sent, len(agenda), 1)
    fields: dict[str, Any] = {}
    if webinar is None:
        fields["original_language"] = SelectField(
            _("Original language"),
            choices=in_themselves(languages.offered()),
            invalid_choice_message=_("Choose a language of the list."),
        )
    for number in range(count):
        fields |= agenda_row(number)
    data: dict[str, Any] = {"series_slug": series_slug, "original_language": languages.current()}
    if webinar is not None:
        data = {
            "slug": webinar.slug,
            "revision": webinar.revision,
            "series_slug": webinar.series.slug,
            "written_in": webinar.original_language,
            **agenda_as_data(agenda, webinar.original_language),
        }
        if text := own_text(webinar.texts, webinar.original_language):
            data |= {"title": text.title, "summary": text.summary, "description": text.description}
    form: WebinarForm = made(WebinarForm, (), {"agenda": count}, fields)(data=data)
    form.series_slug.choices = [SelectChoice(slug, title) for slug, title in series]
    return form
