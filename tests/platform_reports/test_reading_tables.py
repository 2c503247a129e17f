from __future__ import annotations

import io
from datetime import datetime, timedelta

import pytest
import xlsxwriter

from tests.platform_reports.audience import STARTS, april, faults, lines
from webinar.platform_reports.reading import look_at, read_report, read_with_columns
from webinar.platform_reports.report import Columns, Kind, UnknownLayout, UnreadableReport

ODD = lines(
    "Lista de asistencia",
    "",
    "Quién;Dirección;Entró;Salió",
    "Ana Costa;ana@example.org;13/04/2026 16:24:10;13/04/2026 17:31:40",
    "Budi;;13/04/2026 16:30;13/04/2026 16:40",
)


def workbook(*rows: tuple[str | datetime | int, ...]) -> bytes:
    """Return an XLSX file with these rows, moments as spreadsheets have them."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"default_date_format": "dd/mm/yyyy hh:mm"}) as book:
        sheet = book.add_worksheet()
        for at, row in enumerate(rows):
            sheet.write_row(at, 0, row)
    return buffer.getvalue()


def test_a_table_whose_headings_say_everything_is_read_at_once() -> None:
    report = read_report(
        lines(
            "Given name,Family name,E-mail,Joined,Left",
            "Ana,Costa,Ana@example.org,2026-04-03T16:24:10,2026-04-03T17:31:40",
            "Budi,,,2026-04-03 16:30,2026-04-03 16:40",
        )
    )

    assert report.platform == "table"
    assert [(one.name, one.given_name, one.email, one.joined) for one in report.logins] == [
        ("Ana Costa", "Ana", "ana@example.org", april(3, "16:24:10")),
        ("Budi", "Budi", None, april(3, "16:30")),
    ]


def test_a_workbook_has_moments_of_its_own() -> None:
    report = read_report(
        workbook(
            ("Name", "Email", "Joined", "Minutes", "Left"),
            ("Ana", "ana@example.org", april(3, "16:24:10"), 67, april(3, "17:31:40")),
            ("Budi", "budi@example.org", april(3, "16:24:10"), 12, ""),
        )
    )

    assert [(one.joined, one.left) for one in report.logins] == [
        (april(3, "16:24:10"), april(3, "17:31:40")),
        (april(3, "16:24:10"), april(3, "16:36:10")),
    ]


def test_an_unknown_table_shows_its_header_and_some_rows_for_somebody_to_name_the_columns() -> None:
    with pytest.raises(UnknownLayout) as refusal:
        read_report(ODD)

    layout = refusal.value.layout
    assert str(refusal.value) == "This is no report of a platform we know. Say which column is which."
    assert (layout.line, layout.header) == (3, ("Quién", "Dirección", "Entró", "Salió"))
    assert [row[0] for row in layout.rows] == ["Ana Costa", "Budi"]
    assert layout.proposed == Columns(name=0, email=1, joined=2, left=3)
    assert look_at(ODD) == layout


def test_a_list_in_another_language_below_a_block_about_the_meeting_is_found_by_its_moments() -> None:
    layout = look_at(
        lines(
            "ID de réunion,Sujet,Heure de début,Heure de fin",
            "845 1111 2222,Arbres,03/04/2026 16:10:00,03/04/2026 17:35:00",
            "",
            "Nom (nom original),Adresse e-mail,Heure d’arrivée,Heure de départ,Durée (minutes),Invité",
            "Ana Costa,ana@example.org,03/04/2026 16:24:10,03/04/2026 17:31:40,68,Oui",
            "Budi,,03/04/2026 16:24:10,03/04/2026 17:31:40,68,Oui",
        )
    )

    assert (layout.line, layout.proposed) == (4, Columns(name=0, email=1, joined=2, left=3))


def test_columns_named_by_hand_read_it() -> None:
    report = read_with_columns(ODD, Columns(name=0, email=1, joined=2, left=3))

    assert [(one.line, one.name, one.email, one.joined, one.left) for one in report.logins] == [
        (4, "Ana Costa", "ana@example.org", april(13, "16:24:10"), april(13, "17:31:40")),
        (5, "Budi", None, april(13, "16:30"), april(13, "16:40")),
    ]


def test_too_few_columns_named_are_refused() -> None:
    with pytest.raises(UnreadableReport) as refusal:
        read_with_columns(ODD, Columns(joined=2, left=3))

    assert str(refusal.value) == (
        "Say which column has the name or the mail address, and which ones the times or the minutes."
    )


def test_columns_can_be_kept_and_taken_up_again() -> None:
    columns = Columns(email=1, minutes=4)

    assert Columns(**columns.chosen()) == columns
    assert columns.chosen() == {"email": 1, "minutes": 4}


def test_minutes_alone_count_from_the_start_of_the_session() -> None:
    report = read_report(lines("Email;Minutes", "ana@example.org;12,5", "budi@example.org;"), expected=STARTS)

    [login] = report.logins
    assert (login.joined, login.left) == (STARTS, STARTS + timedelta(minutes=12, seconds=30))
    assert faults(report) == [(3, "It does not say when somebody joined.")]


def test_times_alone_are_of_the_day_of_the_session_and_may_pass_midnight() -> None:
    report = read_report(lines("Name,Joined,Left", "Ana,16:24,17:31", "Budi,23:50,0:10"), expected=STARTS)

    assert [login.left for login in report.logins] == [april(3, "17:31"), april(4, "00:10")]


def test_a_zone_in_the_headings_or_the_cells_counts_for_all() -> None:
    [by_heading] = (with_zone := read_report(
        lines("Name,Joined (GMT+2),Left (GMT+2)", "Ana,2026-04-03 16:24,2026-04-03 17:31")
    )).logins  # fmt: skip
    [by_cell] = read_report(lines("Name,Joined,Left", "Ana,2026-04-03T16:24:00+02:00,2026-04-03T15:31:00Z")).logins

    assert with_zone.timezone == "UTC"
    assert (by_heading.joined, by_heading.left) == (april(3, "14:24"), april(3, "15:31"))
    assert (by_cell.joined, by_cell.left) == (april(3, "14:24"), april(3, "15:31"))


def test_who_called_in_is_a_telephone() -> None:
    [login] = read_report(lines("Name,Joined,Left", "+34 600 000 ***,2026-04-03 16:24,2026-04-03 17:31")).logins

    assert login.kind is Kind.PHONE


def test_two_columns_with_the_same_heading_are_left_for_a_person_to_choose() -> None:
    with pytest.raises(UnknownLayout) as refusal:
        read_report(lines("Name,Joined,Joined", "Ana,2026-04-03 16:24,2026-04-03 17:31"))

    assert refusal.value.layout.proposed == Columns(name=0, joined=1, left=2)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ('=HYPERLINK("http://evil.example")', '=HYPERLINK("http://evil.example")'),
        ("\u202eAna\u2066 Costa\x07", "Ana Costa"),
        ("x" * 5000, "x" * 199 + "…"),
    ],
)
def test_a_name_is_text_on_one_line_and_no_longer_than_names_are(name: str, shown: str) -> None:
    cell = '"' + name.replace('"', '""') + '"'

    [login] = read_report(lines("Name,Joined,Left", f"{cell},2026-04-03 16:24,2026-04-03 17:31")).logins

    assert login.name == shown
