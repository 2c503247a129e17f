"""Organisers ask questions: making, changing, ordering them, and taking them away without losing an answer."""

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
from tests.signing_in import signed_in_as
from webinar.accounts.models import AuditEntry, Role
from webinar.catalogue.models import Question, QuestionChoice, QuestionKind, ReadyMade, Webinar
from webinar.foundation.db import db
from webinar.registration.models import Answer

CountQueries = Callable[[], AbstractContextManager[Any]]

QUESTIONS = "/staff/webinars/shade/questions"
NEW = "/staff/webinars/shade/new-question"
TODAY = datetime(2030, 1, 10, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _today() -> Any:
    with time_machine.travel(TODAY, tick=False):
        yield


def shade() -> Webinar:
    """Return a webinar in two languages whose last session is in May 2030: registrations go in May 2032."""
    webinar = a_webinar("shade", titles={"en": "Shade", "fr": "Ombre"})
    a_session("shade-en", webinar=webinar, starts="2030-05-14T13:00", languages=("en", "fr"))
    return webinar


def question_input(**more: str) -> dict[str, str]:
    return {
        "title": "What do you expect?",
        "purpose": "To plan the session.",
        "kind": "text",
        "keep_until": "2031-01-01",
        "choice_rows": "4",
        **more,
    }


CHOICES = {
    "kind": "choice",
    "choice_0_title": "By tram",
    "choice_1_title": "Otherwise",
    "choice_1_takes_words": "y",
}


def asked() -> list[Question]:
    return list(
        db.session.scalars(
            select(Question)
            .options(selectinload(Question.texts), selectinload(Question.choices).joinedload(QuestionChoice.texts))
            .order_by(Question.position)
            .execution_options(populate_existing=True)
        )
    )


def titles() -> list[str]:
    return [next(text.title for text in question.texts if text.language == "en") for question in asked()]


def choices_of(question: Question) -> list[tuple[dict[str, str], bool, bool]]:
    return [
        ({text.language: text.title for text in choice.texts}, choice.takes_words, choice.retired_at is not None)
        for choice in question.choices
    ]


def changes() -> list[dict[str, Any]]:
    rows = db.session.scalars(select(AuditEntry).where(AuditEntry.subject == "webinar shade").order_by(AuditEntry.id))
    return [entry.changes for entry in rows]


def test_a_question_is_asked_in_the_original_language_and_written_down(client: FlaskClient) -> None:
    shade()
    signed_in_as(client, Role.ORGANISER)

    answer = client.post(NEW, data=question_input(is_needed="y"))

    assert (answer.status_code, answer.headers["Location"]) == (303, QUESTIONS)
    [question] = asked()
    assert {text.language: (text.title, text.purpose) for text in question.texts} == {
        "en": ("What do you expect?", "To plan the session."),
    }
    assert (question.kind, question.is_needed, question.keep_until) == (QuestionKind.TEXT, True, date(2031, 1, 1))
    [entry] = changes()
    assert entry["question"] == [None, "What do you expect?"]
    assert entry["question_title (en)"] == ["", "What do you expect?"]
    page = client.get(QUESTIONS).text
    assert "What do you expect?" in page
    assert "kept until 1 January 2031" in page
    assert "Missing in French" in page


def test_choices_stand_in_rows_and_one_of_them_may_take_words(client: FlaskClient) -> None:
    shade()
    signed_in_as(client, Role.ORGANISER)

    client.post(NEW, data=question_input(**CHOICES))

    [question] = asked()
    assert choices_of(question) == [
        ({"en": "By tram"}, False, False),
        ({"en": "Otherwise"}, True, False),
    ]


def test_one_year_after_the_last_session_is_proposed_as_the_end_of_keeping(client: FlaskClient) -> None:
    shade()
    signed_in_as(client, Role.ORGANISER)

    assert 'value="2031-05-14"' in client.get(NEW).text


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"title": ""}, "Write the question in English: it is the original language."),
        ({"purpose": " "}, "Write what the answers are for. Who answers reads it."),
        ({"title": "x" * 301}, "Write at most 300 characters."),
        ({"keep_until": "2030-01-10"}, "Choose a day in the future: until its end the answers are kept."),
        ({"keep_until": "2032-05-14"}, "The registrations are erased after 13 May 2032."),
        ({"keep_until": "soon"}, "Write a day, as in 2027-04-03."),
        ({"kind": "riddle"}, "Choose one of these."),
        ({"kind": "choice"}, "Write at least two choices."),
        ({**CHOICES, "kind": "text"}, "Only a question with choices offers them."),
        ({**CHOICES, "choice_1_title": "by TRAM"}, "This choice stands there twice."),
        ({**CHOICES, "choice_0_title": ""}, "Write at least two choices."),
        ({**CHOICES, "choice_0_takes_words": "y"}, "People write words beside one choice only."),
    ],
)
def test_what_cannot_be_asked_is_refused_at_the_field_and_nothing_typed_is_lost(
    client: FlaskClient, given: dict[str, str], message: str
) -> None:
    shade()
    signed_in_as(client, Role.ORGANISER)

    answer = client.post(NEW, data=question_input(**{"purpose": "<i>To</i> know", **given}))

    assert answer.status_code == 422
    assert message in answer.text
    if "purpose" not in given:
        assert "&lt;i&gt;To&lt;/i&gt; know" in answer.text
    assert asked() == []
    assert changes() == []


