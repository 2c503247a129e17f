from __future__ import annotations

from tests.platform_reports.audience import april, lines
from webinar.platform_reports.reading import read_report
from webinar.platform_reports.report import Kind


def test_people_with_their_times_stand_below_a_summary() -> None:
    report = read_report(
        lines(
            "Meeting Summary",
            "Total Number of Participants\t2",
            "Meeting Title\tTrees",
            "Meeting Start Time\t4/13/2026, 4:10:00 PM",
            "",
            "Full Name\tJoin Time\tLeave Time\tDuration\tEmail\tRole",
            "Ana Costa\t4/13/2026, 4:24:10 PM\t4/13/2026, 5:31:40 PM\t1h 7m\tana@example.org\tAttendee",
            "Sam\t4/13/2026, 4:10:00 PM\t4/13/2026, 5:35:00 PM\t1h 25m\tsam@example.org\tOrganizer",
        )
    )

    assert (report.platform, report.topic, report.starts_wall) == ("teams_2021", "Trees", april(13, "16:10"))
    ana, sam = report.logins
    assert (ana.email, ana.left, sam.kind) == ("ana@example.org", april(13, "17:31:40"), Kind.HOST)


def test_comings_and_goings_are_paired_and_who_stays_stays_to_the_end() -> None:
    report = read_report(
        lines(
            "Full Name\tUser Action\tTimestamp",
            "Ana\tJoined before\t4/13/2026, 4:10:00 PM",
            "Ana\tLeft\t4/13/2026, 4:20:00 PM",
            "Ana\tJoined\t4/13/2026, 4:30:00 PM",
            "Budi\tJoined\t4/13/2026, 4:15:00 PM",
            "Budi\tLeft\t4/13/2026, 5:00:00 PM",
        )
        .decode()
        .encode("utf-16")
    )

    assert [(one.name, one.joined.time().isoformat(), one.left.time().isoformat()) for one in report.logins] == [
        ("Ana", "16:10:00", "16:20:00"),
        ("Ana", "16:30:00", "17:00:00"),
        ("Budi", "16:15:00", "17:00:00"),
    ]
