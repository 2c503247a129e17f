"""What organisers ask those who register: the questions of a webinar, each with a page of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webinar.accounts.guard import needs
from webinar.accounts.models import Role
from webinar.accounts.revisions import ChangedMeanwhile
from webinar.accounts.told import ToldEntry
from webinar.catalogue.forms.question import MOMENT_NAMES, QUESTION_KIND_NAMES, QuestionForm, question_form
from webinar.catalogue.models import Moment, Question, QuestionText, ReadyMade, Webinar
from webinar.catalogue.queries import find_webinar
from webinar.catalogue.questions import languages_lacking, questions_of
from webinar.catalogue.ready_made import READY_MADE, ready_made_draft
from webinar.catalogue.services.drafts import EditRefused
from webinar.catalogue.services.edit_questions import (
    MOST_QUESTIONS,
    NoSuchQuestion,
    add_question,
    ask_again,
    edit_question,
    keeping_of,
    move_question_up,
    remove_question,
)
from webinar.catalogue.services.edit_webinar import NoSuchWebinar
from webinar.catalogue.staff.changes import told_here
from webinar.catalogue.staff.workspace import frame
from webinar.catalogue.texts import text_in
from webinar.foundation import clock, languages
from webinar.foundation.errors import DomainError
from webinar.foundation.security import token_checked_by_form
from webinar.registration.answers import answered
from webinar.registration.staff.blueprint import bp


class QuestionLine(NamedTuple):
    """One question in the list: its text, how many answers there are, and the languages that it is missing in."""

    question: Question
    text: QuestionText
    answers: int
    lacking: list[str]


@bp.get("/staff/webinars/<slug>/questions")
def questions(slug: str) -> ResponseReturnValue:
    """List the questions of a webinar: those that are asked, those one can add with a click, and former ones."""
    webinar = find_webinar(slug) or abort(404)
    found = questions_of(webinar.id)
    counts = answered(question.id for question in found)
    lines = [
        QuestionLine(
            question,
            text_in(question.texts, languages.current(), webinar.original_language),
            counts.get(question.id, 0),
            languages_lacking(question, webinar),
        )
        for question in found
    ]
    asked = [line for line in lines if line.question.retired_at is None]
    asked_ready_made = {line.question.ready_made for line in asked}
    return render_template(
        "staff/questions/list.html",
        **frame(webinar, "registration_staff.questions"),
        moments=[(moment, [line for line in asked if line.question.moment is moment]) for moment in Moment],
        former=[line for line in lines if line.question.retired_at is not None],
        ready_made={which: one for which, one in READY_MADE.items() if which not in asked_ready_made},
        kind_names=QUESTION_KIND_NAMES,
        moment_names=MOMENT_NAMES,
        most=MOST_QUESTIONS,
        now=clock.now(),
    )


@bp.get("/staff/webinars/<slug>/new-question")
@needs(Role.ORGANISER)
def new_question(slug: str) -> ResponseReturnValue:
    """Show the empty form for a question."""
    webinar = find_webinar(slug) or abort(404)
    wanted = request.args.get("moment")
    return _page(_form(webinar, None, Moment(wanted) if wanted in set(Moment) else Moment.REGISTERING), webinar, None)


@bp.post("/staff/webinars/<slug>/new-question")
@needs(Role.ORGANISER)
@token_checked_by_form
def make_question(slug: str) -> ResponseReturnValue:
    """Ask a new question, or show one row more of its choices."""
    webinar = find_webinar(slug) or abort(404)
    form = _form(webinar, None)
    if "add" in request.form:
        return _page(form, webinar, None)
    if form.validate_on_submit():
        try:
            add_question(slug, form.draft())
        except EditRefused as refusal:
            form.refuse(refusal.field, refusal)
        except DomainError as refusal:
            form.refuse("", refusal)
        else:
            flash(_("The question is stored, and asked from now on."))
            return redirect(url_for(".questions", slug=slug), code=303)
    return _page(form, webinar, None), 422


@bp.get("/staff/webinars/<slug>/questions/<int:question_id>")
def question(slug: str, question_id: int) -> ResponseReturnValue:
    """Show a question, to be edited."""
    webinar = find_webinar(slug) or abort(404)
    found = _question(webinar, question_id) or abort(404)
    return _page(_form(webinar, found), webinar, found)


@bp.post("/staff/webinars/<slug>/questions/<int:question_id>")
@needs(Role.ORGANISER)
@token_checked_by_form
def change_question(slug: str, question_id: int) -> ResponseReturnValue:
    """Change a question, or show one row more of its choices; who is behind what somebody else has saved is told."""
    webinar = find_webinar(slug) or abort(404)
    found = _question(webinar, question_id)
    form = _form(webinar, found)
    if "add" in request.form:
        return _page(form, webinar, found)
    if form.validate_on_submit():
        try:
            differs = edit_question(slug, question_id, form.draft(), form.revision.data)
        except EditRefused as refusal:
            form.refuse(refusal.field, refusal)
        except NoSuchQuestion:
            form.refuse("", _("Somebody has taken this question away. Save what you wrote to ask it as a new one."))
        except ChangedMeanwhile as refusal:
            form.revision.data = refusal.revision
            return _page(form, webinar, found, told_here(refusal.entries)), 409
        else:
            flash(_("The question is stored.") if differs else _("Nothing was changed."))
            return redirect(url_for(".questions", slug=slug), code=303)
    return _page(form, webinar, found), 422


@bp.post("/staff/webinars/<slug>/questions/ready-made/<ready_made>")
@needs(Role.ORGANISER)
def add_ready_made(slug: str, ready_made: str) -> ResponseReturnValue:
    """Ask a ready-made question, in all languages at once."""
    webinar = find_webinar(slug) or abort(404)
    if ready_made not in set(ReadyMade):
        abort(404)
    which = ReadyMade(ready_made)
    try:
        add_question(slug, ready_made_draft(which, keeping_of(webinar.id, clock.now()).proposed), which)
    except DomainError as refusal:
        flash(str(refusal), "bad")
    else:
        flash(_("The question is stored, and asked from now on."))
    return redirect(url_for(".questions", slug=slug), code=303)


@bp.post("/staff/webinars/<slug>/questions/<int:question_id>/up")
@needs(Role.ORGANISER)
def put_question_up(slug: str, question_id: int) -> ResponseReturnValue:
    """Ask a question before the one that came before it."""
    try:
        move_question_up(slug, question_id)
    except (NoSuchWebinar, NoSuchQuestion):
        abort(404)
    return redirect(url_for(".questions", slug=slug, _anchor=f"question-{question_id}"), code=303)


@bp.post("/staff/webinars/<slug>/questions/<int:question_id>/remove")
@needs(Role.ORGANISER)
def take_question_away(slug: str, question_id: int) -> ResponseReturnValue:
    """Ask a question no more."""
    try:
        is_kept = remove_question(slug, question_id)
    except NoSuchWebinar:
        abort(404)
    except DomainError as refusal:
        flash(str(refusal), "bad")
    else:
        flash(
            _("The question is asked no more. Its answers are kept, and it is listed as a former one.")
            if is_kept
            else _("The question is gone. Nobody had answered it.")
        )
    return redirect(url_for(".questions", slug=slug), code=303)


@bp.post("/staff/webinars/<slug>/questions/<int:question_id>/again")
@needs(Role.ORGANISER)
def ask_former_question(slug: str, question_id: int) -> ResponseReturnValue:
    """Ask a former question again."""
    try:
        ask_again(slug, question_id)
    except NoSuchWebinar:
        abort(404)
    except DomainError as refusal:
        flash(str(refusal), "bad")
    else:
        flash(_("The question is asked again."))
    return redirect(url_for(".questions", slug=slug), code=303)


def _question(webinar: Webinar, question_id: int) -> Question | None:
    return next((one for one in questions_of(webinar.id) if one.id == question_id), None)


def _form(webinar: Webinar, found: Question | None, moment: Moment = Moment.REGISTERING) -> QuestionForm:
    return question_form(webinar, request.form, keeping_of(webinar.id, clock.now()), found, moment)


def _page(
    form: QuestionForm, webinar: Webinar, found: Question | None, meanwhile: Sequence[ToldEntry] | None = None
) -> str:
    return render_template(
        "staff/questions/one.html",
        **frame(webinar, "registration_staff.questions"),
        form=form,
        question=found,
        question_text=text_in(found.texts, languages.current(), webinar.original_language) if found else None,
        answers=answered([found.id]).get(found.id, 0) if found else 0,
        former_choices=[
            text_in(choice.texts, languages.current(), webinar.original_language)
            for choice in (found.choices if found else ())
            if choice.retired_at is not None
        ],
        kind_names=QUESTION_KIND_NAMES,
        keeping=keeping_of(webinar.id, clock.now()),
        meanwhile=meanwhile,
    )
