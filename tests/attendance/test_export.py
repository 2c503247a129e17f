from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from python_calamine import CalamineWorkbook

from tests.factories import (
    LONG_AFTER,
    a_calendar_entry,
    a_member,
    a_person,
    a_registration,
    a_series,
    a_session,
    a_webinar,
    an_attendance,
)
from webinar.attendance.export import ExportFormat, blocks_of_csv, export, write
from webinar.attendance.models import AttendanceRecord, AttendanceSource
from webinar.attendance.participants import COLUMNS, LOCAL_COLUMNS, participants
from webinar.attendance.queries import (
    Stays,
    stays_in_series,
    stays_in_session,
    stays_in_webinar,
)
from webinar.calendars.models import CalendarAnswer
from webinar.catalogue.models import WebinarSession
from webinar.foundation.db import db
from webinar.people.models import Person
from webinar.registration.models import Affiliation, Registration, RegistrationStatus

Queries = Callable[[], AbstractContextManager[Any]]


def exported(session: WebinarSession, how: ExportFormat) -> bytes:
    target = io.BytesIO()
    write(export(stays_in_session(session.id)), how, target)
    return target.getvalue()


def in_csv(session: WebinarSession) -> list[list[str]]:
    content = exported(session, ExportFormat.CSV).decode("utf-8")
    return list(csv.reader(io.StringIO(content.removeprefix("\ufeff"), newline="")))


def in_xlsx(session: WebinarSession) -> list[list[Any]]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(exported(session, ExportFormat.XLSX)))
    assert book.sheet_names == ["Participants", "By member", "By language", "Summary"]
    return book.get_sheet_by_name("Participants").to_python()


def figures_in_xlsx(part: Stays) -> list[list[Any]]:
    target = io.BytesIO()
    write(export(part), ExportFormat.XLSX, target)
    return CalamineWorkbook.from_filelike(io.BytesIO(target.getvalue())).get_sheet_by_name("By language").to_python()


def in_json(session: WebinarSession) -> list[dict[str, Any]]:
    read: list[dict[str, Any]] = json.loads(exported(session, ExportFormat.JSON))
    return read


def test_the_columns_and_their_order_are_fixed() -> None:
    assert COLUMNS == (
        "series",
        "webinar",
        "session",
        "session_start_utc",
        "language",
        "given_name",
        "family_name",
        "email",
        "affiliation",
        "member",
        "country",
        "region",
        "organisation",
        "role",
        "status",
        "registered_at_utc",
        "calendar_answer",
        "attended",
        "first_join_utc",
        "last_leave_utc",
        "minutes",
        "sources",
        "mail_language",
        "watching_with",
    )


def test_a_line_says_who_came_for_whom_when_and_how_we_know(app: Flask) -> None:
    webinar = a_webinar("heat", series=a_series("climate"))
    session = a_session("heat-en", webinar=webinar, starts="2030-05-14T13:00", minutes=60, languages=("en", "fr"))
    place = a_registration(
        session,
        email="ana@lisbon.example",
        member=a_member("Lisbon"),
        version="fr",
        language="pt",
        role="Mayor",
        organisation="City hall",
        registered_at=datetime(2030, 5, 1, 8, 9, 10, 999, tzinfo=UTC),
    )
    a_calendar_entry(place, answer=CalendarAnswer.TENTATIVE)
    an_attendance(place, source=AttendanceSource.JOIN_LINK, joined_at=session.starts_at, minutes=None)
    an_attendance(place, joined_at=session.starts_at - timedelta(minutes=5), minutes=15)
    an_attendance(place, joined_at=session.starts_at + timedelta(minutes=5), minutes=10.5)
    an_attendance(place, joined_at=session.starts_at + timedelta(minutes=59), minutes=30)

    assert in_csv(session) == [
        list(COLUMNS),
        [
            "climate",
            "heat",
            "heat-en",
            "2030-05-14T12:00:00Z",
            "fr",
            "Ana",
            "Sousa",
            "ana@lisbon.example",
            "member",
            "Lisbon",
            "PT",
            "Europe",
            "City hall",
            "Mayor",
            "registered",
            "2030-05-01T08:09:10Z",
            "tentative",
            "yes",
            "2030-05-14T11:55:00Z",
            "2030-05-14T13:29:00Z",
            "16.50",
            "join_link;report",
            "pt",
            "0",
        ],
    ]


def test_the_join_link_alone_says_that_somebody_came_but_not_for_how_long(app: Flask) -> None:
    session = a_session(starts="2030-05-14T13:00")
    place = a_registration(session)
    an_attendance(
        place,
        source=AttendanceSource.JOIN_LINK,
        joined_at=session.starts_at - timedelta(minutes=2),
        minutes=None,
    )

    [line] = in_json(session)

    assert {name: line[name] for name in COLUMNS[17:22]} == {
        "attended": "yes",
        "first_join_utc": "2030-05-14T11:58:00Z",
        "last_leave_utc": "",
        "minutes": 0.0,
        "sources": "join_link",
    }