def test_a_webinar_asks_at_most_so_many_questions(client: FlaskClient) -> None:
    webinar = shade()
    for number in range(12):
        a_question(webinar, title=f"Number {number}")
    signed_in_as(client, Role.ORGANISER)

    answer = client.post(NEW, data=question_input())

    assert answer.status_code == 422
    assert "A form asks at most 12 questions. Take one away first." in answer.text
    assert len(asked()) == 12


@pytest.mark.parametrize("which", list(ReadyMade))
def test_a_ready_made_question_comes_with_one_click_in_every_language_of_the_site_and_once(
    client: FlaskClient, which: ReadyMade
) -> None:
    shade()
    signed_in_as(client, Role.ORGANISER)

    client.post(f"{QUESTIONS}/ready-made/{which.value}")
    again = client.post(f"{QUESTIONS}/ready-made/{which.value}", follow_redirects=True)

    [question] = asked()
    assert question.ready_made is which
    assert not question.is_needed
    assert question.keep_until == date(2031, 5, 14)
    assert {text.language for text in question.texts} == {"ar", "en", "es", "fr", "pt"}
    assert len({text.title for text in question.texts}) == 5
    assert [sorted(text.language for text in choice.texts) for choice in question.choices] == (
        [["ar", "en", "es", "fr", "pt"]] * len(question.choices)
    )
    takes_words = which in (ReadyMade.ACCESSIBILITY, ReadyMade.GENDER)
    assert [choice.takes_words for choice in question.choices].count(True) == takes_words
    assert "This webinar asks that already." in again.text


def test_gender_is_never_needed(client: FlaskClient) -> None:
    shade()
    signed_in_as(client, Role.ORGANISER)
    client.post(f"{QUESTIONS}/ready-made/gender")
    [question] = asked()
    given = {f"choice_{number}_title": choice.texts[0].title for number, choice in enumerate(question.choices)}

    page = client.get(f"{QUESTIONS}/{question.id}").text
    answer = client.post(
        f"{QUESTIONS}/{question.id}",
        data=question_input(kind="choice", is_needed="y", choice_rows="6", revision="1", **given),
    )

    assert 'name="is_needed"' not in page
    assert answer.status_code == 422
    assert "Nobody has to say their gender, so this question cannot be needed." in answer.text
    assert not asked()[0].is_needed


def test_texts_missing_in_a_language_of_the_webinar_are_told(client: FlaskClient) -> None:
    webinar = shade()
    a_question(webinar, title="In English only")
    signed_in_as(client, Role.VIEWER)

    assert "Missing in French" in client.get(QUESTIONS).text


def test_a_question_moves_up(client: FlaskClient) -> None:
    webinar = shade()
    a_question(webinar, title="First")
    second = a_question(webinar, title="Second")
    signed_in_as(client, Role.ORGANISER)

    client.post(f"{QUESTIONS}/{second.id}/up")
    client.post(f"{QUESTIONS}/{second.id}/up")  # the first one stays

    assert titles() == ["Second", "First"]
    assert changes() == [{"question": "Second", "question_order": ["First · Second", "Second · First"]}]


