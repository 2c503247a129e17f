"""Reading what people answered to the organisers' questions: one person's, counted by choice, and who gave which."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Integer, Select, Text, and_, cast, func, null, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from webinar.catalogue.models import Question, QuestionChoice, QuestionChoiceText, QuestionKind, QuestionText
from webinar.catalogue.texts import text_in
from webinar.foundation.db import db
from webinar.registration.models import ALIVE, Answer, AnswerChoice, Registration, RegistrationStatus

PEOPLE_A_PAGE = 50

Statement = Select[*tuple[Any, ...]]

# Who gave up the place needs neither captions nor a ramp.
_WHO_COME = Registration.status.in_([*ALIVE, RegistrationStatus.UNREGISTERED])


def has_answers(question_id: int) -> bool:
    """Tell whether anybody has answered a question."""
    return db.session.scalar(select(Answer.question_id).where(Answer.question_id == question_id).limit(1)) is not None


def answered(question_ids: Iterable[int]) -> dict[int, int]:
    """Count the answers to questions, those of people who gave their places up too; one nobody answered is left out."""
    rows = db.session.execute(
        select(Answer.question_id, func.count())
        .where(Answer.question_id.in_(list(question_ids)))
        .group_by(Answer.question_id)
    )
    return {question_id: count for question_id, count in rows}


def chosen(question_id: int) -> set[int]:
    """Return the ids of a question's choices that somebody has made."""
    return set(
        db.session.scalars(select(AnswerChoice.choice_id).where(AnswerChoice.question_id == question_id).distinct())
    )


class AnswerGiven(NamedTuple):
    """One answer to be read: the question, the choices made, and words. Texts are in one language or the original."""

    question: Question
    text: QuestionText
    choices: list[QuestionChoiceText]
    words: str


def answers_of(registration_id: int) -> Sequence[Answer]:
    """Return what somebody answered, in the order of the questions, with their texts and choices; three queries."""
    return (
        db.session.scalars(
            select(Answer)
            .join(Answer.question)
            .where(Answer.registration_id == registration_id)
            .options(
                contains_eager(Answer.question).options(
                    selectinload(Question.texts), selectinload(Question.choices).joinedload(QuestionChoice.texts)
                ),
                joinedload(Answer.choices),
            )
            .order_by(Question.position, Question.id)
        )
        .unique()
        .all()
    )


def given(answer: Answer, question: Question, language: str, original: str) -> AnswerGiven:
    """Return an answer to be read; it has its choices, the question its texts and choices."""
    made = {choice.choice_id for choice in answer.choices}
    return AnswerGiven(
        question,
        text_in(question.texts, language, original),
        [text_in(choice.texts, language, original) for choice in question.choices if choice.id in made],
        answer.text,
    )


class Counts(NamedTuple):
    """How many people who come have answered a question, with which choice, and with yes or no."""

    people: int
    by_choice: dict[int, int]
    by_word: dict[str, int]


NOBODY = Counts(0, {}, {})


def counts_of(session_id: int, language: str = "") -> dict[int, Counts]:
    """Count the answers in a session by question and choice, in one statement; without who gave the place up.

    With ``language`` those of the people who are written to in it.
    """
    of_people = (session_id, language)
    people = _in_session(select(Answer.question_id, _no_number(), _no_word(), func.count()), *of_people)
    by_choice = _in_session(select(Answer.question_id, AnswerChoice.choice_id, _no_word(), func.count()), *of_people)
    by_word = _in_session(select(Answer.question_id, _no_number(), Answer.text, func.count()), *of_people)
    rows = db.session.execute(
        people.group_by(Answer.question_id).union_all(
            by_choice.join(AnswerChoice, _of_answer()).group_by(Answer.question_id, AnswerChoice.choice_id),
            by_word.join(Answer.question)
            .where(Question.kind == QuestionKind.YES_NO)
            .group_by(Answer.question_id, Answer.text),
        )
    )
    counted: dict[int, Counts] = {}
    for question_id, choice_id, word, count in rows:
        known = counted.setdefault(question_id, Counts(0, {}, {}))
        if choice_id is not None:
            known.by_choice[choice_id] = count
        elif word is not None:
            known.by_word[word] = count
        else:
            counted[question_id] = known._replace(people=count)
    return counted