def test_who_did_not_come_has_no_minutes_and_no_sources(app: Flask) -> None:
    session = a_session()
    a_registration(session, status=RegistrationStatus.CANCELLED)

    [_header, line] = in_csv(session)

    assert line[14] == "cancelled"
    assert line[17:22] == ["no", "", "", "0.00", ""]


def test_formulas_are_made_harmless_in_csv_and_nowhere_else(app: Flask) -> None:
    session = a_session()
    names = ["=HYPERLINK(1)", "@SUM(1)", "+cmd", "-cmd", "\tTab", "+351 21", "-5 degrees", "'quoted", "الشريف"]
    for name in names:
        a_registration(session, given_name=name, family_name="O’Neill\r\nBEGIN:VEVENT", organisation='A "B", C;D')

    assert [line[5] for line in in_csv(session)[1:]] == [
        "'=HYPERLINK(1)",
        "'@SUM(1)",
        "'+cmd",
        "'-cmd",
        "'\tTab",
        "+351 21",
        "-5 degrees",
        "'quoted",
        "الشريف",
    ]
    assert [line["given_name"] for line in in_json(session)] == names
    assert [line[5] for line in in_xlsx(session)[1:]] == names
    assert {line["family_name"] for line in in_json(session)} == {"O’Neill\r\nBEGIN:VEVENT"}
    assert {line[12] for line in in_xlsx(session)[1:]} == {'A "B", C;D'}


def test_xlsx_has_minutes_to_add_up_and_dates_to_reckon_with_in_utc_and_by_the_clocks_of_the_session(
    app: Flask,
) -> None:
    session = a_session("heat-en", starts="2030-05-14T13:00")
    place = a_registration(session, given_name="2030", registered_at=datetime(2030, 1, 14, 23, 30, tzinfo=UTC))
    an_attendance(place, minutes=30.5)

    header, line = in_xlsx(session)

    assert header == [*COLUMNS, *LOCAL_COLUMNS]
    assert line[3] == datetime(2030, 5, 14, 12, 0)  # noqa: DTZ001
    assert line[5] == "2030"
    assert line[20] == 30.5
    assert (
        dict(zip(header, line, strict=True)).items()
        >= {
            "timezone": "Europe/Lisbon",
            "session_start_local": datetime(2030, 5, 14, 13, 0),  # noqa: DTZ001
            "registered_at_utc": datetime(2030, 1, 14, 23, 30),  # noqa: DTZ001
            "registered_at_local": datetime(2030, 1, 14, 23, 30),  # noqa: DTZ001
            "last_leave_utc": datetime(2030, 5, 14, 12, 30, 30),  # noqa: DTZ001
            "last_leave_local": datetime(2030, 5, 14, 13, 30, 30),  # noqa: DTZ001
        }.items()
    )


def test_a_date_in_utc_says_so_where_a_spreadsheet_shows_it(app: Flask) -> None:
    session = a_session()
    a_registration(session)
    parts = zipfile.ZipFile(io.BytesIO(exported(session, ExportFormat.XLSX)))

    page, styles = (parts.read(f"xl/{part}").decode() for part in ("worksheets/sheet1.xml", "styles.xml"))

    [style] = re.findall(r'<c r="D2" s="([0-9]+)"><v>', page)
    form = re.findall(r"<xf [^>]*>", styles.partition("<cellXfs")[2])[int(style)]
    assert 'numFmtId="164"' in form
    assert 'numFmtId="164" formatCode="yyyy\\-mm\\-dd&quot;T&quot;hh:mm:ss&quot;Z&quot;"' in styles
    assert (page.count('state="frozen"'), page.count("<autoFilter"), page.count("customWidth")) == (1, 1, 29)


def test_an_export_of_nobody_is_a_table_without_lines(app: Flask) -> None:
    session = a_session()

    assert exported(session, ExportFormat.CSV) == ("\ufeff" + ",".join(COLUMNS) + "\r\n").encode()
    assert in_xlsx(session) == [[*COLUMNS, *LOCAL_COLUMNS]]
    assert in_json(session) == []


def test_a_webinar_and_a_series_bring_all_their_sessions_in_order(app: Flask) -> None:
    series = a_series()
    heat, water = a_webinar(series=series), a_webinar(series=series)
    later = a_session("later", webinar=heat, starts="2030-06-14T13:00")
    sooner = a_session("sooner", webinar=heat, starts="2030-05-14T13:00")
    other = a_session("other", webinar=water, starts="2030-05-20T13:00")
    a_registration(a_session("elsewhere"))
    for session in (later, sooner, other):
        for family_name in ("Zidan", "Abreu"):
            a_registration(session, family_name=family_name)

    assert [(line.session, line.family_name) for line in participants(stays_in_webinar(heat.id))] == [
        ("sooner", "Zidan"),
        ("sooner", "Abreu"),
        ("later", "Zidan"),
        ("later", "Abreu"),
    ]
    assert [line.session for line in participants(stays_in_series(series.id))] == [
        *("sooner", "sooner"),
        *("other", "other"),
        *("later", "later"),
    ]


