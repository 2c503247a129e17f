"""What people answered, as the staff read it: counted, listed, and beside the registration."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from tests.factories import a_member, a_question, a_registration, a_session, a_webinar, an_answer
from tests.signing_in import signed_in_as
from webinar.accounts.models import Role
from webinar.catalogue.models import QuestionKind
from webinar.foundation import clock
from webinar.foundation.db import db
from webinar.registration.answers import counts_of, latest_words, who_answered
from webinar.registration.models import RegistrationStatus

CountQueries = Callable[[], AbstractContextManager[Any]]
ANSWERS = "/staff/sessions/heat/answers"


def test_answers_are_counted_by_choice_by_yes_and_no_and_without_who_gave_the_place_up(app: Flask) -> None:
    session = a_session("heat")
    several = a_question(session.webinar, kind=QuestionKind.SEVERAL, choices=["A", "B", "C"])
    a, b, _c = several.choices
    yes = a_question(session.webinar, kind=QuestionKind.YES_NO)
    elsewhere = a_registration(a_session(webinar=session.webinar))
    an_answer(elsewhere, several, choices=[a])
    for choices, word in (([a, b], "yes"), ([b], "yes"), ([b], "no")):
        place = a_registration(session)
        an_answer(place, several, choices=choices)
        an_answer(place, yes, text=word)
    an_answer(a_registration(session, status=RegistrationStatus.CANCELLED), several, choices=[a])

    counts = counts_of(session.id)

    assert (counts[several.id].people, counts[several.id].by_choice) == (3, {a.id: 1, b.id: 3})
    assert (counts[yes.id].people, counts[yes.id].by_word) == (3, {"yes": 2, "no": 1})


def test_the_latest_words_come_first_and_so_many_of_each_question(app: Flask) -> None:
    session = a_session()
    questions = [a_question(session.webinar), a_question(session.webinar)]
    for number in range(4):
        place = a_registration(session)
        for question in questions:
            an_answer(place, question, text=f"{number}")

    said = latest_words(session.id, each=2)

    assert [[one.answer.text for one in said[question.id]] for question in questions] == [["3", "2"], ["3", "2"]]


def test_who_gave_an_answer_is_listed_a_page_at_a_time(app: Flask) -> None:
    session = a_session()
    question = a_question(session.webinar, kind=QuestionKind.CHOICE, choices=["A", "B"])
    for number in range(60):
        an_answer(a_registration(session), question, choices=[question.choices[number % 2]])

    everybody = who_answered(session.id, question.id, page=99)
    some = who_answered(session.id, question.id, choice_id=question.choices[1].id)

    assert (everybody.total, everybody.page, everybody.pages, len(everybody.lines)) == (60, 2, 2, 10)
    assert [line.place.turn for line in some.lines] == list(range(2, 61, 2))


def test_the_tab_is_there_only_where_something_is_asked(client: FlaskClient) -> None:
    session = a_session("heat")
    signed_in_as(client, Role.VIEWER)
    assert ANSWERS not in client.get("/staff/sessions/heat/").text

    a_question(session.webinar)
    assert ANSWERS in client.get("/staff/sessions/heat/").text


def test_each_figure_leads_to_the_people_behind_it(client: FlaskClient) -> None:
    session = a_session("heat")
    question = a_question(session.webinar, title="<b>Needs</b>", kind=QuestionKind.SEVERAL, choices=["<i>A</i>", "B"])
    place = a_registration(session, given_name="<u>Ana</u>", member=a_member("Lisbon"))
    an_answer(place, question, text="<s>words</s>", choices=question.choices[:1])
    signed_in_as(client, Role.VIEWER)

    page = client.get(ANSWERS).text
    people = client.get(f"{ANSWERS}/{question.id}?choice={question.choices[0].id}").text
    nobody = client.get(f"{ANSWERS}/{question.id}?choice={question.choices[1].id}").text
    one = client.get(f"/staff/sessions/heat/registrations/{place.turn}").text

    assert f"{ANSWERS}/{question.id}?choice={question.choices[0].id}" in page
    for text in (page, people, one):
        assert "&lt;b&gt;Needs&lt;/b&gt;" in text
        assert "&lt;i&gt;A&lt;/i&gt;" in text
        assert "&lt;s&gt;words&lt;/s&gt;" in text
    assert "&lt;u&gt;Ana&lt;/u&gt;" in people
    assert "Nobody has answered so." in nobody


def test_former_questions_and_choices_are_shown_as_such(client: FlaskClient) -> None:
    session = a_session("heat")
    question = a_question(session.webinar, kind=QuestionKind.CHOICE, choices=["A", "B"])
    an_answer(a_registration(session), question, choices=question.choices[:1])
    question.retired_at = question.choices[0].retired_at = question.choices[1].retired_at = clock.now()
    db.session.commit()
    signed_in_as(client, Role.VIEWER)

    page = client.get(ANSWERS).text

    assert "Former" in page
    assert page.count("former choice") == 1  # nobody has made the other
    assert "former question" in client.get("/staff/sessions/heat/registrations/1").text


def test_a_question_of_another_webinar_has_no_list_here(client: FlaskClient) -> None:
    a_session("heat")
    elsewhere = a_question()
    signed_in_as(client, Role.VIEWER)

    assert client.get(f"{ANSWERS}/{elsewhere.id}").status_code == 404


def test_the_pages_take_few_queries_for_any_number_of_answers(
    app: Flask, client: FlaskClient, count_queries: CountQueries
) -> None:
    session = a_session("heat", webinar=a_webinar(titles={"en": "Heat", "fr": "Chaleur"}), languages=("en", "fr"))
    questions = [
        a_question(session.webinar, kind=kind, choices=["A", "B"])
        for kind in (QuestionKind.TEXT, QuestionKind.SEVERAL, QuestionKind.YES_NO) * 3
    ]
    for _number in range(5):
        place = a_registration(session)
        for question in questions:
            an_answer(place, question, text="yes", choices=question.choices)
    paths = [ANSWERS, f"{ANSWERS}/{questions[1].id}", "/staff/sessions/heat/registrations/1"]
    signed_in_as(client, Role.ORGANISER)

    for path in paths:
        with count_queries() as queries:
            assert client.get(path).status_code == 200
        assert queries.count < 12, (path, queries.statements)