def test_a_question_nobody_answered_is_gone_when_it_is_asked_no_more(client: FlaskClient) -> None:
    question = a_question(shade(), kind=QuestionKind.CHOICE, choices=["Yes", "No"])
    signed_in_as(client, Role.ORGANISER)

    answer = client.post(f"{QUESTIONS}/{question.id}/remove", follow_redirects=True)

    assert "The question is gone. Nobody had answered it." in answer.text
    assert asked() == []
    assert changes() == [{"question": ["What do you need to take part?", None]}]


def test_a_question_with_answers_becomes_a_former_one_and_can_be_asked_again(client: FlaskClient) -> None:
    webinar = shade()
    question = a_question(webinar, title="What do you expect?")
    an_answer(a_registration(a_session(webinar=webinar)), question, text="Much")
    signed_in_as(client, Role.ORGANISER)

    answer = client.post(f"{QUESTIONS}/{question.id}/remove", follow_redirects=True)

    assert "Its answers are kept, and it is listed as a former one." in answer.text
    assert asked()[0].retired_at == TODAY
    assert db.session.scalars(select(Answer.text)).all() == ["Much"]

    client.post(f"{QUESTIONS}/{question.id}/again")
    assert asked()[0].retired_at is None


def test_the_number_of_a_question_that_is_gone_is_not_given_again(client: FlaskClient) -> None:
    webinar = shade()
    gone = a_question(webinar).id
    signed_in_as(client, Role.ORGANISER)
    client.post(f"{QUESTIONS}/{gone}/remove")

    client.post(NEW, data=question_input())

    assert asked()[0].id > gone


def test_the_kind_of_a_question_with_answers_stays_and_the_page_says_why(client: FlaskClient) -> None:
    webinar = shade()
    question = a_question(webinar)
    an_answer(a_registration(a_session(webinar=webinar)), question, text="Much")
    signed_in_as(client, Role.ORGANISER)

    page = client.get(f"{QUESTIONS}/{question.id}").text
    answer = client.post(f"{QUESTIONS}/{question.id}", data=question_input(kind="yes_no"))

    assert "1 person has answered, so this stays as it is." in page
    assert answer.status_code == 422
    assert "People have answered already, so it stays as it is." in answer.text
    assert asked()[0].kind is QuestionKind.TEXT


def test_a_choice_that_was_made_is_kept_as_a_former_one_and_others_go(client: FlaskClient) -> None:
    webinar = shade()
    question = a_question(webinar, kind=QuestionKind.CHOICE, choices=["Tram", "Bus", "Walk"])
    tram, bus, walk = question.choices
    an_answer(a_registration(a_session(webinar=webinar)), question, choices=[tram])
    signed_in_as(client, Role.ORGANISER)

    answer = client.post(
        f"{QUESTIONS}/{question.id}",
        data=question_input(
            kind="choice",
            choice_0_id=str(tram.id),
            choice_0_title="",
            choice_1_id=str(bus.id),
            choice_1_title="",
            choice_2_id=str(walk.id),
            choice_2_title="On foot",
            choice_3_title="By bicycle",
        ),
    )

    assert answer.status_code == 303
    assert sorted((texts["en"], is_former) for texts, _words, is_former in choices_of(asked()[0])) == [
        ("By bicycle", False),
        ("On foot", False),
        ("Tram", True),
    ]
    assert "Former choices:" in client.get(f"{QUESTIONS}/{question.id}").text
    assert changes()[0]["question_choices (en)"] == ["Tram · Bus · Walk", "On foot · By bicycle"]


def test_a_choice_of_another_question_is_not_taken_over(client: FlaskClient) -> None:
    webinar = shade()
    other = a_question(webinar, kind=QuestionKind.CHOICE, choices=["Tram", "Bus"])
    question = a_question(webinar, kind=QuestionKind.CHOICE, choices=["Yes", "No"])
    signed_in_as(client, Role.ORGANISER)

    client.post(
        f"{QUESTIONS}/{question.id}",
        data=question_input(
            kind="choice", choice_0_id=str(other.choices[0].id), choice_0_title="Mine", choice_1_title="Too"
        ),
    )

    assert [[texts["en"] for texts, _w, _f in choices_of(one)] for one in asked()] == [["Tram", "Bus"], ["Mine", "Too"]]


