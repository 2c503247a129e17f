"""The organisers' form for a question: what is asked, why, until when answers are kept, and the choices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Field, HiddenField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from webinar.catalogue.forms.fields import MOST_OF_A_LINE, Day, EditForm, as_line, at_most, made, rows_wanted
from webinar.catalogue.models import Question, QuestionKind, Webinar
from webinar.catalogue.services.drafts import ChoiceDraft, QuestionDraft, QuestionTexts
from webinar.catalogue.services.edit_questions import WITH_CHOICES, Keeping
from webinar.foundation import languages

MOST_CHOICES = 30
EMPTY_ROWS = 4

QUESTION_KIND_NAMES = {
    QuestionKind.TEXT: _l("In words"),
    QuestionKind.CHOICE: _l("One choice"),
    QuestionKind.SEVERAL: _l("Several choices"),
    QuestionKind.YES_NO: _l("Yes or no"),
}


class QuestionForm(EditForm):
    """A question: its kind, whether it is needed, its texts in each language, its choices in rows."""

    kind = SelectField(_l("Kind of answer"), invalid_choice_message=_l("Choose one of these."))
    is_needed = BooleanField(_l("Who registers must answer"))
    keep_until = Day(_l("Answers are kept until"), [InputRequired(_l("Write a day, as in 2027-04-03."))])
    original = ""

    def validate(self, extra_validators: Any = None) -> bool:
        """Want question and purpose in the original language and wherever there is one of them, and choices to make."""
        is_valid: bool = super().validate(extra_validators)
        for code in self.codes:
            is_valid &= self._has_both_texts(code)
        if self.kind.data in WITH_CHOICES:
            is_valid &= self._has_choices()
        elif self._written():
            self.refuse("kind", _("Only a question with choices offers them. Choose that, or take the choices away."))
            is_valid = False
        return is_valid

    def _has_both_texts(self, code: str) -> bool:
        title, purpose = self.in_language("title", code), self.in_language("purpose", code)
        if title.errors or purpose.errors:
            return False
        is_original = code == self.original
        if not title.data and (is_original or purpose.data):
            title.errors = [
                _("Write the question in %(language)s: it is the original language.", language=languages.in_words(code))
                if is_original
                else _("Write the question in %(language)s too.", language=languages.in_words(code))
            ]
        if not purpose.data and (is_original or title.data):
            purpose.errors = [_("Write what the answers are for. Who answers reads it.")]
        return not title.errors and not purpose.errors

    def _has_choices(self) -> bool:
        written = self._written()
        is_valid = True
        for row in written:
            original = row[f"title_{self.original}"]
            if not original.data:
                original.errors = [
                    _("Write the choice in %(language)s too.", language=languages.in_words(self.original))
                ]
                is_valid = False
        for code in self.codes:
            seen: set[str] = set()
            for row in written:
                title = row[f"title_{code}"]
                if title.data and title.data.casefold() in seen:
                    title.errors = [_("This choice stands there twice.")]
                    is_valid = False
                seen.add((title.data or "").casefold())
        for row in [row for row in written if row["takes_words"].data][1:]:
            row["takes_words"].errors = [_("People write words beside one choice only.")]
            is_valid = False
        if len(written) < 2:
            first_empty = next((row for row in self.rows("choice") if row not in written), self.rows("choice")[0])
            first_empty[f"title_{self.original}"].errors = [_("Write at least two choices.")]
            is_valid = False
        return is_valid

    def _written(self) -> list[dict[str, Field]]:
        """Return the rows of choices that are not left empty; one whose texts are taken out is taken away."""
        return [row for row in self.rows("choice") if any(row[f"title_{code}"].data for code in self.codes)]

    def draft(self) -> QuestionDraft:
        """Return the validated input as the service wants it."""
        return QuestionDraft(
            kind=QuestionKind(self.kind.data),
            is_needed=self.is_needed.data,
            keep_until=self.keep_until.data,
            texts={
                code: QuestionTexts(self.in_language("title", code).data, self.in_language("purpose", code).data)
                for code in self.codes
                if self.in_language("title", code).data
            },
            choices=tuple(
                ChoiceDraft(
                    {code: row[f"title_{code}"].data for code in self.codes if row[f"title_{code}"].data},
                    takes_words=row["takes_words"].data,
                    choice_id=_number(row["id"].data),
                )
                for row in self._written()
            ),
        )


def _number(written: str | None) -> int | None:
    return int(written) if written and written.isascii() and written.isdigit() and len(written) < 10 else None


def question_form(
    codes: Sequence[str],
    webinar: Webinar,
    sent: Mapping[str, str],
    keeping: Keeping,
    question: Question | None = None,
) -> QuestionForm:
    """Return the form for a question of a webinar, filled with what it is and with what was sent."""
    choices = question.asked_choices() if question else []
    count = min(rows_wanted("choice", sent, len(choices), 1 if choices else EMPTY_ROWS), MOST_CHOICES)
    fields: dict[str, Any] = {"original": webinar.original_language}
    for code in codes:
        fields[f"title_{code}"] = StringField(_("Question"), [at_most(MOST_OF_A_LINE)], filters=[as_line])
        fields[f"purpose_{code}"] = StringField(_("Purpose"), [at_most(MOST_OF_A_LINE)], filters=[as_line])
    for number in range(count):
        row = f"choice_{number}_"
        fields[f"{row}id"] = HiddenField()
        for code in codes:
            fields[f"{row}title_{code}"] = StringField(_("Choice"), [at_most(MOST_OF_A_LINE)], filters=[as_line])
        fields[f"{row}takes_words"] = BooleanField(_("People write words beside it"))
    data: dict[str, Any] = {
        "revision": webinar.revision,
        "keep_until": keeping.proposed,
        "kind": QuestionKind.TEXT.value,
    }
    if question is not None:
        data |= {
            "kind": question.kind.value,
            "is_needed": question.is_needed,
            "keep_until": question.keep_until,
        }
        for text in question.texts:
            data |= {f"title_{text.language}": text.title, f"purpose_{text.language}": text.purpose}
        for number, choice in enumerate(choices):
            data |= {f"choice_{number}_id": str(choice.id), f"choice_{number}_takes_words": choice.takes_words}
            data |= {f"choice_{number}_title_{called.language}": called.title for called in choice.texts}
    form: QuestionForm = made(QuestionForm, codes, {"choice": count}, fields)(data=data)
    form.kind.choices = [SelectChoice(kind.value, name) for kind, name in QUESTION_KIND_NAMES.items()]
    return form
