"""The questions of a webinar: asking, changing, ordering them, and taking them away without losing answers."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from flask import current_app
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_ngettext

from webinar.catalogue.bookings import bookings
from webinar.catalogue.models import (
    Moment,
    Question,
    QuestionChoice,
    QuestionChoiceText,
    QuestionKind,
    QuestionText,
    ReadyMade,
    Webinar,
)
from webinar.catalogue.queries import lock_webinar
from webinar.catalogue.questions import last_end_of, questions_of
from webinar.catalogue.services.changes import Changes
from webinar.catalogue.services.drafts import EditRefused, QuestionDraft, texts_as_values
from webinar.catalogue.services.edit_webinar import NoSuchWebinar
from webinar.catalogue.services.parts import assign, set_texts
from webinar.catalogue.services.revisions import check_revision, record_edit
from webinar.catalogue.texts import text_in
from webinar.foundation import clock, formats, languages
from webinar.foundation.db import db, transaction
from webinar.foundation.errors import DomainError

logger = logging.getLogger(__name__)

MOST_QUESTIONS = 12
KEPT_AFTER_THE_LAST_SESSION = timedelta(days=365)
ABOUT = "question"
"""What the audit log calls the question in every entry about one."""
OF_THE_FORM = (ABOUT, "original_language")
"""What matters to the form of a question, by the names in the audit log."""
WITH_CHOICES = (QuestionKind.CHOICE, QuestionKind.SEVERAL)


class NoSuchQuestion(DomainError):
    """The webinar has no such question."""

    def __init__(self) -> None:
        super().__init__(_l("This question is not there any more."))


class TooManyQuestions(DomainError):
    """A form with more questions is not filled in, neither for registering nor for feedback."""

    def __init__(self) -> None:
        super().__init__(
            lazy_ngettext(
                "A form asks at most %(num)s question. Take it away first.",
                "A form asks at most %(num)s questions. Take one away first.",
                MOST_QUESTIONS,
            )
        )


class AskedAlready(DomainError):
    """A ready-made question is asked once."""

    def __init__(self) -> None:
        super().__init__(_l("This webinar asks that already."))


class Keeping(NamedTuple):
    """Until which day answers may be kept: as it is proposed, and at the latest."""

    proposed: date
    latest: date


def keeping_of(webinar_id: int, now: datetime) -> Keeping:
    """Return until when answers to a webinar's questions may be kept: never longer than the registrations are."""
    last = max(now, last_end_of(webinar_id) or now)
    latest = last + timedelta(days=current_app.config["KEEP_DAYS"])
    return Keeping(min(last + KEPT_AFTER_THE_LAST_SESSION, latest).date(), latest.date())


def end_of(day: date) -> datetime:
    """Return the moment at which a day is over, in UTC."""
    return datetime.combine(day + timedelta(days=1), time(), UTC)


def are_as_many_as_a_form_bears(asked: Iterable[Question], moment: Moment) -> bool:
    """Tell whether no question more fits into the form of a moment."""
    return sum(question.moment is moment for question in asked) >= MOST_QUESTIONS


def add_question(slug: str, draft: QuestionDraft, ready_made: ReadyMade | None = None) -> None:
    """Ask one question more, behind the others.

    Raises:
        NoSuchWebinar: there is no webinar of this web address.
        TooManyQuestions: it asks as many as a form bears.
        AskedAlready: the ready-made question is asked already.
        EditRefused: a value cannot be; its ``field`` says which.
    """
    with transaction():
        webinar = _locked(slug)
        questions = questions_of(webinar.id)
        asked = [question for question in questions if question.retired_at is None]
        if are_as_many_as_a_form_bears(asked, draft.moment):
            raise TooManyQuestions
        if ready_made is not None and any(question.ready_made is ready_made for question in asked):
            raise AskedAlready
        question = Question(
            webinar_id=webinar.id,
            kind=draft.kind,
            ready_made=ready_made,
            position=1 + max((question.position for question in questions), default=-1),
            texts=[],
            choices=[],
        )
        changes = Changes()
        _set(question, draft, webinar, changes)
        db.session.add(question)
        db.session.flush()
        record_edit(webinar, {ABOUT: [None, _title(question, webinar)], **changes})
    logger.info("webinar %s asks question %s", slug, question.id)


