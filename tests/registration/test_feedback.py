"""Feedback: what organisers ask once a session has begun, and what people say."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.factories import (
    a_question,
    a_registration,
    a_session,
    a_webinar,
    an_answer,
)
from tests.signing_in import signed_in_as
from webinar.accounts.models import Role
from webinar.catalogue.models import Moment, Question, QuestionKind, ReadyMade, WebinarSession
from webinar.catalogue.questions import questions_of
from webinar.foundation import clock
from webinar.foundation.db import db
from webinar.registration.models import Answer, Registration, RegistrationStatus

pytestmark = pytest.mark.usefixtures("app")


def a_session_with_feedback(kind: QuestionKind = QuestionKind.TEXT) -> tuple[WebinarSession, Question]:
    webinar = a_webinar("heat")
    asked = a_question(webinar, title="How was the sound?", kind=kind, moment=Moment.AFTERWARDS)
    return a_session("heat-en", webinar=webinar, starts="2030-05-14T13:00", minutes=75), asked


def address(place: Registration) -> str:
    return f"/en/registrations/{place.token}/feedback"


def said() -> list[str]:
    return list(db.session.scalars(select(Answer.text)))


def just_after(session: WebinarSession) -> time_machine.travel:
    return time_machine.travel(session.starts_at + timedelta(minutes=1), tick=False)


def test_who_registers_is_not_asked_how_it_was(client: FlaskClient) -> None:
    a_session_with_feedback()

    assert "How was the sound?" not in client.get("/en/sessions/heat-en/register").text


def test_from_the_start_on_my_registration_leads_to_the_questions(client: FlaskClient) -> None:
    session, _asked = a_session_with_feedback()
    place = a_registration(session)
    before = client.get(f"/en/registrations/{place.token}").text

    with just_after(session):
        page = client.get(f"/en/registrations/{place.token}").text

    assert "Say how it was" not in before
    assert address(place) in page


def test_answers_are_stored_shown_again_and_can_be_changed(client: FlaskClient) -> None:
    session, asked = a_session_with_feedback()
    place = a_registration(session)

    with just_after(session):
        answer = client.post(address(place), data={f"question-{asked.id}": "Too low"}, follow_redirects=True)
        assert "Thank you." in answer.text
        assert "Too low</textarea>" in answer.text
        client.post(address(place), data={f"question-{asked.id}": "Clear in the end"})

    assert said() == ["Clear in the end"]


def test_a_needed_answer_that_is_missing_is_asked_for_and_nothing_is_stored(client: FlaskClient) -> None:
    session, asked = a_session_with_feedback()
    asked.is_needed = True
    db.session.commit()
    place = a_registration(session)

    with just_after(session):
        answer = client.post(address(place), data={f"question-{asked.id}": ""})

    assert answer.status_code == 422
    assert "Write your answer." in answer.text
    assert said() == []


@pytest.mark.parametrize("status", [RegistrationStatus.WAITING, RegistrationStatus.CANCELLED])
def test_who_has_no_place_is_not_asked(client: FlaskClient, status: RegistrationStatus) -> None:
    session, asked = a_session_with_feedback()
    place = a_registration(session, status=status)

    with just_after(session):
        shown = client.get(address(place))
        client.post(address(place), data={f"question-{asked.id}": "Loud"})

    assert shown.status_code == 302
    assert said() == []


def test_nothing_is_taken_before_the_start(client: FlaskClient) -> None:
    session, asked = a_session_with_feedback()
    place = a_registration(session)

    client.post(address(place), data={f"question-{asked.id}": "Loud"})

    assert said() == []


def test_where_nothing_is_asked_the_address_leads_to_my_registration(client: FlaskClient) -> None:
    session = a_session(starts="2030-05-14T13:00")
    place = a_registration(session)

    with just_after(session):
        answer = client.get(address(place))

    assert answer.location == f"/en/registrations/{place.token}"


def test_a_link_of_nobody_is_no_page(client: FlaskClient) -> None:
    assert client.get("/en/registrations/nobody/feedback").status_code == 404
    assert client.post("/en/registrations/nobody/feedback").status_code == 404


def test_correcting_ones_details_leaves_the_feedback_as_it_is(client: FlaskClient) -> None:
    session, asked = a_session_with_feedback()
    place = a_registration(session)
    an_answer(place, asked, text="Clear")

    page = client.get(f"/en/registrations/{place.token}/details").text

    assert f"question-{asked.id}" not in page
    assert said() == ["Clear"]


def test_two_clicks_ask_for_feedback_in_every_language(client: FlaskClient) -> None:
    webinar = a_webinar("heat")
    signed_in_as(client, Role.ORGANISER)

    client.post(f"/staff/webinars/heat/questions/ready-made/{ReadyMade.USEFULNESS}")
    client.post(f"/staff/webinars/heat/questions/ready-made/{ReadyMade.BETTER}")

    asked = questions_of(webinar.id)
    assert [question.moment for question in asked] == [Moment.AFTERWARDS] * 2
    assert {text.language for text in asked[0].texts} == {"ar", "en", "es", "fr", "pt"}
    assert len(asked[0].choices) == 4


def test_an_organiser_writes_a_question_of_their_own_for_afterwards(client: FlaskClient) -> None:
    webinar = a_webinar("heat")
    signed_in_as(client, Role.ORGANISER)
    form = client.get("/staff/webinars/heat/new-question?moment=afterwards").text
    assert '<option selected value="afterwards">' in form

    client.post(
        "/staff/webinars/heat/new-question",
        data={
            "title": "Would you come again?",
            "purpose": "To plan the next ones.",
            "kind": "yes_no",
            "moment": "afterwards",
            "keep_until": f"{clock.now().date() + timedelta(days=90)}",
            "written_in": "en",
        },
    )

    [asked] = questions_of(webinar.id)
    assert (asked.moment, asked.kind) == (Moment.AFTERWARDS, QuestionKind.YES_NO)


def test_results_are_told_by_language(client: FlaskClient) -> None:
    session, asked = a_session_with_feedback(QuestionKind.YES_NO)
    for language, word in (("en", "yes"), ("fr", "no"), ("fr", "no")):
        an_answer(a_registration(session, language=language), asked, text=word)
    signed_in_as(client, Role.VIEWER)

    everybody = client.get("/staff/sessions/heat-en/answers").text
    in_french = client.get("/staff/sessions/heat-en/answers?written_in=fr").text
    unknown = client.get("/staff/sessions/heat-en/answers?written_in=xx").text

    assert "3 answers" in everybody
    assert "2 answers" in in_french
    assert "3 answers" in unknown
