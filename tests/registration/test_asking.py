"""Organisers' questions on the registration form: asked, answered, refused, and stored with the place."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from tests.factories import a_question, a_registration, a_session, a_webinar, an_answer
from webinar.catalogue.models import Question, QuestionKind, WebinarSession
from webinar.foundation import clock
from webinar.foundation.db import db
from webinar.registration.models import Answer, Registration, RegistrationStatus

CountQueries = Callable[[], AbstractContextManager[Any]]
FORM = "/en/sessions/heat/register"
WITH_CHOICES = (QuestionKind.CHOICE, QuestionKind.SEVERAL)


def heat() -> WebinarSession:
    return a_session("heat", webinar=a_webinar("heat", titles={"en": "Heat", "fr": "Chaleur"}))


def a_form(**changes: Any) -> dict[str, Any]:
    return {
        "email": "ana@lisbon.example",
        "given_name": "Ana",
        "family_name": "Sousa",
        "affiliation": "other",
        "language": "en",
        "privacy": "y",
        **changes,
    }


def name(question: Question) -> str:
    return f"question-{question.id}"


def answers() -> list[tuple[int, str, set[int]]]:
    """Return what is stored: question, words, and the ids of choices."""
    rows = db.session.scalars(
        select(Answer)
        .options(selectinload(Answer.choices))
        .order_by(Answer.registration_id, Answer.question_id)
        .execution_options(populate_existing=True)
    )
    return [(answer.question_id, answer.text, {one.choice_id for one in answer.choices}) for answer in rows]


def places() -> list[Registration]:
    return list(db.session.scalars(select(Registration)))


@time_machine.travel(datetime(2030, 5, 1, 9, 0, tzinfo=UTC), tick=False)
def test_answers_of_every_kind_are_stored_with_the_place_until_the_day_they_are_kept(client: FlaskClient) -> None:
    webinar = heat().webinar
    day = date(2030, 12, 31)
    words = a_question(webinar, keep_until=day, is_needed=True)
    yes = a_question(webinar, kind=QuestionKind.YES_NO, keep_until=day)
    one = a_question(webinar, kind=QuestionKind.CHOICE, choices=["Tram", "Bus"], keep_until=day)
    several = a_question(webinar, kind=QuestionKind.SEVERAL, choices=["A", "B", "C"], keep_until=day)

    answer = client.post(
        FORM,
        data=a_form(
            **{
                name(words): " =1+1\r\n<b>Much</b> ",
                name(yes): "yes",
                name(one): str(one.choices[1].id),
                name(several): [str(several.choices[0].id), str(several.choices[2].id)],
            }
        ),
    )

    assert answer.status_code == 303
    assert answers() == [
        (words.id, "=1+1\n<b>Much</b>", set()),
        (yes.id, "yes", set()),
        (one.id, "", {one.choices[1].id}),
        (several.id, "", {several.choices[0].id, several.choices[2].id}),
    ]
    assert set(db.session.scalars(select(Answer.erase_after))) == {datetime(2031, 1, 1, tzinfo=UTC)}


def test_an_answer_is_kept_no_longer_than_its_registration(client: FlaskClient) -> None:
    question = a_question(heat().webinar, keep_until=date(2039, 1, 1))

    client.post(FORM, data=a_form(**{name(question): "Much"}))

    [place] = places()
    assert db.session.scalars(select(Answer.erase_after)).all() == [place.erase_after]


def test_the_form_says_what_a_question_is_for_and_until_when_answers_are_kept(client: FlaskClient) -> None:
    a_question(heat().webinar, title="What <b>do</b> you expect?", keep_until=date(2031, 1, 1))

    page = client.get(FORM).text

    assert "What &lt;b&gt;do&lt;/b&gt; you expect?" in page
    assert "To prepare the session." in page
    assert "Kept until 1 January 2031." in page


def test_a_question_missing_in_the_language_of_the_page_is_asked_in_the_original_one_and_marked(
    client: FlaskClient,
) -> None:
    a_question(heat().webinar, title="What do you expect?", kind=QuestionKind.CHOICE, choices=["Tram", "Bus"])

    page = client.get("/fr/sessions/heat/register").text

    assert '<span lang="en" dir="ltr">What do you expect?</span>' in page
    assert '<span lang="en" dir="ltr">Tram</span>' in page


def test_what_is_optional_can_be_left_out(client: FlaskClient) -> None:
    webinar = heat().webinar
    for kind in QuestionKind:
        a_question(webinar, kind=kind, choices=["A", "B"] if kind in WITH_CHOICES else ())

    assert client.post(FORM, data=a_form()).status_code == 303
    assert answers() == []


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        (QuestionKind.TEXT, "Write your answer."),
        (QuestionKind.YES_NO, "Choose one of these."),
        (QuestionKind.CHOICE, "Choose one of these."),
        (QuestionKind.SEVERAL, "Choose at least one of these."),
    ],
)
def test_a_needed_answer_is_asked_for_at_the_question_and_nothing_typed_is_lost(
    client: FlaskClient, kind: QuestionKind, message: str
) -> None:
    webinar = heat().webinar
    needed = a_question(webinar, kind=kind, is_needed=True, choices=["A", "B"] if kind in WITH_CHOICES else ())
    other = a_question(webinar)

    answer = client.post(FORM, data=a_form(**{name(other): "<i>kept</i>"}))

    assert answer.status_code == 422
    assert message in answer.text
    assert f'id="{name(needed)}-error"' in answer.text
    assert f'href="#{name(needed)}"' in answer.text
    assert "&lt;i&gt;kept&lt;/i&gt;" in answer.text
    assert places() == []


def test_ten_thousand_characters_are_too_many_and_stay_in_the_field(client: FlaskClient) -> None:
    question = a_question(heat().webinar)

    answer = client.post(FORM, data=a_form(**{name(question): "x" * 10_000}))

    assert answer.status_code == 422
    assert "Write at most 2,000 characters." in answer.text
    assert "x" * 10_000 in answer.text
    assert places() == []


def test_a_choice_of_another_question_is_refused_at_the_field(client: FlaskClient) -> None:
    webinar = heat().webinar
    one = a_question(webinar, kind=QuestionKind.CHOICE, choices=["Tram", "Bus"])
    several = a_question(webinar, kind=QuestionKind.SEVERAL, choices=["A", "B"])

    for given in (
        {name(one): str(several.choices[0].id)},
        {name(several): [str(several.choices[0].id), str(one.choices[0].id)]},
        {name(one): "'; drop table answer"},
    ):
        answer = client.post(FORM, data=a_form(**given))
        assert answer.status_code == 422
        assert "What you chose is not offered any more. Look over your answer." in answer.text
    assert places() == []


def test_an_answer_to_a_question_of_another_webinar_or_one_taken_away_is_passed_over(client: FlaskClient) -> None:
    session = heat()
    former = a_question(session.webinar, retired_at=clock.now())
    elsewhere = a_question()
    over = a_question(session.webinar, keep_until=date(2020, 1, 1))

    answer = client.post(
        FORM,
        data=a_form(
            **{name(former): "a", name(elsewhere): "b", name(over): "c", "question-99999": "d", "question-x": "e"}
        ),
    )

    assert answer.status_code == 303
    assert answers() == []
    assert name(former) not in client.get(FORM).text


def test_a_former_choice_is_not_offered(client: FlaskClient) -> None:
    question = a_question(heat().webinar, kind=QuestionKind.CHOICE, choices=["Tram", "Airship"])
    question.choices[1].retired_at = clock.now()
    db.session.commit()

    assert "Airship" not in client.get(FORM).text
    assert client.post(FORM, data=a_form(**{name(question): str(question.choices[1].id)})).status_code == 422


def test_questions_of_the_same_title_are_two(client: FlaskClient) -> None:
    webinar = heat().webinar
    first, second = a_question(webinar, title="Why?"), a_question(webinar, title="Why?")

    client.post(FORM, data=a_form(**{name(first): "Because", name(second): "Of that"}))

    assert answers() == [(first.id, "Because", set()), (second.id, "Of that", set())]


def test_words_stand_beside_the_choice_that_takes_them_and_only_there(client: FlaskClient) -> None:
    question = a_question(heat().webinar, kind=QuestionKind.CHOICE, choices=["Tram", "Otherwise"])
    question.choices[1].takes_words = True
    db.session.commit()
    tram, otherwise = (str(choice.id) for choice in question.choices)
    words = f"{name(question)}-words"

    without = client.post(FORM, data=a_form(**{name(question): otherwise}))
    beside = client.post(FORM, data=a_form(**{name(question): tram, words: "On foot"}))
    both = client.post(FORM, data=a_form(**{name(question): otherwise, words: "On foot"}))

    assert "Write what you mean." in without.text
    assert "Choose “Otherwise” too, or take these words out." in beside.text
    assert both.status_code == 303
    assert answers() == [(question.id, "On foot", {int(otherwise)})]


def test_registering_again_changes_no_answer(client: FlaskClient) -> None:
    session = heat()
    question = a_question(session.webinar)
    place = a_registration(session, email="ana@lisbon.example")
    an_answer(place, question, text="Much")

    client.post(FORM, data=a_form(**{name(question): "Something else"}))

    assert answers() == [(question.id, "Much", set())]


def test_who_comes_back_after_giving_the_place_up_answers_anew(client: FlaskClient) -> None:
    session = heat()
    first, second = a_question(session.webinar), a_question(session.webinar)
    place = a_registration(session, email="ana@lisbon.example", status=RegistrationStatus.CANCELLED)
    an_answer(place, first, text="Much")
    an_answer(place, second, text="Little")

    client.post(FORM, data=a_form(**{name(first): "More"}))

    assert answers() == [(first.id, "More", set())]


def test_a_changed_question_stands_on_the_form_at_once(client: FlaskClient) -> None:
    session = heat()
    assert "What do you expect?" not in client.get(FORM).text

    question = a_question(session.webinar, title="What do you expect?")
    assert "What do you expect?" in client.get(FORM).text

    question.retired_at = clock.now()
    db.session.commit()
    assert "What do you expect?" not in client.get(FORM).text


def test_a_webinar_that_asks_nothing_costs_no_query_more(
    app: Flask, client: FlaskClient, count_queries: CountQueries
) -> None:
    heat()
    a_question(a_session("elsewhere").webinar)

    with count_queries() as queries:
        assert client.post(FORM, data=a_form()).status_code == 303

    assert not [
        statement for statement in queries.statements if "FROM question" in statement or "FROM answer" in statement
    ]
