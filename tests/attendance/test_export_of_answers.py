"""The columns of the organisers' questions in the attendance export."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from flask import Flask
from python_calamine import CalamineWorkbook

from tests.factories import a_question, a_registration, a_series, a_session, a_webinar, an_answer, an_attendance
from webinar.attendance.export import ExportFormat, blocks_of_csv, export, write
from webinar.attendance.participants import COLUMNS, LOCAL_COLUMNS
from webinar.attendance.queries import Stays, stays_in_series, stays_in_session
from webinar.catalogue.models import Question, QuestionKind, QuestionText
from webinar.foundation import clock
from webinar.foundation.db import db
from webinar.foundation.spreadsheet import read_table

Queries = Callable[[], AbstractContextManager[Any]]


def written(stays: Stays, how: ExportFormat) -> bytes:
    target = io.BytesIO()
    write(export(stays), how, target)
    return target.getvalue()


def in_csv(stays: Stays) -> list[list[str]]:
    """Return what stands behind the fixed columns, the head first."""
    content = written(stays, ExportFormat.CSV).decode("utf-8-sig")
    return [line[len(COLUMNS) :] for line in csv.reader(io.StringIO(content, newline=""))]


def test_each_question_has_a_column_behind_the_fixed_ones_in_its_original_language(app: Flask) -> None:
    session = a_session("heat", webinar=a_webinar(original_language="fr", titles={"fr": "Chaleur", "en": "Heat"}))
    words = a_question(session.webinar, title="Pourquoi ?", language="fr")
    words.texts.append(QuestionText(language="en", title="Why?", purpose="To know."))
    yes = a_question(session.webinar, title="Viendrez-vous ?", language="fr", kind=QuestionKind.YES_NO)
    several = a_question(
        session.webinar, title="Besoins", language="fr", kind=QuestionKind.SEVERAL, choices=["Rampe", "Autre"]
    )
    db.session.commit()
    place = a_registration(session)
    an_answer(place, words, text="Parce que\nvoilà")
    an_answer(place, yes, text="no")
    an_answer(place, several, text="Une chaise", choices=several.choices[::-1])
    a_registration(session)
    stays = stays_in_session(session.id)

    assert in_csv(stays) == [
        ["Pourquoi ?", "Viendrez-vous ?", "Besoins"],
        ["Parce que\nvoilà", "no", "Rampe; Autre; Une chaise"],
        ["", "", ""],
    ]
    first, second = json.loads(written(stays, ExportFormat.JSON))
    assert list(first)[: len(COLUMNS)] == list(COLUMNS)
    assert first["Besoins"] == "Rampe; Autre; Une chaise"
    assert second["Besoins"] == ""
    book = CalamineWorkbook.from_filelike(io.BytesIO(written(stays, ExportFormat.XLSX)))
    sheet = book.get_sheet_by_name("Participants").to_python()
    assert [line[len(COLUMNS) : -len(LOCAL_COLUMNS)] for line in sheet] == [
        ["Pourquoi ?", "Viendrez-vous ?", "Besoins"],
        ["Parce que\nvoilà", "no", "Rampe; Autre; Une chaise"],
        ["", "", ""],
    ]


def test_former_questions_and_choices_keep_their_column_and_answers(app: Flask) -> None:
    session = a_session()
    question = a_question(session.webinar, title="How?", kind=QuestionKind.CHOICE, choices=["Tram", "Bus"])
    an_answer(a_registration(session), question, choices=question.choices[:1])
    question.retired_at = question.choices[0].retired_at = clock.now()
    db.session.commit()

    assert in_csv(stays_in_session(session.id)) == [["How? (former)"], ["Tram"]]


def test_no_column_is_called_as_another_one(app: Flask) -> None:
    session = a_session()
    titles = ["Email", "member", "Why?", "WHY?", "Why? (2)"]
    for title in titles:
        an_answer(a_registration(session), a_question(session.webinar, title=title), text=title)
    stays = stays_in_session(session.id)

    assert in_csv(stays)[0] == ["Email (2)", "member (2)", "Why?", "WHY? (2)", "Why? (2) (2)"]
    assert [[cell for cell in line if cell] for line in in_csv(stays)[1:]] == [[title] for title in titles]
    assert len(list(read_table(written(stays, ExportFormat.CSV)))) == 5


def test_titles_and_answers_are_no_formulas(app: Flask) -> None:
    session = a_session()
    choice = a_question(session.webinar, title="@SUM(A1)", kind=QuestionKind.CHOICE, choices=["=1+1", "<b>B</b>"])
    an_answer(a_registration(session), choice, choices=choice.choices[:1])
    stays = stays_in_session(session.id)

    assert in_csv(stays) == [["'@SUM(A1)"], ["'=1+1"]]
    [row] = read_table(written(stays, ExportFormat.CSV))
    assert row.values["@sum(a1)"] == "=1+1"
    [line] = json.loads(written(stays, ExportFormat.JSON))
    assert line["@SUM(A1)"] == "=1+1"


def test_webinars_of_a_series_that_ask_the_same_share_a_column(app: Flask) -> None:
    series = a_series()
    for number, title in ((1, "Needs"), (2, "Needs"), (3, "Other needs")):
        webinar = a_webinar(series=series, position=number)
        question = a_question(webinar, title=title)
        session = a_session(webinar=webinar, starts=f"2030-05-0{number}T13:00")
        an_answer(a_registration(session), question, text=f"answer {number}")

    assert in_csv(stays_in_series(series.id)) == [
        ["Needs", "Other needs"],
        ["answer 1", ""],
        ["answer 2", ""],
        ["", "answer 3"],
    ]


def test_everybody_has_their_own_answers_however_often_they_were_seen(app: Flask) -> None:
    session = a_session()
    question: Question = a_question(session.webinar, title="Why?")
    for number in range(6):
        place = a_registration(session)
        if number % 2:
            an_answer(place, question, text=f"answer {number}")
        for _stretch in range(number):
            an_attendance(place)

    assert in_csv(stays_in_session(session.id))[1:] == [
        [""],
        ["answer 1"],
        [""],
        ["answer 3"],
        [""],
        ["answer 5"],
    ]


@pytest.mark.parametrize("people", [2, 40])
def test_it_is_the_same_number_of_queries_whatever_the_answers(app: Flask, count_queries: Queries, people: int) -> None:
    session = a_session()
    questions = [
        a_question(session.webinar, title=f"Number {number}", kind=QuestionKind.SEVERAL, choices=["A", "B"])
        for number in range(5)
    ]
    for _number in range(people):
        place = a_registration(session)
        for question in questions:
            an_answer(place, question, choices=question.choices)
    session_id = session.id

    with count_queries() as queries:
        content = b"".join(blocks_of_csv(export(stays_in_session(session_id))))

    assert content.count(b"A; B") == people * 5
    assert queries.count == 6
