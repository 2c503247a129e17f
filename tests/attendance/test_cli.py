from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import select

from tests.factories import a_registration, a_series, a_session, a_webinar, an_attendance
from webinar.accounts.models import AuditEntry
from webinar.attendance.export import Export, ExportFormat, write_file
from webinar.attendance.participants import AnswerColumns
from webinar.attendance.queries import Stay, Stays, stays_in_session
from webinar.foundation.db import db


def run(app: Flask, *arguments: str) -> Result:
    return app.test_cli_runner().invoke(args=["attendance", "export", *arguments])


def test_the_command_writes_a_session_and_says_so_in_a_sentence(app: Flask, tmp_path: Path) -> None:
    session = a_session("heat-en")
    an_attendance(a_registration(session, email="ana@lisbon.example"))
    a_registration(session)
    output = tmp_path / "heat.csv"

    result = run(app, "heat-en", "--format", "csv", "--output", str(output))

    assert result.output == f"Attendance of session heat-en has been written to {output}: 2 lines.\n"
    assert result.exit_code == 0
    with output.open(encoding="utf-8-sig", newline="") as file:
        assert [line["attended"] for line in csv.DictReader(file)] == ["yes", "no"]
    assert list(tmp_path.iterdir()) == [output]
    assert [entry.subject for entry in db.session.scalars(select(AuditEntry))] == ["session heat-en"]


def test_the_command_writes_a_series_or_a_webinar_in_place_of_a_session(app: Flask, tmp_path: Path) -> None:
    webinar = a_webinar("heat", series=a_series("climate"))
    a_registration(a_session("one", webinar=webinar))
    a_registration(a_session("two", webinar=a_webinar(series=webinar.series)))
    output = tmp_path / "out.json"

    assert run(app, "--series", "climate", "--format", "json", "--output", str(output)).exit_code == 0
    assert [line["session"] for line in json.loads(output.read_text(encoding="utf-8"))] == ["one", "two"]

    assert run(app, "--webinar", "heat", "--format", "json", "--output", str(output)).exit_code == 0
    assert [line["session"] for line in json.loads(output.read_text(encoding="utf-8"))] == ["one"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["nowhere", "--format", "csv"], "There is no session “nowhere”."),
        (["--series", "nowhere", "--format", "csv"], "There is no series “nowhere”."),
        (["--webinar", "nowhere", "--format", "csv"], "There is no webinar “nowhere”."),
        (["--format", "csv"], "Give one of SESSION, --webinar SLUG and --series SLUG."),
        (["heat-en", "--series", "climate", "--format", "csv"], "Give one of SESSION"),
        (["heat-en", "--format", "pdf"], "'pdf' is not one of 'csv', 'xlsx', 'json'"),
        (["heat-en"], "Missing option '--format'"),
    ],
)
def test_bad_input_is_told_in_a_sentence_and_leaves_no_file(
    app: Flask, tmp_path: Path, arguments: list[str], sentence: str
) -> None:
    a_session("heat-en")

    result = run(app, *arguments, "--output", str(tmp_path / "out.csv"))

    assert result.exit_code != 0
    assert sentence in result.output
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_does_not_exist_is_told_in_a_sentence(app: Flask, tmp_path: Path) -> None:
    a_session("heat-en")

    result = run(app, "heat-en", "--format", "csv", "--output", str(tmp_path / "missing" / "out.csv"))

    assert result.exit_code == 1
    assert "cannot be written: No such file or directory. Nothing was written." in result.output


def test_what_breaks_half_way_leaves_the_file_that_was_there_before(app: Flask, tmp_path: Path) -> None:
    session = a_session()
    a_registration(session)
    output = tmp_path / "out.csv"
    output.write_text("from last week")

    class Breaking(Stays):
        def __iter__(self) -> Iterator[Stay]:
            yield from super().__iter__()
            raise OSError("the database is gone")

    everybody = stays_in_session(session.id)
    breaking = Breaking(everybody.engine, everybody.part, everybody.registrations, everybody.webinars)
    with pytest.raises(OSError, match="the database is gone"):
        write_file(Export(breaking, AnswerColumns([], {})), ExportFormat.CSV, output)

    assert output.read_text() == "from last week"
    assert list(tmp_path.iterdir()) == [output]


def test_the_command_takes_some_columns_and_leaves_out_personal_data(app: Flask, tmp_path: Path) -> None:
    an_attendance(a_registration(a_session("heat-en"), email="ana@lisbon.example"), minutes=30.4)
    output = tmp_path / "out.csv"

    result = run(
        app, "heat-en", "--format", "csv", "--output", str(output), "--columns", "session, minutes",
        "--without-personal-data",
    )  # fmt: skip

    assert result.output == (
        f"Attendance of session heat-en has been written without personal data to {output}: 1 line.\n"
    )
    assert output.read_text(encoding="utf-8-sig") == "session,minutes\nheat-en,30\n"
    [entry] = db.session.scalars(select(AuditEntry))
    assert entry.changes == {
        "what": "attendance",
        "format": "csv",
        "columns": "session, minutes",
        "without_personal_data": True,
    }


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--columns", "session,shoe_size"], "There is no column “shoe_size”. There are: series,"),
        (["--columns", " , "], "Choose at least one column."),
        (["--columns", ""], "Choose at least one column."),
        (["--columns", "session\nminutes"], "The columns cannot be told apart."),
        (["--columns", "email", "--without-personal-data"], "The column “email” can tell who somebody is."),
    ],
)
def test_columns_that_cannot_be_there_are_told_and_nothing_is_written(
    app: Flask, tmp_path: Path, arguments: list[str], sentence: str
) -> None:
    a_session("heat-en")

    result = run(app, "heat-en", "--format", "csv", "--output", str(tmp_path / "out.csv"), *arguments)

    assert result.exit_code == 2
    assert sentence in result.output
    assert list(tmp_path.iterdir()) == []
    assert list(db.session.scalars(select(AuditEntry))) == []


def test_a_list_to_print_is_written_by_a_command(app: Flask, tmp_path: Path) -> None:
    an_attendance(a_registration(a_session("heat-en")))
    output = tmp_path / "list.pdf"

    def command(*arguments: str) -> Result:
        return app.test_cli_runner().invoke(args=["attendance", "list", *arguments])

    to_sign, came = (command("heat-en", "--output", str(output), *more) for more in ([], ["--came"]))

    assert to_sign.output == f"The list to sign of session heat-en has been written to {output}.\n"
    assert came.output == f"The list of who came of session heat-en has been written to {output}.\n"
    assert output.read_bytes().startswith(b"%PDF-")
    assert command("nowhere", "--output", str(output)).output == "Error: There is no session “nowhere”.\n"
    assert "cannot be written" in command("heat-en", "--output", str(tmp_path / "missing" / "x.pdf")).output
    assert [entry.changes["what"] for entry in db.session.scalars(select(AuditEntry).order_by(AuditEntry.id))] == [
        "list to sign",
        "list of who came",
    ]