def edit_question(slug: str, question_id: int, draft: QuestionDraft, made_from: int | None = None) -> bool:
    """Change a question, and tell whether anything changed; ``made_from`` is the webinar's revision that was edited.

    Choices that are taken away stay as former ones where somebody has made them. Answers are kept no longer than the
    new day says, and those given before no longer than was said then.

    Raises:
        NoSuchWebinar: there is no webinar of this web address.
        NoSuchQuestion: it has no such question.
        ChangedMeanwhile: somebody has changed the questions since that revision.
        EditRefused: a value cannot be; its ``field`` says which.
    """
    with transaction():
        webinar = _locked(slug)
        check_revision(webinar, made_from, *OF_THE_FORM, language=webinar.original_language)
        question = _find(webinar, question_id)
        title = _title(question, webinar)
        changes = Changes()
        if question.kind is not draft.kind and bookings().has_answers(question.id):
            raise EditRefused(
                "kind", _l("People have answered already, so it stays as it is. Take it away and ask another one.")
            )
        _set(question, draft, webinar, changes)
        if changes:
            bookings().keep_answers_until(question.id, end_of(question.keep_until))
            record_edit(webinar, {ABOUT: title, **changes})
    logger.info("webinar %s: question %s edited: %s", slug, question_id, ", ".join(changes) or "nothing")
    return bool(changes)


def move_question_up(slug: str, question_id: int) -> None:
    """Ask a question before the one that came before it; the first one stays.

    Raises:
        NoSuchWebinar: there is no webinar of this web address.
        NoSuchQuestion: it asks no such question.
    """
    with transaction():
        webinar = _locked(slug)
        questions = [question for question in questions_of(webinar.id) if question.retired_at is None]
        number = next((number for number, one in enumerate(questions) if one.id == question_id), None)
        if number is None:
            raise NoSuchQuestion
        if number == 0:
            return
        order = _titles(questions, webinar)
        moved = questions.pop(number)
        questions.insert(number - 1, moved)
        for position, question in enumerate(questions):
            question.position = position
        record_edit(webinar, {ABOUT: _title(moved, webinar), "question_order": [order, _titles(questions, webinar)]})


def remove_question(slug: str, question_id: int) -> bool:
    """Ask a question no more, and tell whether it is kept as a former one, because people have answered it.

    Raises:
        NoSuchWebinar: there is no webinar of this web address.
        NoSuchQuestion: it has no such question.
    """
    with transaction():
        webinar = _locked(slug)
        question = _find(webinar, question_id)
        title = _title(question, webinar)
        is_kept = bookings().has_answers(question.id)
        if is_kept:
            question.retired_at = question.retired_at or clock.now()
        else:
            db.session.delete(question)
        record_edit(webinar, {ABOUT: [title, None]})
    logger.info("webinar %s: question %s %s", slug, question_id, "is former" if is_kept else "removed")
    return is_kept


def ask_again(slug: str, question_id: int) -> None:
    """Ask a former question again, as it was, behind the others.

    Raises:
        NoSuchWebinar: there is no webinar of this web address.
        NoSuchQuestion: it has no such question.
        TooManyQuestions: the webinar asks as many as a form bears.
        AskedAlready: it is a ready-made one that was added anew.
    """
    with transaction():
        webinar = _locked(slug)
        question = _find(webinar, question_id)
        if question.retired_at is None:
            return
        questions = questions_of(webinar.id)
        asked = [one for one in questions if one.retired_at is None]
        if are_as_many_as_a_form_bears(asked, question.moment):
            raise TooManyQuestions
        if question.ready_made is not None and any(one.ready_made is question.ready_made for one in asked):
            raise AskedAlready
        question.retired_at = None
        question.position = 1 + max(one.position for one in questions)
        record_edit(webinar, {ABOUT: [None, _title(question, webinar)]})
    logger.info("webinar %s asks question %s again", slug, question_id)


