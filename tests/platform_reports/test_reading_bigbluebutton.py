from __future__ import annotations

from tests.platform_reports.audience import FILES, STARTS, april, faults, lines, of_kind, read_file, stays, true_stays
from webinar.platform_reports.reading import read_report
from webinar.platform_reports.report import Kind

HEADER = (
    "Name,Moderator,Activity Score,Talk Time,Webcam Time,Messages,Reactions,Poll Votes,Raise Hands,Join,Left,Duration"
)
CELLS = '"FALSE","0","-","-","0","0","0","0","4/3/2026, 04:30:00 PM","4/3/2026, 05:30:00 PM","00:45:00"'


def test_the_sample_says_of_everybody_what_is_true_to_the_second() -> None:
    report = read_file("bbb_learning_dashboard.csv")

    assert stays(report) == true_stays()
    assert (report.platform, faults(report), report.is_order_doubtful) == ("bigbluebutton", [], False)
    assert [login.name for login in of_kind(report, Kind.HOST)] == ["Secretariat Sample"]


def test_who_was_away_in_between_has_first_and_last_moment_and_the_time_that_is_told() -> None:
    report = read_report(lines(HEADER, f'"Ana",{CELLS}'), expected=STARTS)

    assert [
        (login.line, login.joined.time().isoformat(), login.left.time().isoformat()) for login in report.logins
    ] == [
        (2, "16:30:00", "16:52:30"),
        (2, "17:07:30", "17:30:00"),
    ]
    assert report.are_gaps_placed


def test_without_a_day_to_go_by_the_order_of_day_and_month_is_doubtful() -> None:
    assert read_report((FILES / "bbb_learning_dashboard.csv").read_bytes()).is_order_doubtful


def test_a_name_with_quotes_and_commas_is_read_as_it_was_written() -> None:
    report = read_report(
        lines(HEADER, f'"Ana "la jefa", "Costa"",{CELLS}', f'"Budi",{CELLS}', '"Cem "x","","","0"'), expected=STARTS
    )

    assert {login.name for login in report.logins} == {'Ana "la jefa", "Costa"', "Budi"}
    assert faults(report) == [(4, "A quote is not closed, or a quote within a text is not doubled.")]


def test_somebody_still_there_when_it_was_downloaded_left_after_the_time_that_is_told() -> None:
    [login] = read_report(
        lines(HEADER, '"Ana","TRUE","0","-","-","0","0","0","0","4/13/2026, 04:30:00 PM","-","00:45:00"')
    ).logins

    assert (login.kind, login.left) == (Kind.HOST, april(13, "17:15"))


def test_only_the_last_line_may_be_nobody() -> None:
    report = read_report(lines(HEADER, '"Ana","","","-"', f'"Budi",{CELLS}', '"Anonymous","",""'), expected=STARTS)

    assert {login.name for login in report.logins} == {"Budi"}
    assert faults(report) == [(2, "It does not say when somebody joined.")]
