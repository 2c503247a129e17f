"""Answers to the organisers' questions that come in with registrants from a file."""

from __future__ import annotations

import io

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from tests.factories import a_question, a_registration, a_session, a_webinar, an_answer
from webinar.attendance.export import ExportFormat, export, write
from webinar.attendance.queries import stays_in_session
from webinar.catalogue.models import QuestionKind, WebinarSession
from webinar.foundation import clock
from webinar.foundation.db import db
from webinar.registration.models import Answer, Registration
from webinar.registration.services.import_registrations import BadLines, import_registrations


def exported(session: WebinarSession, how: ExportFormat) -> bytes:
    target = io.BytesIO()
    write(export(stays_in_session(session.id)), how, target)
    return target.getvalue()


def answers_in(session: WebinarSession) -> list[tuple[int, str, set[int]]]:
    rows = db.session.scalars(
        select(Answer)
        .join(Registration, Registration.id == Answer.registration_id)
        .where(Registration.session_id == session.id)
        .options(selectinload(Answer.choices))
        .order_by(Registration.turn, Answer.question_id)
    )
    return [(answer.question_id, answer.text, {one.choice_id for one in answer.choices}) for answer in rows]


def csv_of(column: str, *cells: str) -> bytes:
    lines = [f"n{number}@example.org,Ana,Sousa,{cell}" for number, cell in enumerate(cells)]
    return "\n".join([f"email,given_name,family_name,{column}", *lines]).encode()


@pytest.mark.parametrize("how", [ExportFormat.CSV, ExportFormat.XLSX])
def test_an_export_brings_its_answers_back(app: Flask, how: ExportFormat) -> None:
    webinar = a_webinar()
    session, again = a_session(webinar=webinar), a_session("again", webinar=webinar)
    words = a_question(webinar, title="=Email")
    yes = a_question(webinar, title="Email", kind=QuestionKind.YES_NO)
    several = a_question(webinar, title="Needs", kind=QuestionKind.SEVERAL, choices=["A; B", "A", "Something else"])
    several.choices[2].takes_words = True
    former = a_question(webinar, title="Needs")
    db.session.commit()
    for made, said in ((several.choices[:2], ""), (several.choices[:1], ""), (several.choices[1:], "a chair; a table")):
        place = a_registration(session)
        an_answer(place, words, text="=1+1\nmore")
        an_answer(place, yes, text="no")
        an_answer(place, several, text=said, choices=made)
        an_answer(place, former, text="before")
    former.retired_at = clock.now()
    db.session.commit()
    file = exported(session, how)

    imported = import_registrations("again", file, quiet=True)

    assert imported.left_out == ["needs (former)"]
    assert answers_in(again) == [one for one in answers_in(session) if one[0] != former.id]


@pytest.mark.parametrize(
    ("kind", "cell", "reason"),
    [
        (QuestionKind.CHOICE, "Airship", "it must be of these: Tram; Bus."),
        (QuestionKind.CHOICE, "Tram; Bus", "it must be of these: Tram; Bus."),
        (QuestionKind.SEVERAL, "Tram; Tram", "it must be of these: Tram; Bus."),
        (QuestionKind.YES_NO, "perhaps", "it must be yes or no."),
        (QuestionKind.TEXT, "x" * 2_001, "it has more than 2,000 characters."),
    ],
)
def test_an_answer_that_cannot_be_read_is_named_and_nothing_is_imported(
    app: Flask, kind: QuestionKind, cell: str, reason: str
) -> None:
    session = a_session("heat")
    a_question(session.webinar, title="How?", kind=kind, choices=["Tram", "Bus"] if kind != "text" else ())

    with pytest.raises(BadLines) as refusal:
        import_registrations("heat", csv_of("How?", "", cell))

    [fault] = refusal.value.faults
    assert (fault.line, fault.reason) == (3, f"the answer in “how?” cannot be read: {reason}")
    assert answers_in(session) == []


def test_a_column_that_no_question_has_is_named_as_left_out(app: Flask) -> None:
    session = a_session("heat")
    a_question(session.webinar, title="Why?")

    imported = import_registrations("heat", csv_of("Why not?", "Because"))

    assert imported.left_out == ["why not?"]
    assert answers_in(session) == []
