from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from tests.factories import a_member, a_registration, a_series, a_session, a_webinar, an_attendance
from tests.signing_in import signed_in_as
from webinar.accounts.models import AuditEntry, Role
from webinar.foundation.db import db


def test_the_export_comes_as_a_file_in_each_format_and_is_written_down(client: FlaskClient) -> None:
    a_registration(a_session("heat-en"), email="ana@lisbon.example")
    account = signed_in_as(client, Role.ORGANISER)

    as_csv, as_xlsx, as_json = (
        client.post(f"/staff/sessions/heat-en/attendance.{how}") for how in ("csv", "xlsx", "json")
    )

    assert as_csv.data.startswith(b"\xef\xbb\xbfseries,")
    [line] = csv.DictReader(io.StringIO(as_csv.data.decode("utf-8-sig"), newline=""))
    assert line["email"] == "ana@lisbon.example"
    [_header, row] = CalamineWorkbook.from_filelike(io.BytesIO(as_xlsx.data)).get_sheet_by_index(0).to_python()
    assert row[7] == "ana@lisbon.example"
    assert [line["email"] for line in json.loads(as_json.data)] == ["ana@lisbon.example"]
    assert [answer.headers["Content-Disposition"] for answer in (as_csv, as_xlsx, as_json)] == [
        "attachment; filename=attendance-heat-en.csv",
        "attachment; filename=attendance-heat-en.xlsx",
        "attachment; filename=attendance-heat-en.json",
    ]
    assert as_csv.headers["Cache-Control"] == "no-store"
    entries = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    assert [
        (entry.account_id, entry.subject, entry.changes["format"]) for entry in entries if entry.action == "exported"
    ] == [(account.id, "session heat-en", how) for how in ("csv", "xlsx", "json")]
    as_xlsx.close()


def test_a_webinar_and_a_series_can_be_taken_too(client: FlaskClient) -> None:
    webinar = a_webinar("heat", series=a_series("climate"))
    a_registration(a_session("one", webinar=webinar))
    a_registration(a_session("two", webinar=a_webinar(series=webinar.series)))
    signed_in_as(client, Role.ORGANISER)

    of_series = client.post("/staff/series/climate/attendance.json").get_json()
    of_webinar = client.post("/staff/webinars/heat/attendance.json").get_json()

    assert [line["session"] for line in of_series] == ["one", "two"]
    assert [line["session"] for line in of_webinar] == ["one"]


def test_a_viewer_may_look_but_not_take(client: FlaskClient) -> None:
    a_session("heat-en")
    signed_in_as(client, Role.VIEWER)

    page = client.get("/staff/sessions/heat-en/attendance")

    assert page.status_code == 200
    assert "attendance.csv" not in page.get_data(as_text=True)
    assert client.post("/staff/sessions/heat-en/attendance.csv").status_code == 403


def test_nobody_takes_anything_without_signing_in_or_by_a_get_or_from_another_page(
    app: Flask, client: FlaskClient
) -> None:
    a_registration(a_session("heat-en"), email="ana@lisbon.example")
    address = "/staff/sessions/heat-en/attendance.csv"

    assert client.get("/staff/sessions/heat-en/attendance").status_code == 302
    assert client.post(address).status_code == 303
    signed_in_as(client, Role.ORGANISER)
    assert client.get(address).status_code == 405
    app.config["WTF_CSRF_ENABLED"] = True
    assert b"ana@lisbon.example" not in client.post(address).data
    assert "exported" not in {entry.action for entry in db.session.scalars(select(AuditEntry))}


@pytest.mark.parametrize(
    "address",
    [
        "/staff/sessions/nowhere/attendance.csv",
        "/staff/sessions/heat-en/attendance.pdf",
        "/staff/webinars/nowhere/attendance.csv",
        "/staff/series/nowhere/attendance.csv",
    ],
)
def test_what_there_is_not_is_not_found(client: FlaskClient, address: str) -> None:
    a_session("heat-en")
    signed_in_as(client, Role.ORGANISER)

    assert client.post(address).status_code == 404
    assert client.get("/staff/sessions/nowhere/attendance").status_code == 404


def test_an_export_takes_few_queries_for_any_number_of_people(
    client: FlaskClient, count_queries: Callable[[], AbstractContextManager[Any]]
) -> None:
    session = a_session("heat-en")
    for number in range(30):
        an_attendance(a_registration(session, member=a_member(f"City {number}")))
    signed_in_as(client, Role.ORGANISER)

    with count_queries() as taken:
        client.post("/staff/sessions/heat-en/attendance.csv").get_data()

    assert taken.count <= 9
