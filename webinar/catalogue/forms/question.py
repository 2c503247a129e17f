"""The organisers' form for a question: what is asked, why, until when answers are kept, and the choices."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Field, HiddenField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from webinar.catalogue.forms.fields import (
    MOST_OF_A_LINE,
    Day,
    OriginalForm,
    as_number,
    made,
    rows_wanted,
)
from webinar.catalogue.models import Moment, Question, QuestionKind, Webinar
from webinar.catalogue.services.drafts import ChoiceDraft, QuestionDraft, QuestionTexts
from webinar.catalogue.services.edit_questions import WITH_CHOICES, Keeping
from webinar.catalogue.texts import own_text
from webinar.foundation import languages
from webinar.foundation.fields import AtMost, as_line

MOST_CHOICES = 30
EMPTY_ROWS = 4

QUESTION_KIND_NAMES = {
    QuestionKind.TEXT: _l("In words"),
    QuestionKind.CHOICE: _l("One choice"),
    QuestionKind.SEVERAL: _l("Several choices"),
    QuestionKind.YES_NO: _l("Yes or no"),
}


MOMENT_NAMES = {
    Moment.REGISTERING: _l("When somebody registers"),
    Moment.AFTERWARDS: _l("After the session, as feedback"),
}


class QuestionForm(OriginalForm):
    """A question: its kind, when it is asked, whether it is needed, its texts, its choices in rows."""

    kind = SelectField(_l("Kind of answer"), invalid_choice_message=_l("Choose one of these."))
    moment = SelectField(_l("When it is asked"), invalid_choice_message=_l("Choose one of these."))
    is_needed = BooleanField(_l("An answer is needed"))
    keep_until = Day(_l("Answers are kept until"), [InputRequired(_l("Write a day, as in 2027-04-03."))])
    title = StringField(_l("Question"), [AtMost(MOST_OF_A_LINE)], filters=[as_line])
    purpose = StringField(_l("Purpose"), [AtMost(MOST_OF_A_LINE)], filters=[as_line])

    def validate(self, extra_validators: Any = None) -> bool:
        """Want question, purpose, and choices to make."""
        is_valid: bool = super().validate(extra_validators)
        in_words = languages.in_words(self.texts_in)
        if not self.title.data:
            self.title.errors = [
                _("Write the question in %(language)s: it is the original language.", language=in_words)
            ]
        if not self.purpose.data:
            self.purpose.errors = [_("Write what the answers are for. Who answers reads it.")]
        if self.kind.data in WITH_CHOICES:
            is_valid &= self._has_choices()
        elif self._written():
            self.refuse("kind", _("Only a question with choices offers them. Choose that, or take the choices away."))
            is_valid = False
        return is_valid and not self.errors

    def _has_choices(self) -> bool:
        written = self._written()
        is_valid = True
        seen: set[str] = set()
        for row in written:
            if row["title"].data.casefold() in seen:
                row["title"].errors = [_("This choice stands there twice.")]
                is_valid = False
            seen.add(row["title"].data.casefold())
        for row in [row for row in written if row["takes_words"].data][1:]:
            row["takes_words"].errors = [_("People write words beside one choice only.")]
            is_valid = False
        if len(written) < 2:
            first_empty = next((row for row in self.rows("choice") if row not in written), self.rows("choice")[0])
            first_empty["title"].errors = [_("Write at least two choices.")]
            is_valid = False
        return is_valid

    def _written(self) -> list[dict[str, Field]]:
        """Return the rows of choices that are not left empty; one whose text is taken out is taken away."""
        return [row for row in self.rows("choice") if row["title"].data]

    def draft(self) -> QuestionDraft:
        """Return the validated input as the service wants it."""
        return QuestionDraft(
            kind=QuestionKind(self.kind.data),
            moment=Moment(self.moment.data),
            is_needed=self.is_needed.data,
            keep_until=self.keep_until.data,
            texts={self.texts_in: QuestionTexts(self.title.data, self.purpose.data)},
            choices=tuple(
                ChoiceDraft(
                    {self.texts_in: row["title"].data},
                    takes_words=row["takes_words"].data,
                    choice_id=as_number(row["id"].data),
                )
                for row in self._written()
            ),
        )


def question_form(
    webinar: Webinar,
    sent: Mapping[str, str],
    keeping: Keeping,
    question: Question | None = None,
    moment: Moment = Moment.REGISTERING,
) -> QuestionForm:
    """Return the form for a question of a webinar, filled with what it is and with what was sent.

    ``moment`` is when a new one is asked, as long as nothing else is chosen.
    """
    choices = question.asked_choices() if question else []
    count = min(rows_wanted("choice", sent, len(choices), 1 if choices else EMPTY_ROWS), MOST_CHOICES)
    original = webinar.original_language
    fields: dict[str, Any] = {}
    for number in range(count):
        row = f"choice_{number}_"
        fields[f"{row}id"] = HiddenField()
        fields[f"{row}title"] = StringField(_("Choice"), [AtMost(MOST_OF_A_LINE)], filters=[as_line])
        fields[f"{row}takes_words"] = BooleanField(_("People write words beside it"))
    data: dict[str, Any] = {
        "revision": webinar.revision,
        "written_in": original,
        "keep_until": keeping.proposed,
        "kind": QuestionKind.TEXT.value,
        "moment": moment.value,
    }
    if question is not None:
        data |= {
            "kind": question.kind.value,
            "moment": question.moment.value,
            "is_needed": question.is_needed,
            "keep_until": question.keep_until,
        }
        if text := own_text(question.texts, original):
            data |= {"title": text.title, "purpose": text.purpose}
        for number, choice in enumerate(choices):
            data |= {f"choice_{number}_id": str(choice.id), f"choice_{number}_takes_words": choice.takes_words}
            if title := own_text(choice.texts, original):
                data[f"choice_{number}_title"] = title.title
    form: QuestionForm = made(QuestionForm, (), {"choice": count}, fields)(data=data)
    form.moment.choices = [SelectChoice(when.value, name) for when, name in MOMENT_NAMES.items()]
    form.kind.choices = [SelectChoice(kind.value, name) for kind, name in QUESTION_KIND_NAMES.items()]
    return form
