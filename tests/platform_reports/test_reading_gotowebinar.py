from __future__ import annotations

from tests.platform_reports.audience import april, faults, lines
from webinar.platform_reports.reading import read_report
from webinar.platform_reports.report import Kind

REPORT = (
    "Attendee Report",
    "Generated,Apr 03 2026 06:05 PM CEST",
    "General Information",
    "Webinar Name,Webinar ID",
    "Trees,845-111-222",
    "Actual Start Date/Time,Duration,# Registered,# Attended",
    '"Apr 03, 2026 04:10 PM CEST",1 hour 25 minutes,3,2',
    "Attendee Details",
    "Attended,Last Name,First Name,Email Address,Interest Rating,Join Time,Leave Time,Time in Session",
    'Yes,Costa,Ana,ana@example.org,72,"Apr 03, 2026 04:24 PM CEST","Apr 03, 2026 05:31 PM CEST",1 hour 7 minutes',
    'Yes,Wijaya,Budi,budi@example.org,60,"Apr 03, 2026 04:30 PM CEST\nApr 03, 2026 05:00 PM CEST",'
    '"Apr 03, 2026 04:40 PM CEST\nApr 03, 2026 05:10 PM CEST",20 minutes',
    "No,Absent,Nora,nora@example.org,--,--,--,--",
    "Staff Details",
    "Attended,Last Name,First Name,Email Address,Interest Rating,Join Time,Leave Time,Time in Session",
    'Yes,Secretary,Sam,sam@example.org,--,"Apr 03, 2026 04:10 PM CEST","Apr 03, 2026 05:35 PM CEST",1 hour 25 minutes',
)


def test_times_that_name_their_zone_are_told_in_utc() -> None:
    report = read_report(lines(*REPORT))

    assert (report.platform, report.topic, report.meeting_id) == ("gotowebinar", "Trees", "845-111-222")
    assert (report.timezone, report.starts_wall) == ("UTC", april(3, "14:10"))
    assert [(login.given_name, login.joined.time().isoformat(), login.kind) for login in report.logins] == [
        ("Ana", "14:24:00", Kind.ATTENDEE),
        ("Budi", "14:30:00", Kind.ATTENDEE),
        ("Budi", "15:00:00", Kind.ATTENDEE),
        ("Sam", "14:10:00", Kind.PANELLIST),
    ]
    assert (report.absent, faults(report)) == (1, [])


def test_a_line_without_a_zone_among_others_with_one_is_not_guessed() -> None:
    report = read_report(lines(*REPORT).replace(b"04:24 PM CEST", b"04:24 PM"))

    assert faults(report) == [(10, "“Apr 03, 2026 04:24 PM” names no time zone, as other lines do.")]
