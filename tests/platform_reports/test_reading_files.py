"""Whatever is brought: what is no report is refused with a sentence, what is one is read, however it is written."""

from __future__ import annotations

import io
import zipfile

import pytest
from flask import Flask

from tests.platform_reports.audience import FILES, STARTS, faults, lines, stays, true_stays
from webinar.foundation import spreadsheet
from webinar.platform_reports.lines_of_file import lines_of
from webinar.platform_reports.reading import all_readers, name_of, read_report
from webinar.platform_reports.report import UnreadableReport

SAMPLES = {
    "zoom_attendee_report_2020.csv": "zoom_webinar",
    "zoom_attendee_report_2025_excel_padded.csv": "zoom_webinar",
    "teams_attendance_en_utf16.csv": "teams",
    "webex_attendance_utf16.csv": "webex",
    "bbb_learning_dashboard.csv": "bigbluebutton",
}
NEITHER = "This file is no report: it is neither a text nor an XLSX file. Download it again from the platform as CSV."
TABLE = "Name,Joined,Left\nZoë Nuñez,2026-04-03 16:24,2026-04-03 17:31\n"


def refusal_of(content: bytes) -> str:
    """Return why a file is refused."""
    with pytest.raises(UnreadableReport) as refusal:
        read_report(content)
    return str(refusal.value)


@pytest.mark.parametrize(("name", "platform"), SAMPLES.items())
def test_exactly_one_reader_knows_each_sample(name: str, platform: str) -> None:
    lines = lines_of((FILES / name).read_bytes())

    assert [known for known, reader in all_readers().items() if reader.recognises(lines)] == [platform]


def test_each_reader_has_a_name_for_people() -> None:
    assert [str(name_of(name)) for name in all_readers()] == [
        *("BigBlueButton", "GoToWebinar", "Microsoft Teams", "Microsoft Teams, 2021", "Webex"),
        *("Zoom meeting", "Zoom webinar", "Zoom webinar"),
    ]
    assert str(name_of("table")) == "Table"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_names_are_read_right_in_every_encoding(encoding: str) -> None:
    [login] = read_report(TABLE.encode(encoding)).logins

    assert login.name == "Zoë Nuñez"


@pytest.mark.parametrize("delimiter", [";", "\t", ","])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_delimiters_and_ends_of_lines_are_found(delimiter: str, ending: str) -> None:
    [login] = read_report(TABLE.replace(",", delimiter).replace("\n", ending).encode()).logins

    assert login.name == "Zoë Nuñez"


def test_the_first_line_may_name_the_delimiter() -> None:
    [login] = read_report(b"sep=;\n" + TABLE.replace(",", ";").encode()).logins

    assert login.line == 3


def test_nul_characters_are_dropped() -> None:
    broken = (FILES / "zoom_attendee_report_2020.csv").read_bytes().replace(b"Ejemplo", b"Ejem\0plo\0\0")

    assert stays(read_report(broken, expected=STARTS)) == true_stays()


def test_a_quote_that_is_not_closed_costs_its_own_line_only() -> None:
    report = read_report(
        lines("Name,Joined,Left", '"Ana,2026-04-03 16:24,2026-04-03 17:31')
        + b"\r\n"
        + b"Budi,2026-04-03 16:24,2026-04-03 17:31\r\n" * 50
    )

    assert len(report.logins) == 50
    assert faults(report) == [(2, "A quote is not closed, or a quote within a text is not doubled.")]


def test_a_quoted_text_may_go_over_several_lines() -> None:
    report = read_report(TABLE.encode() + b'"Ana\nCosta",2026-04-03 16:24,2026-04-03 17:31\nBudi,x,y\n')

    assert [(login.line, login.name) for login in report.logins] == [(2, "Zoë Nuñez"), (3, "Ana Costa")]
    assert faults(report) == [(5, "“x” is no date and time.")]


@pytest.mark.parametrize("content", [b"", b" \r\n\r\n", b"\xef\xbb\xbf", b",,,\n,,\n"])
def test_an_empty_file_is_refused(content: bytes) -> None:
    assert refusal_of(content) == "The file is empty."


@pytest.mark.parametrize(
    "content",
    [
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(range(256)) * 40,
        b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(range(256)) * 40,
        b"%PDF-1.7\n1 0 obj",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500),
        bytes(range(1, 256)) * 10,
        b"\x00" * 4000,
    ],
)
def test_a_picture_or_other_bytes_are_refused(content: bytes) -> None:
    assert refusal_of(content) in {NEITHER, "The file is empty."}


def test_a_text_that_is_no_table_is_refused() -> None:
    assert refusal_of(b"Dear all\n\nwe were many\n") == "There is no table in this file."


def test_a_page_saved_from_the_web_is_no_report() -> None:
    with pytest.raises(UnreadableReport):
        read_report(b"<!DOCTYPE html>\n<html><body>Sign in, please</body></html>")


def test_a_very_large_file_is_refused_before_it_is_looked_at(app: Flask) -> None:
    with app.test_request_context():
        assert refusal_of(b"x" * (50 * 1024 * 1024)) == "The file has 50 MB. The most that can be read is 20 MB."
        assert refusal_of(b"a,b\n" * 100_001) == "The file has more than 100,000 lines. Split it."


def test_an_archive_that_is_no_workbook_or_unpacks_to_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spreadsheet, "MOST_UNPACKED_BYTES", 1024 * 1024)
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b" " * (2 * 1024 * 1024))

    assert refusal_of(b"PK\x03\x04nothing") == "This is no XLSX file that can be read. Save it again as XLSX or as CSV."
    assert refusal_of(bomb.getvalue()) == "This file is too large to be read at once. Split it, or save it as CSV."


def test_many_columns_and_a_long_line_do_no_harm() -> None:
    report = read_report(TABLE.encode() + b"b," * 90_000 + b"\n" + b"a,b," * 200 + b"\n" + b'"' * 99_999)

    assert faults(report) == [
        (3, "It is longer than any line of a report."),
        (4, "It is longer than any line of a report."),
        (5, "A quote is not closed, or a quote within a text is not doubled."),
    ]
