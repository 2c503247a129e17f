from __future__ import annotations

from tests.platform_reports.audience import STARTS, april, faults, lines, of_kind
from webinar.platform_reports.reading import read_report
from webinar.platform_reports.report import Kind

HEADER = (
    "Name (Original Name),User Email,Join Time,Leave Time,Duration (Minutes),Guest,Recording Consent,In Waiting Room"
)
ANA = "Ana (Ana Costa),ana@example.org,04/13/2026 04:24:10 PM,04/13/2026 05:31:40 PM,68,No,,No"


def test_a_block_about_the_meeting_above_tells_its_topic_start_and_host() -> None:
    report = read_report(
        lines(
            "Meeting ID,Topic,Start Time,End Time,User Email,Duration (Minutes),Participants,",
            "845 1111 2222,Trees,04/13/2026 04:10:00 PM,04/13/2026 05:35:00 PM,host@example.org,85,3,",
            "",
            HEADER,
            "Secretariat,Host@example.org,04/13/2026 04:10:00 PM,04/13/2026 05:35:00 PM,85,No,,No",
            "Ana (Ana Costa),ana@example.org,04/13/2026 04:10:00 PM,04/13/2026 04:24:10 PM,15,Yes,,Yes",
            ANA,
            "15125550***,,04/13/2026 04:24:10 PM,04/13/2026 05:31:40 PM,68,Yes,,No",
        )
    )

    assert (report.platform, report.topic, report.meeting_id) == ("zoom_meeting", "Trees", "845 1111 2222")
    assert report.starts_wall == april(13, "16:10")
    assert [login.email for login in of_kind(report, Kind.HOST)] == ["host@example.org"]
    assert [login.name for login in of_kind(report, Kind.PHONE)] == ["15125550***"]
    # What was spent in the waiting room is not among them.
    [ana] = of_kind(report, Kind.ATTENDEE)
    assert (ana.name, ana.joined) == ("Ana (Ana Costa)", april(13, "16:24:10"))


def test_there_may_be_no_block_and_headings_in_lower_case() -> None:
    report = read_report(
        lines(
            "Name (original name),Email,Join time,Leave time,Duration (minutes),Guest,Recording disclaimer response",
            "Ana,ana@example.org,04/13/2026 19:02,04/13/2026 20:31,89,Yes,",
        )
    )

    [login] = report.logins
    assert (login.joined, login.left) == (april(13, "19:02"), april(13, "20:31"))
    assert report.starts_wall == april(13, "19:02")


def test_the_meeting_may_be_told_in_each_line_with_the_same_headings_again() -> None:
    report = read_report(
        lines(
            "Topic,Meeting ID,User Name,User Email,Start Time,Duration (Minutes),Name (Original Name),User Email,"
            "Join Time,Leave Time,Duration (Minutes),Guest",
            "Trees,845,Host,host@example.org,04/13/2026 04:10:00 PM,85,Ana,ana@example.org,04/13/2026 04:24:10 PM,"
            "04/13/2026 05:31:40 PM,68,No",
        )
    )

    [login] = report.logins
    assert (report.topic, report.meeting_id, report.starts_wall) == ("Trees", "845", april(13, "16:10"))
    assert (login.email, login.kind, login.left) == (
        "ana@example.org",
        Kind.ATTENDEE,
        april(13, "17:31:40"),
    )


def test_a_short_list_has_minutes_only_and_they_are_counted_from_the_start() -> None:
    short = ("Name (Original Name),User Email,Total Duration (Minutes),Guest", "Ana,ana@example.org,65,No")

    report = read_report(lines(*short), expected=STARTS)

    [login] = report.logins
    assert (login.joined, (login.left - login.joined).total_seconds()) == (STARTS, 65 * 60)
    assert report.are_gaps_placed


def test_minutes_alone_say_nothing_where_no_start_is_known() -> None:
    report = read_report(lines("Name (Original Name),User Email,Total Duration (Minutes),Guest", "Ana,,65,No"))

    assert faults(report) == [(2, "It does not say when somebody joined.")]