def test_one_person_in_two_sessions_has_in_each_only_the_time_of_that_session(app: Flask) -> None:
    series = a_series()
    person = a_person("ana@lisbon.example")
    for starts, minutes in (("2030-05-14T13:00", 10), ("2030-05-15T13:00", 20)):
        an_attendance(
            a_registration(a_session(webinar=a_webinar(series=series), starts=starts), person=person),
            minutes=minutes,
        )

    assert [line.minutes for line in participants(stays_in_series(series.id))] == [Decimal(10), Decimal(20)]


@pytest.mark.parametrize("people", [3, 1200])
def test_an_export_is_one_query_whatever_the_rows(app: Flask, count_queries: Queries, people: int) -> None:
    session = a_session()
    many_registrations(session, people)
    session_id = session.id

    with count_queries() as queries:
        content = b"".join(blocks_of_csv(export(stays_in_session(session_id))))

    assert content.count(b"\r\n") == people + 1
    assert queries.count == 2  # one of them for what was asked: nothing


def many_registrations(session: WebinarSession, people: int) -> None:
    for number in range(1, people + 1):
        person = Person(email=f"number{number}@example.org", erase_after=LONG_AFTER)
        db.session.add(
            Registration(
                session=session,
                person=person,
                language_version_id=session.language_versions[0].id,
                affiliation=Affiliation.OTHER,
                given_name="Ana",
                family_name=f"Number {number}",
                language="en",
                timezone="UTC",
                status=RegistrationStatus.REGISTERED,
                turn=number,
                erase_after=LONG_AFTER,
            )
        )
        for part in range(2):
            db.session.add(
                AttendanceRecord(
                    session=session,
                    person=person,
                    source=AttendanceSource.REPORT,
                    joined_at=session.starts_at + timedelta(minutes=30 * part),
                    left_at=session.starts_at + timedelta(minutes=30 * part + 20),
                    erase_after=LONG_AFTER,
                )
            )
    db.session.commit()


HEAD = [
    "Session",
    "Start (UTC)",
    "Who",
    "Language",
    "Original language or interpreted",
    "Registered",
    "Waiting",
    "Came",
    "Came without a place",
    "Minutes",
]


def test_a_sheet_has_the_figures_by_language(app: Flask) -> None:
    session = a_session("heat", starts="2030-05-14T13:00", languages=("en", "fr"))
    an_attendance(a_registration(session, version="fr", language="pt"), minutes=30.5)
    a_registration(session, version="fr", language="en", status=RegistrationStatus.WAITING)
    an_attendance(a_registration(session, version="en", status=RegistrationStatus.UNREGISTERED), minutes=10)
    start = datetime(2030, 5, 14, 12, 0)  # noqa: DTZ001

    assert figures_in_xlsx(stays_in_session(session.id)) == [
        HEAD,
        ["heat", start, "Hear", "English", "Original language", 0, 0, 0, 1, 10],
        ["heat", start, "Hear", "French", "Interpreted", 1, 1, 1, 0, 30.5],
        ["heat", start, "Written to in", "English", "", 0, 1, 0, 1, 10],
        ["heat", start, "Written to in", "Portuguese", "", 1, 0, 1, 0, 30.5],
        ["heat", start, "Everybody, counted once", "", "", 1, 1, 1, 1, 40.5],
    ]


def test_where_nobody_has_been_seen_the_sheet_of_languages_does_not_say_that_nobody_came(app: Flask) -> None:
    webinar = a_webinar()
    seen, unseen = (a_session(key, webinar=webinar, languages=("fr",)) for key in ("seen", "unseen"))
    an_attendance(a_registration(seen))
    a_registration(unseen)

    came = {(row[0], row[2]): row[7:] for row in figures_in_xlsx(stays_in_webinar(webinar.id))}

    assert came["seen", "Hear"] == [1, 0, 60]
    assert came["unseen", "Hear"] == ["", "", ""]
    assert came["All sessions", "Everybody, counted once"] == [1, 0, 60]


def test_of_several_sessions_the_sheet_of_languages_counts_everybody_once_at_the_end(app: Flask) -> None:
    webinar = a_webinar()
    ana = a_person()
    for key, code in (("one", "en"), ("two", "fr")):
        session = a_session(key, webinar=webinar, languages=(code,), starts="2030-05-14T13:00")
        an_attendance(a_registration(session, person=ana), minutes=20)

    rows = figures_in_xlsx(stays_in_webinar(webinar.id))

    assert [[row[0], row[2], row[3], row[5], row[7], row[9]] for row in rows[1:]] == [
        ["one", "Hear", "English", 1, 1, 20],
        ["one", "Written to in", "English", 1, 1, 20],
        ["one", "Everybody, counted once", "", 1, 1, 20],
        ["two", "Hear", "French", 1, 1, 20],
        ["two", "Written to in", "English", 1, 1, 20],
        ["two", "Everybody, counted once", "", 1, 1, 20],
        ["All sessions", "Hear", "English", 1, 1, 20],
        ["All sessions", "Hear", "French", 1, 1, 20],
        ["All sessions", "Written to in", "English", 1, 1, 40],
        ["All sessions", "Everybody, counted once", "", 1, 1, 40],
    ]
