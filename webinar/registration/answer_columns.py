"""The organisers' questions as columns of a table: what they are called, and what stands in a cell of theirs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from flask_babel import gettext as _

from webinar.catalogue.models import Question, QuestionChoice, QuestionKind
from webinar.catalogue.texts import text_in
from webinar.foundation.errors import DomainError
from webinar.registration.registrant import MOST_OF_AN_ANSWER, GivenAnswer

BETWEEN = "; "


class NoSuchAnswer(DomainError):
    """What stands in a cell is no answer to the question."""


def column_names(questions: Sequence[Question], original: str, others: Iterable[str]) -> dict[int, str]:
    """Return what the columns of a webinar's questions are called, by the ids of these.

    A name is the question in its original language; a former one says so. None is one of the ``others``, nor there
    twice, in capitals or not: who reads tables mostly takes no notice of them.
    """
    taken = {other.casefold() for other in others}
    names = {}
    for question in questions:
        title = text_in(question.texts, original).title
        name = free = title if question.retired_at is None else f"{title} (former)"
        number = 1
        while free.casefold() in taken:
            number += 1
            free = f"{name} ({number})"
        taken.add(free.casefold())
        names[question.id] = free
    return names


def cell(choices: Iterable[str], words: str) -> str:
    """Return what stands in a cell: the choices that were made, then the words."""
    return BETWEEN.join(part for part in (*choices, words) if part)


def answer_in(question: Question, original: str, written: str) -> GivenAnswer:
    """Return what a cell says, the choices being called as in the original language; nothing is an empty answer.

    Raises:
        NoSuchAnswer: the question offers no such answer.
    """
    if len(written) > MOST_OF_AN_ANSWER:
        raise NoSuchAnswer(_("it has more than %(count)s characters.", count=MOST_OF_AN_ANSWER))
    if question.kind is QuestionKind.TEXT:
        return GivenAnswer(question.id, written)
    if question.kind is QuestionKind.YES_NO:
        word = written.casefold()
        if word not in ("", "yes", "no"):
            raise NoSuchAnswer(_("it must be yes or no."))
        return GivenAnswer(question.id, word)
    offered = {text_in(choice.texts, original).title: choice for choice in question.asked_choices()}
    made, words = _made(offered, written)
    if (words and not any(choice.takes_words for choice in made)) or (
        question.kind is QuestionKind.CHOICE and len(made) > 1
    ):
        raise NoSuchAnswer(_("it must be of these: %(choices)s.", choices=BETWEEN.join(offered)))
    return GivenAnswer(question.id, words, frozenset(choice.id for choice in made))


def _made(offered: dict[str, QuestionChoice], written: str) -> tuple[list[QuestionChoice], str]:
    """Return the choices that a cell begins with, and what follows; a title may hold what stands between two."""
    made: list[QuestionChoice] = []
    rest = written
    while rest:
        title = next(
            (
                title
                for title in sorted(offered, key=len, reverse=True)
                if f"{rest}{BETWEEN}".startswith(f"{title}{BETWEEN}")
            ),
            None,
        )
        if title is None or offered[title] in made:
            break
        made.append(offered[title])
        rest = rest[len(title) + len(BETWEEN) :]
    return made, rest
