"""What people answered to the organisers' questions in a session: counted, and who gave which answer."""

from __future__ import annotations

from typing import NamedTuple

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webinar.catalogue.models import Moment, Question, QuestionKind, QuestionText, WebinarSession
from webinar.catalogue.queries import find_session_of_any_status
from webinar.catalogue.questions import questions_of
from webinar.catalogue.texts import text_in
from webinar.foundation import languages
from webinar.registration.answers import (
    NOBODY,
    Counts,
    Said,
    counts_of,
    given,
    languages_of_answers,
    latest_words,
    who_answered,
)
from webinar.registration.staff.blueprint import bp
from webinar.registration.staff.workspace import frame

WORDS_OF_EACH = 5


class AnswerCount(NamedTuple):
    """How many people gave one answer; ``wanted`` is what stands in the address of the list of them."""

    label: str
    language: str
    is_former: bool
    people: int
    share: float
    wanted: dict[str, str]


class Counted(NamedTuple):
    """A question with how it was answered."""

    question: Question
    text: QuestionText
    people: int
    answers: list[AnswerCount]
    words: list[Said]


@bp.get("/staff/sessions/<key>/answers")
def answers(key: str) -> ResponseReturnValue:
    """Show how often each answer was given, and the latest ones in words; those in one language, where wanted."""
    session = find_session_of_any_status(key) or abort(404)
    spoken = languages_of_answers(session.id)
    language = request.args.get("written_in", "")
    language = language if language in spoken else ""
    counts = counts_of(session.id, language)
    words = latest_words(session.id, language, each=WORDS_OF_EACH)
    in_order = sorted(questions_of(session.webinar_id), key=lambda question: list(Moment).index(question.moment))
    return render_template(
        "staff/sessions/answers.html",
        **frame(session, "registration_staff.answers"),
        spoken=spoken,
        written_in=language,
        counted=[
            Counted(
                question,
                text_in(question.texts, languages.current(), session.webinar.original_language),
                counts.get(question.id, NOBODY).people,
                _answer_counts(question, counts.get(question.id, NOBODY), session),
                words.get(question.id, []),
            )
            for question in in_order
        ],
    )


def _answer_counts(question: Question, counts: Counts, session: WebinarSession) -> list[AnswerCount]:
    def count(label: str, language: str, is_former: bool, people: int, wanted: dict[str, str]) -> AnswerCount:
        return AnswerCount(label, language, is_former, people, round(100 * people / max(1, counts.people), 1), wanted)

    if question.kind is QuestionKind.YES_NO:
        return [
            count(label, languages.current(), False, counts.by_word.get(word, 0), {"word": word})
            for word, label in (("yes", _("Yes")), ("no", _("No")))
        ]
    counted = []
    for choice in question.choices:
        text = text_in(choice.texts, languages.current(), session.webinar.original_language)
        people = counts.by_choice.get(choice.id, 0)
        counted.append(
            count(text.title, text.language, choice.retired_at is not None, people, {"choice": str(choice.id)})
        )
    return counted


@bp.get("/staff/sessions/<key>/answers/<int:question_id>")
def answers_to(key: str, question_id: int) -> ResponseReturnValue:
    """List who answered a question, and how; those who made one choice, or said yes or no, where that is wanted."""
    session = find_session_of_any_status(key) or abort(404)
    question = next((one for one in questions_of(session.webinar_id) if one.id == question_id), None) or abort(404)
    choice_id = request.args.get("choice", type=int)
    choice = next((one for one in question.choices if one.id == choice_id), None)
    word = request.args.get("word", "")
    is_yes_no = question.kind is QuestionKind.YES_NO and word in ("yes", "no")
    page = who_answered(
        session.id,
        question.id,
        choice_id=choice.id if choice else None,
        word=word if is_yes_no else "",
        page=request.args.get("page", 1, type=int),
    )
    original = session.webinar.original_language
    return render_template(
        "staff/sessions/answers_to.html",
        **frame(session, "registration_staff.answers"),
        question=question,
        question_text=text_in(question.texts, languages.current(), original),
        choice_text=text_in(choice.texts, languages.current(), original) if choice else None,
        wanted={"choice": choice.id} if choice else {"word": word} if is_yes_no else {},
        lines=[(said.place, given(said.answer, question, languages.current(), original)) for said in page.lines],
        page=page,
    )
