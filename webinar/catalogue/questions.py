"""Reading what organisers ask: the questions of a webinar with their texts and choices."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, exists, func, select
from sqlalchemy.orm import selectinload

from webinar.catalogue.models import Moment, Question, QuestionChoice, Webinar, WebinarSession
from webinar.foundation.db import db


def questions_of(webinar_id: int, *, lock: bool = False) -> Sequence[Question]:
    """Return the questions of a webinar in their order, former ones too, with texts and choices; three queries.

    With ``lock`` their rows are held until the transaction ends, so that nobody answers them meanwhile.
    """
    return _questions(Question.webinar_id == webinar_id, lock=lock)


class ToAsk(NamedTuple):
    """A question, and the language in which it is asked where the reader's is missing."""

    question: Question
    original_language: str


def questions_asked(webinar: Webinar, now: datetime) -> list[ToAsk]:
    """Return the questions that who registers now is asked, in their order, with texts and choices.

    The webinar's questions are loaded already, so one that asks nothing costs no query; else it is three.
    """
    ids = [question.id for question in webinar.questions if question.is_asked(now)]
    asked = _questions(Question.id.in_(ids)) if ids else []
    return [ToAsk(question, webinar.original_language) for question in asked]


def questions_asked_by(webinars: Iterable[Webinar], now: datetime) -> list[ToAsk]:
    """Return the questions that who registers now for any of some webinars is asked, webinar by webinar; three queries.

    Those of the webinars need not be loaded.
    """
    by_id = {webinar.id: webinar for webinar in webinars}
    found = [question for question in _questions(Question.webinar_id.in_(list(by_id))) if question.is_asked(now)]
    order = list(by_id)
    return [
        ToAsk(question, by_id[question.webinar_id].original_language)
        for question in sorted(found, key=lambda question: order.index(question.webinar_id))
    ]


def questions_asked_afterwards(webinar: Webinar, now: datetime) -> list[ToAsk]:
    """Return the questions that make up the feedback on a session of a webinar, with texts and choices."""
    which = and_(Question.webinar_id == webinar.id, Question.moment == Moment.AFTERWARDS)
    asked = [question for question in _questions(which) if question.is_asked(now, Moment.AFTERWARDS)]
    return [ToAsk(question, webinar.original_language) for question in asked]


def asks_afterwards(webinar_id: int, now: datetime) -> bool:
    """Tell whether a webinar asks for feedback; one query."""
    asked = exists().where(
        Question.webinar_id == webinar_id,
        Question.moment == Moment.AFTERWARDS,
        Question.retired_at.is_(None),
        Question.keep_until >= now.date(),
    )
    return db.session.scalar(select(asked)) is True


def questions_to_answer(webinar_id: int, now: datetime) -> list[Question]:
    """Return the questions of a webinar that can be answered now, whenever they are asked.

    Their rows are held, so that none is taken away meanwhile.
    """
    statement = select(Question).where(Question.webinar_id == webinar_id, Question.retired_at.is_(None))
    in_order = statement.options(selectinload(Question.choices)).order_by(Question.position, Question.id)
    # Read anew: since the form was made, somebody may have taken one away.
    rows = db.session.scalars(in_order.with_for_update(read=True).execution_options(populate_existing=True))
    return [question for question in rows if question.is_open(now)]


def last_end_of(webinar_id: int) -> datetime | None:
    """Return when the last session of a webinar ends; None as long as it has none."""
    return db.session.scalar(select(func.max(WebinarSession.ends_at)).where(WebinarSession.webinar_id == webinar_id))


def _questions(which: ColumnElement[bool], *, lock: bool = False) -> Sequence[Question]:
    statement = (
        select(Question)
        .where(which)
        .options(selectinload(Question.texts), selectinload(Question.choices).joinedload(QuestionChoice.texts))
        .order_by(Question.position, Question.id)
    )
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    return db.session.scalars(statement).all()


def languages_lacking(question: Question, webinar: Webinar) -> list[str]:
    """Return the languages in which the webinar is written, but the question or one of its choices is not."""
    asked_in = [{text.language for text in question.texts}]
    asked_in += [{text.language for text in choice.texts} for choice in question.asked_choices()]
    written = {text.language for text in webinar.texts}
    return sorted(code for code in written if any(code not in languages for languages in asked_in))
