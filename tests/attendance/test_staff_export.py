"""The page on which organisers choose what an export has, and the lists to print."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.factories import a_member, a_question, a_registration, a_series, a_session, a_webinar, an_attendance
from tests.signing_in import signed_in_as
from webinar.accounts.models import AuditEntry, Role
from webinar.attendance import signed_list
from webinar.attendance.chosen_columns import PASSED_ON, all_columns
from webinar.attendance.participants import COLUMNS
from webinar.foundation.db import db

PAGE = "/staff/sessions/heat-en/attendance/export"


def taken() -> list[dict[str, Any]]:
    entries = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "exported").order_by(AuditEntry.id))
    return [dict(entry.changes) for entry in entries]


def in_csv(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def test_an_organiser_chooses_columns_and_that_is_written_down(client: FlaskClient) -> None:
    session = a_session("heat-en")
    a_question(session.webinar, title="<b>Why?</b>")
    a_registration(session, member=a_member("Lisbon"), email="ana@lisbon.example")
    signed_in_as(client, Role.ORGANISER)

    page = client.get(PAGE).get_data(as_text=True)
    answer = client.post(PAGE, data={"format": "csv", "columns": ["member", "email"]})

    assert page.count("checked value=") + page.count('checked id="columns') >= 1
    assert "&lt;b&gt;Why?&lt;/b&gt;" in page
    assert in_csv(answer.data) == [["member", "email"], ["Lisbon", "ana@lisbon.example"]]
    assert answer.headers["Content-Disposition"] == "attachment; filename=attendance-heat-en.csv"
    assert taken() == [{"what": "attendance", "format": "csv", "columns": "member, email"}]


def test_what_is_to_pass_on_leaves_out_the_columns_that_tell_who_somebody_is(client: FlaskClient) -> None:
    webinar = a_webinar("heat", series=a_series("climate"))
    a_registration(a_session("heat-en", webinar=webinar), email="ana@lisbon.example")
    signed_in_as(client, Role.ORGANISER)
    everything = {"format": "csv", "without_personal_data": "y", "columns": list(all_columns([]))}

    for address in (PAGE, "/staff/webinars/heat/attendance/export", "/staff/series/climate/attendance/export"):
        answer = client.post(address, data=everything)

        assert sorted(in_csv(answer.data)[0]) == sorted(PASSED_ON)
        assert b"ana@lisbon.example" not in answer.data
        assert answer.headers["Content-Disposition"].endswith("-without-personal-data.csv")
    assert [entry["without_personal_data"] for entry in taken()] == [True] * 3


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        ({"format": "csv"}, "Choose at least one column."),
        ({"format": "csv", "columns": ["email"], "without_personal_data": "y"}, "Choose at least one column."),
        ({"format": "pdf", "columns": ["email"]}, "Not a valid choice"),
        ({"format": "csv", "columns": ["shoe_size"]}, "is not a valid choice"),
    ],
)
def test_what_cannot_be_exported_is_said_at_the_field_and_nothing_is_taken(
    client: FlaskClient, sent: dict[str, Any], says: str
) -> None:
    a_registration(a_session("heat-en"), email="ana@lisbon.example")
    signed_in_as(client, Role.ORGANISER)

    answer = client.post(PAGE, data=sent)

    assert answer.status_code == 422
    assert says in answer.get_data(as_text=True)
    assert b"ana@lisbon.example" not in answer.data
    assert taken() == []


def test_only_organisers_choose_and_take(client: FlaskClient) -> None:
    a_session("heat-en")
    signed_in_as(client, Role.VIEWER)

    assert client.get(PAGE).status_code == 403
    assert client.post(PAGE, data={"format": "csv", "columns": list(COLUMNS)}).status_code == 403
    assert client.post("/staff/sessions/heat-en/attendance/list/came").status_code == 403


def test_lists_come_as_pdf_and_that_is_written_down(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    an_attendance(a_registration(a_session("heat-en")))
    signed_in_as(client, Role.ORGANISER)

    answers = [client.post(f"/staff/sessions/heat-en/attendance/list/{one}") for one in ("to-sign", "came")]

    assert [answer.headers["Content-Disposition"] for answer in answers] == [
        "attachment; filename=list-to-sign-heat-en.pdf",
        "attachment; filename=list-of-who-came-heat-en.pdf",
    ]
    assert [answer.data[:5] for answer in answers] == [b"%PDF-"] * 2
    assert [entry["what"] for entry in taken()] == ["list to sign", "list of who came"]
    assert client.post("/staff/sessions/heat-en/attendance/list/nobody").status_code == 404
    monkeypatch.setattr(signed_list, "MOST_ON_PAPER", 0)
    refused = client.post("/staff/sessions/heat-en/attendance/list/came")
    assert refused.status_code == 422
    assert "too many to print" in refused.get_data(as_text=True)
    assert len(taken()) == 2


def test_the_page_takes_few_queries(
    client: FlaskClient, count_queries: Callable[[], AbstractContextManager[Any]]
) -> None:
    session = a_session("heat-en")
    for number in range(3):
        a_question(session.webinar, title=f"Number {number}")
    signed_in_as(client, Role.ORGANISER)

    with count_queries() as shown:
        client.get(PAGE)

    assert shown.count <= 11, shown
