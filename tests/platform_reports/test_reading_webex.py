from __future__ import annotations

from tests.platform_reports.audience import april, faults, lines, of_kind, read_file, stays, true_stays
from webinar.platform_reports.reading import read_report
from webinar.platform_reports.report import Kind


def test_the_sample_says_of_everybody_what_is_true_to_the_second() -> None:
    report = read_file("webex_attendance_utf16.csv")

    assert stays(report) == true_stays()
    assert (report.platform, faults(report)) == ("webex", [])
    assert report.topic == "Internationalisation and metropolitan spaces (sample data)"
    assert report.starts_wall == april(3, "16:30")
    assert [(one.name, one.email) for one in of_kind(report, Kind.PHONE)] == [("Call-in User_1", None)]


def test_a_report_of_a_meeting_has_roles_and_names_in_two_columns() -> None:
    report = read_report(
        lines(
            "Meeting Name\tMeeting Start Time\tDisplay Name\tFirst Name\tLast Name\tRole\tAttendee Email\tJoin Time\t"
            "Leave Time\tAttendance Duration\tConnection Type",
            "Trees\t2026-04-03 16:30:00\tAna C.\tAna\tCosta\tHost\tana@example.org\t2026-04-03 16:20:00\t"
            "2026-04-03 17:30:00\t70 mins\tDesktop",
            "Trees\t2026-04-03 16:30:00\tBudi\t\t\tAttendee\tbudi@example.org\t2026-04-03 16:31:00\t\t9 mins\tMobile",
        )
    )

    ana, budi = report.logins
    assert (ana.name, ana.given_name, ana.family_name, ana.kind) == ("Ana C.", "Ana", "Costa", Kind.HOST)
    assert (budi.kind, budi.left) == (Kind.ATTENDEE, april(3, "16:40"))
