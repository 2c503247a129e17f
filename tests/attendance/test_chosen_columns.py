"""Which columns an export has, and what is left of it to pass on."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime

import pytest
from flask import Flask
from python_calamine import CalamineWorkbook

from tests.factories import (
    a_member,
    a_question,
    a_registration,
    a_series,
    a_session,
    a_webinar,
    an_answer,
    an_attendance,
)
from webinar.attendance.chosen_columns import PASSED_ON, Choice, NoSuchColumn, all_columns, chosen
from webinar.attendance.export import ExportFormat, export, write
from webinar.attendance.participants import COLUMNS, LOCAL_COLUMNS
from webinar.attendance.queries import Stays, stays_in_session, stays_in_webinar
from webinar.catalogue.models import WebinarSession
from webinar.registration.models import Affiliation

TO_PASS_ON = Choice(None, without_personal_data=True)


def in_csv(stays: Stays, choice: Choice) -> list[list[str]]:
    target = io.BytesIO()
    write(export(stays, choice), ExportFormat.CSV, target)
    return list(csv.reader(io.StringIO(target.getvalue().decode("utf-8-sig"), newline="")))


def test_only_the_columns_that_are_chosen_are_there_in_that_order(app: Flask) -> None:
    session = a_session("heat", starts="2030-05-14T13:00")
    question = a_question(session.webinar, title="Why, then?")
    place = a_registration(session, email="ana@lisbon.example", member=a_member("Lisbon"))
    an_attendance(place, minutes=30.5)
    an_answer(place, question, text="Because")
    stays = stays_in_session(session.id)

    assert in_csv(stays, Choice(["minutes", "Why, then?", "EMAIL", "session_start_local"])) == [
        ["minutes", "Why, then?", "email", "session_start_local"],
        ["30.50", "Because", "ana@lisbon.example", "2030-05-14T13:00:00"],
    ]
    assert in_csv(stays, Choice(["member"])) == [["member"], ["Lisbon"]]
    target = io.BytesIO()
    write(export(stays, Choice(["member", "first_join_local", "last_leave_utc"])), ExportFormat.JSON, target)
    assert json.loads(target.getvalue()) == [
        {"member": "Lisbon", "first_join_local": "2030-05-14T13:00:00", "last_leave_utc": "2030-05-14T12:30:30Z"}
    ]


@pytest.mark.parametrize(
    ("choice", "sentence"),
    [
        (Choice(["member", "shoe_size"]), "There is no column “shoe_size”. There are: series, webinar,"),
        (Choice([]), "Choose at least one column."),
        (Choice([], without_personal_data=True), "Choose at least one column."),
        (Choice(["member", "email"], without_personal_data=True), "The column “email” can tell who somebody is."),
        (Choice(["Why?"], without_personal_data=True), "The column “Why?” can tell who somebody is."),
    ],
)
def test_what_cannot_be_there_is_refused_in_a_sentence(app: Flask, choice: Choice, sentence: str) -> None:
    with pytest.raises(NoSuchColumn) as refusal:
        chosen(choice, ["Why?"], with_local_times=False)

    assert str(refusal.value).startswith(sentence)


def test_a_column_that_nobody_has_thought_about_is_not_passed_on() -> None:
    left_out = [column for column in all_columns(["Why?"]) if column not in PASSED_ON]

    assert left_out == [
        *("given_name", "family_name", "email", "organisation", "role", "registered_at_utc", "calendar_answer"),
        *("first_join_utc", "last_leave_utc", "sources", "watching_with", "Why?"),
        *("registered_at_local", "first_join_local", "last_leave_local"),
    ]
    assert set(PASSED_ON) < {*COLUMNS, *LOCAL_COLUMNS}


def a_full_session() -> WebinarSession:
    """Register two people of one member and one of none, who tell of themselves wherever they can."""
    session = a_session("heat", webinar=a_webinar(series=a_series("climate")), starts="2030-05-14T13:00")
    question = a_question(session.webinar, title="SECRET of whom?")
    seoul = a_member("Seoul", region="Asia-Pacific")
    for number, (member, minutes) in enumerate([(seoul, 60), (None, 12.34), (seoul, 12.34)]):
        place = a_registration(
            session,
            email=f"secret{number}@secret.example",
            given_name=f"SECRET{number}",
            family_name="SECRET",
            organisation="SECRET office",
            role="SECRET officer",
            member=member,
            affiliation=Affiliation.MEMBER if member else Affiliation.OTHER,
            registered_at=datetime(2030, 5, 1, 8, 9, number, tzinfo=UTC),
        )
        an_answer(place, question, text="SECRET answer")
        an_attendance(place, minutes=minutes)
    return session


def test_without_personal_data_a_line_a_person_stays_in_an_order_that_tells_nothing(app: Flask) -> None:
    session = a_full_session()

    head, *lines = in_csv(stays_in_session(session.id), TO_PASS_ON)

    assert head == [column for column in COLUMNS if column in PASSED_ON]
    start = "2030-05-14T12:00:00Z"
    assert lines == [
        ["climate", session.webinar.slug, "heat", start, "en", *line, "en"]
        for line in (
            ["member", "Seoul", "PT", "Asia-Pacific", "registered", "yes", "12"],
            ["member", "Seoul", "PT", "Asia-Pacific", "registered", "yes", "60"],
            ["other", "", "", "", "registered", "yes", "12"],
        )
    ]


@pytest.mark.parametrize("how", list(ExportFormat))
def test_nothing_of_a_person_is_anywhere_in_a_file_without_personal_data(app: Flask, how: ExportFormat) -> None:
    session = a_full_session()
    target = io.BytesIO()

    assert write(export(stays_in_webinar(session.webinar_id), TO_PASS_ON), how, target) == 3

    if how is ExportFormat.XLSX:
        book = CalamineWorkbook.from_filelike(io.BytesIO(target.getvalue()))
        said = "\n".join(str(book.get_sheet_by_name(name).to_python()) for name in book.sheet_names)
        assert "Where few come for a member" in said
        assert (said.count("12.34"), said.count("85.0"), said.count("84.68")) == (0, 3, 0)
    else:
        said = target.getvalue().decode()
    assert "secret" not in said.casefold()
    assert "08:09" not in said


def test_the_order_of_lines_without_personal_data_does_not_follow_who_registered_first(app: Flask) -> None:
    one, other = (a_session(key, starts="2030-05-14T13:00") for key in ("one", "other"))
    seoul, lisbon = a_member("Seoul"), a_member("Lisbon")
    for session, members in ((one, (seoul, lisbon, seoul)), (other, (lisbon, seoul, seoul))):
        for member in members:
            a_registration(session, member=member)

    choice = Choice(["member", "status"], without_personal_data=True)

    assert in_csv(stays_in_session(one.id), choice) == in_csv(stays_in_session(other.id), choice)