def _no_number() -> ColumnElement[int | None]:
    return cast(null(), Integer)


def _no_word() -> ColumnElement[str | None]:
    return cast(null(), Text)


def _of_answer() -> ColumnElement[bool]:
    return and_(AnswerChoice.registration_id == Answer.registration_id, AnswerChoice.question_id == Answer.question_id)


def languages_of_answers(session_id: int) -> list[str]:
    """Return the languages in which those are written to who have answered anything in a session; one query."""
    return sorted(db.session.scalars(_in_session(select(Registration.language).distinct(), session_id)))


def _in_session(statement: Statement, session_id: int, language: str = "") -> Statement:
    found = (
        statement.select_from(Answer)
        .join(Registration, Registration.id == Answer.registration_id)
        .where(Registration.session_id == session_id, _WHO_COME)
    )
    return found.where(Registration.language == language) if language else found


class Said(NamedTuple):
    """One answer with whose it is, their member loaded."""

    place: Registration
    answer: Answer


def latest_words(session_id: int, language: str = "", *, each: int) -> dict[int, list[Said]]:
    """Return the latest answers in words to each question of a session, so many of each; one query.

    With ``language`` those of the people who are written to in it.
    """
    number = func.row_number().over(partition_by=Answer.question_id, order_by=Registration.turn.desc())
    numbered = (
        _in_session(select(Answer.registration_id, Answer.question_id, number.label("number")), session_id, language)
        .join(Answer.question)
        .where(Answer.text != "", Question.kind != QuestionKind.YES_NO)
        .subquery()
    )
    rows = db.session.execute(
        select(Registration, Answer)
        .join(Answer, Answer.registration_id == Registration.id)
        .join(
            numbered,
            and_(numbered.c.registration_id == Answer.registration_id, numbered.c.question_id == Answer.question_id),
        )
        .where(numbered.c.number <= each)
        .options(joinedload(Registration.member))
        .order_by(Answer.question_id, Registration.turn.desc())
    )
    said: dict[int, list[Said]] = {}
    for place, answer in rows:
        said.setdefault(answer.question_id, []).append(Said(place, answer))
    return said


class SaidPage(NamedTuple):
    """Some of the people who answered a question, and how many there are in all; pages count from 1."""

    lines: Sequence[Said]
    page: int
    pages: int
    total: int


def who_answered(
    session_id: int, question_id: int, *, choice_id: int | None = None, word: str = "", page: int = 1
) -> SaidPage:
    """Return a page of the people in a session who answered a question, who came first first; three queries.

    With ``choice_id`` those who made that choice, with ``word`` those who said yes, or no. A page beyond the last is
    the last one.
    """
    found = _in_session(select(Answer.registration_id), session_id).where(Answer.question_id == question_id)
    if choice_id is not None:
        found = found.join(AnswerChoice, _of_answer()).where(AnswerChoice.choice_id == choice_id)
    if word:
        found = found.where(Answer.text == word)
    total = db.session.scalar(select(func.count()).select_from(found.subquery())) or 0
    pages = max(1, -(-total // PEOPLE_A_PAGE))
    page = min(max(page, 1), pages)
    rows = db.session.execute(
        found.with_only_columns(Registration, Answer)
        .options(joinedload(Registration.member), selectinload(Answer.choices))
        .order_by(Registration.turn)
        .limit(PEOPLE_A_PAGE)
        .offset((page - 1) * PEOPLE_A_PAGE)
    )
    return SaidPage([Said(place, answer) for place, answer in rows], page, pages, total)
