from __future__ import annotations

import pytest

from tests.platform_reports.audience import april, faults, lines, of_kind, read_file, stays, true_stays
from webinar.platform_reports.reading import read_report
from webinar.platform_reports.report import DateOrder, Kind, UnreadableReport

OF_2026 = (
    "Attendee Report",
    "Report generated time,04/03/2026 06:05:10 PM",
    "",
    "Topic,Webinar ID,Actual Start Time,Actual Duration (minutes),# Registrants,# Cancelled,Unique Viewers,Total Users",
    "Tree cover in “hot” cities,845 1111 2222,04/03/2026 04:10:00 PM,85,3,0,2,3",
    "",
    "Attendee Details",
    "Attended,User Name (Original Name),First Name,Last Name,Email,Phone,Registration Time,Approval Status,Join Time,"
    "Leave Time,Time in Session (minutes),Is Guest,Country/Region Name,Source Name",
    "Yes,Ana,Ana,Costa,Ana@example.org,,03/25/2026 10:02:11 AM,approved,04/03/2026 04:24:10 PM,04/03/2026 05:31:40 PM,"
    "68,Yes,Uruguay,",
    "No,Nora Absent,Nora,Absent,nora@example.org,,03/25/2026 10:02:11 AM,approved,--,--,--,--,,",
)


@pytest.mark.parametrize("name", ["zoom_attendee_report_2020.csv", "zoom_attendee_report_2025_excel_padded.csv"])
def test_a_sample_says_of_everybody_what_is_true_to_the_second(name: str) -> None:
    report = read_file(name)

    assert stays(report) == true_stays()
    assert report.platform == "zoom_webinar"
    assert report.topic == "Internationalisation and metropolitan spaces (sample data)"
    assert report.starts_wall == april(3, "16:10")
    assert (report.timezone, report.absent, faults(report), report.are_gaps_placed) == (None, 2, [], False)
    assert [login.name for login in of_kind(report, Kind.HOST)] == ["Secretariat Sample"]
    assert [login.name for login in of_kind(report, Kind.PANELLIST)] == ["Paula Panelista", "Ana Ejemplo"]


def test_others_are_telephones_and_guests_and_their_times_have_no_seconds() -> None:
    report = read_file("zoom_attendee_report_2020.csv")

    [phone], [guest] = of_kind(report, Kind.PHONE), of_kind(report, Kind.GUEST)

    assert (phone.name, phone.email, phone.joined, phone.left) == (
        "15125550***", None, april(3, "16:30"), april(3, "17:12"),
    )  # fmt: skip
    assert (guest.name, guest.joined) == ("Guest", april(3, "16:55"))


def test_the_name_on_the_screen_stands_beside_the_one_somebody_registered_with() -> None:
    report = read_file("zoom_attendee_report_2025_excel_padded.csv")

    assert [(one.given_name, one.family_name) for one in report.logins if one.name == "Carl’s iPhone"] == [
        ("Carl", "Sample, Jr.")
    ]


def test_a_report_of_2026_has_dates_in_numbers_and_a_registration_tells_their_order() -> None:
    report = read_report(lines(*OF_2026))

    [login] = report.logins
    assert (login.line, login.email, login.joined, login.left) == (
        9, "ana@example.org", april(3, "16:24:10"), april(3, "17:31:40"),
    )  # fmt: skip
    assert (report.topic, report.meeting_id) == ("Tree cover in “hot” cities", "845 1111 2222")
    assert (report.starts_wall, report.absent) == (april(3, "16:10"), 1)
    assert (report.date_order, report.is_order_doubtful) == (DateOrder.MONTH_FIRST, False)


def test_without_registration_there_is_a_name_only_and_the_blocks_may_be_missing() -> None:
    report = read_report(
        lines(
            "Attendee Report",
            "Topic,Webinar ID,Actual Start Time",
            'Trees,845,"Apr 03, 2026 4:10 PM"',
            "Attended,User Name (Original Name),Email,Join Time,Leave Time,Time in Session (minutes)",
            'Yes,Ana,ana@example.org,"Apr 03, 2026 16:30:00","Apr 03, 2026 16:40:00",10',
            'Yes,Budi,,"Apr 03, 2026 16:30:00","Apr 03, 2026 16:40:00",10',
        )
    )

    assert [(login.name, login.email) for login in report.logins] == [("Ana", "ana@example.org"), ("Budi", None)]


def test_what_a_spreadsheet_program_saved_with_semicolons_reads_the_same() -> None:
    [login] = read_report("\n".join(OF_2026).replace(",", ";").encode("cp1252")).logins

    assert login.joined == april(3, "16:24:10")


def test_faulty_lines_are_named_and_the_others_read() -> None:
    report = read_report(
        lines(
            *OF_2026,
            "Yes,Bela,,,bela@example.org,,,,04/03/2026 05:24:10 PM,04/03/2026 04:31:40 PM,68,Yes,,",
            "Yes,Cem,,,cem@example.org,,,,04/31/2026 05:24:10 PM,04/31/2026 05:31:40 PM,68,Yes,,",
            "Yes,Dia,,,dia@example.org",
            'Yes,"Eva "the" second",,,eva@example.org,,,,04/03/2026 05:24:10 PM,04/03/2026 05:31:40 PM,68,Yes,,',
            "Yes,Fay,,,fay@example.org,,,,04/03/2026 05:24:10 PM,04/03/2026 05:31:40 PM,68,Yes,A,B,C",
            ",,,,,,,,04/03/2026 05:24:10 PM,04/03/2026 05:31:40 PM,68",
            "Yes,Gil,,,gil@example.org,,,,04/03/2026 05:24:10 PM,04/03/2026 05:31:40 PM,68,Yes,,",
        )
    )

    assert [login.name for login in report.logins] == ["Ana", "Gil"]
    assert faults(report) == [
        (11, "Somebody left before they joined."),
        (12, "“04/31/2026 05:24:10 PM” is no date and time."),
        (13, "It does not say when somebody joined."),
        (14, "A quote is not closed, or a quote within a text is not doubled."),
        (15, "It has 15 cells, but there are 14 columns."),
        (16, "It names nobody."),
    ]
    assert report.faults[0].written == "Yes · Bela · bela@example.org · 04/03/2026 05:24:10 PM · 04/03/2026 04:31:40 PM"


def test_a_column_named_twice_is_refused_with_its_line() -> None:
    with pytest.raises(UnreadableReport) as refusal:
        read_report(lines(*OF_2026).replace(b"Leave Time,", b"Join Time,Leave Time,"))

    assert str(refusal.value) == "Line 8 names the column “Join Time” twice. Keep one."


def test_a_report_of_a_webinar_to_which_nobody_came_is_empty() -> None:
    report = read_report(lines(*OF_2026[:-2]))

    assert (report.logins, report.faults, report.starts_wall) == ([], [], april(3, "16:10"))
