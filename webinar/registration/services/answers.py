"""Storing what people answer to the organisers' questions, and forgetting it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import selectinload

from webinar.catalogue.models import Question, QuestionKind
from webinar.catalogue.questions import questions_to_answer
from webinar.catalogue.services.edit_questions import end_of
from webinar.foundation import clock
from webinar.foundation.db import db
from webinar.registration.models import Answer, AnswerChoice, Registration
from webinar.registration.registrant import GivenAnswer


def store_answers(place: Registration, given: Sequence[GivenAnswer]) -> bool:
    """Store what somebody answered, in the caller's transaction, and tell whether anything differs from before.

    An answer left empty takes away the one there was; questions that are not among ``given`` keep theirs. What is
    not asked any more, or never was, is passed over: a question or choice may have been taken away since the form
    was shown. An answer is kept until the day its question names, and no longer than the registration.
    """
    if not given:
        return False
    db.session.flush()  # the place has its number
    by_question = {one.question_id: one for one in given}
    known = {
        answer.question_id: answer
        for answer in db.session.scalars(
            select(Answer).where(Answer.registration_id == place.id).options(selectinload(Answer.choices))
        )
    }
    differs = False
    for question in questions_to_answer(place.session.webinar_id, clock.now()):
        one = by_question.get(question.id)
        if one is None:
            continue
        answer = known.get(question.id)
        before = ("", set[int]()) if answer is None else (answer.text, {made.choice_id for made in answer.choices})
        text, choice_ids = _what_counts(question, one, before[1])
        if before == (text, choice_ids):
            continue
        differs = True
        if answer is not None and not (text or choice_ids):
            db.session.delete(answer)
            continue
        if answer is None:
            db.session.add(new_answer(place, question, GivenAnswer(question.id, text, frozenset(choice_ids))))
            continue
        answer.text = text
        answer.erase_after = min(end_of(question.keep_until), place.erase_after)
        answer.choices = [made for made in answer.choices if made.choice_id in choice_ids] + [
            AnswerChoice(registration_id=place.id, question_id=question.id, choice_id=choice_id)
            for choice_id in sorted(choice_ids - before[1])
        ]
    return differs


def _what_counts(question: Question, given: GivenAnswer, made_before: set[int]) -> tuple[str, set[int]]:
    """Return the words and choices that a question takes now; a former choice only from who has made it before."""
    if question.kind is QuestionKind.TEXT:
        return given.text, set()
    if question.kind is QuestionKind.YES_NO:
        return given.text if given.text in ("yes", "no") else "", set()
    made = [
        choice
        for choice in question.choices
        if choice.id in given.choice_ids and (choice.retired_at is None or choice.id in made_before)
    ]
    return given.text if any(choice.takes_words for choice in made) else "", {choice.id for choice in made}


def new_answer(place: Registration, question: Question, given: GivenAnswer) -> Answer:
    """Return an answer to be stored, of a place that is stored and has not answered the question yet."""
    return Answer(
        registration_id=place.id,
        question_id=question.id,
        text=given.text,
        erase_after=min(end_of(question.keep_until), place.erase_after),
        choices=[
            AnswerChoice(registration_id=place.id, question_id=question.id, choice_id=choice_id)
            for choice_id in sorted(given.choice_ids)
        ],
    )


def forget_answers(registration_id: int) -> None:
    """Delete all answers of a registration, in the caller's transaction: they were of somebody else."""
    db.session.execute(delete(Answer).where(Answer.registration_id == registration_id))


def keep_answers_until(question_id: int, moment: datetime) -> None:
    """Let no answer to a question be kept longer than until a moment, in the caller's transaction."""
    db.session.execute(
        update(Answer).where(Answer.question_id == question_id, Answer.erase_after > moment).values(erase_after=moment)
    )
