"""The sheets of an export beside the participants: figures by member, and what one must know to read them."""

from __future__ import annotations

import io
import re
import zipfile
from typing import Any

import time_machine
from flask import Flask
from python_calamine import CalamineWorkbook

from tests.factories import (
    a_member,
    a_person,
    a_registration,
    a_series,
    a_session,
    a_webinar,
    an_attendance,
)
from webinar.attendance.export import ExportFormat, export, write
from webinar.attendance.models import AttendanceSource
from webinar.attendance.queries import Stays, stays_in_series, stays_in_session, stays_in_webinar
from webinar.catalogue.models import SessionStatus
from webinar.foundation import languages
from webinar.registration.models import RegistrationStatus

Table = list[list[Any]]


def written(stays: Stays) -> bytes:
    target = io.BytesIO()
    write(export(stays), ExportFormat.XLSX, target)
    return target.getvalue()


def sheet(stays: Stays, name: str) -> Table:
    return CalamineWorkbook.from_filelike(io.BytesIO(written(stays))).get_sheet_by_name(name).to_python()


@time_machine.travel("2030-06-01", tick=False)
def test_each_member_has_a_row_with_who_is_registered_and_who_came(app: Flask) -> None:
    session = a_session(starts="2030-05-14T13:00")
    lisbon = a_member("Lisbon")
    a_member("Absent")
    an_attendance(a_registration(session, member=lisbon))
    a_registration(session, member=lisbon, status=RegistrationStatus.WAITING)
    a_registration(session, member=a_member("Porto"))
    an_attendance(a_registration(session, status=RegistrationStatus.UNREGISTERED))

    assert sheet(stays_in_session(session.id), "By member") == [
        [
            *("Member", "Country", "Region", "Present", "For the first time"),
            *("Registered", "Waiting", "Came", "Came without a place"),
        ],
        ["Absent", "Portugal", "Europe", "Not registered", "", 0, 0, 0, 0],
        ["Lisbon", "Portugal", "Europe", "Came", "yes", 1, 1, 1, 0],
        ["Porto", "Portugal", "Europe", "Registered, but did not come", "", 1, 0, 0, 0],
        ["No member", "", "", "", "", 0, 0, 0, 1],
        ["Everybody, counted once", "", "", "", "", 2, 1, 1, 1],
    ]


@time_machine.travel("2030-06-01", tick=False)
def test_of_several_sessions_each_has_its_columns_and_what_is_not_known_is_empty(app: Flask) -> None:
    webinar = a_webinar()
    lisbon, ana = a_member("Lisbon"), a_person()
    seen, unseen = (a_session(key, webinar=webinar, starts="2030-05-14T13:00") for key in ("seen", "unseen"))
    an_attendance(a_registration(seen, person=ana, member=lisbon))
    a_registration(unseen, person=ana, member=lisbon)

    head, line, *_rest = sheet(stays_in_webinar(webinar.id), "By member")

    assert head[9:] == ["seen: Registered", "seen: Came", "unseen: Registered", "unseen: Came"]
    assert line == ["Lisbon", "Portugal", "Europe", "Came", "yes", 1, 0, 1, 0, 1, 1, 1, ""]


@time_machine.travel("2030-06-01T10:00:00Z", tick=False)
def test_the_summary_says_what_was_counted_and_how_and_what_is_not_known(app: Flask) -> None:
    webinar = a_webinar(series=a_series("climate"), titles={"en": "Heat"})
    session = a_session("heat-en", webinar=webinar, starts="2030-05-14T13:00", attendance_threshold=10)
    an_attendance(a_registration(session, member=a_member("Lisbon")), minutes=30)
    an_attendance(a_registration(session), source=AttendanceSource.JOIN_LINK, minutes=None)
    a_registration(a_session("other", webinar=webinar, starts="2030-05-20T13:00"))

    rows = sheet(stays_in_series(webinar.series_id), "Summary")

    told = {row[0]: row[1] for row in rows[:9]}
    assert told["Series"] == webinar.series.texts[0].title
    assert told["Webinar"] == "Heat"
    assert told["Sessions that were not cancelled"] == 2
    assert told["Lines in “Participants”"] == 3
    assert str(told["Exported"]) == "2030-06-01 10:00:00"
    assert told["In words"].startswith("3 people registered. 1 of them came. 1 member was present.")
    unknown = [row[1] for row in rows if row[0] == "What is not known"]
    assert unknown[0] == "Of 1 session nothing is recorded of who came."
    assert [re.sub(r"^(\d+) times? .*", r"\1", one) for one in unknown[1:]] == ["1"]
    [one, other] = rows[-2:]
    assert [str(cell) for cell in one[:7]] == [
        *("heat-en", "Heat", "2030-05-14 13:00:00", "2030-05-14 14:15:00", "Europe/Lisbon", "2030-05-14 12:00:00"),
        "10.0",
    ]
    assert one[7:] == [2, 0, 1, 0, 0, 1]
    assert other[7:] == [1, 0, "", "", "", ""]


def test_where_all_sessions_were_cancelled_the_sheets_say_so_and_the_lines_stay(app: Flask) -> None:
    session = a_session("heat-en", status=SessionStatus.CANCELLED)
    a_registration(session)
    stays = stays_in_webinar(session.webinar_id)

    rows = sheet(stays, "Summary")

    assert ["Sessions that were not cancelled", 0] in [row[:2] for row in rows]
    assert len(sheet(stays, "Participants")) == 2


def test_sheets_in_a_language_from_right_to_left_begin_on_the_right(app: Flask) -> None:
    session = a_session()
    a_registration(session)

    with languages.speaking("ar"):
        parts = zipfile.ZipFile(io.BytesIO(written(stays_in_session(session.id))))

    assert [b"rightToLeft" in parts.read(f"xl/worksheets/sheet{number}.xml") for number in range(1, 5)] == [
        False,
        *[True] * 3,
    ]
