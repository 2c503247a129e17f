"""Saying how a session was: the organisers' questions about it, by one's personal link."""

from __future__ import annotations

from flask import Response, abort, flash, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webinar.catalogue.questions import questions_asked_afterwards
from webinar.foundation import clock, languages
from webinar.foundation.errors import DomainError
from webinar.foundation.security import token_checked_by_form
from webinar.registration import services
from webinar.registration.answers import answers_of
from webinar.registration.asking import asking
from webinar.registration.forms import FeedbackForm
from webinar.registration.models import Registration
from webinar.registration.programme import shown
from webinar.registration.queries import find_by_token
from webinar.registration.views.blueprint import bp, this_reader
from webinar.registration.views.my_registration import page_of


@bp.get("/<lang>/registrations/<token>/feedback")
def feedback(lang: str, token: str) -> ResponseReturnValue:
    """Show the questions with what somebody has answered so far; where nothing is asked, their own page."""
    place = find_by_token(token) or abort(404)
    form = _form(place)
    if not form.questions or not services.may_give_feedback(place, clock.now()):
        return redirect(url_for(".my_registration", lang=lang, token=token))
    return _page(form, place)


@bp.post("/<lang>/registrations/<token>/feedback")
@token_checked_by_form  # the one in the address
def answer_feedback(lang: str, token: str) -> ResponseReturnValue:
    """Store the answers, or show them again with what to mend."""
    place = find_by_token(token) or abort(404)
    form = _form(place)
    if not form.validate_on_submit():
        return _page(form, place, 422)
    try:
        services.give_feedback(token, form.answers)
    except DomainError as refusal:
        return page_of(token, refusal)
    flash(_("Thank you. Your answers are stored; you can change them here."), "good")
    return redirect(url_for(".feedback", lang=lang, token=token), code=303)


def _form(place: Registration) -> FeedbackForm:
    questions = questions_asked_afterwards(place.session.webinar, clock.now())
    form = asking(FeedbackForm, questions, languages.current(), answers_of(place.id) if questions else ())
    return form()


def _page(form: FeedbackForm, place: Registration, status: int = 200) -> Response:
    [showing] = shown([place.session], this_reader())
    page = render_template("registration/feedback.html", form=form, place=place, showing=showing)
    return make_response(page, status)
