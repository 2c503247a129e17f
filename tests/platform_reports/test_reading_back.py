"""Whatever log-ins there are: written in any layout, they are read back the same."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.platform_reports.audience import STARTS, april, faults
from webinar.foundation.lines import one_line
from webinar.platform_reports.reading import read_report
from webinar.platform_reports.rows import is_phone


class Told(NamedTuple):
    """One log-in as it is written, and as it is to be read."""

    name: str
    email: str
    joined: datetime
    left: datetime


names = (
    st.text("Aéß李دن ش'’\",;.=+-@()0", min_size=1, max_size=20)
    .map(one_line)
    .filter(lambda name: any(letter.isalpha() for letter in name) and not is_phone(name))
)
emails = st.from_regex(r"[a-z0-9.+-]{1,12}@[a-z]{1,8}\.example", fullmatch=True)
logins = st.builds(
    lambda name, email, second, lasted: Told(
        name,
        email,
        april(3, "00:00") + timedelta(seconds=second),
        april(3, "00:00") + timedelta(seconds=second + lasted),
    ),
    names,
    emails | st.just(""),
    st.integers(0, 24 * 3600 - 1),
    st.integers(0, 6 * 3600),
)


def month_named(moment: datetime) -> str:
    return f"{moment:%b %d, %Y %H:%M:%S}"


def with_halves(moment: datetime) -> str:
    return f"{moment:%m/%d/%Y %I:%M:%S %p}"


def day_first(moment: datetime) -> str:
    return f"{moment:%d/%m/%y, %H:%M:%S}"


def dotted(moment: datetime) -> str:
    return f"{moment:%d.%m.%y, %H:%M:%S}"


def iso(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}"


def as_csv(rows: Iterable[Sequence[str]], delimiter: str = ",") -> str:
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=delimiter).writerows(rows)
    return buffer.getvalue()


def zoom_webinar(told: Sequence[Told], shown: Callable[[datetime], str]) -> bytes:
    head = ["Attended", "User Name (Original Name)", "Email", "Join Time", "Leave Time", "Time in Session (minutes)"]
    rows = [["Yes", one.name, one.email, shown(one.joined), shown(one.left), "1"] for one in told]
    return as_csv([["Attendee Report", ""], ["Attendee Details", ""], head, *rows]).encode()


def zoom_of_2020(told: Sequence[Told]) -> bytes:
    return zoom_webinar(told, month_named)


def zoom_of_2026(told: Sequence[Told]) -> bytes:
    return b"\xef\xbb\xbf" + zoom_webinar(told, with_halves)


def zoom_meeting(told: Sequence[Told]) -> bytes:
    head = ["Name (Original Name)", "User Email", "Join Time", "Leave Time", "Duration (Minutes)", "Guest"]
    rows = [[one.name, one.email, with_halves(one.joined), with_halves(one.left), "1", "Yes"] for one in told]
    return as_csv([head, *rows]).encode()


def teams(told: Sequence[Told], shown: Callable[[datetime], str]) -> bytes:
    head = ["Nombre", "Entrada", "Salida", "Duración", "Correo electrónico", "Rol"]
    rows = [[one.name, shown(one.joined), shown(one.left), "1 min", one.email, "Asistente"] for one in told]
    parts = [["1. Resumen"], ["Inicio", shown(STARTS)], [], ["2. Participantes"], head, [], ["3. Actividades"], head]
    return as_csv([*parts, *rows], "\t").encode("utf-16")


def teams_in_spanish(told: Sequence[Told]) -> bytes:
    return teams(told, day_first)


def teams_in_german(told: Sequence[Told]) -> bytes:
    return teams(told, dotted)


def webex(told: Sequence[Told]) -> bytes:
    head = ["Name", "Attendee Email", "Join Time", "Leave Time", "Attendance Duration", "Connection Type"]
    rows = [[one.name, one.email, f'="{iso(one.joined)}"', f'="{iso(one.left)}"', "1 mins", "Desktop"] for one in told]
    return as_csv([head, *rows], "\t").encode("utf-16")


def bigbluebutton(told: Sequence[Told]) -> bytes:
    head = "Name,Moderator,Activity Score,Join,Left,Duration"
    rows = [
        f'"{one.name}","FALSE","0","{with_halves(one.joined)}","{with_halves(one.left)}","09:00:00"' for one in told
    ]
    return "\n".join([head, *rows]).encode()


def table(told: Sequence[Told]) -> bytes:
    rows = [[one.name, one.email, iso(one.joined), iso(one.left)] for one in told]
    return as_csv([["Name", "Email", "Joined", "Left"], *rows], ";").encode()


@pytest.mark.parametrize(
    "write",
    [zoom_of_2020, zoom_of_2026, zoom_meeting, teams_in_spanish, teams_in_german, webex, bigbluebutton, table],
)
@settings(max_examples=30)
@given(told=st.lists(logins, min_size=1, max_size=12))
def test_log_ins_are_read_back_as_they_were_written(write: Callable[[Sequence[Told]], bytes], told: list[Told]) -> None:
    # The dashboard doubles no quotes, so that two of them mean one or two.
    assume(write is not bigbluebutton or not any('""' in one.name for one in told))

    report = read_report(write(told), expected=STARTS)

    assert faults(report) == []
    assert [(login.name, login.joined, login.left) for login in report.logins] == [
        (one.name, one.joined, one.left) for one in told
    ]
    if write is not bigbluebutton:
        assert [login.email for login in report.logins] == [one.email or None for one in told]
