"""The organisers' questions as fields of a form: for registering, and for changing one's answers later.

The class of a form that ``AsksQuestions`` is made for what it asks: ``asking(RegistrationForm, questions, "fr")``.
Fields are called ``question-<id>``; beside a choice that takes words stands ``question-<id>-words``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar, cast

from flask_babel import gettext as _
from wtforms import Field, RadioField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from webinar.catalogue.models import Question, QuestionChoice, QuestionKind
from webinar.catalogue.questions import ToAsk
from webinar.catalogue.texts import text_in
from webinar.foundation.fields import AtMost
from webinar.foundation.lines import one_line, several_lines
from webinar.registration.models import Answer
from webinar.registration.registrant import MOST_OF_AN_ANSWER, GivenAnswer

MOST_OF_WORDS = 300


class Asked(NamedTuple):
    """One question as a page shows it: in which language, and in which each of its choices is called.

    ``words`` is the field beside a choice that takes words.
    """

    question: Question
    language: str
    purpose: str
    field: Field
    words: Field | None
    choice_languages: Mapping[str, str]


class AsksQuestions:
    """A form that can ask the organisers' questions; as long as ``asking`` has not made one that does, it asks none."""

    questions: Sequence[ToAsk] = ()
    asks_in = ""
    _fields: dict[str, Field]

    def must_answer(self, question: Question) -> bool:
        """Tell whether an empty answer to a question is refused."""
        return question.is_needed

    @property
    def asked(self) -> list[Asked]:
        """The questions with their fields, to be shown."""
        shown = []
        for question, original in self.questions:
            text = text_in(question.texts, self.asks_in, original)
            shown.append(
                Asked(
                    question,
                    text.language,
                    text.purpose,
                    self._fields[_name(question)],
                    self._fields.get(f"{_name(question)}-words"),
                    {
                        str(choice.id): text_in(choice.texts, self.asks_in, original).language
                        for choice in question.choices
                    },
                )
            )
        return shown

    @property
    def answers(self) -> tuple[GivenAnswer, ...]:
        """What was answered to each question, empty answers too; the form is validated."""
        return tuple(self._given(question) for question, _original in self.questions)

    def _given(self, question: Question) -> GivenAnswer:
        written = self._fields[_name(question)]
        if question.kind in (QuestionKind.TEXT, QuestionKind.YES_NO):
            return GivenAnswer(question.id, written.data or "")
        words = self._fields.get(f"{_name(question)}-words")
        return GivenAnswer(
            question.id,
            (words.data or "") if words is not None else "",
            frozenset(int(choice_id) for choice_id in _made(written)),
        )


AForm = TypeVar("AForm", bound=AsksQuestions)


def asking(form: type[AForm], questions: Sequence[ToAsk], language: str, before: Iterable[Answer] = ()) -> type[AForm]:
    """Return the class of a form that asks questions too, each in a language or else in the original one.

    ``before`` are the answers given already, with their choices: the fields are filled with them, and who has made a
    choice that is not offered any more may keep it.
    """
    if not questions:
        return form
    known = {answer.question_id: answer for answer in before}
    fields: dict[str, Any] = {"questions": questions, "asks_in": language, "__doc__": form.__doc__}
    for question, original in questions:
        fields |= _fields(question, language, original, known.get(question.id))
    metaclass: Any = type(form)
    return cast("type[AForm]", metaclass(form.__name__, (form,), fields))


def _name(question: Question) -> str:
    return f"question-{question.id}"


def _made(field: Field) -> list[str]:
    return [one for one in (field.data if isinstance(field.data, list) else [field.data]) if one]


def _fields(question: Question, language: str, original: str, before: Answer | None) -> dict[str, Any]:
    title = text_in(question.texts, language, original).title
    name = _name(question)
    made = {choice.choice_id for choice in before.choices} if before else set[int]()
    match question.kind:
        case QuestionKind.TEXT:
            checks = [_Needed(question), AtMost(MOST_OF_AN_ANSWER)]
            return {name: TextAreaField(title, checks, filters=[_text], default=before.text if before else "")}
        case QuestionKind.YES_NO:
            options = {"yes": _("Yes"), "no": _("No")}
            return {name: _one_of(title, question, options, before.text if before else "")}
    offered = [choice for choice in question.choices if choice.retired_at is None or choice.id in made]
    options = {str(choice.id): text_in(choice.texts, language, original).title for choice in offered}
    fields: dict[str, Any]
    if question.kind is QuestionKind.CHOICE:
        fields = {name: _one_of(title, question, options, str(next(iter(made), "")))}
    else:
        fields = {
            name: SelectMultipleField(
                title,
                [_Needed(question), _Offered(options)],
                choices=[SelectChoice(value, label) for value, label in options.items()],
                default=[str(choice_id) for choice_id in made],
                validate_choice=False,
                widget=ListWidget(),
                option_widget=CheckboxInput(),
            )
        }
    with_words = next((choice for choice in offered if choice.takes_words), None)
    if with_words is not None:
        called = options[str(with_words.id)]
        checks = [
            AtMost(MOST_OF_WORDS),
            _Beside(name, with_words, called),
        ]
        fields[f"{name}-words"] = StringField(called, checks, filters=[_line], default=before.text if before else "")
    return fields


def _one_of(title: str, question: Question, options: Mapping[str, str], before: str) -> Any:
    listed = [SelectChoice(value, label) for value, label in options.items()]
    if not question.is_needed:
        # What is chosen among circles cannot be taken back otherwise.
        listed.append(SelectChoice("", _("No answer")))
    return RadioField(
        title,
        [_Needed(question), _Offered(options)],
        choices=listed,
        default=before if before or not question.is_needed else None,
        validate_choice=False,
    )


def _text(written: str | None) -> str:
    return several_lines(written or "")


def _line(written: str | None) -> str:
    return one_line(written or "")


class _Needed:
    """Refuses that a needed question is left empty."""

    def __init__(self, question: Question) -> None:
        self.question = question

    def __call__(self, form: AsksQuestions, field: Field) -> None:
        """Refuse an empty answer, saying what to do."""
        if not form.must_answer(self.question) or _made(field):
            return
        if self.question.kind is QuestionKind.TEXT:
            raise ValidationError(_("Write your answer."))
        if self.question.kind is QuestionKind.SEVERAL:
            raise ValidationError(_("Choose at least one of these."))
        raise ValidationError(_("Choose one of these."))


class _Offered:
    """Refuses what is none of the choices, for one may have been taken away since the form was shown."""

    def __init__(self, options: Mapping[str, str]) -> None:
        self.options = options

    def __call__(self, form: Any, field: Field) -> None:
        """Refuse a choice that is not offered, and choose it no more."""
        if any(one not in self.options for one in _made(field)):
            raise ValidationError(_("What you chose is not offered any more. Look over your answer."))


class _Beside:
    """Wants words where the choice is made that takes them, and only there."""

    def __init__(self, name: str, choice: QuestionChoice, called: str) -> None:
        self.name = name
        self.value = str(choice.id)
        self.called = called

    def __call__(self, form: Any, field: Field) -> None:
        """Refuse words without the choice, and the choice without words."""
        is_made = self.value in _made(form[self.name])
        if is_made and not field.data:
            raise ValidationError(_("Write what you mean."))
        if field.data and not is_made:
            raise ValidationError(_("Choose “%(choice)s” too, or take these words out.", choice=self.called))