def test_answers_go_sooner_when_the_day_does_and_never_later_than_people_were_told(client: FlaskClient) -> None:
    webinar = shade()
    question = a_question(webinar)
    answer = an_answer(a_registration(a_session(webinar=webinar)), question, text="Much")
    signed_in_as(client, Role.ORGANISER)

    client.post(f"{QUESTIONS}/{question.id}", data=question_input(keep_until="2030-06-01"))
    assert answer.erase_after == datetime(2030, 6, 2, tzinfo=UTC)

    client.post(f"{QUESTIONS}/{question.id}", data=question_input(keep_until="2031-06-01", revision="1"))
    assert answer.erase_after == datetime(2030, 6, 2, tzinfo=UTC)
    assert asked()[0].keep_until == date(2031, 6, 1)


def test_who_edits_what_somebody_else_has_changed_is_told_and_keeps_what_was_typed(client: FlaskClient) -> None:
    question = a_question(shade(), title="First")
    signed_in_as(client, Role.ORGANISER)
    client.post(f"{QUESTIONS}/{question.id}", data=question_input(title="Theirs"))

    answer = client.post(f"{QUESTIONS}/{question.id}", data=question_input(title="Mine"))

    assert answer.status_code == 409
    assert "Somebody has changed this while you were writing." in answer.text
    assert "Theirs" in answer.text
    assert 'value="Mine"' in answer.text
    assert titles() == ["Theirs"]


def test_what_was_typed_into_a_question_that_is_gone_can_be_saved_as_a_new_one(client: FlaskClient) -> None:
    gone = a_question(shade()).id
    signed_in_as(client, Role.ORGANISER)
    client.post(f"{QUESTIONS}/{gone}/remove")

    answer = client.post(f"{QUESTIONS}/{gone}", data=question_input(title="Mine", revision="1"))

    assert answer.status_code == 422
    assert "Somebody has taken this question away." in answer.text
    assert f'action="{NEW}"' in answer.text
    assert 'value="Mine"' in answer.text


def test_a_question_of_another_webinar_is_not_there(client: FlaskClient) -> None:
    shade()
    elsewhere = a_question()
    signed_in_as(client, Role.ORGANISER)

    assert client.get(f"{QUESTIONS}/{elsewhere.id}").status_code == 404
    client.post(f"{QUESTIONS}/{elsewhere.id}/remove")
    assert len(asked()) == 1


def test_more_rows_for_choices_come_by_a_button_without_scripts(client: FlaskClient) -> None:
    shade()
    signed_in_as(client, Role.ORGANISER)

    answer = client.post(NEW, data=question_input(**CHOICES, add="choice"))

    assert answer.status_code == 200
    assert 'name="choice_4_title"' in answer.text
    assert 'value="By tram"' in answer.text
    assert asked() == []


def test_viewers_see_the_questions_and_change_nothing(client: FlaskClient) -> None:
    question = a_question(shade())
    signed_in_as(client, Role.VIEWER)

    assert "New question" not in client.get(QUESTIONS).text
    assert client.get(f"{QUESTIONS}/{question.id}").status_code == 200
    for path in (
        NEW,
        f"{QUESTIONS}/{question.id}",
        f"{QUESTIONS}/{question.id}/remove",
        f"{QUESTIONS}/ready-made/gender",
    ):
        assert client.post(path, data=question_input()).status_code == 403
    assert titles() == ["What do you need to take part?"]


def test_the_pages_take_few_queries_for_any_number_of_questions(
    app: Flask, client: FlaskClient, count_queries: CountQueries
) -> None:
    webinar = shade()
    place = a_registration(a_session(webinar=webinar))
    for number in range(12):
        question = a_question(webinar, title=f"Number {number}", kind=QuestionKind.SEVERAL, choices=["A", "B", "C"])
        an_answer(place, question, choices=question.choices[:2])
    signed_in_as(client, Role.ORGANISER)
    path = f"{QUESTIONS}/{question.id}"

    for address in (QUESTIONS, path, NEW):
        with count_queries() as queries:
            assert client.get(address).status_code == 200
        assert queries.count < 12, address