def _locked(slug: str) -> Webinar:
    webinar = lock_webinar(slug)
    if webinar is None:
        raise NoSuchWebinar(slug)
    return webinar


def _find(webinar: Webinar, question_id: int) -> Question:
    """Return a question whose row is held, so that nobody answers it while it is decided whether anybody has."""
    found = [question for question in questions_of(webinar.id, lock=True) if question.id == question_id]
    if not found:
        raise NoSuchQuestion
    return found[0]


def _set(question: Question, draft: QuestionDraft, webinar: Webinar, changes: Changes) -> None:
    _check(question, draft, webinar)
    own = Changes()
    own.assign(question, kind=draft.kind, moment=draft.moment, is_needed=draft.is_needed)
    if question.keep_until != draft.keep_until:
        own.note("keep_until", question.keep_until and question.keep_until.isoformat(), draft.keep_until.isoformat())
        question.keep_until = draft.keep_until
    texts = {code: texts_as_values(text) for code, text in draft.texts.items()}
    own.set_texts(question.texts, QuestionText, texts, webinar.original_language)
    before = _choices_as_told(question)
    _set_choices(question, draft, webinar.original_language)
    after = _choices_as_told(question)
    for name in {**before, **after}:
        own.note(name, before.get(name), after.get(name))
    changes.update({f"question_{name}": change for name, change in own.items()})


def _check(question: Question, draft: QuestionDraft, webinar: Webinar) -> None:
    original = webinar.original_language
    if original not in {*draft.texts, *(text.language for text in question.texts)}:
        raise EditRefused(
            "title",
            _l(
                "Write the question in %(language)s: it is the original language.",
                language=languages.in_words(original),
            ),
        )
    if draft.is_needed and question.ready_made is ReadyMade.GENDER:
        raise EditRefused("is_needed", _l("Nobody has to say their gender, so this question cannot be needed."))
    now = clock.now()
    latest = keeping_of(webinar.id, now).latest
    if draft.keep_until <= now.date():
        raise EditRefused("keep_until", _l("Choose a day in the future: until its end the answers are kept."))
    if draft.keep_until > latest:
        raise EditRefused(
            "keep_until",
            _l(
                "The registrations are erased after %(date)s. Choose that day or an earlier one.",
                date=formats.date(datetime.combine(latest, time(), UTC)),
            ),
        )


def _set_choices(question: Question, draft: QuestionDraft, original: str) -> None:
    asked = {choice.id: choice for choice in question.asked_choices()}
    wanted = draft.choices if draft.kind in WITH_CHOICES else ()
    stay = {entry.choice_id for entry in wanted}
    gone = [choice for choice_id, choice in asked.items() if choice_id not in stay]
    chosen = bookings().chosen(question.id) if gone else set()
    for choice in gone:
        if choice.id in chosen:
            choice.retired_at = clock.now()
        else:
            question.choices.remove(choice)
    for position, entry in enumerate(wanted):
        known = asked.get(entry.choice_id or 0)
        if known is None:
            known = QuestionChoice(texts=[])
            question.choices.append(known)
        assign(known, takes_words=entry.takes_words, position=position)
        titles = {code: {"title": title} for code, title in entry.titles.items()}
        set_texts(known.texts, QuestionChoiceText, titles, original)


def _choices_as_told(question: Question) -> dict[str, str]:
    """Return the choices that are offered as the audit log tells them: by language, and those that take words."""
    told: dict[str, list[str]] = {}
    for choice in sorted(question.asked_choices(), key=lambda choice: choice.position):
        for text in choice.texts:
            told.setdefault(f"choices ({text.language})", []).append(text.title)
        if choice.takes_words and choice.texts:
            told.setdefault("words_beside", []).append(choice.texts[0].title)
    return {name: " · ".join(titles) for name, titles in told.items()}


def _title(question: Question, webinar: Webinar) -> str:
    return text_in(question.texts, webinar.original_language).title


def _titles(questions: Sequence[Question], webinar: Webinar) -> str:
    return " · ".join(_title(question, webinar) for question in questions)
